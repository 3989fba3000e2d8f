"""Freezes the labels of a run: which gold revisions train, which only measure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from annotator.corpus.states import Split
from annotator.labelling.graphs import content_hash
from annotator.labelling.models import GoldRevision
from annotator.projects.models import Project

DEV_SHARE = 0.15
FEWEST_TO_SHARE = 20  # below, every label is needed for training
CHANCES = 2**32


@dataclass(frozen=True, slots=True)
class Labelled:
    """A gold revision, and the group of near duplicates that its sentence belongs to."""

    revision_id: int
    group: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Gold revision ids by what they are for. Without a hold-out, `dev` is a share of the pool."""

    train: list[int]
    dev: list[int]
    holdout: list[int]

    @property
    def measured_on(self) -> str:
        """Say where the figures of the run come from: F1 is only honest on the hold-out."""
        if self.holdout:
            return "holdout"
        return "pool_share" if self.dev else "training"

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {"train": self.train, "dev": self.dev, "holdout": self.holdout}

    def content_hash(self) -> str:
        """Return the SHA-256 that names this choice of labels."""
        return content_hash(self.as_json())


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
    if held_out:
        return Snapshot([one.revision_id for one in pool], [], held_out)
    train, dev = share_pool(pool, project.seed)
    return Snapshot(train, dev, held_out)


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
