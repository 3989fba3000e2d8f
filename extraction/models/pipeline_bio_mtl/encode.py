"""The tags that the tagger learns."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from extraction.models.bio_mtl.encode import GivenItem
from extraction.models.common.gold import Gold

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class TaggedItem(GivenItem):
    """A sentence with its gold entities and the tags that say as many of them as tags can."""

    tags: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # (units,)


def tagged_item(item: GivenItem) -> TaggedItem:
    """The same sentence with its tags."""
    known = {one.name: getattr(item, one.name) for one in fields(item)}
    return TaggedItem(**known, tags=gold_tags(item.gold, len(item.tokens.units)))


def gold_tags(gold: Gold, units: int) -> Ints:
    """BIO tags of the longest entities that do not overlap; the first of equally long ones."""
    tags = np.zeros(units, dtype=np.int64)
    widths = gold.spans[:, 1] - gold.spans[:, 0]
    for place in np.lexsort((gold.spans[:, 0], -widths)).tolist():
        start, stop = gold.spans[place].tolist()
        if not tags[start:stop].any():
            tags[start:stop] = 2 * gold.types[place]
            tags[start] -= 1
    return tags
