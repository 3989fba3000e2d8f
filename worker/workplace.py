"""The folder of a training: what the engine reads and writes, taken over by the next attempt."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings

from annotator.learning.selectors.training import Order, examples, submitted_examples
from extraction.types import Example

NAME = re.compile(r"(\d+)-(\d+)")


class Workplace:
    """`RELATA_HOME/work/<run>-<attempt>`, for our eyes only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.train = folder / "train.jsonl"
        self.dev = folder / "dev.jsonl"
        self.schema = folder / "schema.json"
        self.model = folder / "model"
        self.said = folder / "said.jsonl"
        self.rival_said = folder / "rival-said.jsonl"

    def write(self, order: Order) -> None:
        """Write the frozen labels and schema; a later attempt writes the very same bytes."""
        labels = chain(examples(order.train), submitted_examples(order.submitted))
        write_examples(self.train, labels)
        write_examples(self.dev, examples(order.dev))
        self.schema.write_text(json.dumps(order.schema, ensure_ascii=False), encoding="utf-8")

    def remove(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)


def take_workplace(run_id: int, attempt: int) -> Workplace:
    """Take over what an earlier attempt left on this machine, or begin with an empty folder.

    The folder gets our attempt's name, so an earlier attempt that still lives cannot write here.
    """
    folder: Path = settings.WORK_FOLDER / f"{run_id}-{attempt}"
    settings.WORK_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    earlier = [place for place, run, tried in _places() if run == run_id and tried < attempt]
    if earlier and not folder.exists():
        with suppress(FileNotFoundError):
            max(earlier, key=lambda place: place.stat().st_mtime).rename(folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    return Workplace(folder)


def clear_workplaces(is_over: Callable[[Collection[int]], Collection[int]]) -> None:
    """Remove the folders of runs that are over, however they ended."""
    places = _places()
    over = is_over({run for _, run, _ in places})
    for place, run, _ in places:
        if run in over:
            Workplace(place).remove()


def _places() -> list[tuple[Path, int, int]]:
    if not settings.WORK_FOLDER.is_dir():
        return []
    named = [(place, NAME.fullmatch(place.name)) for place in settings.WORK_FOLDER.iterdir()]
    return [(place, int(match[1]), int(match[2])) for place, match in named if match]


def write_examples(path: Path, lines: Iterable[Example]) -> None:
    """Write examples as native JSON lines."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for example in lines:
            out.write(json.dumps(as_native(example), ensure_ascii=False) + "\n")


def as_native(example: Example) -> dict[str, Any]:
    """Return the native form of an example."""
    graph = example.graph
    return {
        "id": example.id,
        "text": example.text,
        "entities": [{"start": e.start, "end": e.end, "type": e.type} for e in graph.entities],
        "relations": [{"head": r.head, "tail": r.tail, "type": r.type} for r in graph.relations],
        "negatives": [{"head": head, "tail": tail} for head, tail in graph.negatives],
    }
