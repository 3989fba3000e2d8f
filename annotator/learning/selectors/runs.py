"""Runs and model versions as the API shows them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from annotator.core.errors import NotFoundError
from annotator.learning.models import ModelVersion, Run
from annotator.learning.selectors.trust import light
from annotator.projects.models import Project

Json = dict[str, Any]


def runs_of(project: Project) -> QuerySet[Run]:
    """Return the runs of a project with all that their JSON needs."""
    return Run.objects.filter(project=project).select_related("model_version", "requested_by")


def versions_of(project: Project) -> QuerySet[ModelVersion]:
    """Return the model versions of a project."""
    return ModelVersion.objects.filter(project=project)


def find_run(project: Project, run_id: int) -> Run:
    """Return a run of the project."""
    run = runs_of(project).filter(pk=run_id).first()
    if run is None:
        raise NotFoundError("There is no such run", run_id=run_id)
    return run


def find_version(project: Project, version_id: int) -> ModelVersion:
    """Return a model version of the project."""
    version = versions_of(project).filter(pk=version_id).first()
    if version is None:
        raise NotFoundError("There is no such model version", model_version=version_id)
    return version


def run_json(run: Run) -> Json:
    """Return a run."""
    version: ModelVersion | None = getattr(run, "model_version", None)
    return {
        "id": run.pk,
        "state": run.state,
        "phase": run.phase,
        "progress": run.progress,
        "epoch": run.epoch,
        "epochs": run.epochs,
        "loss": run.loss,
        "dev_f1": run.dev_f1,
        "eta_seconds": run.eta_seconds,
        "model": run.model,
        "encoder": run.encoder,
        "speed": run.speed,
        "settings": run.options["settings"],
        "measured_on": run.options["measured_on"],
        "origin": run.options.get("origin"),
        "seed": run.seed,
        "gold_count": run.gold_count,
        "holdout_count": run.holdout_count,
        "metrics": light(run.metrics),
        "history": run.history,
        "model_version": version.pk if version else None,
        "comparison": run.comparison_id,
        "error": error_json(run),
        "requested_by": run.requested_by.username if run.requested_by else None,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def error_json(run: Run) -> Json | None:
    """Return why a run failed, or None."""
    if not run.error_code:
        return None
    return {"code": run.error_code, "message": run.error_message}


def version_json(version: ModelVersion) -> Json:
    """Return a model version."""
    return {
        "id": version.pk,
        "number": version.number,
        "model": version.model,
        "encoder": version.encoder,
        "state": version.state,
        "metrics": light(version.metrics),
        "gate": version.gate,
        "run": version.run_id,
        "created_at": version.created_at,
        "promoted_at": version.promoted_at,
        "suggested": {"done": version.suggested_done, "total": version.suggested_total},
    }
