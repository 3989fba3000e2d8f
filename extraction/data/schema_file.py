"""Reading a project's schema from JSON, or from what the examples themselves show."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extraction import config
from extraction.errors import ExtractionError
from extraction.types import Example, RelationRule, Schema


@dataclass(frozen=True, slots=True)
class RelationTypeFile:
    """One relation type as the file writes it."""

    name: str
    symmetric: bool = False
    pairs: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """The file: `{"entity_types": [...], "relation_types": [{"name", "symmetric", "pairs"}]}`."""

    entity_types: tuple[str, ...]
    relation_types: tuple[RelationTypeFile, ...] = ()


def read_schema(path: Path) -> Schema:
    """Read a schema file, or say what is wrong with it."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExtractionError(
            "bad_schema",
            f"{path} is no schema: {error}; write"
            ' {"entity_types": [...], "relation_types": [{"name", "symmetric", "pairs"}]}',
            {"file": str(path)},
        ) from error
    return parse_schema(plain, source=str(path))


def parse_schema(plain: Any, *, source: str = "schema") -> Schema:
    """Build a schema from its plain form."""
    try:
        read = config.load(SchemaFile, plain)
        schema = Schema(
            read.entity_types,
            tuple(_rule(one, read.entity_types) for one in read.relation_types),
        )
    except ExtractionError as error:
        raise ExtractionError("bad_schema", f"{source}: {error.message}", error.context) from error
    _refuse_repeated(source, schema.entity_types)
    _refuse_repeated(source, tuple(rule.name for rule in schema.relations))
    return schema


def schema_record(schema: Schema) -> dict[str, Any]:
    """The plain form that `parse_schema` reads."""
    return {
        "entity_types": list(schema.entity_types),
        "relation_types": [
            {"name": r.name, "symmetric": r.symmetric, "pairs": [list(pair) for pair in r.pairs]}
            for r in schema.relations
        ],
    }


def schema_of(examples: Iterable[Example]) -> Schema:
    """The loosest schema that the examples obey: their types, every pair legal."""
    entity_types: set[str] = set()
    relation_types: set[str] = set()
    for example in examples:
        entity_types.update(entity.type for entity in example.graph.entities)
        relation_types.update(relation.type for relation in example.graph.relations)
    return Schema(
        tuple(sorted(entity_types)), tuple(RelationRule(name) for name in sorted(relation_types))
    )


def _rule(one: RelationTypeFile, entity_types: tuple[str, ...]) -> RelationRule:
    pairs: list[tuple[str, str]] = []
    for pair in one.pairs:
        if len(pair) != 2 or not set(pair) <= set(entity_types):  # noqa: PLR2004
            raise ExtractionError(
                "bad_schema",
                f"relation type {one.name!r} has the pair {list(pair)};"
                " a pair is [head type, tail type], both named in entity_types",
            )
        pairs.append((pair[0], pair[1]))
    return RelationRule(one.name, one.symmetric, tuple(pairs))


def _refuse_repeated(source: str, names: tuple[str, ...]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ExtractionError(
            "bad_schema", f"{source}: {', '.join(repeated)} is named twice; name each type once"
        )
