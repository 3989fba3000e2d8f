"""Units: what spans are made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.data.units import RUN_LIMIT, covering_units, cut_units

texts = st.text(max_size=60)


def surfaces(text: str) -> list[str]:
    return [text[start:end] for start, end in cut_units(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("与华法林合用", ["与", "华", "法", "林", "合", "用"]),
        ("Aspirin (100mg) works.", ["Aspirin", "(", "100", "mg", ")", "works", "."]),
        ("抑制CYP3A4酶", ["抑", "制", "CYP", "3", "A", "4", "酶"]),
        ("𠮷野家", ["𠮷", "野", "家"]),
        ("剂量１２ｍｇ", ["剂", "量", "１２", "ｍ", "ｇ"]),
        ("cafe\u0301 noir", ["cafe\u0301", "noir"]),
        ("👍🏽好", ["👍🏽", "好"]),
        ("👩‍⚕️说", ["👩‍⚕️", "说"]),
        ("  a\t\nb ", ["a", "b"]),
        ("", []),
        ("β受体", ["β", "受", "体"]),
    ],
)
def test_a_text_is_cut_into_words_and_characters(text: str, expected: list[str]) -> None:
    assert surfaces(text) == expected


@given(texts)
def test_units_are_ordered_apart_and_cover_all_that_is_visible(text: str) -> None:
    units = cut_units(text)
    edges = [edge for unit in units for edge in unit]
    assert edges == sorted(edges)
    assert all(start < end for start, end in units)
    inside = {position for start, end in units for position in range(start, end)}
    for position, character in enumerate(text):
        if character.isalnum():
            assert position in inside
    assert not any(text[start:end].isspace() for start, end in units)


def test_an_endless_run_is_cut() -> None:
    lengths = [end - start for start, end in cut_units("a" * (3 * RUN_LIMIT + 1))]
    assert lengths == [RUN_LIMIT, RUN_LIMIT, RUN_LIMIT, 1]


@given(st.text(min_size=1, max_size=60), st.data())
def test_the_covering_units_are_exactly_those_that_touch_the_span(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    units = cut_units(text)
    covered = covering_units(units, start, end)
    touching = [i for i, (a, b) in enumerate(units) if max(a, start) < min(b, end)]
    assert covered == ((touching[0], touching[-1] + 1) if touching else None)


def test_a_span_inside_a_word_takes_the_whole_word() -> None:
    assert covering_units(cut_units("the azithromycins help"), 4, 16) == (1, 2)
