"""Windows of encoded passages: cut anew in each pass, padded to rectangles, partly masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from extraction.data.passages import Flags, Ints, Passages
from extraction.data.tokens import Specials

FEWEST = 4  # pieces; a shorter window teaches nothing
MASKED, SWAPPED = 0.8, 0.1  # of the chosen pieces; the rest is left as it is

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """R windows of at most N pieces, the special ones included."""

    ids: Ints  # (R, N)
    is_text: Flags  # (R, N) neither special nor padding
    unit: Ints  # (R, N) number of the unit within its window
    lengths: Ints  # (R,)


@dataclass(frozen=True, slots=True)
class Riddle:
    """A rectangle with pieces hidden, and where they were."""

    ids: Ints  # (R, N) what the encoder sees
    lengths: Ints  # (R,)
    places: Ints  # (M,) in the flat (R * N)
    answers: Ints  # (M,) the pieces that stood there
    is_text: Flags  # (R, N)


def cut_windows(
    passages: Passages, chosen: Ints, room: int, rng: np.random.Generator | None = None
) -> Ints:
    """Cut passages into windows of at most `room` pieces; (W, 2) half-open ranges.

    With an rng the first cut of a long passage falls to chance, so that no pass repeats another.
    """
    begins, ends = passages.borders[chosen], passages.borders[chosen + 1]
    lengths = ends - begins
    shifts = np.zeros_like(lengths) if rng is None else rng.integers(0, room, len(lengths))
    shifts[lengths <= room] = 0
    counts = -(-(lengths + shifts) // room)
    owner = np.repeat(np.arange(len(chosen)), counts)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    starts = begins[owner] - shifts[owner] + rank * room
    stops = np.minimum(starts + room, ends[owner])
    windows: Ints = np.stack((np.maximum(starts, begins[owner]), stops), axis=1)
    long_enough: Ints = windows[windows[:, 1] - windows[:, 0] >= FEWEST]
    return long_enough


def rectangle(passages: Passages, windows: Ints, specials: Specials) -> Rectangle:
    """Put windows under one another, each between the two special pieces."""
    counts = windows[:, 1] - windows[:, 0]
    longest = int(counts.max())
    at = windows[:, :1] + np.arange(longest)
    is_inside = np.arange(longest) < counts[:, None]
    at = np.where(is_inside, at, windows[:, :1])
    shape = (len(windows), longest + 2)
    ids = np.full(shape, specials.pad, dtype=np.int64)
    ids[:, 0] = specials.first
    ids[:, 1:-1] = np.where(is_inside, passages.pieces[at], specials.pad)
    ids[np.arange(len(windows)), counts + 1] = specials.last
    begins = passages.begins_unit[at]
    begins[:, 0] = True
    unit = np.zeros(shape, dtype=np.int64)
    unit[:, 1:-1] = np.cumsum(begins, axis=1)
    is_text = np.zeros(shape, dtype=np.bool_)
    is_text[:, 1:-1] = is_inside
    return Rectangle(ids, is_text, unit, counts + 2)


def riddle(
    shown: Rectangle, passages: Passages, rate: float, mask: int, rng: np.random.Generator
) -> Riddle:
    """Hide about `rate` of the pieces, whole units at a time: 80 % masked, 10 % swapped.

    What is swapped in is drawn as often as it occurs.
    """
    chances: Floats = rng.random(shown.ids.size).reshape(shown.ids.shape)
    draw = np.take_along_axis(chances, shown.unit, axis=1)  # one for each unit
    draw[~shown.is_text] = 2.0
    is_hidden = draw < max(rate, float(draw.min()) * (1 + 1e-12))
    places = np.flatnonzero(is_hidden)
    answers = shown.ids.ravel()[places]
    how = rng.random(len(places))
    others = passages.pieces[rng.integers(0, len(passages.pieces), len(places))]
    said = np.where(how < MASKED, mask, np.where(how < MASKED + SWAPPED, others, answers))
    ids = shown.ids.copy()
    ids.ravel()[places] = said
    return Riddle(ids, shown.lengths, places, answers, shown.is_text)
