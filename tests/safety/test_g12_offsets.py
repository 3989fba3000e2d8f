"""G12: offsets are code points everywhere: in files, in the browser, in Python."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from annotator.exchange.formats import FORMATS
from annotator.exchange.formats.drafts import Options, Piece
from annotator.exchange.formats.writing import About
from annotator.exchange.formats.writing import Record as Written
from extraction.types import Entity, Example, Graph, Relation, Schema
from tests.safety.tiers import size

ROOT = Path(__file__).resolve().parents[2]
ROUND_TRIPS = size(20_000, 100_000, 1_000_000)
PAIRS = size(2_000, 20_000, 20_000)
ODD = (
    "\U00020bb7",
    "\U0001f600",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "e\u0301",
    *"\u202e\u2066\u200d\ufeff\r\u2028\ud55c\ufdfa",
    "\U0001f1e8\U0001f1f3",
)
PLAIN = "利血平与单胺氧化酶抑制剂合用可致血压升高 aspirin 5mg。，"
Record = Callable[[str, object], None]


def text_of(chance: random.Random) -> str:
    alphabet = (*PLAIN, *(ODD * 2))
    return "".join(chance.choices(alphabet, k=chance.randrange(2, 40))).strip() or "甲乙"


def example_of(chance: random.Random, number: int) -> Example:
    text = text_of(chance)
    spans = {tuple(sorted(chance.sample(range(len(text) + 1), 2))) for _ in range(4)}
    entities = tuple(Entity(start, end, "药物") for start, end in sorted(spans))
    pairs = {(a, b) for a in range(len(spans)) for b in range(len(spans)) if a != b}
    chosen = chance.sample(sorted(pairs), min(3, len(pairs)))
    relations = tuple(Relation(head, tail, "拮抗") for head, tail in chosen)
    return Example(str(number), text, Graph(entities, relations))


def written(example: Example) -> str:
    """Write one sentence in the native form."""
    writing = FORMATS["native"].writing
    assert writing
    return b"".join(writing.write([[Written(example)]], About(Schema(())))).decode()


def test_what_is_written_is_read_back_code_point_by_code_point(record_property: Record) -> None:
    reading = FORMATS["native"].reading
    assert reading
    chance = random.Random(12)
    spans = 0
    for number in range(ROUND_TRIPS):
        one = example_of(chance, number)
        line = written(one)
        again = reading.parse(Piece(1, line), Options(labels="gold", symmetric=frozenset()))
        assert again.graph is not None
        assert (again.id, again.text, again.graph) == (one.id, one.text, one.graph)
        assert written(Example(one.id, again.text, again.graph)) == line
        spans += len(one.graph.entities)
    record_property("safety", f"G12: {ROUND_TRIPS:,} sentences with {spans:,} spans, 0 differences")


def test_the_browser_cuts_the_same_characters_as_python(
    tmp_path: Path, record_property: Record
) -> None:
    """The very module of the front end, in Node, on the same texts and spans."""
    chance = random.Random(1212)
    asked: list[tuple[str, int, int]] = []
    for _ in range(PAIRS):
        text = text_of(chance)
        start, end = sorted(chance.sample(range(len(text) + 1), 2))
        asked.append((text, start, end))
    (tmp_path / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    script = tmp_path / "ask.mjs"
    script.write_text(
        f"""
import {{ readFileSync, writeFileSync }} from "node:fs";
import {{ createRequire }} from "node:module";
const ts = createRequire("{ROOT}/frontend/package.json")("typescript");
const source = readFileSync("{ROOT}/frontend/src/core/text.ts", "utf8");
const options = {{ module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }};
const plain = ts.transpileModule(source, {{ compilerOptions: options }}).outputText;
writeFileSync("{tmp_path}/text.mjs", plain);
const {{ indexText }} = await import("{tmp_path}/text.mjs");
const asked = JSON.parse(readFileSync("{tmp_path}/asked.json", "utf8"));
const said = asked.map(([text, start, end]) => {{
  const index = indexText(text);
  const [low, high] = [index.toUtf16(start), index.toUtf16(end)];
  const back = [index.toCodePoint(low), index.toCodePoint(high)];
  return {{ length: index.length, surface: index.slice(start, end), back }};
}});
process.stdout.write(JSON.stringify(said));
""",
        encoding="utf-8",
    )
    node = shutil.which("node")
    assert node is not None, "the front end's Node belongs on the PATH"
    done = subprocess.run([node, str(script)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    said = json.loads(done.stdout)
    assert len(said) == PAIRS
    for (text, start, end), answer in zip(asked, said, strict=True):
        assert answer["length"] == len(text)
        assert answer["surface"] == text[start:end]
        assert answer["back"] == [start, end]
    record_property("safety", f"G12: {PAIRS:,} spans cut alike by browser and Python")
