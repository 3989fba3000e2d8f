"""Tables: a header, a delimiter that is found, cells with line ends."""

from __future__ import annotations

import pytest

from annotator.exchange.formats.drafts import FileError
from tests.annotator.exchange.reading import read_all, texts


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    raw = f"ID{delimiter}Text{delimiter}note\r\n7{delimiter}一，二{delimiter}x\r\n"
    [(number, draft)] = read_all("csv", raw)
    assert (number, draft.id, draft.text, draft.meta) == (2, "7", "一，二", {"note": "x"})


def test_documents_and_sections_are_named() -> None:
    [(_, draft)] = read_all("csv", "document,section,text\n甲说明书,禁忌,孕妇禁用\n")
    assert (draft.document, draft.section, draft.meta) == ("甲说明书", "禁忌", {})


def test_a_quoted_cell_may_hold_delimiters_quotes_and_line_ends() -> None:
    raw = 'text,id\n"一,""二""\n\n三",a\n四,b\n'
    assert texts("csv", raw) == [(2, '一,"二"\n\n三'), (5, "四")]


def test_an_open_quote_costs_one_line_only() -> None:
    raw = 'text,id\n"一,a\n二,b\n三,c\n'
    assert texts("csv", raw) == [(2, "<unclosed_quote>"), (3, "二"), (4, "三")]


def test_a_quote_in_the_middle_of_a_row_that_stays_open_costs_one_line_only() -> None:
    raw = "text,id\n" + '一,"a\n' * 3 + "二,b\n"
    assert texts("csv", raw)[-1] == (5, "二")


def test_a_row_with_other_cells_than_the_header_is_refused() -> None:
    found = texts("csv", "text,id\n一\n二,b,c\n三,c\n")
    assert found == [(2, "<wrong_columns>"), (3, "<wrong_columns>"), (4, "三")]


def test_broken_bytes_inside_a_quoted_cell_cost_their_row() -> None:
    raw = 'text,id\n"一\n'.encode() + b"\xff\xfe\n" + '二",a\n三,b\n'.encode()
    codes = dict(texts("csv", raw))
    assert codes[3] == "<wrong_encoding>"
    assert codes[5] == "三"


@pytest.mark.parametrize(
    ("raw", "code"),
    [("a,b\n1,2\n", "missing_column"), ("text,text\n1,2\n", "duplicate_column")],
)
def test_a_table_without_a_fit_header_is_refused_as_a_whole(raw: str, code: str) -> None:
    with pytest.raises(FileError) as caught:
        read_all("csv", raw)
    assert caught.value.code == code
