"""What a worker needs to know of a run: its frozen order and its examples, as plain values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotator.labelling.graphs import to_graph
from annotator.labelling.models import GoldRevision, Revision
from annotator.learning.models import ModelVersion, Run
from annotator.learning.selectors.chunks import has_old_words
from annotator.learning.states import VersionState
from extraction.types import Example

BATCH = 500


@dataclass(frozen=True, slots=True)
class Rival:
    """The version that a new one is measured against."""

    version_id: int
    digest: str
    metrics: Mapping[str, Any]
    has_same_dev: bool  # measured on the very dev set of this run, so its numbers count as they are
    is_judged: bool  # what it says of that dev set is kept already
    has_old_words: bool  # types were renamed since it learnt them


@dataclass(frozen=True, slots=True)
class Order:
    """One training, complete and frozen."""

    run_id: int
    project_id: int
    model: str
    encoder: str
    speed: str
    seed: int
    settings: Mapping[str, Any]
    schema: Mapping[str, Any]
    measured_on: str
    train: Sequence[int]
    submitted: Sequence[int]  # revisions that are not gold yet; they train, too
    dev: Sequence[int]
    rival: Rival | None
    is_judged: bool  # what is said of `dev` is kept, as nothing of it is trained on
    is_compared: bool  # with the other runs of a comparison; no gate judges it
    origin_digest: str | None  # the model to go on from


def order_of(run_id: int) -> Order:
    """Return the order that a run froze, and who is active now."""
    run = Run.objects.get(pk=run_id)
    return Order(
        run_id=run.pk,
        project_id=run.project_id,
        model=run.model,
        encoder=run.encoder,
        speed=run.speed,
        seed=run.seed,
        settings=run.options["settings"],
        schema=run.options["schema"],
        measured_on=run.options["measured_on"],
        train=run.snapshot["train"],
        submitted=run.snapshot.get("submitted", []),
        dev=measured_revisions(run),
        rival=_rival(run),
        is_judged=run.options["measured_on"] != "training",
        is_compared=run.comparison_id is not None,
        origin_digest=_origin_digest(run),
    )


def measured_revisions(run: Run) -> list[int]:
    """Return the gold revisions that the run is measured on."""
    by_name: Mapping[str, list[int]] = {
        "holdout": run.snapshot["holdout"],
        "pool_share": run.snapshot["dev"],
        "training": run.snapshot["train"],
    }
    return by_name[run.options["measured_on"]]


def _origin_digest(run: Run) -> str | None:
    origin = ModelVersion.objects.filter(pk=run.options.get("origin") or 0)
    return origin.values_list("digest", flat=True).first()


def _rival(run: Run) -> Rival | None:
    version = (
        ModelVersion.objects.select_related("run")
        .filter(project=run.project_id, state=VersionState.ACTIVE)
        .first()
    )
    if version is None:
        return None
    dev = measured_revisions(run)
    return Rival(
        version_id=version.pk,
        digest=version.digest,
        metrics=version.metrics,
        has_same_dev=measured_revisions(version.run) == dev,
        has_old_words=has_old_words(version, at=run.options["schema_version"]),
        is_judged=version.judgements.filter(gold__in=dev).count() == len(dev),
    )


def ended_runs(run_ids: Collection[int]) -> set[int]:
    """Return those of the runs that are over, and those that are not known here at all."""
    going_on = Run.objects.filter(pk__in=run_ids, finished_at__isnull=True)
    return set(run_ids) - set(going_on.values_list("pk", flat=True))


def examples(revision_ids: Sequence[int]) -> Iterator[Example]:
    """Yield gold revisions as the engine's examples, in the given order, in flat memory."""
    for first in range(0, len(revision_ids), BATCH):
        ids = revision_ids[first : first + BATCH]
        found = GoldRevision.objects.select_related("sentence").in_bulk(ids)
        for pk in ids:
            gold = found[pk]
            yield Example(str(gold.sentence_id), gold.sentence.text, to_graph(gold.graph))


def submitted_examples(revision_ids: Sequence[int]) -> Iterator[Example]:
    """Yield revisions of annotations likewise."""
    for first in range(0, len(revision_ids), BATCH):
        ids = revision_ids[first : first + BATCH]
        found = Revision.objects.select_related("annotation__sentence").in_bulk(ids)
        for pk in ids:
            sentence = found[pk].annotation.sentence
            yield Example(str(sentence.pk), sentence.text, to_graph(found[pk].graph))
