"""Tokens: pieces, units and windows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from extraction.data.tokens import Specials, Tokeniser, Tokens, window_of_units, window_spans
from extraction.data.units import cut_units
from extraction.data.vocabularies import Kind, extended, kind_of_tokenizer, new_tokeniser

TEXT = "安宁片@与aspirin１００mg合用"


def tokeniser(limit: int = 64, text: str = TEXT) -> Tokeniser:
    made = new_tokeniser("chars", [text])
    return Tokeniser(made.tokenizer, made.specials, limit)


def pieces_of(tokens: Tokens, unit: int, tokenizer: Tokenizer) -> str:
    window = tokens.windows[int(tokens.window_of[unit])]
    ids = window[tokens.starts[unit] : tokens.stops[unit]].tolist()
    return "".join(str(tokenizer.id_to_token(one)) for one in ids)


def test_every_unit_knows_its_pieces() -> None:
    chars = tokeniser()
    (tokens,) = chars.encode([TEXT])
    read = [pieces_of(tokens, unit, chars.tokenizer) for unit in range(len(tokens.units))]
    assert read == ["安", "宁", "片", "@", "与", "aspirin", "100", "mg", "合", "用"]
    assert [TEXT[a:b] for a, b in tokens.units][6] == "１００"


@pytest.mark.parametrize("text", ["", "   ", "𠮷", "🏥👩‍⚕️", "n\u0303o\u0303", "１２３"])
def test_strange_texts_have_as_many_units_as_were_cut(text: str) -> None:
    (tokens,) = tokeniser().encode([text])
    assert tokens.units == tuple(cut_units(text))
    assert bool((tokens.stops > tokens.starts).all())
    assert tokens.length == len(tokens.windows[0])


def test_a_character_never_seen_is_unknown_not_lost() -> None:
    chars = tokeniser()
    (tokens,) = chars.encode(["安龘"])
    assert pieces_of(tokens, 1, chars.tokenizer) == "[UNK]"


def test_a_unit_for_which_the_tokeniser_has_no_piece_becomes_unknown(
    encoder_words: Tokeniser,
) -> None:
    (tokens,) = encoder_words.encode(["a \u0301\u0301 drugs"])
    assert [pieces_of(tokens, unit, encoder_words.tokenizer) for unit in range(3)] == [
        "a",
        "[UNK]",
        "drug##s",
    ]


@pytest.fixture
def encoder_words() -> Tokeniser:
    """A word-piece tokeniser that drops accents and so can leave a unit without a piece."""
    from tokenizers import models, normalizers, pre_tokenizers  # noqa: PLC0415

    vocabulary = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "drug": 5, "##s": 6}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return Tokeniser(made, Specials(2, 3, 0, 1), 32)


@given(st.text(alphabet="ab 安宁1２,👍", max_size=120), st.integers(8, 20))
def test_windows_cut_nothing(text: str, limit: int) -> None:
    whole = tokeniser(10_000).encode([text])[0]
    chars = tokeniser(limit)
    (tokens,) = chars.encode([text])
    assert tokens.units == whole.units
    assert all(len(window) <= limit for window in tokens.windows)
    for unit, (start, end) in enumerate(whole.units):
        if end - start <= limit - 2:
            assert pieces_of(tokens, unit, chars.tokenizer) == pieces_of(
                whole, unit, chars.tokenizer
            )


@given(st.lists(st.integers(1, 5), min_size=1, max_size=60), st.integers(6, 20))
def test_windows_overlap_and_every_unit_lies_in_its_own(counts: list[int], room: int) -> None:
    stops = np.cumsum(counts)
    starts = stops - np.asarray(counts)
    spans = window_spans(starts, stops, room)
    assert spans[0][0] == 0
    assert spans[-1][1] == stops[-1]
    assert all(0 < end - begin <= room for begin, end in spans)
    for (_, end), (begin, _) in pairwise(spans):
        assert begin <= end
    owner = window_of_units(starts, stops, spans)
    for start, stop, window in zip(starts, stops, owner, strict=True):
        assert spans[window][0] <= start < stop <= spans[window][1]


def test_a_unit_is_read_where_it_has_most_context() -> None:
    stops = np.arange(1, 21)
    spans = window_spans(stops - 1, stops, 12)
    assert spans == [(0, 12), (9, 20)]
    owner = window_of_units(stops - 1, stops, spans)
    assert owner.tolist() == [0] * 10 + [1] * 10 or owner.tolist() == [0] * 11 + [1] * 9


@pytest.mark.parametrize(
    ("kind", "known", "new", "added"),
    [("chars", "安宁", "宁康", "康"), ("words", "take aspirin", "aspirin 安", "安")],
)
def test_a_vocabulary_grows_without_moving_what_it_knows(
    kind: Kind, known: str, new: str, added: str
) -> None:
    before = new_tokeniser(kind, [known])
    after = extended(before, [new])
    vocabulary = before.tokenizer.get_vocab()
    assert after.tokenizer.get_vocab() == {**vocabulary, added: len(vocabulary)}
    assert (after.limit, after.specials) == (before.limit, before.specials)
    assert extended(after, [known, new]) is after


def test_words_are_whole_units_with_their_case_and_without_width() -> None:
    words = new_tokeniser("words", [TEXT, "Aspirin ﬁrst"])
    (tokens,) = words.encode(["与Aspirin100mg first ASPIRIN"])
    read = [pieces_of(tokens, unit, words.tokenizer) for unit in range(len(tokens.units))]
    assert read == ["与", "Aspirin", "100", "mg", "first", "[UNK]"]


def test_a_word_table_reads_the_longest_sentence_in_one_window() -> None:
    words = new_tokeniser("words", ["a"])
    (tokens,) = words.encode(["a " * 5000])
    assert [len(window) for window in tokens.windows] == [5002]


def test_only_our_own_vocabularies_can_grow(encoder_words: Tokeniser) -> None:
    assert kind_of_tokenizer(encoder_words.tokenizer) is None
    assert extended(encoder_words, ["new words"]) is encoder_words
