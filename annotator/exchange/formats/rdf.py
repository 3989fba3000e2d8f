"""RDF as Turtle: entities and their relations, and the sentences that say so, by NIF's terms.

An entity is a string with a type, or, where the lexicon has one, its code. Each triple is said once
directly, and once for every place as an `rdf:Statement` with its sentence and both mentions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from annotator.exchange.formats.writing import About, Pages, Record
from extraction.types import Entity

OWN = "urn:relata:"
PREFIXES = """@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix itsrdf: <http://www.w3.org/2005/11/its/rdf#> .
@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""


def write(pages: Pages, about: About) -> Iterator[bytes]:
    """Write the schema, then sentence after sentence."""
    from rdflib import Literal  # noqa: PLC0415 - half a second that only this format needs

    def said(value: str) -> str:
        return str(Literal(value, lang=about.language).n3())

    def plain(value: str) -> str:
        return str(Literal(value).n3())

    yield f"{PREFIXES}{_schema(about, said)}".encode()
    for page in pages:
        yield "".join(_sentence(record, said, plain) for record in page).encode()


def _iri(kind: str, *parts: str) -> str:
    return f"<{OWN}{kind}:{':'.join(quote(part, safe='') for part in parts)}>"


def _schema(about: About, said: Any) -> str:
    kinds = [(_iri("type", one), "rdfs:Class", one) for one in about.schema.entity_types]
    kinds += [
        (_iri("relation", rule.name), "rdf:Property", rule.name) for rule in about.schema.relations
    ]
    return "".join(f"{iri} a {kind} ; rdfs:label {said(name)} .\n" for iri, kind, name in kinds)


def _entity(record: Record, entity: Entity) -> str:
    string = record.example.text[entity.start : entity.end]
    code = record.codes.get((string, entity.type))
    return _iri("code", code.code) if code else _iri("entity", entity.type, string)


def _sentence(record: Record, said: Any, plain: Any) -> str:
    example = record.example
    name = hashlib.sha256(example.text.encode()).hexdigest()[:32]
    sentence = _iri("sentence", name)
    context = (
        f"{sentence} a nif:Context ; dcterms:identifier {plain(example.id)} ; "
        f"nif:isString {said(example.text)} ."
    )
    lines = [context, *_mentions(record, sentence, said), *_statements(record, sentence)]
    return "\n".join(lines) + "\n"


def _mentions(record: Record, sentence: str, said: Any) -> Iterable[str]:
    for entity in record.example.graph.entities:
        string = record.example.text[entity.start : entity.end]
        known, code = _entity(record, entity), record.codes.get((string, entity.type))
        coded = f" ; dcterms:identifier {said(code.code)}" if code else ""
        place = _place(sentence, entity)
        yield (
            f"{place} a nif:OffsetBasedString ; nif:referenceContext {sentence} ; "
            f'nif:beginIndex "{entity.start}"^^xsd:nonNegativeInteger ; '
            f'nif:endIndex "{entity.end}"^^xsd:nonNegativeInteger ; '
            f"nif:anchorOf {said(string)} ; itsrdf:taIdentRef {known} ."
        )
        yield f"{known} a {_iri('type', entity.type)} ; rdfs:label {said(string)}{coded} ."


def _place(sentence: str, entity: Entity) -> str:
    kind = quote(entity.type, safe="")
    return f"{sentence[:-1]}#char={entity.start},{entity.end};{kind}>"


def _statements(record: Record, sentence: str) -> Iterable[str]:
    graph = record.example.graph
    for number, one in enumerate(graph.relations):
        head, tail = graph.entities[one.head], graph.entities[one.tail]
        subject, object_ = _entity(record, head), _entity(record, tail)
        predicate = _iri("relation", one.type)
        yield f"{subject} {predicate} {object_} ."
        yield (
            f"{sentence[:-1]}#triple={number}> a rdf:Statement ; rdf:subject {subject} ; "
            f"rdf:predicate {predicate} ; rdf:object {object_} ; prov:wasDerivedFrom {sentence}, "
            f"{_place(sentence, head)}, {_place(sentence, tail)} ."
        )
