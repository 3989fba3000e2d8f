"""The leaderboard: versions on the same sentences, with intervals and with what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Sum

from annotator.learning.models import Judgement, ModelVersion
from annotator.learning.selectors.judgements import COUNTS
from annotator.learning.selectors.measuring import Yardstick, measurements, yardstick_of
from annotator.learning.states import VersionState
from annotator.projects.models import Project
from extraction.evaluation.metrics import Counts
from extraction.evaluation.significance import as_table, f1_interval, paired_difference

MOST_ROWS = 50
DIGITS = 4
PARTS: Mapping[str, slice] = {"entity": slice(0, 3), "triple": slice(3, 6)}
MEASURES: Mapping[str, str] = {"entity": "ner_strict", "triple": "re_strict"}
COSTS = ("train_seconds", "sentences_per_second", "peak_memory_bytes", "model_bytes")

Json = dict[str, Any]
Row = tuple[int, ...]  # counts of one sentence, in the order of COUNTS


@dataclass(frozen=True, slots=True)
class Standing:
    """How often a version was right on the yardstick, and on how many of its sentences."""

    sentences: int
    triple_f1: float
    entity_f1: float


NOTHING = Standing(0, 0.0, 0.0)


def leaderboard(project: Project, which: str) -> Json:
    """Return a row for each architecture and encoder (its best or newest version), or for all.

    Versions that are judged on all sentences of the yardstick are compared; the others show what
    they were measured on when they were trained. Eight queries, however many rows.
    """
    yardstick = yardstick_of(project)
    versions = list(
        ModelVersion.objects.filter(project=project).select_related("run").order_by("-number")
    )
    standings = _standings(project, yardstick)
    table = _Table(
        yardstick=yardstick,
        active=next((one for one in versions if one.state == VersionState.ACTIVE), None),
        standings=standings,
        measurements=measurements(project),
    )
    shown = _chosen(versions, which, table)
    asked = [*shown, *([table.active] if table.active else [])]
    counts = counts_of([one.pk for one in asked], yardstick.revisions)
    return {
        "measured_on": yardstick.measured_on,
        "sentences": len(yardstick.revisions),
        "active": table.active.pk if table.active else None,
        "versions": len(versions),
        "results": [table.row(one, counts, versions) for one in shown],
    }


def _standings(project: Project, yardstick: Yardstick) -> dict[int, Standing]:
    rows = (
        Judgement.objects.filter(model_version__project=project, gold__in=yardstick.revisions)
        .values("model_version")
        .annotate(n=Count("pk"), **{f"sum_{name}": Sum(F(name)) for name in COUNTS})
    )
    found = {}
    for plain in rows:
        row: Json = dict(plain)
        sums = [row[f"sum_{name}"] for name in COUNTS]
        f1 = {part: Counts(*sums[where]).f1 for part, where in PARTS.items()}
        found[row["model_version"]] = Standing(row["n"], f1["triple"], f1["entity"])
    return found


def counts_of(version_ids: Sequence[int], revisions: Sequence[int]) -> dict[int, dict[int, Row]]:
    """Return the counts of versions on gold revisions, by version and revision. One query."""
    rows = Judgement.objects.filter(model_version__in=version_ids, gold__in=revisions)
    found: dict[int, dict[int, Row]] = {pk: {} for pk in version_ids}
    for version, gold, *counts in rows.values_list("model_version", "gold", *COUNTS).iterator():
        found[version][gold] = tuple(counts)
    return found


@dataclass(frozen=True, slots=True)
class _Table:
    yardstick: Yardstick
    active: ModelVersion | None
    standings: Mapping[int, Standing]
    measurements: Mapping[int, Json]

    def is_comparable(self, version: ModelVersion) -> bool:
        """Say whether a version is judged on the whole yardstick."""
        whole = len(self.yardstick.revisions)
        return 0 < whole == self.standings.get(version.pk, NOTHING).sentences

    def rank(self, version: ModelVersion) -> tuple[Any, ...]:
        """Return what the best version has most of."""
        stand = self.standings.get(version.pk, NOTHING)
        is_comparable = self.is_comparable(version)
        f1 = (stand.triple_f1, stand.entity_f1) if is_comparable else (0.0, 0.0)
        return (is_comparable, *f1, version.number)

    def row(
        self,
        version: ModelVersion,
        counts: Mapping[int, Mapping[int, Row]],
        versions: Iterable[ModelVersion],
    ) -> Json:
        """Return a version as the page shows it."""
        own = counts[version.pk]
        is_comparable = self.is_comparable(version)
        return {
            **_plain(version),
            "siblings": sum(_make(one) == _make(version) for one in versions) - 1,
            "measured": {
                "is_comparable": is_comparable,
                "measured_on": self.yardstick.measured_on
                if is_comparable
                else measured_on(version),
                "sentences": len(own) if is_comparable else measured_sentences(version),
                "common": len(own),
            },
            **(figures(own.values()) if is_comparable else _told(version)),
            "against_active": self._against(version, counts) if is_comparable else None,
            "costs": costs_of(version),
            "measuring": self.measurements.get(version.pk),
        }

    def _against(
        self, version: ModelVersion, counts: Mapping[int, Mapping[int, Row]]
    ) -> Json | None:
        active = self.active
        if active is None or active.pk == version.pk or not self.is_comparable(active):
            return None
        return differences(counts[version.pk], counts[active.pk])


def _chosen(versions: Sequence[ModelVersion], which: str, table: _Table) -> list[ModelVersion]:
    """Return the versions to show, the best one first; the active one is always among them."""
    if which == "all":
        return sorted(versions[:MOST_ROWS], key=table.rank, reverse=True)
    best: dict[tuple[str, str], ModelVersion] = {}
    for one in versions:  # the newest first
        other = best.setdefault(_make(one), one)
        if which == "best" and table.rank(one) > table.rank(other):
            best[_make(one)] = one
    shown = {one.pk: one for one in (*best.values(), table.active) if one is not None}
    return sorted(shown.values(), key=table.rank, reverse=True)[:MOST_ROWS]


def _make(version: ModelVersion) -> tuple[str, str]:
    return version.model, version.encoder


def differences(first: Mapping[int, Row], second: Mapping[int, Row]) -> Json:
    """Compare two versions on the sentences that both were judged on, resampled together."""
    common = [gold for gold in first if gold in second]
    found: Json = {"sentences": len(common)}
    for part, where in PARTS.items():
        gap = paired_difference(
            as_table([first[gold][where] for gold in common]),
            as_table([second[gold][where] for gold in common]),
        )
        found[part] = {
            "difference": round(gap.f1, DIGITS),
            "low": round(gap.low, DIGITS),
            "high": round(gap.high, DIGITS),
            "is_significant": gap.low > 0 or gap.high < 0,
        }
    return found


def figures(rows: Iterable[Row]) -> Json:
    """Return F1 of entities and triples with its interval over the sentences; there are some."""
    kept = list(rows)
    found: Json = {}
    for part, where in PARTS.items():
        table = [row[where] for row in kept]
        f1 = Counts(*(sum(column) for column in zip(*table, strict=True))).f1
        low, high = f1_interval(as_table(table))
        found[part] = {
            "f1": round(f1, DIGITS),
            "low": round(low, DIGITS),
            "high": round(high, DIGITS),
        }
    return found


def _told(version: ModelVersion) -> Json:
    """Return what the training said of itself, of sentences that may be others."""
    intervals = version.metrics.get("intervals", {})
    found: Json = {}
    for part, measure in MEASURES.items():
        low, high = intervals.get(measure, (None, None))
        found[part] = {"f1": version.metrics.get(f"{part}_f1"), "low": low, "high": high}
    return found


def measured_on(version: ModelVersion) -> str:
    """Return what kind of sentences a version was measured on at its training."""
    return str(version.run.options["measured_on"])


def measured_sentences(version: ModelVersion) -> int:
    """Return how many sentences a version was measured on at its training."""
    names = {"holdout": "holdout", "pool_share": "dev", "training": "train"}
    return len(version.run.snapshot[names[measured_on(version)]])


def costs_of(version: ModelVersion) -> Json:
    """Return what is known of a version's costs; None where nobody measured."""
    known = version.metrics.get("costs", {})
    return {name: known.get(name) for name in COSTS}


def _plain(version: ModelVersion) -> Json:
    return {
        "id": version.pk,
        "number": version.number,
        "model": version.model,
        "encoder": version.encoder,
        "speed": version.run.speed,
        "settings": version.run.options["settings"],
        "state": version.state,
        "gate": version.gate,
        "run": version.run_id,
        "trained_on": len(version.run.snapshot["train"]),
        "created_at": version.created_at,
    }
