"""The names behind a model's class numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extraction.types import Schema


@dataclass(frozen=True, slots=True)
class Labels:
    """The names behind the class numbers; entity class 0 is "none", relations count from 0."""

    entities: tuple[str, ...]
    relations: tuple[str, ...]
    symmetric: frozenset[str] = frozenset()

    @classmethod
    def of(cls, schema: Schema) -> Labels:
        """Number the types of a schema."""
        names = tuple(rule.name for rule in schema.relations)
        return cls(schema.entity_types, names, schema.symmetric)

    def entity_numbers(self) -> Mapping[str, int]:
        """Class number of each entity type."""
        return {name: number for number, name in enumerate(self.entities, start=1)}
