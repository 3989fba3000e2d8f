"""Training: the engine in a child, its progress told, its model kept, judged and registered."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from annotator.core.jobs import Claim, JobLostError, Standing
from annotator.learning.selectors.training import Order, Rival, ended_runs, order_of
from annotator.learning.services import (
    Measured,
    Progress,
    begin_run,
    cancel_held_run,
    evaluate_run,
    fail_run,
    record_progress,
    register_version,
)
from extraction.catalogue import ENCODERS
from extraction.data.native import read_predictions
from extraction.errors import ExtractionError
from extraction.types import Prediction
from worker import artefacts
from worker.child import Child
from worker.errors import TransientError
from worker.heart import Heart
from worker.workplace import Workplace, clear_workplaces, take_workplace

logger = logging.getLogger(__name__)

LISTEN_SECONDS = 0.5
TELL_SECONDS = 0.5
TELL_SHARE = 0.002  # of the time gone by: a long training is told of less often

Metrics = Mapping[str, Any]


class CancelledError(Exception):
    """Somebody asked the training to stop."""


def train(held: Claim, heart: Heart) -> None:
    """Do one attempt at a run; what it leaves is for the next one, unless the run is over."""
    clear_workplaces(ended_runs)
    begin_run(held)
    order = order_of(held.subject_id)
    place = take_workplace(order.run_id, held.attempt)
    try:
        metrics = fit(order, place, held, heart)
        digest = artefacts.keep(place.model)
        evaluate_run(held)
        rival = measure_rival(order, place, heart)
        heart.check()
        costs = {**metrics.get("costs", {}), "model_bytes": artefacts.size_of(digest)}
        register_version(
            held,
            Measured(
                digest=digest,
                metrics={**metrics, **measured_on(order), "costs": costs},
                rival_id=order.rival.version_id if order.rival else None,
                rival=rival,
                said=kept(place.said),
                rival_said=kept(place.rival_said),
            ),
        )
    except CancelledError:
        cancel_held_run(held)
    clear_workplaces(ended_runs)


def fail(held: Claim, code: str, message: str) -> None:
    """End the run with a reason and forget its folder."""
    fail_run(held, code=code, message=message)
    clear_workplaces(ended_runs)


def cancel(held: Claim) -> None:
    """End the run because somebody asked for it, and forget its folder."""
    cancel_held_run(held)
    clear_workplaces(ended_runs)


def kept(path: Path) -> Iterator[tuple[str, Prediction]] | None:
    """Return what a model says of the measured sentences, line by line; None without a file."""
    return read_predictions(path) if path.exists() else None


def measured_on(order: Order) -> dict[str, Any]:
    """Say where the figures come from."""
    return {"measured_on": order.measured_on, "measured_sentences": len(order.dev)}


def fit(order: Order, place: Workplace, held: Claim, heart: Heart) -> Metrics:
    """Train in a child and return the metrics; the model lies in the workplace."""
    place.write(order)
    with (
        origin_of(order) as origin,
        Child([*train_arguments(order, place), *origin], folder=place.folder) as child,
    ):
        return follow(child, heart, Reporter(held, heart))


def measure_rival(order: Order, place: Workplace, heart: Heart) -> Metrics | None:
    """Return the active version's metrics on the dev set of this run; None when it has none."""
    place.rival_said.unlink(missing_ok=True)  # an earlier attempt may have had another rival
    rival = order.rival
    if rival is None:
        return None
    known = rival.metrics if rival.has_same_dev else None
    is_known = known is not None or order.is_compared
    if is_known and (rival.is_judged or not order.is_judged):
        return known
    try:
        with (
            artefacts.held(rival.digest) as model,
            Child(rival_arguments(order, rival, place, model), folder=place.folder) as child,
        ):
            measured = follow(child, heart, None)
            return known if known is not None or rival.has_old_words else measured
    except ExtractionError as error:
        logger.warning("run %s: the active version was not measured: %s", order.run_id, error.code)
        return known


def rival_arguments(order: Order, rival: Rival, place: Workplace, model: Path) -> list[str]:
    """Spell the measurement of a rival for the engine's command line.

    One that learnt words which were renamed since speaks in its own: what it says is brought into
    the new ones when it is kept, and its figures are counted then.
    """
    arguments = ["evaluate", "--checkpoint", str(model), "--json"]
    arguments += ["--data", str(place.dev)]
    if not rival.has_old_words:
        arguments += ["--schema", str(place.schema)]
    if order.is_judged:
        arguments += ["--predictions", str(place.rival_said)]
    return arguments


