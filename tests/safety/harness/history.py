"""What clients saw, and what must be true of what is stored afterwards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "fail", "info"]  # acknowledged, refused, nobody knows


@dataclass(frozen=True, slots=True)
class Operation:
    """One save as its client saw it. `mark` is written into the save and is unique."""

    mark: str
    sentence: int
    author: str
    outcome: Outcome
    version: int = 0  # that the answer named


@dataclass(frozen=True, slots=True)
class Stored:
    """A revision as it is in the database afterwards."""

    sentence: int
    author: str
    version: int
    mark: str
    is_recorded: bool = True  # the audit trail has exactly one entry of it


def violations(seen: Sequence[Operation], stored: Sequence[Stored]) -> Iterator[str]:
    """Yield whatever contradicts "no acknowledged save is lost, doubled or forked" (H1 to H7)."""
    count = Counter(one.mark for one in stored)
    at = {(one.sentence, one.author, one.version): one.mark for one in stored}
    for one in seen:
        times = count[one.mark]
        if one.outcome == "ok" and times != 1:
            yield f"H1: acknowledged save {one.mark} is there {times} times"
        elif one.outcome == "ok" and at.get((one.sentence, one.author, one.version)) != one.mark:
            yield f"H1: save {one.mark} is not the version {one.version} that was acknowledged"
        elif one.outcome == "fail" and times:
            yield f"H3: refused save {one.mark} is there {times} times"
        elif one.outcome == "info" and times > 1:
            yield f"H4: save {one.mark} of unknown outcome is there {times} times"
    known = {one.mark for one in seen}
    yield from (
        f"nobody sent what is stored as {one.mark}" for one in stored if one.mark not in known
    )
    yield from _chains(stored)
    yield from (f"H7: {one.mark} is not recorded once" for one in stored if not one.is_recorded)


def _chains(stored: Iterable[Stored]) -> Iterator[str]:
    versions = defaultdict(list)
    for one in stored:
        versions[one.sentence, one.author].append(one.version)
    for (sentence, author), found in versions.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"H2: versions of sentence {sentence} by {author} are {sorted(found)}"
