"""What a file is, told by its content and never by its name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from annotator.exchange.formats import FORMATS, Container, array
from annotator.exchange.formats.drafts import FileError, Options, Piece
from annotator.exchange.formats.sources import ARCHIVE, Source, open_archive
from annotator.exchange.formats.table import readings_of

LOOKED_AT = 20
FALLBACK = {
    Container.LINES: "native",
    Container.ARRAY: "ch-ddi-array",
    Container.TEXT: "text",
}


def detect(source: Source) -> str:
    """Return the name of the format that fits the beginning of the file."""
    if source.encoding == ARCHIVE:
        names = open_archive(source).namelist()
        return _fitting(Container.ARCHIVE, [dict.fromkeys(names)])
    heads = [
        piece.content
        for piece in islice(source.pieces(), LOOKED_AT)
        if isinstance(piece.content, str)
    ]
    if not heads:
        raise FileError("empty_file", "The file holds no text; choose another file")
    first = heads[0].lstrip()
    if first.startswith("["):
        return _fitting(Container.ARRAY, _objects(_items(source)))
    if first.startswith("{"):
        return _fitting(Container.LINES, _objects(heads))
    return _table(heads[0]) or _fitting(Container.TEXT, [{heads[0]: None}])


def _table(header: str) -> str | None:
    """Return the table format whose columns a first line names, if it is such a line."""
    for _, names in readings_of(header):
        found = _asked(Container.TABLE, [dict.fromkeys(names)])
        if found:
            return found
    return None


def _fitting(container: Container, shown: Iterable[Mapping[str, Any]]) -> str:
    found = _asked(container, list(shown)) or FALLBACK.get(container)
    if found is None:
        raise FileError(
            "unknown_archive",
            "The archive holds no files of a known format; choose the format, or unpack it",
        )
    return found


def _asked(container: Container, shown: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the first format of this kind that fits anything shown."""
    for format_ in FORMATS.values():
        reading = format_.reading
        if (
            reading
            and container in {reading.container, *reading.also}
            and any(map(reading.fits, shown))
        ):
            return format_.name
    return None


def _items(source: Source) -> Iterator[str]:
    pieces: Iterator[Piece] = array.split(source, Options())
    return (one.content for one in islice(pieces, LOOKED_AT) if isinstance(one.content, str))


def _objects(heads: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """Parse what can be parsed; the very first may be broken."""
    for head in heads:
        try:
            value = json.loads(head)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value
