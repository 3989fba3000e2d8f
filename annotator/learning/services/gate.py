"""The gate: a new version is promoted unless it is clearly worse than the active one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOLERANCE = 0.02  # of a project that chose no other
JUDGED = ("triple_f1", "entity_f1")
VERDICTS = frozenset({"first", "not_worse", "worse", "moved_on", "unmeasured", "compared"})
PLACES: Mapping[str, str] = {
    "holdout": "on the hold-out",
    "pool_share": "on a share of the pool, as no hold-out is labelled yet",
    "training": "on its own training sentences, as labels are too few to set some aside",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a version may become active, and why: a code for pages, a sentence with figures."""

    code: str
    has_passed: bool
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {"passed": self.has_passed, "code": self.code, "reason": self.reason}


def judge(
    metrics: Mapping[str, Any], rival: Mapping[str, Any] | None, tolerance: float = TOLERANCE
) -> Verdict:
    """Compare a version with the active one, both measured on the same sentences."""
    place = PLACES[metrics["measured_on"]]
    if rival is None:
        return Verdict(
            code="first",
            has_passed=True,
            reason=f"The first version of this project: {_figures(metrics)} {place}",
        )
    worse = [name for name in JUDGED if metrics[name] < rival[name] - tolerance]
    compared = f"{_figures(metrics)} against {_figures(rival)} {place}"
    if worse:
        return Verdict(
            code="worse",
            has_passed=False,
            reason=f"{' and '.join(worse)} fell by more than {tolerance:.2f}: {compared}",
        )
    reason = f"Not worse than the active version: {compared}"
    return Verdict(code="not_worse", has_passed=True, reason=reason)


def moved_on() -> Verdict:
    """The verdict when the active version changed while this one was trained."""
    return Verdict(
        code="moved_on",
        has_passed=False,
        reason="Another version became active during the training; compare and promote by hand",
    )


def compared() -> Verdict:
    """The verdict on a version of a comparison: a person looks at all of them and chooses."""
    return Verdict(
        code="compared",
        has_passed=False,
        reason="Trained to be compared with others; compare and promote by hand",
    )


def unmeasured(metrics: Mapping[str, Any]) -> Verdict:
    """The verdict when the active version could not be measured beside the new one."""
    place = PLACES[metrics["measured_on"]]
    return Verdict(
        code="unmeasured",
        has_passed=True,
        reason=f"The active version could not be measured again: {_figures(metrics)} {place}",
    )


def _figures(metrics: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {metrics[name]:.3f}" for name in JUDGED)
