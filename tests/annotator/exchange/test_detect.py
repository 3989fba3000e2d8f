"""A format is told by content, never by a name."""

from __future__ import annotations

import io

import pytest

from annotator.exchange.formats.detect import detect
from annotator.exchange.formats.drafts import FileError
from annotator.exchange.formats.sources import open_source

NATIVE = '{"text": "x", "entities": []}'
TRIPLES = '{"text": "x", "spo_list": []}'


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (NATIVE, "native"),
        (f"\n\n{NATIVE}\n", "native"),
        ("{broken", "native"),
        (TRIPLES, "ch-ddi"),
        (f"{{broken\n{TRIPLES}\n", "ch-ddi"),
        (f"[{TRIPLES}]", "ch-ddi-array"),
        (f"\ufeff [\n{TRIPLES}\n]\n", "ch-ddi-array"),
        ("\ufeffid,text\n1,一\n", "csv"),
        ("text\n一\n", "csv"),
        ("本品,与华法林合用\n", "text"),
    ],
)
def test_a_format_is_told_by_the_first_lines(raw: str, name: str) -> None:
    assert detect(open_source(io.BytesIO(raw.encode()))) == name


@pytest.mark.parametrize("raw", [b"", b"\xef\xbb\xbf", b" \r\n\r\n\t\n"])
def test_a_file_without_text_has_no_format(raw: bytes) -> None:
    with pytest.raises(FileError) as caught:
        detect(open_source(io.BytesIO(raw)))
    assert caught.value.code == "empty_file"
