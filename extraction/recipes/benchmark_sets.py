"""The data sets of a benchmark: pairs of native files in a folder, read and checked before use."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extraction.data.files import write_text_atomically
from extraction.data.native import read_native
from extraction.data.schema_file import read_schema
from extraction.errors import ExtractionError
from extraction.types import Example

PARTS = ("train", "dev")


@dataclass(frozen=True, slots=True)
class DataSet:
    """A training file and a dev file, and what lies in the first `limit` sentences of each.

    A file `NAME.schema.json` beside them tells which relations have no direction and which
    pairs are legal; without it every pair is legal and every relation has a direction.
    """

    name: str
    train: Path
    dev: Path
    schema: Path | None = None
    limit: int | None = None
    facts: Mapping[str, Mapping[str, Any]] | None = None

    def cut(self, folder: Path) -> DataSet:
        """The set as whole files: its own, or copies of its first sentences in a folder."""
        if self.limit is None:
            return self
        places = {part: folder / f"{self.name}.{part}.jsonl" for part in PARTS}
        for part, path in (("train", self.train), ("dev", self.dev)):
            write_text_atomically(places[part], first_lines(path, self.limit))
        return DataSet(self.name, places["train"], places["dev"], self.schema, None, self.facts)


def open_sets(data: Path, wanted: Sequence[str], limit: int | None) -> list[DataSet]:
    """Find, read and check the sets; raises ExtractionError when one cannot be used."""
    return [_checked(one, limit) for one in find_sets(data, wanted)]


def find_sets(data: Path, wanted: Sequence[str] = ()) -> list[DataSet]:
    """The pairs of files in a folder, in the wanted order or by name."""
    if not data.is_dir():
        raise ExtractionError(
            "no_such_folder",
            f"There is no folder {data}; name one that holds NAME.train.jsonl and NAME.dev.jsonl",
            {"data": str(data)},
        )
    found = {one.name: one for one in _pairs(data)}
    if not found:
        raise ExtractionError(
            "no_data_sets",
            f"{data} holds no pair of NAME.train.jsonl and NAME.dev.jsonl,"
            " nor train.jsonl and dev.jsonl; put both parts there",
            {"data": str(data)},
        )
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ExtractionError(
            "unknown_set",
            f"{data} has no set {missing[0]!r} with both parts, train and dev;"
            f" it has: {', '.join(found)}",
            {"data": str(data), "sets": missing},
        )
    return [found[name] for name in wanted or found]


def first_lines(path: Path, limit: int | None) -> Iterator[str]:
    """The lines of a file up to its `limit`-th sentence; empty ones do not count."""
    with path.open(encoding="utf-8", newline="\n") as lines:
        seen = 0
        for line in lines:
            if limit is not None and seen == limit:
                return
            seen += bool(line.strip())
            yield line


def _pairs(data: Path) -> Iterator[DataSet]:
    if all((data / f"{part}.jsonl").is_file() for part in PARTS):
        yield _named(data.resolve().name, data, "")
    for train in sorted(data.glob("*.train.jsonl")):
        name = train.name.removesuffix(".train.jsonl")
        if name and (data / f"{name}.dev.jsonl").is_file():
            yield _named(name, data, f"{name}.")


def _named(name: str, data: Path, prefix: str) -> DataSet:
    schema = data / f"{prefix}schema.json"
    return DataSet(
        name,
        data / f"{prefix}train.jsonl",
        data / f"{prefix}dev.jsonl",
        schema if schema.is_file() else None,
    )


def _checked(one: DataSet, limit: int | None) -> DataSet:
    facts: dict[str, Mapping[str, Any]] = {}
    for part, path in (("train", one.train), ("dev", one.dev)):
        examples = read_native(path)[:limit]
        if not any(example.graph.entities for example in examples):
            raise ExtractionError(
                "nothing_to_learn" if part == "train" else "empty_data",
                f"{path} has no labelled entity in its first {len(examples)} sentences;"
                " label some or raise --limit",
                {"file": str(path), "sentences": len(examples)},
            )
        facts[part] = _facts(path, limit, examples)
    if one.schema is not None:
        read_schema(one.schema)
        facts["schema"] = {"sha256": _sha256(first_lines(one.schema, None))}
    return DataSet(one.name, one.train, one.dev, one.schema, limit, facts)


def _facts(path: Path, limit: int | None, examples: Sequence[Example]) -> dict[str, Any]:
    return {
        "sha256": _sha256(first_lines(path, limit)),
        "sentences": len(examples),
        "entities": sum(len(one.graph.entities) for one in examples),
        "relations": sum(len(one.graph.relations) for one in examples),
    }


def _sha256(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
    return digest.hexdigest()
