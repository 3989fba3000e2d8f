"""Whether more labels are worth it, from facts and with a reason; it advises and never acts. Pure.

Three signs decide:

* the forecast of the next 100 labels (`forecast`): little gain says stop;
* stabilising predictions (Bloodgood and Vijay-Shanker 2009): consecutive versions say the same of
  a fixed unlabelled sample, kappa >= 0.99 three times in a row, says stop;
* the sampled arm against the control arm: choosing that finds no more errors in an hour than
  chance does, beyond one standard error, says change the sampler.

The expected errors of the pool are shown with their trend; they decide nothing alone, as a model
that is sure and wrong expects few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from extraction.active.arms import Gap
from extraction.active.forecast import Range

LITTLE = 0.01  # F1 in the next 100 labels
STEADY = 0.99  # kappa of consecutive versions
IN_A_ROW = 3
ENOUGH_EACH = 50  # sentences an arm, before a missing advantage means anything


class Action(StrEnum):
    """What is advised."""

    CONTINUE = "continue"
    STOP = "stop"
    CHANGE_SAMPLER = "change_sampler"


class Outlook(StrEnum):
    """What the forecast says."""

    UNKNOWN = "unknown"
    GAIN = "gain"
    MAYBE = "maybe"
    LITTLE = "little"


class Stability(StrEnum):
    """What consecutive versions say."""

    UNKNOWN = "unknown"
    CHANGING = "changing"
    STABLE = "stable"


class Choosing(StrEnum):
    """What the sampled arm says beside the control arm."""

    UNKNOWN = "unknown"
    BETTER = "better"
    NO_BETTER = "no_better"
    WORSE = "worse"


class Because(StrEnum):
    """The sign that decided."""

    TOO_EARLY = "too_early"
    GAIN = "gain"
    MAYBE = "maybe"
    LITTLE_GAIN = "little_gain"
    STABLE = "stable"
    SAMPLER_WORSE = "sampler_worse"
    SAMPLER_NO_BETTER = "sampler_no_better"


ACTIONS: Mapping[Because, Action] = {
    Because.TOO_EARLY: Action.CONTINUE,
    Because.GAIN: Action.CONTINUE,
    Because.MAYBE: Action.CONTINUE,
    Because.LITTLE_GAIN: Action.STOP,
    Because.STABLE: Action.STOP,
    Because.SAMPLER_WORSE: Action.CHANGE_SAMPLER,
    Because.SAMPLER_NO_BETTER: Action.CHANGE_SAMPLER,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known: each may be missing. A series has the newest last."""

    gain: Range | None = None  # F1 in the next 100 labels
    agreements: Sequence[float | None] = ()  # kappa of each version with the one before
    gap: Gap | None = None  # errors found in an hour, sampled arm less control arm


@dataclass(frozen=True, slots=True)
class Advice:
    """What is advised, which sign decided, and what every sign says."""

    advised: Action
    because: Because
    outlook: Outlook
    stability: Stability
    choosing: Choosing


def advise(facts: Facts) -> Advice:
    """Weigh the signs: a reason to stop first, then one to choose otherwise, else go on."""
    outlook, stability = _outlook(facts.gain), _stability(facts.agreements)
    choosing = _choosing(facts.gap)
    because = GO_ON[outlook]
    if choosing in CHANGE:
        because = CHANGE[choosing]
    promises = facts.gain is not None and facts.gain.low >= LITTLE
    if stability is Stability.STABLE and not promises:
        because = Because.STABLE
    if outlook is Outlook.LITTLE:
        because = Because.LITTLE_GAIN
    return Advice(ACTIONS[because], because, outlook, stability, choosing)


GO_ON: Mapping[Outlook, Because] = {
    Outlook.UNKNOWN: Because.TOO_EARLY,
    Outlook.GAIN: Because.GAIN,
    Outlook.MAYBE: Because.MAYBE,
    Outlook.LITTLE: Because.LITTLE_GAIN,
}
CHANGE: Mapping[Choosing, Because] = {
    Choosing.WORSE: Because.SAMPLER_WORSE,
    Choosing.NO_BETTER: Because.SAMPLER_NO_BETTER,
}


def _outlook(gain: Range | None) -> Outlook:
    if gain is None:
        return Outlook.UNKNOWN
    if gain.high < LITTLE:
        return Outlook.LITTLE
    return Outlook.GAIN if gain.value >= LITTLE else Outlook.MAYBE


def _stability(agreements: Sequence[float | None]) -> Stability:
    """Three in a row decide; one that is not known breaks the row."""
    newest = agreements[-IN_A_ROW:]
    known = [one for one in newest if one is not None]
    if not known:
        return Stability.UNKNOWN
    is_row = len(known) == IN_A_ROW and min(known) >= STEADY
    return Stability.STABLE if is_row else Stability.CHANGING


def _choosing(gap: Gap | None) -> Choosing:
    if gap is None or gap.fewest < ENOUGH_EACH:
        return Choosing.UNKNOWN
    if gap.value > gap.error:
        return Choosing.BETTER
    return Choosing.WORSE if gap.value < -gap.error else Choosing.NO_BETTER


def kappa(decisions: Sequence[tuple[str, str]]) -> float | None:
    """Agreement of two that decided the same things, chance taken off (Cohen 1960).

    (p_o - p_e) / (1 - p_e); None where nothing was decided, 1 where both always say one and
    the same.
    """
    total = len(decisions)
    if not total:
        return None
    observed = sum(first == second for first, second in decisions) / total
    firsts = Counter(first for first, _ in decisions)
    seconds = Counter(second for _, second in decisions)
    by_chance = sum(count * seconds[name] for name, count in firsts.items()) / total**2
    if by_chance == 1.0:
        return 1.0
    return (observed - by_chance) / (1.0 - by_chance)
