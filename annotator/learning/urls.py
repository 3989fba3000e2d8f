"""Addresses of the loop. A run or a model is also found without the address of its project."""

from __future__ import annotations

from django.urls import path

from annotator.learning.api import (
    bias,
    checks,
    comparisons,
    curves,
    errors,
    leaderboard,
    policy,
    runs,
    schema_changes,
    search,
    sentences,
    suggestions,
    trust,
)

urlpatterns = [
    path("projects/<int:project_id>/schema/changes/", schema_changes.schema_changes),
    path("catalogue/", runs.catalogue),
    path("projects/<int:project_id>/progress/", runs.progress),
    path("projects/<int:project_id>/automation-bias/", bias.bias),
    path("projects/<int:project_id>/curves/", curves.curves),
    path("projects/<int:project_id>/policy/", policy.policy),
    path("projects/<int:project_id>/training/", policy.training),
    path("projects/<int:project_id>/checks/", checks.checks),
    path("sentences/<int:sentence_id>/check/", checks.confirm_check),
    path("projects/<int:project_id>/next/", sentences.next_sentences),
    path("projects/<int:project_id>/sentences/", search.sentences),
    path("projects/<int:project_id>/suggestions/", suggestions.suggestions),
    path("projects/<int:project_id>/suggestions/refusals/", suggestions.refusals),
    path("sentences/<int:sentence_id>/", sentences.sentence),
    path("sentences/<int:sentence_id>/lease/", sentences.lease),
    path("projects/<int:project_id>/runs/", runs.runs),
    path("projects/<int:project_id>/runs/several/", comparisons.several),
    path("projects/<int:project_id>/comparisons/", comparisons.comparisons),
    path("projects/<int:project_id>/comparisons/<int:comparison_id>/", comparisons.comparison),
    path("projects/<int:project_id>/runs/<int:run_id>/", runs.run),
    path("projects/<int:project_id>/runs/<int:run_id>/cancel/", runs.cancel_run),
    path("runs/<int:run_id>/", runs.run),
    path("runs/<int:run_id>/cancel/", runs.cancel_run),
    path("projects/<int:project_id>/models/", runs.models),
    path("projects/<int:project_id>/models/rollback/", runs.roll_back),
    path("projects/<int:project_id>/models/leaderboard/", leaderboard.leaderboard),
    path("projects/<int:project_id>/models/<int:version_id>/measure/", leaderboard.measure),
    path("projects/<int:project_id>/models/<int:first_id>/diff/<int:second_id>/", leaderboard.diff),
    path("projects/<int:project_id>/models/<int:version_id>/errors/", errors.errors),
    path("projects/<int:project_id>/models/<int:version_id>/errors/sentences/", errors.sentences),
    path("projects/<int:project_id>/models/<int:version_id>/calibration/", trust.calibration),
    path("projects/<int:project_id>/models/<int:version_id>/promote/", runs.promote),
    path("models/<int:version_id>/promote/", runs.promote),
]
