"""Sentence vectors without a model: hashed character n-grams, weighed by how rare they are."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

WIDTH = 256
SIZES = (1, 2, 3)


def vectors(texts: Sequence[str], width: int = WIDTH) -> Floats:
    """Return unit vectors of shape (texts, width).

    Every n-gram of one to three characters falls into one of `width` buckets with a sign of its
    own (feature hashing, Weinberger et al. 2009), weighed by log(1 + N/df) of its bucket. Blanks
    and letter case do not count. A text without characters is the zero vector.
    """
    counts = np.zeros((len(texts), width), dtype=np.float32)
    for row, text in enumerate(texts):
        places, signs = _hashed(text, width)
        np.add.at(counts[row], places, signs)
    seen = np.maximum(1, (counts != 0).sum(axis=0))
    weighed = np.sign(counts) * np.sqrt(np.abs(counts)) * np.log1p(len(texts) / seen)
    lengths = np.linalg.norm(weighed, axis=1, keepdims=True)
    result: Floats = (weighed / np.maximum(lengths, 1e-9)).astype(np.float32)
    return result


def _hashed(text: str, width: int) -> tuple[npt.NDArray[np.int64], Floats]:
    plain = "".join(text.lower().split())
    grams = [plain[at : at + size] for size in SIZES for at in range(max(0, len(plain) - size + 1))]
    keys = np.fromiter((crc32(gram.encode()) for gram in grams), np.int64, len(grams))
    signs = np.where((keys >> 16) & 1, 1.0, -1.0).astype(np.float32)
    return keys % width, signs
