"""From a chart of tags to spans: what the likeliest tags say, and what else was likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from extraction.models.common.decode import FLOOR, Weighed
from extraction.models.common.spans import Spans, every_span

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

WIDEST_REFUSED = 16  # units of the widest span that is named as a refused candidate
LEAST = 1e-6  # what is said has some chance


@dataclass(frozen=True, slots=True)
class TagSums:
    """A chart in flat order: units of all sentences end to end, in double precision."""

    alpha: Floats  # (U, T)
    beta: Floats  # (U, T)
    emissions: Floats  # (U, T)
    log_z: Floats  # (U,) of each unit's sentence
    transitions: Floats  # (T, T)
    is_last: np.ndarray[Any, np.dtype[np.bool_]]  # (U,)


class SpanChances:
    """The chance of any typed span: B at its first unit, I at all others, no I after it."""

    def __init__(self, sums: TagSums) -> None:
        step = sums.transitions
        begins, insides = slice(1, None, 2), slice(2, None, 2)
        to_inside, stay = step[begins, insides].diagonal(), step[insides, insides].diagonal()
        inside = sums.emissions[:, insides]  # (U, C)
        self._run = np.cumsum(inside + stay, axis=0)  # I at all units up to here
        alpha = sums.alpha[:, begins] - sums.log_z[:, None]
        self._alone = alpha + _exit(sums, begins, to_inside)
        self._open = alpha[:-1] + to_inside + inside[1:] - self._run[1:]  # B, then I at u + 1
        self._close = self._run + _exit(sums, insides, stay)

    def of(self, starts: Ints, stops: Ints) -> Floats:
        """(S, C) the chance of each type; spans lie within one sentence."""
        chances = self._alone[starts]
        wide = np.flatnonzero(stops - starts > 1)
        chances[wide] = self._open[starts[wide]] + self._close[stops[wide] - 1]
        found: Floats = np.exp(np.minimum(chances, 0.0))
        return found


def _exit(sums: TagSums, tags: slice, step: Floats) -> Floats:
    """(U, C) the logarithm of all ways on from a tag that do not go to I of its type."""
    beta = sums.beta[:, tags]
    into = np.full_like(beta, -np.inf)
    into[:-1] = step + (sums.emissions + sums.beta)[1:, 2::2]
    into[sums.is_last] = -np.inf
    share = np.exp(np.minimum(into - beta, 0.0))  # of the ways on that do
    out: Floats = beta + np.log(np.maximum(1.0 - share, np.finfo(np.float64).tiny))
    return out


def said_spans(tags: Ints) -> tuple[Ints, Ints, Ints]:
    """starts, stops and types of what legal tags (U,) say."""
    starts = np.flatnonzero(tags % 2 == 1)
    outside = np.flatnonzero((tags == 0) | (tags % 2 == 1))
    edges = np.append(outside, len(tags))
    stops = edges[np.searchsorted(edges, starts, side="right")]
    return starts, stops, (tags[starts] + 1) // 2


def weigh_tags(tags: Ints, sums: TagSums, counts: Ints) -> Weighed:
    """What the tags say with its chance, and the refused spans that are worth a word."""
    chances = SpanChances(sums)
    every = every_span(counts.tolist(), WIDEST_REFUSED).spans
    starts, stops, types = said_spans(tags)
    sentence = np.repeat(np.arange(len(counts)), counts)
    sure = chances.of(starts, stops)[np.arange(len(starts)), types - 1]
    by_type = chances.of(every.starts, every.stops)
    likely = by_type.sum(1)
    is_said = np.isin(
        every.starts * (len(tags) + 1) + every.stops, starts * (len(tags) + 1) + stops
    )
    rows = np.flatnonzero((likely >= FLOOR) & ~is_said)
    return Weighed(
        spans=Spans(
            np.concatenate((starts, every.starts[rows])),
            np.concatenate((stops, every.stops[rows])),
            np.concatenate((sentence[starts], every.sentence[rows])),
            every.borders,
        ),
        types=np.concatenate((types, by_type[rows].argmax(1) + 1)),
        chance=np.clip(np.concatenate((sure, likely[rows])), LEAST, 1.0).astype(np.float32),
        is_kept=np.concatenate((np.ones(len(starts), bool), np.zeros(len(rows), bool))),
    )
