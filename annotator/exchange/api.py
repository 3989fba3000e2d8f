"""Imports and exports over HTTP."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any, BinaryIO

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import (
    api_view,
    content_negotiation_class,
    parser_classes,
    throttle_classes,
)
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotator.accounts.authentication import caller
from annotator.core.doors import logged_in
from annotator.core.errors import InvalidError
from annotator.core.http import Body, TooLargeError, read, read_query
from annotator.core.limits import ExportLimit, ImportLimit, SaveLimit
from annotator.core.negotiation import FormatIsOurs
from annotator.core.pagination import page
from annotator.core.parameters import takes
from annotator.exchange.formats import AUTO, READABLE, WRITABLE
from annotator.exchange.formats.drafts import FileError
from annotator.exchange.inserts.cleaning import Removed
from annotator.exchange.inserts.cutting import Cut, Drop, Join
from annotator.exchange.inserts.rules import Rules, RulesError, rules_of
from annotator.exchange.selectors import (
    Wanted,
    import_for,
    import_in_list,
    import_json,
    imports_of,
)
from annotator.exchange.services import (
    Wish,
    cancel_import,
    check_export,
    request_import,
    start_export,
)
from annotator.exchange.services.previewing import preview_inserts
from annotator.exchange.states import ImportState, LabelPolicy, SplitPolicy
from annotator.projects.access import project_for
from annotator.projects.models import Role

LONGEST_LENGTH = 18  # digits of Content-Length
MOST_PREVIEWED = 8_000_000
FORM_BYTES = 1_000_000  # what the form adds to its file, generously


class ImportIn(Body):
    """A file and what to do with it."""

    file = serializers.FileField(allow_empty_file=True)
    format = serializers.ChoiceField(
        choices=[AUTO, *READABLE], default=AUTO, help_text="`auto` tells it by the first lines"
    )
    labels = serializers.ChoiceField(
        choices=LabelPolicy.choices,
        default=LabelPolicy.GOLD,
        help_text="What the labels in the file become; `ignore` does not read them",
    )
    split = serializers.ChoiceField(
        choices=SplitPolicy.choices,
        default=SplitPolicy.AUTO,
        help_text="Where new sentences go; `auto` holds a random share out",
    )
    rules = serializers.JSONField(
        required=False, help_text="How inserts are cut: an object; what it leaves out stays usual"
    )


class PreviewIn(Body):
    """The file, or its first part, and the rules to try."""

    file = serializers.FileField()
    rules = serializers.JSONField(required=False)


class ProblemOut(serializers.Serializer[Any]):
    """A refused line, or a note on one that was taken."""

    line = serializers.IntegerField()
    code = serializers.CharField()
    message = serializers.CharField()


class SectionOut(serializers.Serializer[Any]):
    """A section that the inserts have, and whether the rules take it."""

    name = serializers.CharField()
    count = serializers.IntegerField()
    wanted = serializers.BooleanField()


class ChangeOut(serializers.Serializer[Any]):
    """Characters of the raw text that were taken out or exchanged."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    why = serializers.ChoiceField(choices=[one.value for one in Removed])


class JoinOut(serializers.Serializer[Any]):
    """A place that looked like the end of a sentence and is none."""

    at = serializers.IntegerField()
    why = serializers.ChoiceField(choices=[one.value for one in Join])


class PieceOut(serializers.Serializer[Any]):
    """A sentence at [start, end) of the raw text, or, with `drop`, a piece that becomes none."""

    text = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    cut = serializers.ChoiceField(choices=[one.value for one in Cut])
    drop = serializers.ChoiceField(choices=[one.value for one in Drop], allow_null=True)
    joins = JoinOut(many=True)


class InsertOut(serializers.Serializer[Any]):
    """An insert with all that happened to it."""

    line = serializers.IntegerField()
    drug = serializers.CharField()
    section = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    changes = ChangeOut(many=True)
    pieces = PieceOut(many=True)


class PreviewOut(serializers.Serializer[Any]):
    """What the rules make of the file; the first 50 inserts are shown whole."""

    rules = serializers.DictField()
    sections = SectionOut(many=True)
    summary = serializers.DictField(child=serializers.IntegerField())
    inserts = InsertOut(many=True)
    problems = ProblemOut(many=True)


class FailureOut(serializers.Serializer[Any]):
    """Why an import failed as a whole."""

    code = serializers.CharField()
    message = serializers.CharField()


class ImportOut(serializers.Serializer[Any]):
    """An import and its report."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=ImportState.choices)
    filename = serializers.CharField()
    format = serializers.CharField()
    labels = serializers.ChoiceField(choices=LabelPolicy.choices)
    split = serializers.ChoiceField(choices=SplitPolicy.choices)
    accepted = serializers.IntegerField()
    refused = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rules = serializers.DictField()
    summary = serializers.DictField(child=serializers.IntegerField())
    progress = serializers.FloatField()
    problems = ProblemOut(many=True)
    error = FailureOut(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class ImportPage(serializers.Serializer[Any]):
    """One page of imports, the newest first."""

    results = ImportOut(many=True)
    next = serializers.CharField(allow_null=True)


class ExportQuery(Body):
    """What to write, and in which form."""

    format = serializers.ChoiceField(choices=WRITABLE, default="native")
    state = serializers.ChoiceField(choices=[one.value for one in Wanted], default="gold")


class UnreadableFileError(InvalidError):
    """The file as a whole cannot be read; an import would end with the code `context.reason`."""

    code = "unreadable_file"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@takes(pages=True)
@extend_schema(methods=["GET"], operation_id="projects_imports_list", responses=ImportPage)
@extend_schema(
    methods=["POST"], request={"multipart/form-data": ImportIn}, responses={202: ImportOut}
)
@api_view(["GET", "POST"])
@logged_in
@parser_classes([MultiPartParser])
@throttle_classes([ImportLimit])
def imports(request: Request, project_id: int) -> Response:
    """List a project's imports; import a file."""
    project = project_for(caller(request), project_id, at_least=Role.MANAGER)
    if request.method == "GET":
        return page(imports_of(project), request, ("-id",), import_in_list)
    _refuse_giants(request)
    asked = read(ImportIn, request)
    file: UploadedFile[bytes] = asked["file"]
    wanted, _ = request_import(
        project=project,
        actor=caller(request),
        wish=Wish(
            filename=file.name or "",
            format=asked["format"],
            labels=LabelPolicy(asked["labels"]),
            split=SplitPolicy(asked["split"]),
            rules=_rules(asked.get("rules")),
        ),
        chunks=file.chunks(),
    )
    return Response(import_json(wanted), status=202)


