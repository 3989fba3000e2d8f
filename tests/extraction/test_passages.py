"""Plain text for pre-training: read, encoded as the tokeniser would, cut, and partly hidden."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.data.passages import (
    CharacterCoder,
    Passages,
    PieceCoder,
    count_characters,
    encode_passages,
    frequent_characters,
    read_passages,
)
from extraction.data.tokens import Tokeniser
from extraction.data.units import cut_units
from extraction.data.vocabularies import new_tokeniser, tokeniser_of
from extraction.data.windows import Rectangle, cut_windows, rectangle, riddle
from extraction.errors import ExtractionError

LINES = ["安宁片@与aspirin１００mg合用", "孕妇 慎用", "take 2 tablets daily"]
MASK = 4


def encoded(lines: list[str], tokeniser: Tokeniser | None = None) -> Passages:
    tokeniser = tokeniser or new_tokeniser("chars", lines)
    coder = CharacterCoder(tokeniser.tokenizer, tokeniser.specials.unknown, count_characters(lines))
    return encode_passages(lines, coder, tokeniser.tokenizer.get_vocab_size())


def test_packed_and_plain_files_hold_the_same_passages(tmp_path: Path) -> None:
    content = "\ufeff" + "\r\n".join([*LINES, "", "  ", LINES[0]])
    plain, xz, gz = tmp_path / "a.txt", tmp_path / "a.txt.xz", tmp_path / "a.txt.gz"
    plain.write_bytes(content.encode())
    xz.write_bytes(lzma.compress(content.encode()))
    gz.write_bytes(gzip.compress(content.encode()))
    for path in (plain, xz, gz):
        assert list(read_passages([path])) == LINES
    assert list(read_passages([plain, xz])) == LINES


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", "好\n".encode() * 3 + "药品的".encode("gbk"), "bad_text"),
        ("a.txt.xz", b"no xz", "unreadable_file"),
        ("a.txt.xz", lzma.compress(b"good\n" * 99)[:-20], "unreadable_file"),
        ("a.txt.gz", b"no gz", "unreadable_file"),
        ("a.txt.gz", gzip.compress(b"good\n" * 99)[:-9], "unreadable_file"),
    ],
    ids=["not UTF-8", "no xz", "cut xz", "no gz", "cut gz"],
)
def test_a_damaged_file_is_named_with_the_remedy(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ExtractionError) as caught:
        list(read_passages([tmp_path / name]))
    assert caught.value.code == code
    assert str(tmp_path / name) in caught.value.message


def test_characters_are_counted_folded_and_ranked() -> None:
    counts = count_characters(["１1 a", "1ａ b", "安"])
    assert frequent_characters(counts, 1) == ["1", "a", "b", "安"]
    assert frequent_characters(counts, 2) == ["1", "a"]


@given(st.lists(st.text("ab 安宁1２,é@\u3000\t", min_size=1).filter(str.strip), max_size=8))
def test_the_fast_coder_says_what_the_tokeniser_says(lines: list[str]) -> None:
    tokeniser = tokeniser_of("chars", "a安1,")
    passages = encoded(lines, tokeniser)
    expected = [one.windows[0][1:-1].tolist() for one in tokeniser.encode(lines)]
    found = np.split(passages.pieces, passages.borders[1:-1]) if len(passages) else []
    assert [one.tolist() for one in found] == [one for one in expected if one]
    units = sum(len(cut_units(line)) for line in lines)
    assert int(passages.begins_unit.sum()) == units


def test_another_tokeniser_keeps_its_words_together() -> None:
    words = new_tokeniser("words", ["take two tablets"])
    passages = encode_passages(["take two", "tablets take"], PieceCoder(words.tokenizer), 70_000)
    assert passages.pieces.dtype == np.uint32
    assert passages.borders.tolist() == [0, 2, 4]
    assert passages.begins_unit.all()


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=20),
    st.integers(4, 20),
    st.one_of(st.none(), st.integers(0, 5)),
)
def test_windows_cover_passages_and_cross_no_border(
    lengths: list[int], room: int, seed: int | None
) -> None:
    borders = np.concatenate([[0], np.cumsum(lengths)])
    total = int(borders[-1])
    passages = Passages(np.zeros(total, np.uint16), np.ones(total, np.bool_), borders)
    rng = None if seed is None else np.random.default_rng(seed)
    windows = cut_windows(passages, np.arange(len(lengths)), room, rng)
    covered = np.zeros(total, dtype=int)
    for begin, end in windows.tolist():
        assert 4 <= end - begin <= room
        assert np.searchsorted(borders, begin, "right") == np.searchsorted(borders, end, "left")
        covered[begin:end] += 1
    assert covered.max(initial=0) <= 1
    left_out = int((covered == 0).sum())
    assert left_out <= 3 * 2 * len(lengths)  # only ends too short to be a window


def shown_and_passages() -> tuple[Rectangle, Passages]:
    lines = [*LINES, "aspirin 与 ibuprofen 合用 " * 12]
    tokeniser = new_tokeniser("chars", lines)
    passages = encoded(lines, tokeniser)
    windows = cut_windows(passages, np.arange(len(passages)), 60)
    return rectangle(passages, windows, tokeniser.specials), passages


def test_a_rectangle_wraps_each_window() -> None:
    shown, passages = shown_and_passages()
    pad, first, last = 0, 2, 3
    assert (shown.ids[:, 0] == first).all()
    assert (shown.ids[np.arange(len(shown.ids)), shown.lengths - 1] == last).all()
    assert int(shown.is_text.sum()) == len(passages.pieces)
    assert (shown.ids[shown.is_text] == passages.pieces).all()
    outside = np.arange(shown.ids.shape[1]) >= shown.lengths[:, None]
    assert (shown.ids[outside] == pad).all()


def test_a_riddle_hides_whole_units_and_remembers_what_stood_there() -> None:
    shown, passages = shown_and_passages()
    asked = riddle(shown, passages, 0.3, MASK, np.random.default_rng(1))
    restored = asked.ids.copy()
    restored.ravel()[asked.places] = asked.answers
    assert (restored == shown.ids).all()
    hidden = np.zeros(shown.ids.shape, np.bool_)
    hidden.ravel()[asked.places] = True
    assert not hidden[~shown.is_text].any()
    for row in range(len(hidden)):
        for unit in np.unique(shown.unit[row][shown.is_text[row]]):
            assert len(set(hidden[row][shown.is_text[row] & (shown.unit[row] == unit)])) == 1


def test_a_riddle_masks_most_swaps_some_and_leaves_some() -> None:
    shown, passages = shown_and_passages()
    rng = np.random.default_rng(2)
    asked = [riddle(shown, passages, 0.15, MASK, rng) for _ in range(200)]
    said = np.concatenate([one.ids.ravel()[one.places] for one in asked])
    answers = np.concatenate([one.answers for one in asked])
    assert len(said) / (200 * shown.is_text.sum()) == pytest.approx(0.15, abs=0.02)
    assert (said == MASK).mean() == pytest.approx(0.8, abs=0.02)
    assert (said == answers).mean() == pytest.approx(0.1, abs=0.03)


def test_a_riddle_hides_something_even_when_chance_would_not() -> None:
    shown, passages = shown_and_passages()
    assert len(riddle(shown, passages, 1e-9, MASK, np.random.default_rng(0)).places)
