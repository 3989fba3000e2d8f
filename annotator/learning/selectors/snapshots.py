"""Freezes the labels of a run: which gold revisions train, which only measure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef

from annotator.core.errors import ConflictError
from annotator.corpus.states import Split
from annotator.labelling.graphs import content_hash
from annotator.labelling.models import GoldRevision, Plant, Revision
from annotator.labelling.states import AnnotationState, PlantOutcome
from annotator.learning.models import RunPolicy
from annotator.learning.states import LabelState, TrainingReason
from annotator.learning.timing import lack_of
from annotator.projects.models import Project

DEV_SHARE = 0.15
FEWEST_TO_SHARE = 20  # below, every label is needed for training
CHANCES = 2**32


class NothingToLearnError(ConflictError):
    """There is no label in the pool."""

    code = TrainingReason.NOTHING_TO_LEARN.value


class SubmittedOnlyError(ConflictError):
    """There are submissions to learn from, but they measure nothing."""

    code = TrainingReason.SUBMITTED_ONLY.value


@dataclass(frozen=True, slots=True)
class Labelled:
    """A gold revision, and the group of near duplicates that its sentence belongs to."""

    revision_id: int
    group: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Gold revision ids by what they are for. Without a hold-out, `dev` is a share of the pool.

    `submitted` are revisions of annotations that are not gold yet; they train and measure nothing.
    """

    train: list[int]
    dev: list[int]
    holdout: list[int]
    submitted: list[int] = field(default_factory=list)

    @property
    def measured_on(self) -> str:
        """Say where the figures of the run come from: F1 is only honest on the hold-out."""
        if self.holdout:
            return "holdout"
        return "pool_share" if self.dev else "training"

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        gold = {"train": self.train, "dev": self.dev, "holdout": self.holdout}
        return {**gold, "submitted": self.submitted} if self.submitted else gold

    @property
    def newest(self) -> dict[str, int]:
        """Return the newest label of each kind, by which later ones are told."""
        gold = max((*self.train, *self.dev, *self.holdout), default=0)
        return {"gold": gold, "submitted": max(self.submitted, default=0)}

    def content_hash(self) -> str:
        """Return the SHA-256 that names this choice of labels."""
        return content_hash(self.as_json())


def freeze_labels(project: Project) -> Snapshot:
    """Take the labels as they are now, or say what they lack for a training."""
    snapshot = freeze(project)
    lack = lack_of(
        gold=len(snapshot.train),
        submitted=len(snapshot.submitted),
        held_out=len(snapshot.holdout),
    )
    if lack is TrainingReason.NOTHING_TO_LEARN:
        raise NothingToLearnError("No sentence of the pool is labelled yet")
    if lack is not None:
        raise SubmittedOnlyError("Submitted sentences measure nothing; make at least one gold")
    return snapshot


def freeze(project: Project) -> Snapshot:
    """Take the current gold of a project, in the order of the corpus."""
    current = GoldRevision.objects.filter(
        sentence__project=project, version=F("sentence__gold_version")
    ).order_by("sentence__position")
    pool: list[Labelled] = []
    holdout: list[Labelled] = []
    rows = current.values_list("pk", "sentence__group", "sentence__split")
    for revision_id, group, split in rows.iterator():
        chosen = holdout if split == Split.HOLDOUT else pool
        chosen.append(Labelled(revision_id, group))
    held_out = [one.revision_id for one in holdout]
    others = _submitted(project)
    if held_out:
        more = [one.revision_id for one in others]
        return Snapshot([one.revision_id for one in pool], [], held_out, more)
    train, dev = share_pool(pool, project.seed)
    kin = [one for one in others if not dev or draw_lot(one.group, project.seed) >= DEV_SHARE]
    return Snapshot(train, dev, held_out, [one.revision_id for one in kin])


def _submitted(project: Project) -> list[Labelled]:
    """Take the newest submission of each sentence of the pool without gold, if these train.

    What holds an accepted check that nobody has settled is left out, as it is for gold.
    """
    policy = RunPolicy.objects.filter(project=project, labels=LabelState.SUBMITTED)
    if not policy.exists():
        return []
    held = Plant.objects.filter(
        sentence=OuterRef("annotation__sentence"), outcome=PlantOutcome.ACCEPTED
    )
    rows = (
        Revision.objects.filter(
            ~Exists(held),
            annotation__sentence__project=project,
            annotation__sentence__gold_version=0,
            annotation__state=AnnotationState.SUBMITTED,
            version=F("annotation__version"),
        )
        .exclude(annotation__sentence__split=Split.HOLDOUT)
        .order_by("annotation__sentence__position", "-at", "-pk")
        .distinct("annotation__sentence__position")
    )
    return [Labelled(*row) for row in rows.values_list("pk", "annotation__sentence__group")]


def share_pool(pool: Sequence[Labelled], seed: int) -> tuple[list[int], list[int]]:
    """Set a share of the groups aside, the same ones in every run, unless labels are too few.

    Each group's lot depends on the seed and on itself alone: what measured one version never
    trains the next one.
    """
    train = [one.revision_id for one in pool if draw_lot(one.group, seed) >= DEV_SHARE]
    dev = [one.revision_id for one in pool if draw_lot(one.group, seed) < DEV_SHARE]
    if len(pool) < FEWEST_TO_SHARE or not train:
        return [one.revision_id for one in pool], []
    return train, dev


def draw_lot(group: int, seed: int) -> float:
    """Return a number in [0, 1) that belongs to a group for ever."""
    drawn = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") / CHANCES
