"""Lines of files that went wrong: seeds of every format, and ways to damage them."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Sequence

from openpyxl import Workbook

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
CONTROL = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
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


def duie(chance: random.Random) -> str:
    """A line of DuIE, whose objects may have parts."""
    text = _text(chance)
    parts = {"@value": _part(text, chance), "inWork": chance.choice(("", _part(text, chance)))}
    triple = {
        "predicate": chance.choice(TYPES),
        "subject": _part(text, chance),
        "subject_type": "药物",
        "object": parts,
        "object_type": dict.fromkeys(parts, "药物") if chance.random() < 0.8 else "药物",
    }
    line: dict[str, object] = {"text": text, "spo_list": [triple] * chance.randrange(3)}
    _spoil(line, chance)
    return json.dumps(line, ensure_ascii=False)


def spert(chance: random.Random) -> str:
    """An item of SpERT's form."""
    text = _text(chance)
    tokens = list(text) if chance.random() < 0.9 else [text, ""]
    spans = [sorted(chance.sample(range(len(tokens) + 1), 2)) for _ in range(chance.randrange(3))]
    line: dict[str, object] = {
        "tokens": tokens,
        "entities": [{"start": s, "end": e, "type": _type(chance)} for s, e in spans],
        "relations": [{"head": 0, "tail": 1, "type": "协同"}] * chance.randrange(2),
        "orig_id": chance.choice(NUMBERS) if chance.random() < 0.1 else str(chance.random()),
    }
    if chance.random() < 0.4:
        line["text"] = text
    _spoil(line, chance)
    return json.dumps(line, ensure_ascii=False)


def conll(chance: random.Random) -> str:
    """A token of CoNLL, or what stands between sentences."""
    kind = chance.randrange(60)
    if kind > 40:
        return chance.choice(("", "", "#doc 7", '# text = "甲"', "-DOCSTART- O"))
    tag = chance.choice(("O", "B-药物", "I-药物", "S-药物"))
    if chance.random() < 0.02:
        tag = chance.choice(("B-", "X-药物", ""))
    word = chance.choice(("甲", "乙", "a", chance.choice(ODD)))
    if kind < 2:
        heads = chance.choice(("[0]", "['0']", "[1]", "[-1]", "[[", "[9999999999]"))
        return f"{chance.randrange(3)}\t{word}\t{tag}\t['协同']\t{heads}"
    return f"{word}\t{tag}"


def doccano(chance: random.Random) -> str:
    """A line of doccano's form."""
    text = _text(chance)
    spans = [sorted(chance.sample(range(len(text) + 1), 2)) for _ in range(chance.randrange(3))]
    entities = [
        {"id": i, "label": _type(chance), "start_offset": s, "end_offset": e}
        for i, (s, e) in enumerate(spans)
    ]
    line: dict[str, object] = {
        "id": chance.randrange(10**9),
        "text": text,
        "entities": entities,
        "relations": [{"id": 0, "from_id": 0, "to_id": 1, "type": "协同"}] * chance.randrange(2),
    }
    if chance.random() < 0.2:
        line = {
            "text": text,
            "label": [[s, e, "药物"] for s, e in spans] or [chance.choice(NUMBERS)],
        }
    _spoil(line, chance)
    return json.dumps(line, ensure_ascii=False)


def label_studio(chance: random.Random) -> str:
    """A task of Label Studio."""
    text = _text(chance)
    start, end = sorted(chance.sample(range(len(text) + 1), 2))
    value = {"start": start, "end": end, "text": text[start:end], "labels": [_type(chance)]}
    result: list[object] = [{"id": "a", "type": "labels", "value": value}] * chance.randrange(3)
    if chance.random() < 0.3:
        result.append({"type": "relation", "from_id": "a", "to_id": "b", "labels": ["协同"]})
    if chance.random() < 0.1:
        result.append(chance.choice(NUMBERS))
    line: dict[str, object] = {
        "data": {"text": text, "id": str(chance.random())},
        "annotations": [{"result": result, "was_cancelled": chance.random() < 0.1}],
    }
    _spoil(line, chance)
    return json.dumps(line, ensure_ascii=False)


def triples(chance: random.Random) -> str:
    """A row of triples: id, text, head and its type, predicate, tail and its type."""
    text = _text(chance)
    ends = [chance.choice(("", _part(text, chance))) for _ in range(2)]
    cells = [str(chance.random()), text, ends[0], "药物", "协同", ends[1], _type(chance)]
    return ",".join('"{}"'.format(cell.replace('"', '""')) for cell in cells)


