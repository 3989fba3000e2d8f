"""Neo4j: CSV files for `neo4j-admin database import`, in a zip with the command that reads them.

Nodes are entities (a string with a type) and sentences; relationships are what is said, each with
its sentence, and mentions.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import IO

from annotator.exchange.formats.writing import About, Pages, Record
from extraction.types import Entity

BLOCK_BYTES = 1 << 18
STAMP = (1980, 1, 1, 0, 0, 0)
HEADERS = {
    "entities.csv": "entityId:ID(Entity),name,type,code,:LABEL",
    "sentences.csv": "sentenceId:ID(Sentence),text,:LABEL",
    "mentions.csv": ":START_ID(Sentence),start:int,end:int,:END_ID(Entity),:TYPE",
    "relations.csv": ":START_ID(Entity),sentence,:END_ID(Entity),:TYPE",
}
README = """Import into an empty database:

    neo4j-admin database import full neo4j \\
      --nodes=entities.csv --nodes=sentences.csv \\
      --relationships=mentions.csv --relationships=relations.csv --multiline-fields=true

Then, in the browser: MATCH (a:Entity)-[r]->(b:Entity) RETURN a, r, b LIMIT 100
"""


def write(pages: Pages, about: About) -> Iterator[bytes]:  # noqa: ARG001 - one of the writers
    """Sort the rows into four files, then send them as one."""
    with (
        tempfile.TemporaryFile() as made,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        tables = {name: tempfile.TemporaryFile("w+b") for name in HEADERS}  # noqa: SIM115 - closed below
        try:
            _fill(tables, pages)
            for name, table in tables.items():
                _send(archive, name, table)
        finally:
            for table in tables.values():
                table.close()
        archive.writestr(zipfile.ZipInfo("README.txt", STAMP), README)
        archive.close()
        made.seek(0)
        yield from iter(lambda: made.read(BLOCK_BYTES), b"")


def _fill(tables: Mapping[str, IO[bytes]], pages: Pages) -> None:
    known: set[str] = set()
    for page in pages:
        for record in page:
            for name, rows in _rows(record, known):
                tables[name].write(_spelled(rows))


def _rows(record: Record, known: set[str]) -> Iterator[tuple[str, list[list[str]]]]:
    example = record.example
    ids = [_id(record, one) for one in example.graph.entities]
    fresh = []
    for ident, one in zip(ids, example.graph.entities, strict=True):
        if ident not in known:
            known.add(ident)
            string = example.text[one.start : one.end]
            code = record.codes.get((string, one.type))
            fresh.append([ident, string, one.type, code.code if code else "", f"Entity;{one.type}"])
    yield "entities.csv", fresh
    yield "sentences.csv", [[example.id, example.text, "Sentence"]]
    yield (
        "mentions.csv",
        [
            [example.id, str(one.start), str(one.end), ident, "MENTIONS"]
            for ident, one in zip(ids, example.graph.entities, strict=True)
        ],
    )
    yield (
        "relations.csv",
        [[ids[one.head], example.id, ids[one.tail], one.type] for one in example.graph.relations],
    )


def _id(record: Record, entity: Entity) -> str:
    string = record.example.text[entity.start : entity.end]
    return hashlib.sha256(f"{entity.type}\n{string}".encode()).hexdigest()[:16]


def _spelled(rows: Iterable[Iterable[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


def _send(archive: zipfile.ZipFile, name: str, table: IO[bytes]) -> None:
    table.seek(0)
    info = zipfile.ZipInfo(name, STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as part:
        part.write(f"{HEADERS[name]}\n".encode())
        for block in iter(lambda: table.read(BLOCK_BYTES), b""):
            part.write(block)