def train_arguments(order: Order, place: Workplace) -> list[str]:
    """Spell the order for the engine's command line."""
    is_built_in = order.encoder in ENCODERS
    encoder = order.encoder if is_built_in else str(settings.ENCODER_FOLDER / order.encoder)
    arguments = ["train", "--json", "--resume", "--model", order.model, "--encoder", encoder]
    arguments += ["--train", str(place.train), "--dev", str(place.dev)]
    arguments += ["--schema", str(place.schema), "--out", str(place.model)]
    arguments += ["--speed", order.speed, "--seed", str(order.seed)]
    if order.is_judged:
        arguments += ["--predictions", str(place.said)]
    for name, value in order.settings.items():
        arguments += ["--set", f"{name}={json.dumps(value)}"]
    return arguments


@contextmanager
def origin_of(order: Order) -> Iterator[list[str]]:
    """Name the model to go on from; one that the store has lost is done without."""
    with ExitStack() as stack:
        origin: list[str] = []
        if order.origin_digest is not None:
            try:
                model = stack.enter_context(artefacts.held(order.origin_digest))
                origin = ["--init-from", str(model)]
            except ExtractionError as error:
                logger.warning("run %s begins anew: %s", order.run_id, error.code)
        yield origin


class Reporter:
    """Writes progress down, but not more often than somebody can look."""

    def __init__(self, held: Claim, heart: Heart) -> None:
        self.held, self.heart = held, heart
        self.begun = time.monotonic()
        self.told = 0.0
        self.phase = ""

    def tell(self, event: Mapping[str, Any]) -> None:
        """Record an event unless the last one is fresh; a new phase is always told."""
        now = time.monotonic()
        pause = max(TELL_SECONDS, TELL_SHARE * (now - self.begun))
        if event["phase"] == self.phase and now - self.told < pause:
            return
        self.told, self.phase = now, event["phase"]
        names = ("fraction", "epoch", "epochs", "loss", "dev_f1", "eta_seconds")
        known = {name: event.get(name) for name in names}
        try:
            self.heart.hear(record_progress(self.held, Progress(phase=self.phase, **known)))
        except (OperationalError, InterfaceError):  # the training need not know
            connection.close()


def follow(child: Child, heart: Heart, reporter: Reporter | None) -> Metrics:
    """Listen to a child until it ends; return its metrics or raise what it came to."""
    metrics: Metrics | None = None
    error: ExtractionError | None = None
    while not child.is_silent:
        stop_when_asked(child, heart)
        event = child.hear(seconds=LISTEN_SECONDS)
        if event is None:
            continue
        if event["event"] == "progress" and reporter is not None:
            reporter.tell(event)
        elif event["event"] == "done":
            metrics = event["metrics"]
        elif event["event"] == "error":
            error = ExtractionError(event["code"], in_short(event["message"], child))
    status = child.status()
    if error is not None:
        raise error
    if metrics is None or status != 0:
        raise breakdown(child, status)
    return metrics


def stop_when_asked(child: Child, heart: Heart) -> None:
    """End the child when the job was cancelled or lost, or the worker is to end."""
    standing = heart.standing
    if standing is Standing.LOST:
        child.kill()
        raise JobLostError("Another worker took this run over", job_id=heart.held.job_id)
    if standing is Standing.CANCEL:
        child.stop()
        raise CancelledError
    if heart.is_stopping:
        child.stop()
        raise TransientError("worker_stopped", "The worker was stopped; the run goes on later")


def breakdown(child: Child, status: int) -> Exception:
    """Return what a child's wordless end means: killed from outside is worth another try."""
    if status < 0 or status > 128:  # noqa: PLR2004 - the shell's way to say "by a signal"
        number = -status if status < 0 else status - 128
        return TransientError("killed", f"The training was killed by signal {number}")
    logger.error("the engine broke down (exit %s)\n%s", status, child.traces())
    return ExtractionError("engine_broke_down", f"The engine broke down (exit {status})")


def in_short(message: str, child: Child) -> str:
    """Return a message without the name of our folder."""
    return message.replace(f"{child.errors.parent}/", "")
