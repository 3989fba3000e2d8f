"""Near duplicates and the hold-out: pure functions over text, the same in every process.

Two sentences are near duplicates when their *cores* share at least `LIKENESS` of their character
trigrams (Jaccard). The core leaves out what inserts vary without saying anything new: the
`药名@` prefix, numbers, punctuation, blanks, letter case and character width. A core too short for
trigrams to mean anything only matches its like.

Candidates are found without comparing all pairs: MinHash values of the trigrams, taken three at a
time, make five *bands*; two alike sentences agree in at least one band with high probability
(docs/adr says how high, measured).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache
from hashlib import blake2b
from itertools import islice, repeat
from typing import NamedTuple
from zlib import crc32

LIKENESS = 0.6
SHORT = 8  # code points of a core below which only equal cores are alike
LONGEST_PREFIX = 40
SHORTEST_REST = 4

FLOOR = 50  # held-out sentences below which a measured F1 says little
LARGE_ENOUGH = 200  # sentences from which a project can spare that many
MARGIN = 1.1  # some of the coming lines are duplicates or refused
MOST = 0.3

BLOCK = 32

BANDS = 5
ROWS = 3
STARTS = tuple((number << 32) // (BANDS * ROWS) for number in range(BANDS * ROWS))
MERSENNE = (1 << 61) - 1
FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)

CODE_POINT = 4  # bytes of UTF-32
SLICES = tuple(
    slice(start * CODE_POINT, (start + 3) * CODE_POINT) for start in range(20_000)
)  # of trigrams; made once, because making them is what would cost

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NOISE = re.compile(r"[\W_]+")


class Fingerprint(NamedTuple):
    """What grouping keeps of a text: keys under which its like is found, hashed trigrams.

    The first key is that of the whole core, the others are those of the bands.
    """

    keys: tuple[int, ...]
    trigrams: frozenset[int]


def core_of(text: str) -> str:
    """Return what a text says, without prefix, numbers, punctuation, blanks, case and width."""
    head, _, rest = text.partition("@")
    if len(rest) >= SHORTEST_REST and len(head) <= LONGEST_PREFIX:
        text = rest
    core = NOISE.sub("", NUMBER.sub("0", text))
    if not core.isascii():
        core = unicodedata.normalize("NFKC", core)
    return core.casefold()


def fingerprint(text: str) -> Fingerprint:
    """Return the fingerprint of a text."""
    core = core_of(text)
    key = int.from_bytes(blake2b((core or text).encode(), digest_size=8).digest(), "big") >> 1
    if len(core) < SHORT:
        return Fingerprint((key,), frozenset())
    plain = core.encode("utf-32-le")
    trigrams = frozenset(map(crc32, map(plain.__getitem__, islice(SLICES, len(core) - 2))))
    return Fingerprint((key, *_bands(trigrams)), trigrams)


def _bands(trigrams: frozenset[int]) -> tuple[int, ...]:
    """Return the band keys.

    One sorted list of hashes gives all MinHash values: the first hash at or after each of fifteen
    evenly spread starts, going round at the end (one-permutation hashing, densified by rotation).
    """
    ordered = sorted(trigrams)
    last = len(ordered)
    ordered.append(ordered[0])
    places = map(bisect_left, repeat(ordered), STARTS, repeat(0), repeat(last))
    least = list(map(ordered.__getitem__, places))
    a, b, c = FACTORS
    return tuple(
        (least[band] * a + least[band + BANDS] * b + least[band + 2 * BANDS] * c + band) % MERSENNE
        for band in range(BANDS)
    )


def likeness(one: Fingerprint, other: Fingerprint) -> float:
    """Return the share of trigrams that two texts have in common; 1 when their cores are equal."""
    if one.keys[0] == other.keys[0]:
        return 1.0
    if not one.trigrams or not other.trigrams:
        return 0.0
    common = len(one.trigrams & other.trigrams)
    return common / (len(one.trigrams) + len(other.trigrams) - common)


def is_drawn(ordinal: int, *, share: float, key: str) -> bool:
    """Say whether the `ordinal`-th group of a stream belongs to the hold-out.

    Every group has the same chance, `share`, and of each block of groups as many are drawn as the
    share says, to within one; which ones is shuffled, so that no rhythm of the file shows.
    """
    block, place = divmod(ordinal, BLOCK)
    number = block * BLOCK + _shuffled(key, block)[place]
    start = chance(key, -1)
    return int((number + 1) * share + start) > int(number * share + start)


@lru_cache(maxsize=16)
def _shuffled(key: str, block: int) -> tuple[int, ...]:
    return tuple(sorted(range(BLOCK), key=lambda place: chance(f"{key}:{block}", place)))


def chance(key: str, number: int) -> float:
    """Return a number in [0, 1) that depends on nothing but its arguments."""
    digest = blake2b(f"{key}:{number}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


def fair_share(share: float, *, stored: int, held: int, coming: int) -> float:
    """Return the share of new groups to hold out, so that the hold-out is worth measuring on.

    The project's share, or as much more as brings a project of at least `LARGE_ENOUGH` sentences
    near `FLOOR` held-out ones, but never more than `MOST`. A share of 0 means none, always.
    """
    if share == 0 or stored + coming < LARGE_ENOUGH:
        return share
    missing = FLOOR * MARGIN - held
    return max(share, min(MOST, missing / max(coming, 1)))
