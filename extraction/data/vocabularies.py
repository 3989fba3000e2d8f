"""Tokenisers of our own: their pieces are the characters, or the whole words, of given texts.

Both fold compatibility forms (NFKC) and keep case. They can be extended: what is new comes after
what is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from extraction.data.tokens import CHARS_SPECIALS, UNKNOWN, Tokeniser
from extraction.data.units import cut_units

Kind = Literal["chars", "words"]


def new_tokeniser(kind: Kind, texts: Iterable[str]) -> Tokeniser:
    """The tokeniser of a built-in encoder, its vocabulary that of these texts."""
    found = _pieces(kind, texts)
    return tokeniser_of(kind, found)


def tokeniser_of(kind: Kind, pieces: Iterable[str]) -> Tokeniser:
    """The tokeniser of a built-in encoder with these pieces after the special ones."""
    tokenizer = _tokenizer(kind, [*CHARS_SPECIALS, *pieces])
    return Tokeniser.of_chars(tokenizer) if kind == "chars" else Tokeniser.of_words(tokenizer)


def extended(tokeniser: Tokeniser, texts: Iterable[str]) -> Tokeniser:
    """The same tokeniser with the new pieces of these texts after those it knows."""
    kind = kind_of_tokenizer(tokeniser.tokenizer)
    if kind is None:
        return tokeniser
    vocabulary = tokeniser.tokenizer.get_vocab()
    new = [one for one in _pieces(kind, texts) if one not in vocabulary]
    if not new:
        return tokeniser
    known = sorted(vocabulary, key=lambda piece: vocabulary[piece])
    return Tokeniser(_tokenizer(kind, [*known, *new]), tokeniser.specials, tokeniser.limit)


def kind_of_tokenizer(tokenizer: Tokenizer) -> Kind | None:
    """Which of our two kinds a tokeniser is, None for anybody else's, which cannot grow."""
    if not isinstance(tokenizer.model, models.WordLevel):
        return None
    if [tokenizer.id_to_token(one) for one in range(len(CHARS_SPECIALS))] != [*CHARS_SPECIALS]:
        return None
    is_whole = isinstance(tokenizer.pre_tokenizer, pre_tokenizers.WhitespaceSplit)
    return "words" if is_whole else "chars"


def _pieces(kind: Kind, texts: Iterable[str]) -> list[str]:
    """The distinct pieces of these texts, the most frequent first."""
    counts = Counter(_characters(texts) if kind == "chars" else _words(texts))
    seen = [piece for piece in counts if piece.strip()]
    return sorted(seen, key=lambda piece: (-counts[piece], piece))


def _characters(texts: Iterable[str]) -> Iterator[str]:
    fold = normalizers.NFKC()
    for text in texts:
        yield from fold.normalize_str(text)


def _words(texts: Iterable[str]) -> Iterator[str]:
    fold = normalizers.NFKC()
    for text in texts:
        for start, end in cut_units(text):
            yield fold.normalize_str(text[start:end])


def _tokenizer(kind: Kind, pieces: Sequence[str]) -> Tokenizer:
    vocabulary = {piece: rank for rank, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = (
        pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
        if kind == "chars"
        else pre_tokenizers.WhitespaceSplit()
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")],
    )
    return tokenizer
