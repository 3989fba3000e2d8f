"""What changes between two predictions of a sentence, held against its gold."""

from __future__ import annotations

from dataclasses import dataclass

from extraction.evaluation.match import Key


@dataclass(frozen=True, slots=True)
class Changes:
    """Statements by what became of them from a first prediction A to a second one B, gold G.

    fixed = (G ∩ B) - A, broken = (G ∩ A) - B, new = B - A - G, lost = A - B - G. Hence
    |fixed| - |broken| is the gain in right statements, |new| - |lost| that in wrong ones.
    """

    fixed: Key
    broken: Key
    new: Key
    lost: Key


def changes(gold: Key, first: Key, second: Key) -> Changes:
    """Sort the statements on which two predictions differ."""
    gained, dropped = second - first, first - second
    return Changes(gained & gold, dropped & gold, gained - gold, dropped - gold)
