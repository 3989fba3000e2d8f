"""The one task: take the job whose bell rang, do it, and let whatever fails end in a state."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from annotator.config.celery import app
from annotator.core import jobs
from annotator.core.errors import DomainError
from annotator.core.jobs import Claim, JobLostError
from annotator.core.troubles import trouble_of
from extraction.errors import ExtractionError
from worker import arranging, importing, measuring, prediction, training
from worker.errors import TransientError, frames_of
from worker.heart import Heart

logger = logging.getLogger(__name__)

HAND_BACK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Trade:
    """How one kind of job is done, and how it ends when it cannot be."""

    do: Callable[[Claim, Heart], None]
    fail: Callable[[Claim, str, str], None]
    cancel: Callable[[Claim], None]


TRADES: Mapping[str, Trade] = {
    "train": Trade(training.train, training.fail, training.cancel),
    "measure": Trade(measuring.measure, measuring.fail, measuring.cancel),
    "predict": Trade(prediction.predict, prediction.fail, prediction.cancel),
    "arrange": Trade(arranging.arrange, arranging.fail, arranging.cancel),
    "import": Trade(importing.import_file, importing.fail, importing.cancel),
}


@app.task(name=jobs.DOORBELL, ignore_result=True)
def work(*, job_id: int) -> None:
    """Answer a doorbell; a second ring for the same job finds nothing to claim."""
    try:
        held = jobs.claim(job_id=job_id, worker=f"{socket.gethostname()}:{os.getpid()}")
        if held is None:
            return
        logger.info("job %s (%s) attempt %s", held.job_id, held.kind, held.attempt)
        with Heart(held) as heart:
            end(held, heart)
        if held.kind == "train":  # one at a time in a project: the next one may begin
            jobs.ring_next(kind=held.kind, project_id=held.project_id)
    except JobLostError:
        logger.warning("job %s was taken over by another worker", job_id)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("job %s waits for the sweeper: %s", job_id, type(error).__name__)
        connection.close()


def end(held: Claim, heart: Heart) -> None:
    """Do a claimed job; afterwards it is over or back in the queue, unless it was lost."""
    trade = TRADES[held.kind]
    try:
        if held.is_cancel_requested:
            trade.cancel(held)
        elif held.is_last_straw:
            times = held.attempt - 1
            trade.fail(held, "gave_up", f"It was begun {times} times and never came to its end")
        else:
            trade.do(held, heart)
    except JobLostError:
        raise
    except TransientError as error:
        jobs.retry_later(held, code=error.code, message=error.message)
    except (OperationalError, InterfaceError) as error:
        hand_back(held, heart, TransientError("database_away", type(error).__name__))
    except (DomainError, ExtractionError) as error:
        logger.warning("job %s failed: %s", held.job_id, error.code)
        trade.fail(held, error.code, error.message)
    except Exception as error:  # noqa: BLE001 - the worker's edge: every job ends in a state
        logger.error("job %s failed: %s", held.job_id, frames_of(error))  # noqa: TRY400
        trade.fail(held, *code_and_message(error))


def code_and_message(error: Exception) -> tuple[str, str]:
    """Return how a job ends that broke: the machine's trouble by name, or the kind of error."""
    trouble = trouble_of(error)
    if trouble is not None:
        return trouble.code, trouble.message
    return "internal_error", f"{type(error).__name__}; the worker's log has more"


def hand_back(held: Claim, heart: Heart, error: TransientError) -> None:
    """Put a job back as soon as the database answers again, so that nobody waits for our lease."""
    while True:
        connection.close()
        try:
            return jobs.retry_later(held, code=error.code, message=error.message)
        except (OperationalError, InterfaceError):
            if heart.is_stopping:
                raise
            heart.check()  # away for a whole lease: another may have the job by now
            time.sleep(HAND_BACK_SECONDS)