def _rules(given: Any) -> Rules:
    """Read the rules, or say which one cannot be followed."""
    if given is None or given == "":
        return Rules()
    if not isinstance(given, dict):
        raise InvalidError("The rules must be one JSON object", field="rules")
    try:
        return rules_of(given)
    except RulesError as error:
        raise InvalidError(str(error), field="rules", rule=error.rule) from error


@extend_schema(request={"multipart/form-data": PreviewIn}, responses=PreviewOut)
@api_view(["POST"])
@logged_in
@parser_classes([MultiPartParser])
@throttle_classes([SaveLimit])
def preview(request: Request, project_id: int) -> Response:
    """Show how inserts would be cut, without storing anything. A part of the file will do."""
    project_for(caller(request), project_id, at_least=Role.MANAGER)
    _refuse_giants(request, MOST_PREVIEWED)
    asked = read(PreviewIn, request)
    file: BinaryIO = asked["file"].file
    try:
        return Response(preview_inserts(file, _rules(asked.get("rules"))))
    except FileError as error:
        raise UnreadableFileError(error.message, reason=error.code, field="file") from error


def _refuse_giants(request: Request, most: int | None = None) -> None:
    """Say no before the body is taken apart."""
    limit = most or settings.MAX_UPLOAD_BYTES
    said = request.META.get("CONTENT_LENGTH") or "0"
    if not (said.isascii() and said.isdecimal()):
        raise InvalidError("Content-Length must be a number", header="Content-Length")
    length = int(said) if len(said) <= LONGEST_LENGTH else sys.maxsize
    if length > limit + FORM_BYTES:
        raise TooLargeError("The file is too large", limit_bytes=limit)


@extend_schema(responses=ImportOut)
@api_view(["GET"])
@logged_in
def one_import(request: Request, project_id: int, import_id: int) -> Response:
    """Show how far an import is, and what it refused."""
    project = project_for(caller(request), project_id, at_least=Role.MANAGER)
    return Response(import_json(import_for(project=project, import_id=import_id)))


@extend_schema(request=None, responses=ImportOut)
@api_view(["POST"])
@logged_in
def cancel(request: Request, project_id: int, import_id: int) -> Response:
    """Stop an import; what was taken in stays."""
    project = project_for(caller(request), project_id, at_least=Role.MANAGER)
    wanted = cancel_import(project=project, import_id=import_id, actor=caller(request))
    return Response(import_json(wanted))


@takes(ExportQuery)
@extend_schema(
    responses={
        (200, "application/x-ndjson"): OpenApiResponse(OpenApiTypes.BINARY, "One object a line"),
        (200, "application/json"): OpenApiResponse(OpenApiTypes.ANY, "One array"),
        (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY, "A row for each triple"),
        (200, "text/plain"): OpenApiResponse(OpenApiTypes.BINARY, "A token a line"),
        (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "brat's files"),
        (
            200,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ): OpenApiResponse(OpenApiTypes.BINARY, "A workbook"),
    },
)
@api_view(["GET"])
@logged_in
@content_negotiation_class(FormatIsOurs)
@throttle_classes([ExportLimit])
def export(request: Request, project_id: int) -> StreamingHttpResponse:
    """Download the labels as a stream.

    The same labels give the same bytes. A connection that breaks leaves the body without its
    end, which HTTP clients report: keep what came only when it came whole.
    """
    actor = caller(request)
    project = project_for(actor, project_id, at_least=Role.REVIEWER)
    query = read_query(ExportQuery, request)
    download = start_export(
        project=project,
        format_name=query["format"],
        wanted=Wanted(query["state"]),
        actor=actor,
    )
    is_async = isinstance(request._request, ASGIRequest)  # noqa: SLF001 - DRF hides the difference
    answer = StreamingHttpResponse(
        _drawn(download.chunks) if is_async else download.chunks,
        content_type=download.content_type,
    )
    answer["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=download.filename
    )
    answer["Cache-Control"] = "no-store"
    return answer


@takes(ExportQuery)
@extend_schema(responses={204: None})
@api_view(["GET"])
@logged_in
@content_negotiation_class(FormatIsOurs)
def check(request: Request, project_id: int) -> Response:
    """Say beforehand whether the format can hold the labels: 204, or 422 with the sentences."""
    project = project_for(caller(request), project_id, at_least=Role.REVIEWER)
    query = read_query(ExportQuery, request)
    check_export(project=project, format_name=query["format"], wanted=Wanted(query["state"]))
    return Response(status=204)


async def _drawn(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Draw chunk by chunk: under ASGI Django would collect a plain iterator whole."""

    def next_chunk() -> bytes | None:
        return next(chunks, None)

    draw = sync_to_async(next_chunk)
    while (chunk := await draw()) is not None:
        yield chunk
