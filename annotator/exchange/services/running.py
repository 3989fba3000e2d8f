"""Doing an import: batch by batch under a fence, so that a death in the middle costs nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import BinaryIO

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Now

from annotator.core import jobs
from annotator.core.failpoints import failpoint
from annotator.core.states import JobState
from annotator.corpus.groups import fair_share
from annotator.corpus.models import Sentence
from annotator.corpus.services.sentences import next_position
from annotator.corpus.states import Split
from annotator.exchange.formats import AUTO, FORMATS
from annotator.exchange.formats.detect import detect
from annotator.exchange.formats.drafts import FileError, Options
from annotator.exchange.formats.sources import ARCHIVE, Source, count_lines, open_source
from annotator.exchange.inserts.rules import rules_of
from annotator.exchange.models import ImportJob
from annotator.exchange.services.reading import Problem, Reader, one_ahead
from annotator.exchange.services.taking import SchemaChangedError, StoreSuggestions, Taken, Taking
from annotator.exchange.services.uploads import clear_uploads, path_of, record, tell
from annotator.exchange.states import ENDED, ImportState, LabelPolicy
from annotator.projects.models import Project
from annotator.projects.selectors import schema_of

logger = logging.getLogger(__name__)

BATCH_LINES = 1000
TELL_SECONDS = 0.5
Beat = Callable[[], jobs.Standing]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an import ended, and how many sentences are new and may be pre-annotated."""

    project_id: int
    import_id: int
    state: ImportState
    new_sentences: int = 0


class CancelledError(Exception):
    """Somebody asked the import to stop."""


def run_import(
    claim: jobs.Claim,
    *,
    beat: Beat | None = None,
    store_suggestions: StoreSuggestions | None = None,
    batch_lines: int = BATCH_LINES,
) -> Outcome:
    """Do the import that a job is about, going on where committed batches end.

    `beat` is asked between batches whether to go on, beside the job's row itself. Raises
    JobLostError when another worker has the job by now; every other expected failure ends the
    import as failed, with a code.
    """
    wanted = ImportJob.objects.get(pk=claim.subject_id)
    outcome = Outcome(claim.project_id, wanted.pk, ImportState.DONE)
    if wanted.state in ENDED:
        return replace(outcome, state=ImportState(wanted.state))
    new_sentences = 0
    try:
        _check_claim(claim, wanted, store_suggestions)
        with path_of(wanted.stored_name).open("rb") as file:
            for taken in _take_all(claim, file, store_suggestions, batch_lines):
                new_sentences += taken.new_sentences
                _go_on(taken.standing)
                _go_on(beat() if beat else jobs.Standing.HELD)
    except CancelledError:
        outcome = end_import(claim, state=ImportState.CANCELLED)
    except FileError as error:
        outcome = end_import(
            claim, state=ImportState.FAILED, code=error.code, message=error.message
        )
    except FileNotFoundError:
        outcome = fail_import(claim, code="file_missing", message="The stored file is gone")
    else:
        outcome = end_import(claim, state=ImportState.DONE)
    return replace(outcome, new_sentences=new_sentences)


def fail_import(claim: jobs.Claim, *, code: str, message: str) -> Outcome:
    """End an import as failed; whoever catches what nobody expected calls this."""
    return end_import(claim, state=ImportState.FAILED, code=code, message=message)


def end_import(
    claim: jobs.Claim, *, state: ImportState, code: str = "", message: str = ""
) -> Outcome:
    """End import and job together, tell everybody, delete the file."""
    with transaction.atomic():
        wanted = ImportJob.objects.select_for_update().get(pk=claim.subject_id)
        wanted.state = state
        wanted.error_code = code
        wanted.error_message = message
        wanted.finished_at = Now()
        wanted.progress = 1.0 if state == ImportState.DONE else wanted.progress
        wanted.save(
            update_fields=["state", "error_code", "error_message", "finished_at", "progress"]
        )
        record(wanted, f"import.{state}", None)
        jobs.finish(claim, state=JobState(state.value), code=code, message=message)
        tell(wanted)
    failpoint("import.ended")
    clear_uploads()
    logger.info("import %s ended: %s %s", wanted.pk, state.value, code)
    return Outcome(claim.project_id, wanted.pk, state)


def _check_claim(
    claim: jobs.Claim, wanted: ImportJob, store_suggestions: StoreSuggestions | None
) -> None:
    if claim.is_cancel_requested:
        raise CancelledError
    if claim.is_last_straw:
        message = f"The import was begun {claim.attempt - 1} times and never came to its end"
        raise FileError("gave_up", message)
    if wanted.labels == LabelPolicy.SUGGESTIONS and store_suggestions is None:
        raise FileError(
            "no_suggestions_here", "This way of importing takes gold or no labels; upload the file"
        )


def _go_on(standing: jobs.Standing) -> None:
    if standing is jobs.Standing.CANCEL:
        raise CancelledError
    if standing is jobs.Standing.LOST:
        raise jobs.JobLostError("Another worker took this job over")


def _take_all(
    claim: jobs.Claim,
    file: BinaryIO,
    store_suggestions: StoreSuggestions | None,
    batch_lines: int,
) -> Generator[Taken, None, None]:
    """Take all batches in, giving what each came to.

    When the schema changes under way, the rest is read again by the new one.
    """
    source = open_source(file)
    _begin(claim, source)
    told = 0.0
    while True:
        project = Project.objects.get(pk=claim.project_id)
        wanted = ImportJob.objects.get(pk=claim.subject_id)
        taking = Taking(claim, project.schema_version, store_suggestions)
        batches = _reader(wanted, project, source).batches(after=wanted.next_line, size=batch_lines)
        try:
            with closing(one_ahead(batches)) as ready:
                for batch in ready:
                    is_told = time.monotonic() - told > TELL_SECONDS
                    told = time.monotonic() if is_told else told
                    yield taking.take(batch, is_told=is_told)
        except SchemaChangedError:
            continue
        return


def _begin(claim: jobs.Claim, source: Source) -> None:
    """Settle, on the first attempt, what must stay the same to the end: format, share, start."""
    wanted = ImportJob.objects.select_related("project").get(pk=claim.subject_id)
    if wanted.holdout_share is not None:
        return
    found = detect(source) if wanted.format == AUTO else wanted.format
    _refuse_empty(source)
    lines = count_lines(source)
    with transaction.atomic():
        wanted = ImportJob.objects.select_for_update().get(pk=wanted.pk)
        counts = Sentence.objects.filter(project=wanted.project).aggregate(
            stored=Count("pk"), held=Count("pk", filter=Q(split=Split.HOLDOUT))
        )
        wanted.state = ImportState.RUNNING
        wanted.format = found
        wanted.first_position = next_position(wanted.project)
        wanted.holdout_share = fair_share(wanted.project.holdout_share, **counts, coming=lines)
        if source.encoding not in {"utf-8", ARCHIVE}:
            message = f"The file is {source.encoding}, not UTF-8, and was converted"
            wanted.notes.append(Problem(1, "converted", message).as_json())
        wanted.save()
        tell(wanted)


def _refuse_empty(source: Source) -> None:
    if source.encoding != ARCHIVE and next(source.pieces(), None) is None:
        raise FileError("empty_file", "The file holds no text; choose another file")


def _reader(wanted: ImportJob, project: Project, source: Source) -> Reader:
    schema = schema_of(project)
    reading = FORMATS[wanted.format].reading
    if reading is None:
        raise FileError("unknown_format", f"The format {wanted.format} cannot be read")
    options = Options(wanted.labels, schema.symmetric, rules_of(wanted.rules))
    return Reader(source, reading, options, schema)
