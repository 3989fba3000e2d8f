"""Learning curves of a project: what each version cost in labels and hours, and what it reached."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from annotator.learning.models import ModelVersion
from annotator.learning.states import VersionState
from annotator.projects.models import Project

MOST = 200  # versions, the newest ones
HOUR = 3600.0
FIGURES = ("entity_f1", "triple_f1")
INTERVALS = {"entity_f1": "ner_strict", "triple_f1": "re_strict"}

Json = dict[str, Any]

# A later save of the same sentence carries all seconds so far, so what counts is what it adds.
SECONDS = """
WITH saved AS (
    SELECT r.at, r.seconds - COALESCE(max(r.seconds) OVER (
               PARTITION BY r.annotation_id ORDER BY r.version
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS more
      FROM labelling_revision AS r
      JOIN labelling_annotation AS a ON a.id = r.annotation_id
      JOIN corpus_sentence AS s ON s.id = a.sentence_id
     WHERE s.project_id = %s
)
SELECT width_bucket(at, %s::timestamptz[]), sum(greatest(more, 0)) FROM saved GROUP BY 1
"""
IMPORTED = """
SELECT width_bucket(g.at, %s::timestamptz[]), count(*)
  FROM labelling_goldrevision AS g JOIN corpus_sentence AS s ON s.id = g.sentence_id
 WHERE s.project_id = %s AND s.split = 'pool' AND g.origin = 'imported' AND g.version = 1
 GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """A version measured on the hold-out: where it stands on a curve."""

    id: int
    number: int
    state: str
    series: tuple[str, str, str]  # model, encoder, speed: only like is joined with like
    labels: int
    trained_at: datetime
    sentences: int  # it was measured on
    f1: dict[str, float]
    intervals: dict[str, tuple[float, float] | None]
    stability: Json | None
    promoted_at: datetime | None


def measured_versions(project: Project) -> list[Measured]:
    """Return the newest versions that were measured on the hold-out, oldest first. One query."""
    rows = (
        ModelVersion.objects.filter(project=project, metrics__measured_on="holdout")
        .order_by("-number")
        .values(
            "id", "number", "state", "model", "encoder", "run__speed", "run__gold_count",
            "run__created_at", "promoted_at", "metrics__measured_sentences", "metrics__stability",
            "metrics__entity_f1", "metrics__triple_f1", "metrics__intervals__ner_strict",
            "metrics__intervals__re_strict",
        )
    )  # fmt: skip
    return [_measured(row) for row in reversed(rows[:MOST])]


def _measured(row: Mapping[str, Any]) -> Measured:
    intervals = {name: row[f"metrics__intervals__{key}"] for name, key in INTERVALS.items()}
    return Measured(
        id=row["id"],
        number=row["number"],
        state=row["state"],
        series=(row["model"], row["encoder"], row["run__speed"]),
        labels=row["run__gold_count"],
        trained_at=row["run__created_at"],
        sentences=row["metrics__measured_sentences"] or 0,
        f1={name: row[f"metrics__{name}"] for name in FIGURES},
        intervals={name: tuple(pair) if pair else None for name, pair in intervals.items()},
        stability=row["metrics__stability"],
        promoted_at=row["promoted_at"],
    )


def seconds_until(project: Project, moments: Sequence[datetime]) -> list[float]:
    """Return for each moment the seconds that people had spent on sentences. One query."""
    return _sums_until(SECONDS, [project.pk, _sorted(moments)], moments)


def imported_until(project: Project, moments: Sequence[datetime]) -> list[int]:
    """Return for each moment the gold sentences of the pool that came with files. One query."""
    return [int(count) for count in _sums_until(IMPORTED, [_sorted(moments), project.pk], moments)]


def _sorted(moments: Sequence[datetime]) -> list[datetime]:
    return sorted(set(moments))


def _sums_until(statement: str, values: Sequence[Any], moments: Sequence[datetime]) -> list[float]:
    """Add up buckets: bucket k holds what came at the k-th moment or later, before the next."""
    if not moments:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = dict(cursor.fetchall())
    ordered = _sorted(moments)
    until, total = [], 0.0
    for bucket in range(len(ordered)):
        total += found.get(bucket, 0.0)
        until.append(total)
    return [until[bisect_right(ordered, moment) - 1] for moment in moments]


def leading(versions: Sequence[Measured]) -> tuple[str, str, str] | None:
    """Name the series that the forecast is of: the active version's, else the newest one's."""
    active = [one for one in versions if one.state == VersionState.ACTIVE]
    chosen = active or versions[-1:]
    return chosen[0].series if chosen else None
