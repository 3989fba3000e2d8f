"""Pre-annotation: a chunk of sentences through the active model, stored as suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from annotator.core import jobs
from annotator.core.jobs import Claim
from annotator.core.states import JobState
from annotator.learning.selectors.chunks import Chunk, chunk_of
from annotator.learning.services import (
    Suggested,
    drop_chunk,
    store_suggestions,
)
from extraction.active.scores import SCORES, Known, confidence, expected_errors
from extraction.types import Prediction
from worker import artefacts
from worker.arranging import choose_batch
from worker.errors import TransientError
from worker.heart import Heart

if TYPE_CHECKING:
    from extraction.recipes.predict import Predictor

KEPT_LOADED = 2


def predict(held: Claim, heart: Heart) -> None:
    """Suggest for the sentences of a chunk; one of a replaced version does no work."""
    chunk = chunk_of(held)
    if chunk is None:
        drop_chunk(held)
        return
    texts = [text for _, text in chunk.sentences]
    try:
        said = load(chunk.digest).predict(texts, schema=chunk.schema) if texts else []
    except MemoryError as error:
        raise TransientError("out_of_memory", "The worker ran out of memory") from error
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise TransientError("out_of_memory", "The device ran out of memory") from error
        raise
    heart.check()
    store_suggestions(held, judge(chunk, said), choose_batch)


def judge(chunk: Chunk, said: Sequence[Prediction]) -> list[Suggested]:
    """Turn predictions into suggestions, with what each makes of the sentence's place."""
    ranking = chunk.ranking
    priority = SCORES[ranking.strategy.score]
    return [
        Suggested(
            sentence_id=pk,
            text_length=len(text),
            prediction=one,
            score=expected_errors(one),
            priority=priority(
                one, Known(len(text), ranking.costs, ranking.weights, chunk.earlier.get(pk))
            ),
            confidence=confidence(one),
        )
        for (pk, text), one in zip(chunk.sentences, said, strict=True)
    ]


@lru_cache(maxsize=KEPT_LOADED)
def load(digest: str) -> Predictor:
    """Load a model once; torch comes in here, with the first job, and not with the worker."""
    from extraction.recipes import predict as recipe  # noqa: PLC0415
    from extraction.recipes.train import use_threads  # noqa: PLC0415

    use_threads(None)
    with artefacts.held(digest) as model:
        return recipe.load(model)


def is_out_of_memory(error: RuntimeError) -> bool:
    """Say whether the device had no memory left; torch's own class is a RuntimeError."""
    return type(error).__name__ == "OutOfMemoryError"


def fail(held: Claim, code: str, message: str) -> None:
    """End a chunk with a reason; its sentences stay without a suggestion of this version."""
    jobs.finish(held, state=JobState.FAILED, code=code, message=message)


def cancel(held: Claim) -> None:
    """End a chunk that nobody wants any more."""
    jobs.finish(held, state=JobState.CANCELLED)
