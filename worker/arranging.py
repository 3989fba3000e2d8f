"""Arrangement: the next batch of a project, chosen from what its model says of the pool."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from annotator.core import jobs
from annotator.core.jobs import Claim
from annotator.core.states import JobState
from annotator.labelling.states import Reason
from annotator.learning.graphs import prediction_of
from annotator.learning.selectors.pool import Waiting, graphs_of, waiting_of
from annotator.learning.services import BATCH, Batch, Chosen, store_arrangement
from extraction.active.scores import rare_type
from extraction.active.strategies import Choice, choose, repeats
from worker.heart import Heart


def arrange(held: Claim, heart: Heart) -> None:
    """Choose the next batch of a project."""
    waiting = waiting_of(held.project_id)
    batch = choose_batch(waiting)
    heart.check()
    store_arrangement(held, waiting, batch)


def choose_batch(waiting: Waiting) -> Batch:
    """Choose by the ranking's strategy. While a new version has said nothing the order stays."""
    pool = waiting.pool
    if waiting.version_id is not None and not pool.scores:
        return Batch()
    rng = np.random.default_rng([waiting.project_id, waiting.version_id or 0, len(pool.texts)])
    choices = choose(waiting.ranking.strategy, pool, BATCH, rng)
    last = [waiting.sentence_ids[place] for place in repeats(pool)]
    return Batch(explained(waiting, choices), last)


def explained(waiting: Waiting, choices: Sequence[Choice]) -> list[Chosen]:
    """Give each choice its reason; a rare relation type in sight is the best one to tell."""
    ids = [waiting.sentence_ids[one.place] for one in choices]
    graphs = graphs_of(waiting.version_id, ids) if waiting.version_id is not None else {}
    chosen = []
    for pk, one in zip(ids, choices, strict=True):
        reason = Reason(one.why)
        is_doubt = reason in (Reason.UNCERTAIN, Reason.DIVERSE) and pk in graphs
        if is_doubt and rare_type(prediction_of(graphs[pk]), waiting.ranking.weights):
            reason = Reason.RARE_TYPE
        chosen.append(Chosen(pk, reason))
    return chosen


def fail(held: Claim, code: str, message: str) -> None:
    """End with a reason; the queue keeps the order that it has."""
    jobs.finish(held, state=JobState.FAILED, code=code, message=message)


def cancel(held: Claim) -> None:
    """End because somebody asked for it."""
    jobs.finish(held, state=JobState.CANCELLED)
