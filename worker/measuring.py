"""Measuring a version again: the engine's evaluation in a child, its judgements handed on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from django.conf import settings

from annotator.core.jobs import Claim
from annotator.core.states import JobState
from annotator.learning.selectors.measuring import MeasureOrder, measure_order_of
from annotator.learning.selectors.training import examples
from annotator.learning.services import end_measurement, store_measurement
from extraction.data.native import read_predictions
from worker import artefacts
from worker.child import Child
from worker.heart import Heart
from worker.training import CancelledError, follow
from worker.workplace import Workplace, write_examples


def measure(held: Claim, heart: Heart) -> None:
    """Have the version say what it sees in the frozen sentences, and keep that."""
    order = measure_order_of(held)
    place = take_place(held)
    try:
        with (
            artefacts.held(order.digest) as model,
            Child(measure_arguments(order, place, model), folder=place.folder) as child,
        ):
            metrics = follow(child, heart, None)
        heart.check()
        costs = {**metrics["costs"], "model_bytes": artefacts.size_of(order.digest)}
        store_measurement(held, read_predictions(place.said), costs)
    except CancelledError:
        cancel(held)
    finally:
        place.remove()


def fail(held: Claim, code: str, message: str) -> None:
    """End the measurement with a reason."""
    end_measurement(held, JobState.FAILED, code=code, message=message)


def cancel(held: Claim) -> None:
    """End the measurement because somebody asked for it."""
    end_measurement(held, JobState.CANCELLED)


def take_place(held: Claim) -> Workplace:
    """Return an empty folder of this attempt; what earlier ones left is forgotten."""
    settings.WORK_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in settings.WORK_FOLDER.glob(f"measure-{held.job_id}-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = settings.WORK_FOLDER / f"measure-{held.job_id}-{held.attempt}"
    folder.mkdir(mode=0o700)
    return Workplace(folder)


def measure_arguments(order: MeasureOrder, place: Workplace, model: Path) -> list[str]:
    """Write the frozen sentences down and spell the order for the engine's command line."""
    write_examples(place.dev, examples(order.revisions))
    arguments = ["evaluate", "--json", "--checkpoint", str(model)]
    arguments += ["--data", str(place.dev), "--predictions", str(place.said), "--resamples", "0"]
    if order.schema is not None:
        place.schema.write_text(json.dumps(order.schema, ensure_ascii=False), encoding="utf-8")
        arguments += ["--schema", str(place.schema)]
    return arguments
