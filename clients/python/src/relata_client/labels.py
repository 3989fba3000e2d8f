"""Labels of one sentence, put together piece by piece."""

from __future__ import annotations

from typing import Self

from relata_client.generated.models.annotation_in_request import AnnotationInRequest
from relata_client.generated.models.annotation_out import AnnotationOut
from relata_client.generated.models.entity_body_request import EntityBodyRequest
from relata_client.generated.models.pair_body_request import PairBodyRequest
from relata_client.generated.models.relation_body_request import RelationBodyRequest
from relata_client.generated.models.suggestion_out import SuggestionOut


class Labels:
    """Entities and relations of a sentence; offsets are half-open code points, as in Python."""

    def __init__(self, text: str) -> None:
        """Begin with nothing."""
        self.text = text
        self.flags: list[str] = []
        self.comment = ""
        self._entities: list[EntityBodyRequest] = []
        self._relations: list[RelationBodyRequest] = []
        self._negatives: list[PairBodyRequest] = []

    @classmethod
    def of(cls, text: str, annotation: AnnotationOut) -> Self:
        """Begin with labels that are stored."""
        made = cls(text)
        said = AnnotationInRequest.from_dict(annotation.to_dict())
        made.flags, made.comment = annotation.flags, annotation.comment
        made._entities, made._relations = said.entities, said.relations
        made._negatives = said.negatives or []
        return made

    @classmethod
    def suggested(cls, text: str, suggestion: SuggestionOut, *, at_least: float = 0.0) -> Self:
        """Begin with what a model says, as far as it is sure enough."""
        made = cls(text)
        ids = {
            one.id: made.mark(one.start, one.end, one.type_, source="accepted")
            for one in suggestion.entities
            if one.confidence >= at_least
        }
        for one in suggestion.relations:
            if one.confidence >= at_least and {one.head, one.tail} <= ids.keys():
                made.relate(ids[one.head], ids[one.tail], one.type_, source="accepted")
        return made

    def mark(self, start: int, end: int, kind: str, *, source: str = "human") -> str:
        """Add an entity and return its id."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"[{start}, {end}) does not lie inside {len(self.text)} characters")
        taken = {one.id for one in self._entities}
        name = next(
            f"e{number}" for number in range(1, len(taken) + 2) if f"e{number}" not in taken
        )
        said = {"id": name, "start": start, "end": end, "type": kind, "source": source}
        self._entities.append(EntityBodyRequest.from_dict(said))
        return name

    def find(self, words: str, kind: str, *, after: int = 0) -> str:
        """Add the entity that is spelled like this, the first one from `after` on."""
        start = self.text.find(words, after)
        if start < 0:
            raise ValueError(f"{words!r} is not in the sentence")
        return self.mark(start, start + len(words), kind)

    def relate(self, head: str, tail: str, kind: str, *, source: str = "human") -> None:
        """Add a relation between two entities, by their ids."""
        said = {"head": head, "tail": tail, "type": kind, "source": source}
        self._relations.append(RelationBodyRequest.from_dict(said))

    def deny(self, head: str, tail: str) -> None:
        """Say that nothing relates two entities."""
        self._negatives.append(PairBodyRequest(head=head, tail=tail))

    def body(self) -> AnnotationInRequest:
        """Return the body of a save."""
        return AnnotationInRequest(
            entities=self._entities,
            relations=self._relations,
            negatives=self._negatives,
            flags=self.flags,
            comment=self.comment,
        )
