"""Where spans begin and end in a table, and what the encoder reads so that they can."""

from __future__ import annotations

import numpy as np
import pytest

from extraction.data.tokens import CHARS_LIMIT, Tokeniser
from extraction.data.vocabularies import new_tokeniser
from extraction.models.common.table_places import PLACES, Ends, placed

EVERY = pytest.mark.parametrize("ends", list(PLACES))


def tokeniser() -> Tokeniser:
    return new_tokeniser("chars", ["甲乙丙丁戊"])


@EVERY
def test_every_span_has_its_own_places_and_comes_back_from_them(ends: Ends) -> None:
    places, units = PLACES[ends], 6
    spans = np.asarray([(a, b) for a in range(units) for b in range(a + 1, units + 1)])
    begins, stops = places.of_begin(spans[:, 0]), places.of_end(spans[:, 1])
    assert (stops < places.count(np.asarray(units))).all()
    assert places.is_span(begins, stops).all()
    assert (stops - begins >= places.diagonal).all()
    assert places.begin_unit(begins).tolist() == spans[:, 0].tolist()
    assert places.end_unit(stops).tolist() == spans[:, 1].tolist()


@EVERY
def test_no_other_pair_of_places_is_a_span(ends: Ends) -> None:
    places, units = PLACES[ends], 4
    rows, columns = np.indices((int(places.count(np.asarray(units))),) * 2).reshape(2, -1)
    assert int(places.is_span(rows, columns).sum()) == units * (units + 1) // 2


def test_only_ends_at_the_last_unit_can_meet_their_begins() -> None:
    for ends, may_meet in (("exclusive", False), ("separator", False), ("inclusive", True)):
        places = PLACES[ends]  # type: ignore[index]
        one = np.asarray([2])
        assert (places.of_begin(one) == places.of_end(one + 1)).all() == may_meet


@EVERY
@pytest.mark.parametrize("text", ["", "甲", "甲乙丙", "甲乙" * 200])
def test_the_encoder_reads_one_unit_for_each_place(ends: Ends, text: str) -> None:
    reader = tokeniser()
    (tokens,) = reader.encode([text])
    read = placed(tokens, ends, reader)
    assert len(read.units) == PLACES[ends].count(np.asarray(len(text)))
    assert len(read.units) == len(read.starts) == len(read.stops) == len(read.window_of)
    assert max(len(window) for window in read.windows) <= CHARS_LIMIT
    pieces = [
        read.windows[w][a:b].tolist()
        for w, a, b in zip(read.window_of, read.starts, read.stops, strict=True)
    ]
    assert all(len(one) == 1 for one in pieces)
    plain = [
        tokens.windows[w][a:b].tolist()
        for w, a, b in zip(tokens.window_of, tokens.starts, tokens.stops, strict=True)
    ]
    last = [reader.specials.last]
    if ends == "exclusive":
        assert pieces == [*plain, last]
    elif ends == "inclusive":
        assert pieces == plain
    else:
        assert pieces == [one for unit in plain for one in (unit, last)]


def test_a_separator_is_an_unused_piece_where_the_vocabulary_has_one() -> None:
    reader = tokeniser()
    reader.tokenizer.add_tokens(["[unused1]"])
    (tokens,) = reader.encode(["甲乙"])
    read = placed(tokens, "separator", reader)
    assert read.windows[0].tolist().count(reader.tokenizer.token_to_id("[unused1]")) == 2
