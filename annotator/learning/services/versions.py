"""Model versions: registered by a run, judged at the gate, promoted, rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from annotator.accounts.models import User
from annotator.core import audit, events, jobs
from annotator.core.errors import ConflictError
from annotator.core.failpoints import failpoint
from annotator.core.jobs import Claim
from annotator.learning.models import ModelVersion, Run
from annotator.learning.selectors.judgements import judged_figures
from annotator.learning.selectors.ranking import Ranking, ranking_of
from annotator.learning.selectors.stability import stability
from annotator.learning.selectors.training import measured_revisions
from annotator.learning.services import gate
from annotator.learning.services.judgements import Said, store_judgements
from annotator.learning.services.runs import step_run
from annotator.learning.services.suggestions import (
    adopt_priorities,
    forget_priorities,
    plan_suggestions,
    prune_suggestions,
    tell_suggestions,
)
from annotator.learning.states import RunState, VersionState
from annotator.projects.models import Project
from annotator.projects.selectors import symmetric_types


class NothingToRollBackError(ConflictError):
    """No version was active before the present one."""

    code = "nothing_to_roll_back"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a training came to, and how the version that was active then did on the same sentences.

    `rival_id` is None when none was active; `rival` is None when it could not be measured. `said`
    and `rival_said` are what both say of the sentences that the run is measured on, in their order;
    None where nothing is to be kept.
    """

    digest: str
    metrics: Mapping[str, Any]
    rival_id: int | None
    rival: Mapping[str, Any] | None
    said: Said | None = None
    rival_said: Said | None = None


@transaction.atomic
def register_version(held: Claim, measured: Measured) -> ModelVersion:
    """Enter a trained model, judge it, promote it if it passes, and end its run: all or nothing."""
    jobs.finish(held)
    run = _finished_run(held.subject_id, measured)
    project = _locked(run.project_id)
    active = _active(project)
    measured = _with_rival(run, measured)
    verdict = (
        gate.compared() if run.comparison_id else _judge(measured, active, project.gate_tolerance)
    )
    newest = ModelVersion.objects.filter(project=project).aggregate(newest=Max("number"))["newest"]
    version = ModelVersion.objects.create(
        project=project,
        run=run,
        number=(newest or 0) + 1,
        model=run.model,
        encoder=run.encoder,
        digest=measured.digest,
        schema_version=run.options["schema_version"],
        metrics=measured.metrics,
        gate=verdict.as_json(),
    )
    store_judgements(version.pk, run, measured.said)
    failpoint("version.entered")
    _record("model.registered", version, None)
    if verdict.has_passed:
        _activate(project, version, active)
    events.publish(project.pk, "run.changed", run_id=run.pk, state=run.state)
    if verdict.has_passed:
        _tell_promoted(version)
    return version


@transaction.atomic
def promote_version(*, version: ModelVersion, actor: User | None) -> ModelVersion:
    """Make a version the active one; that it is already changes nothing."""
    project = _locked(version.project_id)
    active = _active(project)
    if active is not None and active.pk == version.pk:
        return active
    chosen = ModelVersion.objects.select_for_update().get(pk=version.pk)
    _record("model.promoted", chosen, actor)
    _activate(project, chosen, active)
    _tell_promoted(chosen)
    return chosen


@transaction.atomic
def roll_back(*, project: Project, actor: User | None) -> ModelVersion:
    """Make the version active again that was before the present one."""
    locked = _locked(project.pk)
    active = _active(locked)
    previous = _previous(locked, active)
    if active is None or previous is None:
        raise NothingToRollBackError("No version was active before this one")
    _record("model.rolled_back", previous, actor)
    _activate(locked, previous, active, is_return=True)
    _tell_promoted(previous)
    return previous


def _finished_run(run_id: int, measured: Measured) -> Run:
    run = step_run(run_id, RunState.EVALUATING) or Run.objects.get(pk=run_id)
    run = step_run(run_id, RunState.DONE) or run
    run.metrics = dict(measured.metrics)
    run.progress = 1.0
    run.phase = ""
    run.save(update_fields=["metrics", "progress", "phase"])
    return run


def _with_rival(run: Run, measured: Measured) -> Measured:
    """Keep what the rival says; where its words had to be brought forward, count its figures."""
    if measured.rival_id is None or measured.rival_said is None:
        return measured
    store_judgements(measured.rival_id, run, measured.rival_said)
    if measured.rival is not None:
        return measured
    return replace(measured, rival=judged_figures(measured.rival_id, measured_revisions(run)))


def _judge(measured: Measured, active: ModelVersion | None, tolerance: float) -> gate.Verdict:
    if measured.rival_id != (active.pk if active else None):
        return gate.moved_on()
    if active is not None and measured.rival is None:
        return gate.unmeasured(measured.metrics)
    return gate.judge(measured.metrics, measured.rival, tolerance)


def _activate(
    project: Project,
    version: ModelVersion,
    active: ModelVersion | None,
    *,
    is_return: bool = False,
) -> None:
    """Change the active version, its priorities and its suggestions; the project is locked."""
    if active is not None:
        _note_stability(project, active)
        active.state = VersionState.RETIRED
        active.save(update_fields=["state", "metrics"])
    version.state = VersionState.ACTIVE
    before, now = Ranking.of(version.ranking), ranking_of(project)
    version.ranking = now.as_json()
    if not is_return:  # a return keeps its place in the line of versions, so one can go back again
        version.promoted_at = Now()
    version.save(update_fields=["state", "promoted_at", "ranking"])
    version.refresh_from_db()
    previous = _previous(project, version)
    prune_suggestions(project.pk, keep=[one.pk for one in (version, previous, active) if one])
    plan_suggestions(version, again=before.strategy.score != now.strategy.score)
    if active is not None:  # last: people's saves wait for the rows that these change
        forget_priorities(project.pk)
    adopt_priorities(version)
    failpoint("version.activated")


def _note_stability(project: Project, active: ModelVersion) -> None:
    """Keep how far the outgoing version agrees with the one before, while both are remembered."""
    previous = _previous(project, active)
    if previous is None:
        return
    found = stability(
        project.pk,
        version_id=active.pk,
        previous_id=previous.pk,
        symmetric=symmetric_types(project),
    )
    if found is not None:
        active.metrics = {**active.metrics, "stability": found}


def _locked(project_id: int) -> Project:
    return Project.objects.select_for_update(no_key=True).get(pk=project_id)


def _active(project: Project) -> ModelVersion | None:
    rows = ModelVersion.objects.select_for_update()
    return rows.filter(project=project, state=VersionState.ACTIVE).first()


def _previous(project: Project, active: ModelVersion | None) -> ModelVersion | None:
    """Return the version that was promoted last before the active one."""
    if active is None:
        return None
    rows = ModelVersion.objects.filter(
        project=project, state=VersionState.RETIRED, promoted_at__lt=active.promoted_at
    )
    return rows.order_by("-promoted_at").first()


def _tell_promoted(version: ModelVersion) -> None:
    events.publish(version.project_id, "model.promoted", model_version=version.pk)
    tell_suggestions(version)


def _record(action: str, version: ModelVersion, actor: User | None) -> None:
    change = audit.Change(
        action=action,
        object_kind="model_version",
        object_id=version.pk,
        after_version=version.number,
        content_hash=version.digest,
    )
    audit.record(change, actor_id=actor.pk if actor else None, project_id=version.project_id)
