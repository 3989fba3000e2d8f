"""Plain text for pre-training: streamed from .txt, .txt.xz or .gz, kept as two bytes a piece.

One line is one passage. Lines said before are passed over. The files are read twice, once to
count characters and once to encode, so that only the encoded text stays in memory.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from tokenizers import Tokenizer, normalizers

from extraction.data.units import kind_of
from extraction.errors import ExtractionError

Ints = np.ndarray[Any, np.dtype[np.int64]]
Pieces = np.ndarray[Any, np.dtype[Any]]  # uint16, or uint32 for a vocabulary beyond 65,536
Flags = np.ndarray[Any, np.dtype[np.bool_]]

CODE_POINTS = 0x110000
CHUNK = 1 << 20  # characters that are turned into numbers at once
BREAK = ord("\n")
SPACE, LETTER, DIGIT, MARK, SINGLE = range(5)
KINDS = {"space": SPACE, "letter": LETTER, "digit": DIGIT, "mark": MARK, "joiner": MARK}


@dataclass(frozen=True, slots=True)
class Passages:
    """Encoded passages laid end to end; passage p is the pieces [borders[p], borders[p + 1])."""

    pieces: Pieces  # (N,)
    begins_unit: Flags  # (N,) whether a unit begins with this piece
    borders: Ints  # (P + 1,)

    def __len__(self) -> int:
        return len(self.borders) - 1


class Coder(Protocol):
    """Turns passages into flat pieces, flags and the number of pieces of each passage."""

    def encode(self, passages: Sequence[str]) -> tuple[Pieces, Flags, Ints]:
        """Encode a chunk of passages; the order is kept."""


def read_passages(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the lines of these files that hold anything, each text once."""
    seen: set[bytes] = set()
    for path in paths:
        for line in _lines(path):
            digest = hashlib.blake2b(line.encode(), digest_size=8).digest()
            if digest not in seen:
                seen.add(digest)
                yield line


def count_characters(passages: Iterable[str]) -> Ints:
    """How often each code point occurs, compatibility forms folded; (1114112,)."""
    counts = np.zeros(CODE_POINTS, dtype=np.int64)
    for chunk in _chunks(passages):
        counts += np.bincount(_code_points(chunk), minlength=CODE_POINTS)
    counts[BREAK] = 0
    return counts


def frequent_characters(counts: Ints, at_least: int) -> list[str]:
    """The visible characters that occur so often, the most frequent first."""
    found = np.flatnonzero(counts >= max(at_least, 1))
    ranked = found[np.lexsort((found, -counts[found]))]
    return [one for one in map(chr, ranked.tolist()) if kind_of(one) != "space" and one.strip()]


def encode_passages(passages: Iterable[str], coder: Coder, vocabulary: int) -> Passages:
    """Encode passages chunk by chunk; those without any piece are left out."""
    dtype = np.uint16 if vocabulary <= np.iinfo(np.uint16).max + 1 else np.uint32
    parts = [coder.encode(chunk) for chunk in _chunks(passages)]
    lengths = np.concatenate([np.zeros(0, np.int64), *(part[2] for part in parts)])
    return Passages(
        pieces=np.concatenate([np.zeros(0, dtype), *(part[0].astype(dtype) for part in parts)]),
        begins_unit=np.concatenate([np.zeros(0, np.bool_), *(part[1] for part in parts)]),
        borders=np.concatenate([[0], np.cumsum(lengths[lengths > 0])]),
    )


class CharacterCoder:
    """The tokeniser of a `chars` encoder as a table over code points: many times as fast."""

    def __init__(self, tokenizer: Tokenizer, unknown: int, counts: Ints) -> None:
        self.ids = np.full(CODE_POINTS, unknown, dtype=np.uint32)
        for piece, number in tokenizer.get_vocab().items():
            if len(piece) == 1:
                self.ids[ord(piece)] = number
        self.kinds = np.full(CODE_POINTS, SINGLE, dtype=np.uint8)
        for code in np.flatnonzero(counts).tolist():
            self.kinds[code] = KINDS.get(kind_of(chr(code)), SINGLE)
        self.kinds[BREAK] = SPACE

    def encode(self, passages: Sequence[str]) -> tuple[Pieces, Flags, Ints]:
        """White space goes; a run of letters or of digits, or one other character, is a unit."""
        codes = _code_points(passages)
        kinds = self.kinds[codes]
        before = np.concatenate([np.asarray([SPACE], np.uint8), kinds[:-1]])
        goes_on = (kinds == before) & ((kinds == LETTER) | (kinds == DIGIT))
        goes_on |= (kinds == MARK) & (before != SPACE)
        is_shown = kinds != SPACE
        passage = np.cumsum(codes == BREAK)[is_shown]
        lengths = np.bincount(passage, minlength=len(passages)).astype(np.int64)
        return self.ids[codes[is_shown]], ~goes_on[is_shown], lengths


class PieceCoder:
    """Any other tokeniser; its words are the units."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer

    def encode(self, passages: Sequence[str]) -> tuple[Pieces, Flags, Ints]:
        """Encode with the tokeniser itself."""
        encoded = self.tokenizer.encode_batch(list(passages), add_special_tokens=False)
        lengths = np.asarray([len(one.ids) for one in encoded], dtype=np.int64)
        pieces = np.fromiter((i for one in encoded for i in one.ids), np.uint32, lengths.sum())
        words = np.fromiter((w for one in encoded for w in one.word_ids), np.int64, lengths.sum())
        begins = np.ones(len(words), dtype=np.bool_)
        begins[1:] = words[1:] != words[:-1]
        begins[(np.cumsum(lengths) - lengths)[lengths > 0]] = True
        return pieces, begins, lengths


def _lines(path: Path) -> Iterator[str]:
    number = 0
    try:
        with _opened(path) as lines:
            for line in lines:
                number += 1
                stripped = line.strip()
                if stripped:
                    yield stripped
    except UnicodeDecodeError as error:
        raise ExtractionError(
            "bad_text",
            f"{path} is no UTF-8 text after line {number}; convert it to UTF-8 first",
            {"file": str(path), "line": number + 1},
        ) from error
    except (OSError, EOFError, lzma.LZMAError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ExtractionError(
            "unreadable_file",
            f"{path} cannot be read: {reason}; name a .txt, .txt.xz or .txt.gz file",
            {"file": str(path)},
        ) from error


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8-sig")
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def _chunks(passages: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for passage in passages:
        chunk.append(passage)
        size += len(passage)
        if size >= CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _code_points(passages: Sequence[str]) -> Pieces:
    folded = normalizers.NFKC().normalize_str("\n".join(passages))
    return np.frombuffer(folded.encode("utf-32-le"), dtype=np.uint32)
