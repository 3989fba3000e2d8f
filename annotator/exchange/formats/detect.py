"""What a file is, told by its first lines and never by its name."""

from __future__ import annotations

import json
from itertools import islice

from annotator.exchange.formats.drafts import FileError
from annotator.exchange.formats.sources import Source
from annotator.exchange.formats.table import delimiter_of

LOOKED_AT = 20


def detect(source: Source) -> str:
    """Return the name of the format that fits the first lines."""
    heads = [
        piece.content
        for piece in islice(source.pieces(), LOOKED_AT)
        if isinstance(piece.content, str)
    ]
    if not heads:
        raise FileError("empty_file", "The file holds no text; choose another file")
    first = heads[0].lstrip()
    if first.startswith("["):
        return "ch-ddi-array"
    if first.startswith("{"):
        return "ch-ddi" if _names_triples(heads) else "native"
    return "csv" if delimiter_of(heads[0]) else "text"


def _names_triples(heads: list[str]) -> bool:
    """Look at the first line that is an object; the very first may be broken."""
    for head in heads:
        try:
            value = json.loads(head)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return "spo_list" in value
    return False
