"""Runs: asked for, moved along their life cycle, told of their progress, cancelled."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from annotator.accounts.models import User
from annotator.core import audit, events, jobs
from annotator.core.errors import ConflictError
from annotator.core.jobs import Claim, Standing
from annotator.core.room import refuse_without_room
from annotator.core.states import JobState
from annotator.learning.models import Comparison, Run
from annotator.learning.selectors.choices import Choice, choose
from annotator.learning.selectors.origins import frozen_schema, origin_of
from annotator.learning.selectors.snapshots import Snapshot, freeze_labels
from annotator.learning.states import RUN_MOVES, RunState
from annotator.projects.models import Project

KIND = "train"
QUEUE = "train"


class AlreadyQueuedError(ConflictError):
    """A run waits already; it will train on the labels it froze."""

    code = "already_queued"


class RunMoveError(ConflictError):
    """The run's life cycle has no such step."""

    code = "run_is_over"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is; None where it cannot be known yet."""

    phase: str
    fraction: float | None = None
    epoch: int | None = None
    epochs: int | None = None
    loss: float | None = None
    dev_f1: float | None = None
    eta_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class NewRun:
    """Everything that a run freezes; `origin` is the version to go on from."""

    choice: Choice
    snapshot: Snapshot
    seed: int
    origin: int | None = None
    comparison: Comparison | None = None
    anew: str = ""
    automatic: str = ""


@transaction.atomic
def request_run(
    *,
    project: Project,
    actor: User | None,
    given: Mapping[str, Any],
    seed: int | None = None,
    automatic: str = "",
) -> Run:
    """Freeze the labels, the options and the seed of a new run, and have it done.

    `automatic` says what made it start by itself.
    """
    refuse_without_room()
    locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    choice = choose(locked, given)
    waiting = Run.objects.filter(
        project=locked, state=RunState.QUEUED, comparison__isnull=True
    ).first()
    if waiting is not None:
        raise AlreadyQueuedError("A run waits already", run_id=waiting.pk)
    snapshot = freeze_labels(locked)
    seed = draw_seed() if seed is None else seed
    origin, anew = origin_of(locked, choice, snapshot)
    new = NewRun(
        choice, snapshot, seed, origin.pk if origin else None, anew=anew, automatic=automatic
    )
    return enter_run(locked, actor, new)


def draw_seed() -> int:
    """Return a seed for a run that nobody gave one."""
    return secrets.randbits(31)


def enter_run(project: Project, actor: User | None, new: NewRun) -> Run:
    """Write a run with its job, and tell; the project is locked."""
    choice, snapshot = new.choice, new.snapshot
    run = Run.objects.create(
        project=project,
        comparison=new.comparison,
        model=choice.model,
        encoder=choice.encoder,
        speed=choice.speed,
        options={
            "settings": dict(choice.settings),
            "schema": frozen_schema(project),
            "schema_version": project.schema_version,
            "measured_on": snapshot.measured_on,
            "origin": new.origin,
            "anew": new.anew,
            "automatic": new.automatic,
            "newest": snapshot.newest,
        },
        seed=new.seed,
        snapshot=snapshot.as_json(),
        snapshot_hash=snapshot.content_hash(),
        gold_count=len(snapshot.train) + len(snapshot.dev),
        holdout_count=len(snapshot.holdout),
        requested_by=actor,
    )
    jobs.enqueue(kind=KIND, queue=QUEUE, project_id=project.pk, subject_id=run.pk)
    _record("run.requested", run, actor)
    _tell(run)
    return run


@transaction.atomic
def move_run(*, run_id: int, to: RunState, code: str = "", message: str = "") -> bool:
    """Move a run along its life cycle; False when it is there already."""
    run = step_run(run_id, to, code=code, message=message)
    if run is None:
        return False
    _tell(run)
    return True


def step_run(run_id: int, to: RunState, **ending: Any) -> Run | None:
    """Write the step without telling anybody, for callers that have more to write."""
    run = Run.objects.select_for_update().get(pk=run_id)
    here = RunState(run.state)
    if here is to:
        return None
    if to not in RUN_MOVES[here]:
        raise RunMoveError("The run is over", run_id=run_id, state=run.state, wanted=to.value)
    run.state = to
    run.error_code = ending.get("code", "")
    run.error_message = ending.get("message", "")
    if to is RunState.RUNNING and run.started_at is None:
        run.started_at = Now()
    if not RUN_MOVES[to]:
        run.finished_at = Now()
        run.eta_seconds = None
    run.save(
        update_fields=[
            "state", "error_code", "error_message", "started_at", "finished_at", "eta_seconds",
        ]
    )  # fmt: skip
    return run


def begin_run(held: Claim) -> None:
    """Say that a worker has the run in hand; at a second attempt it already says so."""
    move_run(run_id=held.subject_id, to=RunState.RUNNING)


def evaluate_run(held: Claim) -> None:
    """Say that the training is through and the gate is next."""
    move_run(run_id=held.subject_id, to=RunState.EVALUATING)


@transaction.atomic
def record_progress(held: Claim, progress: Progress) -> Standing:
    """Write how far the run is, if the worker still holds it; return where the worker stands."""
    standing = jobs.heartbeat(held)
    if standing is Standing.LOST:
        return standing
    run = Run.objects.select_for_update().get(pk=held.subject_id)
    for name in ("epoch", "epochs", "loss", "dev_f1", "eta_seconds"):
        value = getattr(progress, name)
        if value is not None:
            setattr(run, name, value)
    run.phase = progress.phase
    run.progress = run.progress if progress.fraction is None else progress.fraction
    run.history = _extend(run.history, progress)
    run.save(
        update_fields=[
            "phase", "progress", "epoch", "epochs", "loss", "dev_f1", "eta_seconds", "history",
        ]
    )  # fmt: skip
    events.publish(
        run.project_id,
        "run.progress",
        run_id=run.pk,
        phase=run.phase,
        progress=run.progress,
        epoch=run.epoch,
        epochs=run.epochs,
        loss=run.loss,
        dev_f1=run.dev_f1,
        eta_seconds=run.eta_seconds,
    )
    return standing


def _extend(history: list[dict[str, Any]], progress: Progress) -> list[dict[str, Any]]:
    """Keep one point an epoch; a training that began again forgets what it had reached before."""
    if progress.epoch is None:
        return history
    earlier = [point for point in history if point["epoch"] < progress.epoch]
    point = {"epoch": progress.epoch, "loss": progress.loss, "dev_f1": progress.dev_f1}
    same = next((point for point in history if point["epoch"] == progress.epoch), {})
    return [*earlier, {name: same.get(name) if v is None else v for name, v in point.items()}]


@transaction.atomic
def fail_run(held: Claim, *, code: str, message: str) -> None:
    """End the job and its run with a reason."""
    jobs.finish(held, state=JobState.FAILED, code=code, message=message)
    if _is_going_on(held.subject_id):
        move_run(run_id=held.subject_id, to=RunState.FAILED, code=code, message=message)


@transaction.atomic
def cancel_held_run(held: Claim) -> None:
    """End the job and its run because somebody asked for it."""
    jobs.finish(held, state=JobState.CANCELLED)
    if _is_going_on(held.subject_id):
        move_run(run_id=held.subject_id, to=RunState.CANCELLED)


def _is_going_on(run_id: int) -> bool:
    """Say whether there is a run to end; a job must end even without one."""
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    return run is not None and bool(RUN_MOVES[RunState(run.state)])


@transaction.atomic
def cancel_run(*, run: Run, actor: User) -> None:
    """Cancel a run that waits at once, ask the worker of one under way to stop."""
    is_over = jobs.request_cancel(kind=KIND, subject_id=run.pk)
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if not RUN_MOVES[RunState(locked.state)]:
        if locked.state == RunState.CANCELLED:
            return
        raise RunMoveError("The run is over", run_id=run.pk, state=locked.state)
    _record("run.cancelled", locked, actor)
    if is_over:
        move_run(run_id=run.pk, to=RunState.CANCELLED)


def _tell(run: Run) -> None:
    events.publish(run.project_id, "run.changed", run_id=run.pk, state=run.state)


def _record(action: str, run: Run, actor: User | None) -> None:
    change = audit.Change(action=action, object_kind="run", object_id=run.pk)
    audit.record(change, actor_id=actor.pk if actor else None, project_id=run.project_id)
