"""Forecasts and stop advice replayed on real learning curves: `python -m bench.forecast PATH …`.

A path is a file of JSON lines, or a folder of such files, each line one curve:
`{"data", "strategy", "seed", "points": [{"labels", "entity_f1", "triple_f1", …}]}`. Every curve is
walked from its third point on as a project would live it: how often is the F1 after about 100 more
labels inside the 80 % interval, and how far from the end of the curve would one have stopped?
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from extraction.active.advice import Action, Facts, advise
from extraction.active.forecast import AHEAD, FEWEST, Point, learning_curve

RESULT = Path(__file__).resolve().parent / "results" / "forecast.json"
MEASURES = ("entity_f1", "triple_f1")
NEAR = 0.02  # of the end of the curve
EARLY = 0.7  # of the labels


@dataclass(frozen=True, slots=True)
class Guess:
    """A forecast and what came."""

    low: float
    value: float
    high: float
    came: float

    @property
    def holds(self) -> bool:
        """Say whether it came within the interval."""
        return self.low <= self.came <= self.high


@dataclass(frozen=True, slots=True)
class Halt:
    """Where advice would have stopped a curve; the whole of it when it never did."""

    share: float  # of the labels
    missed: float  # F1 from there to the end
    earliest: float  # share of the labels from which the end is near and stays so

    @property
    def is_good(self) -> bool:
        """Say whether it stopped early and near the end's F1."""
        return self.share <= EARLY and self.missed <= NEAR


def curves(paths: Sequence[Path]) -> Iterator[Mapping[str, Any]]:
    """Yield the curves of files and folders."""
    for path in paths:
        for file in sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]:
            for line in file.read_text(encoding="utf-8").splitlines():
                yield json.loads(line)


def walk(points: Sequence[Point]) -> tuple[list[Guess], Halt]:
    """Live a curve: forecast at each of its points, stop where the advice says so."""
    guesses: list[Guess] = []
    end, stopped = points[-1], points[-1]
    for known in range(FEWEST, len(points)):
        curve = learning_curve(points[:known])
        if curve is None:
            continue
        if stopped is end and advise(Facts(gain=curve.gain())).advised is Action.STOP:
            stopped = points[known - 1]
        later = min(points[known:], key=lambda one: abs(one.labels - curve.newest - AHEAD))
        if abs(later.labels - curve.newest - AHEAD) <= AHEAD / 2:
            guesses.append(Guess(**asdict(curve.measured(later.labels)), came=later.f1))
    settled = end.labels
    for point in reversed(points):
        if abs(end.f1 - point.f1) > NEAR:
            break
        settled = point.labels
    share = stopped.labels / end.labels
    return guesses, Halt(share, end.f1 - stopped.f1, settled / end.labels)


def summary(name: str, guesses: Sequence[Guess], halts: Sequence[Halt]) -> dict[str, Any]:
    """Sum the replays of one measure up."""
    possible = [halt for halt in halts if halt.earliest <= EARLY]
    return {
        "what": name,
        "curves": len(halts),
        "forecasts": len(guesses),
        "inside": fmean(one.holds for one in guesses) if guesses else None,
        "off": fmean(abs(one.came - one.value) for one in guesses) if guesses else None,
        "width": fmean(one.high - one.low for one in guesses) if guesses else None,
        "stopped": sum(halt.share < 1 for halt in halts),
        "near": fmean(halt.missed <= NEAR for halt in halts),
        "share": fmean(halt.share for halt in halts),
        "possible": len(possible),
        "good": fmean(halt.is_good for halt in possible) if possible else None,
    }


def replay(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Replay all curves; one row a data set and measure."""
    found: dict[str, tuple[list[Guess], list[Halt]]] = {}
    for curve in curves(paths):
        for measure in MEASURES:
            points = [Point(one["labels"], one[measure]) for one in curve["points"]]
            if len(points) <= FEWEST:
                continue
            guesses, halt = walk(points)
            for name in (f"{curve['data']} {measure}", f"all {measure}"):
                kept = found.setdefault(name, ([], []))
                kept[0].extend(guesses)
                kept[1].append(halt)
    return [summary(name, *kept) for name, kept in sorted(found.items())]


def main() -> int:
    """Print one line of JSON a row, and keep them."""
    paths = [Path(each) for each in sys.argv[1:]]
    if not paths:
        print(__doc__)
        return 2
    rows = replay(paths)
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