def insert(chance: random.Random) -> str:
    """A raw insert."""
    parts = [
        chance.choice(("1.", "2、", "（1）", "①", "<b>", "&nbsp;", "[1]", "；", "。", "(", "\n"))
    ]
    parts += [_text(chance), chance.choice(("合用作用增强。", "后者减弱；", "尚不明确", "：", "”"))]
    chance.shuffle(parts)
    line: dict[str, object] = {
        "drug": chance.choice(("甲药片", "", "甲" * 400)) if chance.random() < 0.2 else "甲药片",
        "section": chance.choice(("药物相互作用", "【药物相互作用】", "禁忌")),
        "text": "".join(parts * chance.randrange(1, 4)),
    }
    _spoil(line, chance)
    return json.dumps(line, ensure_ascii=False)


def standoff(chance: random.Random) -> str:
    """A line of a .ann file."""
    kind = chance.randrange(6)
    if kind == 0:
        return f"R1\t协同 Arg1:T{chance.randrange(3)} Arg2:T{chance.randrange(3)}"
    if kind == 1:
        return chance.choice(
            ("#1\tNote T1\t…", "A1\tNegation T1", "E1\tX:T1", "T2\t药物 0 1;2 3\t甲")
        )
    start = chance.randrange(4)
    return f"T{chance.randrange(3)}\t药物 {start} {start + chance.randrange(3)}\t甲"


LINES: dict[str, Callable[[random.Random], str]] = {
    "native": native,
    "ch-ddi": ch_ddi,
    "text": plain,
    "csv": table,
    "ch-ddi-array": ch_ddi,
    "duie": duie,
    "spert": spert,
    "conll": conll,
    "doccano": doccano,
    "label-studio": label_studio,
    "triples-csv": triples,
    "inserts": insert,
    "brat": standoff,
    "xlsx": triples,
}
ARRAYS = frozenset({"ch-ddi-array", "spert", "label-studio"})
HEADERS = {
    "csv": b"text,id,note\n",
    "triples-csv": b"sentence_id,text,head,head_type,predicate,tail,tail_type\n",
}


def file_of(format_name: str, chance: random.Random, count: int) -> bytes:
    """A file of `count` lines, about half of them damaged byte by byte."""
    make = LINES[format_name]
    if format_name in ARRAYS:  # one accident spoils all that follows
        whole = [make(chance).encode("utf-8", "ignore") for _ in range(count)]
        whole[chance.randrange(count)] = damaged(make(chance), chance)
        return b"[" + b",\n".join(whole) + chance.choice((b"]", b"", b"]]", b",]"))
    if format_name == "xlsx":
        return _workbook(chance, count)
    gentle = format_name in {"brat", "conll"}  # one bad line spoils those around it
    lines = [
        make(chance).encode("utf-8", "ignore")
        if gentle and chance.random() < 0.8
        else damaged(make(chance), chance)
        for _ in range(count)
    ]
    if format_name == "brat":
        return _archive(lines, chance)
    return HEADERS.get(format_name, b"") + b"\n".join(lines) + b"\n"


def _archive(lines: list[bytes], chance: random.Random) -> bytes:
    """A zip of documents with three lines of labels each; now and then a damaged one."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(0, len(lines), 3):
            name = f"{number}{chance.choice(('', '/../x', '药'))}"
            archive.writestr(f"{name}.txt", damaged(_text(chance), chance))
            archive.writestr(f"{name}.ann", b"\n".join(lines[number : number + 3]))
    return _perhaps_torn(file.getvalue(), chance)


def _workbook(chance: random.Random, count: int) -> bytes:
    """A workbook of triples, some cells numbers, dates or formulas; now and then a damaged one."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("triples")
    sheet.append(HEADERS["triples-csv"].decode().strip().split(","))
    odd: Sequence[object] = ("=1+1", 3, 0.5, True, None, "_x0041_", "x" * 300)
    for number in range(count):
        text = CONTROL.sub("", _text(chance)) or "甲"
        row: list[object] = [number, text, text[:1], "药物", "协同", text[1:2], "药物"]
        if chance.random() < 0.3:
            row[chance.randrange(len(row))] = chance.choice(odd)
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return _perhaps_torn(file.getvalue(), chance)


def _perhaps_torn(raw: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.8:
        return raw
    place = chance.randrange(len(raw))
    return chance.choice((raw[:place], raw[:place] + b"\x00" * 9 + raw[place + 9 :]))


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
