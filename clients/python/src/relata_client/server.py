"""A server, as one person may use it."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID, uuid4

import httpx

from relata_client.errors import (
    BrokenAnswerError,
    ImportFailedError,
    RelataError,
    raise_refusal,
)
from relata_client.generated import AuthenticatedClient
from relata_client.generated.api.accounts import auth_token_create
from relata_client.generated.api.exchange import projects_imports_create, projects_imports_retrieve
from relata_client.generated.api.labelling import (
    sentences_annotation_retrieve,
    sentences_annotation_update,
)
from relata_client.generated.api.learning import (
    projects_next_create,
    projects_progress_retrieve,
    projects_sentences_list,
    sentences_retrieve,
)
from relata_client.generated.api.projects import (
    projects_create,
    projects_list,
    projects_schema_retrieve,
    projects_schema_update,
)
from relata_client.generated.models import (
    AnnotationOut,
    CredentialsRequest,
    Error,
    ImportInRequest,
    ImportOut,
    ListedOut,
    NextInRequest,
    NextOut,
    ProgressOut,
    ProjectInRequest,
    ProjectOut,
    SaveOut,
    SchemaBody,
    SchemaBodyRequest,
    SentenceOut,
    TokenOut,
)
from relata_client.generated.models.action_enum import ActionEnum
from relata_client.generated.models.format_enum import FormatEnum
from relata_client.generated.models.label_policy import LabelPolicy
from relata_client.generated.models.language_enum import LanguageEnum
from relata_client.generated.models.split_policy import SplitPolicy
from relata_client.generated.models.template_enum import TemplateEnum
from relata_client.generated.types import UNSET, File, Unset
from relata_client.labels import Labels
from relata_client.retrying import STREAMED, Retrying

T = TypeVar("T")
RowT = TypeVar("RowT")
RowT_co = TypeVar("RowT_co", covariant=True)
UNDER_WAY = frozenset({"queued", "running"})
BLOCK = 65_536


class Page(Protocol[RowT_co]):
    """One page of a list."""

    @property
    def results(self) -> Sequence[RowT_co]:
        """Return the rows."""

    @property
    def next_(self) -> str | None:
        """Return the address of the page after it."""


class Relata:
    """A server, as the person may use it whose token this is.

    `api` is for the operations that have no method here:
    `projects_runs_list.sync(7, client=relata.api)`. Errors are raised from there, too.
    """

    def __init__(
        self, url: str, token: str = "", *, timeout: float = 60.0, patience: float = 60.0
    ) -> None:
        """Use a server; for `patience` seconds an answer that is lost is asked for again."""
        transport = Retrying(httpx.HTTPTransport(), patience)
        self.api = AuthenticatedClient(
            base_url=url.rstrip("/"),
            token=token,
            prefix="Token" if token else "",
            auth_header_name="Authorization" if token else "X-No-Token",
            timeout=httpx.Timeout(timeout),
            httpx_args={"transport": transport, "event_hooks": {"response": [raise_refusal]}},
        )

    @classmethod
    def login(
        cls, url: str, username: str, password: str, *, code: str = "", patience: float = 60.0
    ) -> Self:
        """Exchange name and password (and the code of a second factor) for a token."""
        body = CredentialsRequest(username=username, password=password, code=code)
        with cls(url, patience=patience) as stranger:
            answer = auth_token_create.sync(client=stranger.api, body=body)
        return cls(url, _sure(TokenOut, answer).token, patience=patience)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.api.get_httpx_client().close()

    # Projects

    def projects(self) -> Iterator[ProjectOut]:
        """Yield the projects that the person belongs to, the newest first."""
        return self.pages(lambda cursor: projects_list.sync(client=self.api, cursor=cursor))

    def create_project(
        self, name: str, *, template: TemplateEnum = "ch-ddi", language: LanguageEnum = "zh"
    ) -> ProjectOut:
        """Make a project; the person manages it."""
        body = ProjectInRequest(name=name, template=template, language=language)
        return _sure(ProjectOut, projects_create.sync(client=self.api, body=body))

    def schema(self, project: int) -> SchemaBody:
        """Return the types that labels of a project can have."""
        return _sure(SchemaBody, projects_schema_retrieve.sync(project, client=self.api))

    def replace_schema(self, project: int, schema: Mapping[str, Any]) -> SchemaBody:
        """Replace them; `schema` is JSON with `entity_types` and `relation_types`."""
        body = SchemaBodyRequest.from_dict(schema)
        return _sure(SchemaBody, projects_schema_update.sync(project, client=self.api, body=body))

    def progress(self, project: int) -> ProgressOut:
        """Return how far a project is."""
        return _sure(ProgressOut, projects_progress_retrieve.sync(project, client=self.api))

    # Files

    def import_file(
        self,
        project: int,
        path: Path | str,
        *,
        format: FormatEnum = "auto",  # noqa: A002 - as the API calls it
        labels: LabelPolicy = "gold",
        split: SplitPolicy = "auto",
        on_progress: Callable[[ImportOut], None] = lambda _: None,
    ) -> ImportOut:
        """Import a file and wait; return the report, which names every line that was refused."""
        path = Path(path)
        with path.open("rb") as payload:
            body = ImportInRequest(
                file=File(payload=payload, file_name=path.name),
                format_=format,
                labels=labels,
                split=split,
            )
            answer = projects_imports_create.sync(project, client=self.api, body=body)
        report, pause = _sure(ImportOut, answer), 0.1
        while report.state in UNDER_WAY:
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)
            shown = projects_imports_retrieve.sync(project, report.id, client=self.api)
            report = _sure(ImportOut, shown)
            on_progress(report)
        if report.state != "done":
            raise ImportFailedError(report)
        return report

    def export(self, project: int, *, format: str = "native", state: str = "gold") -> Iterator[str]:  # noqa: A002
        """Yield the lines of an export while they come; BrokenAnswerError if the end is missing."""
        with self._stream(project, format, state) as response:
            yield from response.iter_lines()

    def download(
        self,
        project: int,
        path: Path | str,
        *,
        format: str = "native",  # noqa: A002 - as the API calls it
        state: str = "gold",
    ) -> Path:
        """Write an export to a file, which appears or is replaced only when all of it has come."""
        path = Path(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with self._stream(project, format, state) as response, os.fdopen(handle, "wb") as file:
                for block in response.iter_bytes(BLOCK):
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return path

    @contextmanager
    def _stream(self, project: int, form: str, state: str) -> Iterator[httpx.Response]:
        wanted = self.api.get_httpx_client().stream(
            "GET",
            f"/api/v1/projects/{project}/export/",
            params={"format": form, "state": state},
            extensions={STREAMED: True},
        )
        with wanted as response:
            try:
                yield response
            except httpx.TransportError as error:
                raise BrokenAnswerError("The export ended before its end") from error

    # Sentences and labels

    def next(self, project: int, count: int = 1, *, resume: bool = False) -> Sequence[SentenceOut]:
        """Lease the next sentences to the person; none when nothing is left."""
        body = NextInRequest(count=count, resume=resume)
        answer = projects_next_create.sync(project, client=self.api, body=body)
        return _sure(NextOut, answer).sentences

    def sentences(self, project: int, **wanted: Any) -> Iterator[ListedOut]:
        """Yield sentences; `wanted` are the parameters of the list, like `state="gold"`."""
        return self.pages(
            lambda cursor: projects_sentences_list.sync(
                project, client=self.api, cursor=cursor, **wanted
            )
        )

    def sentence(self, sentence: int) -> SentenceOut:
        """Return a sentence with the person's labels and the model's suggestion."""
        return _sure(SentenceOut, sentences_retrieve.sync(sentence, client=self.api))

    def annotation(self, sentence: int) -> AnnotationOut:
        """Return the person's labels of a sentence; version 0 if there are none yet."""
        answer = sentences_annotation_retrieve.sync(sentence, client=self.api)
        return _sure(AnnotationOut, answer)

    def save(
        self,
        sentence: int,
        labels: Labels,
        *,
        version: int,
        action: ActionEnum = "save",
        seconds: float = 0.0,
        key: UUID | None = None,
    ) -> SaveOut:
        """Save the labels that grew from `version`; `action` submits or skips the sentence.

        A lost answer is asked for again under the same key, so that nothing is stored twice. Who
        also wants to repeat a save after a crash keeps a `key` of their own.
        """
        body = labels.body()
        body.action, body.seconds = action, seconds
        answer = sentences_annotation_update.sync(
            sentence,
            client=self.api,
            body=body,
            if_match=f'"{version}"',
            idempotency_key=str(key or uuid4()),
        )
        return _sure(SaveOut, answer)

    def pages(self, fetch: Callable[[str | Unset], Page[RowT] | Error | None]) -> Iterator[RowT]:
        """Yield the rows of all pages; `fetch` gets a cursor and returns a page."""
        cursor: str | Unset = UNSET
        while True:
            page = fetch(cursor)
            if page is None or isinstance(page, Error):
                raise _strange(page)
            yield from page.results
            if page.next_ is None:
                return
            cursor = httpx.URL(page.next_).params["cursor"]


def _sure(kind: type[T], answer: object) -> T:
    """Return an answer that is one; refusals were raised before, so this is a stranger's."""
    if isinstance(answer, kind):
        return answer
    raise _strange(answer)


def _strange(answer: object) -> RelataError:
    return RelataError(f"That was no answer of Relata: {type(answer).__name__}")
