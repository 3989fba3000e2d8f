"""Lines of files that went wrong: seeds of every format, and ways to damage them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence

# What breaks offsets and parsers: beyond the BMP, joined, combining, right to left, odd blanks.
ODD = (
    "\U00020bb7",
    "\U0001f600",
    "\U0001f468\u200d\U0001f469",
    "e\u0301",
    *"\u202e\u2066\u200d\ufeff\u00a0\u3000\t\x00\x1f\x7f\ud800\udfff\ufffe\u2028",
    *"\ufb01\u2167\u0661\uff1d",
    *'@"\\',
)
TYPES = ("药物", "协同", "拮抗", "", "药物" * 40, "協同")
NUMBERS: tuple[object, ...] = (
    -1,
    0,
    1,
    2,
    5,
    10**9,
    2**63,
    -(2**63),
    1e308,
    0.5,
    True,
    None,
    "3",
    [],
    {},
)
TEXTS = ("利血平@与单胺氧化酶抑制剂合用", "甲乙", "阿司匹林与华法林合用,出血", "a" * 300)
BYTES = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xf0\x9f",
    b"\xef\xbb\xbf",
    b"\r",
    b"\x1a",
    b'"',
    b"{",
)


def native(chance: random.Random) -> str:
    """A line of native JSONL, right more often than not."""
    text = _text(chance)
    size = len(text)
    spans = [sorted(chance.sample(range(size + 1), 2)) for _ in range(chance.randrange(4))]
    entities = [{"start": s, "end": e, "type": _type(chance)} for s, e in spans]
    count = len(entities)
    relations = [
        {"head": chance.randrange(count), "tail": chance.randrange(count), "type": "协同"}
        for _ in range(chance.randrange(3) if count else 0)
    ]
    line: dict[str, object] = {
        "id": str(chance.random()),
        "text": text,
        "entities": entities,
        "relations": relations,
    }
    _spoil(line, chance)
    return json.dumps(line, ensure_ascii=chance.random() < 0.3)


def ch_ddi(chance: random.Random) -> str:
    """A line of the CH-DDI form."""
    text = _text(chance)
    ends = [_part(text, chance) for _ in range(2)]
    triple = {
        "predicate": chance.choice(TYPES),
        "subject": ends[0],
        "subject_type": "药物",
        "object": {"@value": ends[1]} if chance.random() < 0.5 else ends[1],
        "object_type": {"@value": "药物"} if chance.random() < 0.5 else "药物",
    }
    line: dict[str, object] = {"text": text, "spo_list": [triple] * chance.randrange(3)}
    _spoil(line, chance)
    return json.dumps(line, ensure_ascii=False)


def plain(chance: random.Random) -> str:
    """A line of text."""
    return _text(chance)


def table(chance: random.Random) -> str:
    """A line of CSV."""
    cells = [_text(chance), str(chance.random()), chance.choice(("", "=1+1", '"', "a,b"))]
    return ",".join(f'"{cell}"' if chance.random() < 0.6 else cell for cell in cells)


LINES: dict[str, Callable[[random.Random], str]] = {
    "native": native,
    "ch-ddi": ch_ddi,
    "text": plain,
    "csv": table,
    "ch-ddi-array": ch_ddi,
}


def file_of(format_name: str, chance: random.Random, count: int) -> bytes:
    """A file of `count` lines, about half of them damaged byte by byte."""
    make = LINES[format_name]
    if format_name == "ch-ddi-array":  # one accident spoils all that follows
        whole = [make(chance).encode("utf-8", "ignore") for _ in range(count)]
        whole[chance.randrange(count)] = damaged(make(chance), chance)
        return b"[" + b",\n".join(whole) + chance.choice((b"]", b"", b"]]", b",]"))
    lines = [damaged(make(chance), chance) for _ in range(count)]
    if format_name == "csv":
        return b"text,id,note\n" + b"\n".join(lines) + b"\n"
    return b"\n".join(lines) + b"\n"


def damaged(line: str, chance: random.Random) -> bytes:
    """The bytes of a line, after up to four accidents."""
    raw = bytearray(line.replace("\n", " ").encode("utf-8", "surrogatepass"))
    for _ in range(max(0, chance.randrange(9) - 4)):
        place = chance.randrange(len(raw) + 1)
        accident = chance.randrange(5)
        if accident == 0:
            raw[place:place] = chance.choice(BYTES)
        elif accident == 1:
            del raw[place : place + chance.randrange(1, 9)]
        elif accident == 2 and raw:
            raw[place % len(raw)] = chance.randrange(256)
        elif accident == 3:
            raw[place:place] = raw[: chance.randrange(40)]
        else:
            raw[place:place] = chance.choice((b"[" * 200, b'{"a":' * 200, b"9" * 400, b"NaN"))
    return bytes(raw).replace(b"\n", b" ")


def _type(chance: random.Random) -> str:
    return chance.choice(TYPES) if chance.random() < 0.1 else TYPES[0]


def _text(chance: random.Random) -> str:
    text = list(chance.choice(TEXTS))
    for _ in range(chance.randrange(4)):
        text.insert(chance.randrange(len(text) + 1), chance.choice(ODD))
    return "".join(text)


def _part(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text))
    return text[start : start + chance.randrange(1, 5)] if chance.random() < 0.8 else "没有"


def _spoil(line: dict[str, object], chance: random.Random) -> None:
    """Put something that does not belong there in one of four lines."""
    if chance.random() < 0.75:
        return
    values: Sequence[object] = (*NUMBERS, *TYPES)
    line[chance.choice([*line, "meta", "negatives", "else"])] = chance.choice(values)
