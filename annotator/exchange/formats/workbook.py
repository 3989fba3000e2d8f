"""Workbooks (.xlsx): rows read one by one, and written to a file of their own, then sent.

Cells are text; a formula is refused where it is read and never made where it is written.
"""

from __future__ import annotations

import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from annotator.exchange.formats.drafts import FileError, LineError, Piece
from annotator.exchange.formats.sources import ARCHIVE, Source, open_archive

MOST_UNPACKED = 400_000_000  # bytes: strings that cells share are held at once
MOST_ROWS = 1_000_000  # a sheet has 1,048,576
MOST_COLUMNS = 200
BLOCK_BYTES = 1 << 18
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, InvalidFileException, OverflowError, KeyError,
    ValueError, TypeError, IndexError, AttributeError, EOFError, OSError, SyntaxError,
    NotImplementedError,
)  # fmt: skip
CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")


def is_workbook(names: Iterable[str]) -> bool:
    """Tell by the names of its parts whether an archive is a workbook."""
    return "xl/workbook.xml" in names


def rows_of(source: Source) -> Iterator[Piece]:
    """Read the rows of all sheets as mappings by the names in each sheet's first row.

    Numbers rise through the workbook; `line` is the row within its sheet.
    """
    _refuse_others(source)
    try:
        book = load_workbook(source.file, read_only=True, data_only=False, keep_links=False)
        yield from _numbered(book)
    except BROKEN as error:
        raise FileError(
            "unreadable_workbook", "The workbook is broken; save it again as .xlsx"
        ) from error


def header_of(source: Source) -> list[str]:
    """Return the names of the columns of the first sheet that has any."""
    first = next(rows_of(source), None)
    return [] if first is None or isinstance(first.content, LineError) else list(first.content)


def _refuse_others(source: Source) -> None:
    if source.encoding != ARCHIVE:
        raise FileError("not_a_workbook", "The file is no workbook; save it as .xlsx")
    parts = open_archive(source).infolist()
    if not is_workbook(one.filename for one in parts):
        raise FileError("not_a_workbook", "The archive is no workbook; choose another format")
    if sum(one.file_size for one in parts) > MOST_UNPACKED:
        raise FileError(
            "archive_too_large", f"The workbook is larger than {MOST_UNPACKED} bytes; use CSV"
        )


def _numbered(book: Any) -> Iterator[Piece]:
    number = 0
    for sheet in book.worksheets:
        for line, content in _sheet(sheet):
            number += 1
            yield Piece(number, content, line=line)


def _sheet(sheet: Any) -> Iterator[tuple[int, dict[str, str] | LineError]]:
    names: list[str] | None = None
    for line, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        if all(cell.value is None for cell in row):
            continue
        if names is None:
            names = _names(row)
            continue
        yield line, _cells(names, row)


def _names(row: Iterable[Any]) -> list[str]:
    names = [_text(cell).strip().casefold() for cell in row]
    while names and not names[-1]:
        names.pop()
    if len(set(names)) < len(names):
        raise FileError("duplicate_column", "The first row names a column twice; rename one")
    return names


def _cells(names: list[str], row: Iterable[Any]) -> dict[str, str] | LineError:
    cells = dict.fromkeys(names, "")
    for name, cell in zip(names, row, strict=False):
        if cell.data_type == "f":
            problem = "is a formula"
            return LineError("formula", f"column {name}", problem, "paste it as a value")
        cells[name] = _text(cell)
    return cells


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return CODED.sub(lambda found: chr(int(found[1], 16)), str(value))


def written(columns: Iterable[str], rows: Iterable[Iterable[str]], title: str) -> Iterator[bytes]:
    """Write a workbook and give its bytes; further sheets begin after a million rows."""
    book = Workbook(write_only=True)
    heading = list(columns)
    sheet: Any = None
    for number, row in enumerate(rows):
        if number % MOST_ROWS == 0:
            part = number // MOST_ROWS
            sheet = book.create_sheet(title if not part else f"{title} {part + 1}")
            sheet.append(heading)
        sheet.append([_cell(sheet, value) for value in row])
    if sheet is None:
        book.create_sheet(title).append(heading)
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        yield from iter(lambda: file.read(BLOCK_BYTES), b"")


def _cell(sheet: Any, value: str) -> Any:
    """Return a text, as text even where it looks like a formula."""
    safe = UNSAFE.sub(lambda found: f"_x{ord(found.group()):04X}_", value)
    if not safe.startswith("="):
        return safe
    cell = WriteOnlyCell(sheet, value=safe)
    cell.data_type = "s"
    return cell
