"""Exports: a stream of bytes, in the order of the corpus, the same for the same data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from annotator.accounts.models import User
from annotator.core import audit
from annotator.core.errors import InvalidError
from annotator.exchange.formats import FORMATS, WRITABLE
from annotator.exchange.formats.drafts import CannotHoldError
from annotator.exchange.formats.writing import About, Pages, Refuse, Writing
from annotator.exchange.selectors import Wanted, export_pages
from annotator.projects.models import Project
from annotator.projects.selectors import schema_of

UNSAFE = re.compile(r"[^\w.-]+")
LONGEST_NAME = 60


class LabelsDoNotFitError(InvalidError):
    """The format cannot hold the labels; `context.sentences` has the ids of the first of them."""

    code = "labels_do_not_fit"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is written while it is sent."""

    filename: str
    content_type: str
    chunks: Iterator[bytes]


def check_export(*, project: Project, format_name: str, wanted: Wanted) -> None:
    """Raise what `start_export` would raise, without taking anything out."""
    writing, about = _writing(format_name), _about(project)
    if writing.refuse is not None:
        _refuse(writing.refuse, export_pages(project=project, wanted=wanted), about)


def start_export(
    *, project: Project, format_name: str, wanted: Wanted, actor: User | None
) -> Download:
    """Record that somebody takes the labels out, and return the stream."""
    check_export(project=project, format_name=format_name, wanted=wanted)
    writing, about = _writing(format_name), _about(project)
    change = audit.Change(
        action=f"export.{wanted.value}", object_kind="project", object_id=project.pk
    )
    audit.record(change, actor_id=actor.pk if actor else None, project_id=project.pk)
    name = UNSAFE.sub("_", project.name).strip("._")[:LONGEST_NAME] or f"project-{project.pk}"
    return Download(
        filename=f"{name}.{wanted.value}.{format_name}.{writing.ending}",
        content_type=writing.content_type,
        chunks=writing.write(
            export_pages(project=project, wanted=wanted, with_origin=writing.needs_origin), about
        ),
    )


def _writing(format_name: str) -> Writing:
    writing = FORMATS[format_name].writing if format_name in FORMATS else None
    if writing is None:
        raise InvalidError(
            "There is no such export format", format=format_name, known=list(WRITABLE)
        )
    return writing


def _about(project: Project) -> About:
    return About(schema_of(project), project.name, project.language)


def _refuse(refuse: Refuse, pages: Pages, about: About) -> None:
    """Say what the format cannot hold before a byte is sent."""
    try:
        refuse(pages, about)
    except CannotHoldError as error:
        raise LabelsDoNotFitError(
            error.message, reason=error.code, sentences=error.ids, count=error.count
        ) from error
