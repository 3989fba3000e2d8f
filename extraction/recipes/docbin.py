"""Native JSONL turned into spaCy's DocBin: a zip of `.spacy` files, 10,000 documents each.

`Doc.spans["sc"]` holds every entity, `Doc.ents` those that overlap none before them, and
`Doc.user_data["relations"]` the triples as (head, tail, type), places in `spans["sc"]`. Tokens are
those of a blank pipeline; an entity that begins or ends within one is moved to its edge and its
code points are kept in `Doc.user_data["offsets"]`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import Doc, DocBin, Span

from extraction.data.native import parse_line
from extraction.errors import ExtractionError
from extraction.types import Example

DOCUMENTS = 10_000  # a part
SPANS = "sc"


def write_docbin(source: Path, out: Path, language: str) -> dict[str, Any]:
    """Turn a file of native JSONL into a zip of DocBin files; raises on an unknown language."""
    try:
        pipeline = spacy.blank(language)
    except ImportError as error:
        raise ExtractionError("unknown_language", f"spaCy knows no language {language}") from error
    documents = parts = 0
    examples = _examples(source)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        while some := list(islice(examples, DOCUMENTS)):
            parts += 1
            documents += len(some)
            box = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
            for example in some:
                box.add(document_of(pipeline, example))
            info = zipfile.ZipInfo(f"part-{parts:05}.spacy", (1980, 1, 1, 0, 0, 0))
            archive.writestr(info, box.to_bytes())
    return {"documents": documents, "parts": parts, "out": str(out)}


def document_of(pipeline: Any, example: Example) -> Doc:
    """Return a sentence as a document of a blank pipeline."""
    document: Doc = pipeline.make_doc(example.text)
    graph = example.graph
    spans = [
        document.char_span(one.start, one.end, label=one.type, alignment_mode="expand")
        for one in graph.entities
    ]
    kept = [span if span is not None else _whole(document, "?") for span in spans]
    document.spans[SPANS] = kept
    document.ents = _apart(kept)
    document.user_data["id"] = example.id
    document.user_data["offsets"] = [(one.start, one.end) for one in graph.entities]
    document.user_data["relations"] = [(one.head, one.tail, one.type) for one in graph.relations]
    return document


def _whole(document: Doc, label: str) -> Span:
    return Span(document, 0, len(document), label=label)


def _apart(spans: list[Span]) -> list[Span]:
    """Return the spans that overlap none before them."""
    taken: list[Span] = []
    for span in spans:
        if all(span.end <= other.start or other.end <= span.start for other in taken):
            taken.append(span)
    return taken


def _examples(source: Path) -> Iterator[Example]:
    with source.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield parse_line(line, default_id=str(number))
