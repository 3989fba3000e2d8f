"""G11, importer: whatever a file holds, each line is taken as it stands or refused by name."""

from __future__ import annotations

import io
import random
import re
import resource
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest

from annotator.exchange.formats import FORMATS, READABLE
from annotator.exchange.formats.drafts import FileError, Options, Piece
from annotator.exchange.formats.sources import open_source
from annotator.exchange.formats.writing import About
from annotator.exchange.formats.writing import Record as Written
from annotator.exchange.services.reading import Batch, Reader, Ready
from extraction.types import Example, RelationRule, Schema
from tests.safety.hostile_lines import LINES, file_of
from tests.safety.tiers import size

INPUTS = size(60_000, 500_000, 2_000_000)  # lines of each format
LINES_A_FILE = 400
SLOWEST = 2.0  # seconds a file of 400 lines
GROWTH = 50_000  # kB
CODE = re.compile(r"^[a-z][a-z_]+$")
SCHEMA = Schema(("药物",), (RelationRule("协同", symmetric=True), RelationRule("拮抗")))
Record = Callable[[str, object], None]


def read(raw: bytes, format_name: str) -> list[Batch]:
    reading = FORMATS[format_name].reading
    assert reading is not None
    source = open_source(io.BytesIO(raw))
    options = Options(labels="gold", symmetric=SCHEMA.symmetric)
    return list(Reader(source, reading, options, SCHEMA).batches(after=0, size=200))


def check(one: Ready) -> None:
    """What was taken is what PostgreSQL can keep, and its spans are inside of its text."""
    text = one.draft.text
    assert "\x00" not in text
    text.encode()  # no lone surrogates
    for entity in one.graph["entities"] if one.graph else []:
        assert 0 <= entity["start"] < entity["end"] <= len(text)
        assert entity["type"] in SCHEMA.entity_types


def check_again(one: Ready) -> None:
    """Written as native and read again it is the same (I9)."""
    if one.draft.graph is None:
        return
    native = FORMATS["native"]
    assert native.writing
    assert native.reading
    example = Example(one.draft.id or "1", one.draft.text, one.draft.graph)
    line = b"".join(native.writing.write([[Written(example)]], About(SCHEMA))).decode()
    again = native.reading.parse(Piece(1, line), Options(labels="gold", symmetric=frozenset()))
    assert (again.text, again.graph) == (one.draft.text, one.draft.graph)


@pytest.mark.parametrize("format_name", READABLE)
def test_each_damaged_line_is_taken_or_refused_by_name(
    format_name: str, record_property: Record
) -> None:
    assert format_name in LINES, "a new format wants seeds in hostile_lines"
    chance = random.Random(11)
    said: Counter[str] = Counter()
    taken = lines = 0
    slowest = 0.0
    with suppress(FileError):
        read(file_of(format_name, chance, LINES_A_FILE), format_name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while lines < INPUTS:
        raw = file_of(format_name, chance, LINES_A_FILE)
        lines += LINES_A_FILE
        begun = time.process_time()
        try:
            batches = read(raw, format_name)
        except FileError as error:
            said[error.code] += LINES_A_FILE
            continue
        slowest = max(slowest, time.process_time() - begun)
        for batch in batches:
            taken += len(batch.ready)
            said.update(problem.code for problem in batch.refused)
            for one in batch.ready:
                check(one)
            for one in batch.ready[:3]:
                check_again(one)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert taken > lines / 50
    assert sum(said.values()) > 0
    assert all(CODE.match(code) for code in said)
    assert slowest < SLOWEST
    assert grown < GROWTH
    record_property(
        "safety",
        f"G11: {format_name}: {lines:,} lines, {taken:,} taken, {sum(said.values()):,} refused"
        f" under {len(said)} names; slowest file {slowest:.2f} s, +{grown // 1000} MB",
    )
