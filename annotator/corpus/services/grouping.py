"""Finding each new sentence its group, in this batch or among all that are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from annotator.core.bulk import copy_lines
from annotator.corpus.groups import LIKENESS, Fingerprint, fingerprint, is_drawn, likeness
from annotator.corpus.models import GroupBand, Sentence
from annotator.corpus.states import Split
from annotator.projects.models import Project


@dataclass(frozen=True, slots=True)
class Draw:
    """How new groups are split: all to one side (`forced`), or a random share to the hold-out.

    `key` names the stream of chance, `first` is the ordinal of the next new group in it.
    """

    share: float
    key: str
    first: int = 0
    forced: Split | None = None

    def split(self, ordinal: int) -> Split:
        """Return the split of the `ordinal`-th new group from here."""
        if self.forced is not None:
            return self.forced
        is_holdout = is_drawn(self.first + ordinal, share=self.share, key=self.key)
        return Split.HOLDOUT if is_holdout else Split.POOL


@dataclass(slots=True)
class Groups:
    """The groups that a batch may join; new ones are founded as sentences come."""

    project: Project
    draw: Draw
    by_key: dict[int, int]  # band key -> group
    leaders: dict[int, Fingerprint]
    splits: dict[int, Split]
    fresh: list[tuple[int, int]] = field(default_factory=list)  # (key, group)
    founded: int = 0

    def place(self, print_: Fingerprint, position: int) -> tuple[int, Split]:
        """Return group and split of a sentence, founding a group at `position` if need be."""
        found = {self.by_key[key] for key in print_.keys if key in self.by_key}
        group = self._likest(print_, found) if found else None
        if group is None:
            group = self._found(print_, position)
        return group, self.splits[group]

    def _likest(self, print_: Fingerprint, found: set[int]) -> int | None:
        """Return the group whose first sentence is most like this one, if any is like it."""
        alike = [(likeness(print_, self.leaders[group]), -group) for group in found]
        best_likeness, negative_group = max(alike)
        return -negative_group if best_likeness >= LIKENESS else None

    def _found(self, print_: Fingerprint, position: int) -> int:
        """Found a group; where a key leads to an older group already, that one keeps it."""
        self.leaders[position] = print_
        self.splits[position] = self.draw.split(self.founded)
        self.founded += 1
        for key in print_.keys:
            if key not in self.by_key:
                self.by_key[key] = position
                self.fresh.append((key, position))
        return position

    def save(self) -> None:
        """Store where later sentences find the groups founded here, in the order of the index."""
        self.fresh.sort()
        project = self.project.pk
        lines = (f"{project}\t{key}\t{group}\n" for key, group in self.fresh)
        copy_lines(GroupBand, ["project", "key", "group"], lines)


def groups_for(*, project: Project, prints: Sequence[Fingerprint], draw: Draw) -> Groups:
    """Return the stored groups that sentences with these fingerprints may join. Two queries."""
    by_key = _stored_groups(project, list({key for print_ in prints for key in print_.keys}))
    positions = list(set(by_key.values()))
    rows = Sentence.objects.filter(project=project, position__in=positions)
    leaders: dict[int, Fingerprint] = {}
    splits: dict[int, Split] = {}
    for position, text, split in rows.values_list("position", "text", "split"):
        leaders[position] = fingerprint(text)
        splits[position] = Split(split)
    return Groups(project, draw, by_key, leaders, splits)


def _stored_groups(project: Project, keys: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT key, "group" FROM corpus_groupband WHERE project_id = %s AND key = ANY(%s)',
            [project.pk, keys],
        )
        return dict(cursor.fetchall())
