"""The graph as a file: GraphML for Gephi, yEd and Cytoscape, CSV, JSON. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from annotator.exchange.formats.triples import guarded

Json = dict[str, Any]
KEYS = {
    "name": ("node", "string"),
    "kind": ("node", "string"),
    "statements": ("node", "int"),
    "type": ("edge", "string"),
    "sentences": ("edge", "int"),
    "gold": ("edge", "int"),
    "confidence": ("edge", "double"),
    "contradicted": ("edge", "boolean"),
}
HEADER = (
    "head",
    "head_type",
    "predicate",
    "tail",
    "tail_type",
    "sentences",
    "gold",
    "confidence",
    "contradicted",
)
FORBIDDEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], "\ufffd")


def graphml(graph: Json) -> str:
    """Spell the graph as GraphML; characters that XML cannot hold become U+FFFD."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ]
    lines += [
        f'<key id="{name}" for="{part}" attr.name="{name}" attr.type="{kind}"/>'
        for name, (part, kind) in KEYS.items()
    ]
    lines.append('<graph edgedefault="directed">')
    for place, node in enumerate(graph["nodes"]):
        said = {"name": node["name"], "kind": node["type"], "statements": node["statements"]}
        lines.append(f'<node id="n{place}">{_data(said)}</node>')
    for edge in graph["edges"]:
        said = {name: value for name, value in edge.items() if name in KEYS}
        ends = f'source="n{edge["head"]}" target="n{edge["tail"]}"'
        lines.append(f"<edge {ends}>{_data(said)}</edge>")
    return "\n".join([*lines, "</graph>", "</graphml>", ""])


def _data(said: Mapping[str, Any]) -> str:
    return "".join(
        f"<data key={quoteattr(name)}>{escape(_text(value))}</data>"
        for name, value in said.items()
        if value is not None
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).translate(FORBIDDEN)


def table(graph: Json) -> str:
    """Spell the edges as CSV for a spreadsheet; no cell is a formula."""
    file = io.StringIO()
    file.write("\ufeff")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(HEADER)
    nodes = graph["nodes"]
    for edge in graph["edges"]:
        head, tail = nodes[edge["head"]], nodes[edge["tail"]]
        said = [head["name"], head["type"], edge["type"], tail["name"], tail["type"]]
        counted = [edge["sentences"], edge["gold"], edge["confidence"], edge["contradicted"]]
        writer.writerow([*map(guarded, said), *counted])
    return file.getvalue()


def plain(graph: Json) -> str:
    """Spell the graph as the API shows it."""
    return json.dumps(graph, ensure_ascii=False) + "\n"


FILES: Mapping[str, tuple[Callable[[Json], str], str]] = {
    "graphml": (graphml, "application/graphml+xml; charset=utf-8"),
    "csv": (table, "text/csv; charset=utf-8"),
    "json": (plain, "application/json; charset=utf-8"),
}
