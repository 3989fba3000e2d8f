"""Values of this room that need no database."""

from __future__ import annotations

from enum import StrEnum


class Said(StrEnum):
    """Whose statements make the graph."""

    GOLD = "gold"
    ALL = "all"  # gold, and what the active model says where there is no gold


# Of the CH-DDI schema: what weakens against what strengthens, and "no interaction" against all.
WEAKER = ("拮抗", "抑制")
STRONGER = ("协同", "促进", "相加")
NONE = "无关"
USUAL: tuple[tuple[str, str], ...] = (
    *((weak, strong) for weak in WEAKER for strong in STRONGER),
    *((NONE, other) for other in (*WEAKER, *STRONGER, "禁忌")),
)
