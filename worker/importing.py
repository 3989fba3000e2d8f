"""Imports: a file taken in by the exchange room, then shown to the active model."""

from __future__ import annotations

from collections.abc import Sequence

from annotator.core.jobs import Claim, Standing
from annotator.exchange.services import ImportedSuggestion, fail_import, run_import
from annotator.learning.services import (
    request_arrangement,
    store_imported_suggestions,
    suggest_for_new,
)
from worker.heart import Heart


def import_file(held: Claim, heart: Heart) -> None:
    """Take a file in; sentences that came new are suggested by the active version."""

    def beat() -> Standing:
        return heart.standing

    outcome = run_import(held, beat=beat, store_suggestions=store)
    if outcome.new_sentences and not suggest_for_new(outcome.project_id):
        request_arrangement(outcome.project_id)


def store(suggestions: Sequence[ImportedSuggestion]) -> None:
    """Keep what a file suggests, in the transaction of its batch."""
    store_imported_suggestions([(one.sentence.pk, one.graph, one.score) for one in suggestions])


def fail(held: Claim, code: str, message: str) -> None:
    """End the import with a reason."""
    fail_import(held, code=code, message=message)


def cancel(held: Claim) -> None:
    """End the import because somebody asked for it."""
    run_import(held)
