"""How large the safety tests are: in every run, at night (`make nightly`), for a release."""

from __future__ import annotations

import os
from typing import TypeVar

Number = TypeVar("Number", int, float)
TIERS = ("", "nightly", "release")
TIER = os.environ.get("RELATA_TIER", "")
if TIER not in TIERS:
    raise ValueError(f"RELATA_TIER={TIER} is no tier; nightly, release, or none")
IS_LONG = TIER != ""


def size(every_run: Number, night: Number, release: Number) -> Number:
    """Return the number of this tier."""
    return dict(zip(TIERS, (every_run, night, release), strict=True))[TIER]
