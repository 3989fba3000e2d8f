"""G9: every route, method and kind of person: what is not allowed is refused, nothing written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.accounts.services import issue_token
from annotator.exchange.models import ImportJob
from annotator.labelling.services.comments import add_comment
from annotator.learning.models import Comparison, ModelVersion, Run
from annotator.projects.models import Membership, Project, Role
from annotator.projects.services import create_project
from tests.annotator.conftest import AddSentences, join
from tests.annotator.learning.conftest import GOLD, texts
from tests.annotator.learning.judging import gold, train_saying

pytestmark = pytest.mark.django_db

HERE = Path(__file__).parent
CONTRACT = HERE.parents[1] / "frontend" / "openapi.json"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE")
LEVELS = ("annotator", "reviewer", "manager")
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|TRUNCATE|COPY)\b", re.IGNORECASE)
VALUES: tuple[object, ...] = (True, "x", -1, 2**70, 1.5, [], {}, None, [None], "\u202e" * 3)
SMUGGLED = ("is_superuser", "is_staff", "role", "project", "project_id", "author", "actor", "id")
Table = Mapping[str, Mapping[str, str]]
Record = Callable[[str, object], None]


def table() -> Table:
    found: Table = yaml.safe_load((HERE / "access.yaml").read_text(encoding="utf-8"))
    return found


def routes() -> list[str]:
    """All routes of the API as the table spells them."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for one in patterns:
            whole = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, whole)
            else:
                yield re.sub(r"<int:(\w+)>", r"{\1}", whole)

    prefix = "api/v1/"
    whole = walk(get_resolver().url_patterns, "")
    return sorted({one.removeprefix(prefix) for one in whole if one.startswith(prefix)})


@dataclass(frozen=True)
class World:
    """A project with one of everything; `ids` by the names of the routes."""

    project: Project
    ids: Mapping[str, int]

    def address(self, route: str, **other: int) -> str:
        return "/api/v1/" + route.format(**{**self.ids, **other})


Build = Callable[..., World]


@pytest.fixture
def build(add_sentences: AddSentences) -> Build:
    """Return a function that fills a project."""

    def fill(project: Project, owner: User, writer: User, *, first: int) -> World:
        add_sentences(project, texts(4, first=first), gold=dict.fromkeys(range(4), GOLD))
        held = add_sentences(project, texts(1, first=first + 4), gold={0: GOLD}, split="holdout")
        (pending,) = add_sentences(project, texts(1, first=first + 5))
        versions = [train_saying(project, owner, gold) for _ in range(2)]
        comment = add_comment(sentence=pending, author=writer, text="?")
        job = ImportJob.objects.create(
            project=project, filename="x", stored_name=uuid4(), size=1, sha256="a" * 64,
            format="text", labels="ignore", split="pool", requested_by=owner,
        )  # fmt: skip
        comparison = Comparison.objects.create(project=project, requested_by=owner)
        Run.objects.filter(pk=versions[0].run_id).update(comparison=comparison)
        member = Membership.objects.get(project=project, user=writer)
        assert held
        return World(
            project,
            {
                "project_id": project.pk,
                "member_id": member.pk,
                "sentence_id": pending.pk,
                "comment_id": comment.pk,
                "run_id": versions[1].run_id,
                "version_id": versions[1].pk,
                "first_id": versions[0].pk,
                "second_id": versions[1].pk,
                "comparison_id": comparison.pk,
                "import_id": job.pk,
            },
        )

    return fill


@pytest.fixture
def worlds(
    project: Project, manager: User, ana: User, make_user: Callable[[str], User], build: Build
) -> tuple[World, World]:
    """The project of the cast, and another one that Mei manages, too."""
    own = build(project, manager, ana, first=0)
    other = create_project(name="Other", template="ch-ddi", language="zh", owner=manager, seed=8)
    return own, build(other.project, manager, manager, first=100)


@pytest.fixture
def actors(
    worlds: tuple[World, World],
    manager: User,
    reviewer: User,
    ana: User,
    outsider: User,
    make_user: Callable[[str], User],
) -> Mapping[str, APIClient]:
    """Everybody who may come: by what they are to the project."""
    former, gone = make_user("fei"), make_user("gu")
    join(worlds[0].project, former, Role.MANAGER).memberships.all().delete()
    join(worlds[0].project, gone, Role.MANAGER)
    root = User.objects.create_superuser(username="root", password="correct-horse-battery")
    people = {
        "annotator": ana,
        "reviewer": reviewer,
        "manager": manager,
        "outsider": outsider,
        "former": former,
        "superuser": root,
        "deactivated": gone,
    }
    clients = {"anonymous": APIClient(raise_request_exception=False)}
    for name, user in people.items():
        clients[name] = APIClient(raise_request_exception=False)
        clients[name].credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user=user)}")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    return clients


def ask(
    client: APIClient, method: str, address: str, body: Any = None
) -> tuple[Any, Sequence[str]]:
    """Ask, undo whatever came of it, and return the answer with what it had written."""
    wrote: list[str] = []

    def note(run: Any, sql: str, *rest: Any) -> Any:
        if WRITES.match(sql):
            wrote.append(sql)
        return run(sql, *rest)

    with transaction.atomic(), connection.execute_wrapper(note):
        if method in {"GET", "HEAD", "OPTIONS", "TRACE"}:
            answer: Any = client.generic(method, address)
        else:
            text = json.dumps(body or {})
            answer = client.generic(method, address, text, content_type="application/json")
        if answer.streaming:
            answer = FileLike(answer.status_code, b"".join(answer.streaming_content))
        transaction.set_rollback(True)
    return answer, wrote


@dataclass(frozen=True)
class FileLike:
    """An answer that was streamed, read to its end while the world was still there."""

    status_code: int
    content: bytes


REFUSED = frozenset({401, 403, 404, 405})
LET_IN = frozenset(range(100, 500)) - REFUSED


def expected(actor: str, least: str | None) -> frozenset[int]:
    """The statuses of which one must come."""
    if least == "open":
        return frozenset({401}) | LET_IN if actor == "deactivated" else LET_IN
    if actor in {"anonymous", "deactivated"}:
        return frozenset({401, 405} if least is None else {401})
    if least is None:
        return frozenset({405})
    if least != "account" and actor not in LEVELS:
        return frozenset({404})
    is_low = least in LEVELS and LEVELS.index(actor) < LEVELS.index(least)
    return frozenset({403}) if is_low else LET_IN


@dataclass(frozen=True)
class Cell:
    """One question: a route, a method, who asks, and what is let in."""

    route: str
    method: str
    actor: str
    least: str | None

    def faults(self, world: World, client: APIClient) -> Iterator[str]:
        """Ask, and say what is not as the table has it."""
        wanted = expected(self.actor, self.least)
        answer, wrote = ask(client, self.method, world.address(self.route))
        cell = f"{self.method} {self.route} as {self.actor}: {answer.status_code}"
        if answer.status_code not in wanted and not (
            answer.status_code == 404 and wanted >= LET_IN and self._is_elsewhere(world, client)
        ):
            yield f"{cell} {answer.content[:90]!r}"
        if self.is_refused and wrote:
            yield f"{cell}, and it wrote: {wrote[0][:80]}"
        if wanted == {404} and self.method != "HEAD":
            missing, _ = ask(client, self.method, self._nowhere(world))
            if without_ids(missing) != without_ids(answer):
                yield f"{cell}, and it differs from what is not there"

    def _is_elsewhere(self, world: World, client: APIClient) -> bool:
        """Say whether what is not there is something within the thing that was let in to."""
        if "{" not in self.route:
            return True  # nothing was asked for by its id: a thing that is not set up here
        answers = (
            ask(client, self.method, address)[0]
            for address in (world.address(self.route), self._nowhere(world))
        )
        found, missing = (without_ids(one) for one in answers)
        return found != missing

    def _nowhere(self, world: World) -> str:
        ids = dict.fromkeys(re.findall(r"{(\w+)}", self.route), 2**40)
        return world.address(self.route, **ids)

    @property
    def is_refused(self) -> bool:
        return expected(self.actor, self.least) <= REFUSED


def cells(actors: Mapping[str, APIClient]) -> Iterator[Cell]:
    for route, row in table().items():
        for method in METHODS:
            for actor in actors:
                yield Cell(route, method, actor, row.get(method))


def test_every_cell_is_as_the_table_says(
    worlds: tuple[World, World], actors: Mapping[str, APIClient], record_property: Record
) -> None:
    own, _ = worlds
    every = list(cells(actors))
    wrong = [fault for one in every for fault in one.faults(own, actors[one.actor])]
    assert not wrong, "\n".join(wrong[:40])
    refused = sum(one.is_refused for one in every)
    record_property("safety", f"G9: {len(every):,} cells, {refused:,} refusals that wrote nothing")


def without_ids(answer: Any) -> tuple[int, str]:
    """What an answer says, but for the ids that were asked for."""
    return answer.status_code, re.sub(r"\d+", "N", answer.content.decode())


# Bodies that are read before the ids of the address are looked for.
SOUND = {
    "projects/{project_id}/members/{member_id}/": {"role": "reviewer"},
    "sentences/{sentence_id}/comments/{comment_id}/": {"text": "!"},
}


def test_ids_of_two_projects_do_not_mix(
    worlds: tuple[World, World], actors: Mapping[str, APIClient], record_property: Record
) -> None:
    """Mei manages both projects: even for her a child is only found under its own parent."""
    own, other = worlds
    client, mixed, wrong = actors["manager"], 0, []
    for route, row in table().items():
        names = re.findall(r"{(\w+)}", route)
        if len(names) < 2:
            continue
        for name in names:
            address = own.address(route, **{name: other.ids[name]})
            for method in row:
                answer, wrote = ask(client, method, address, SOUND.get(route))
                mixed += 1
                if answer.status_code != 404 or wrote:
                    wrong.append(f"{method} {address}: {answer.status_code} {wrote[:1]}")
    assert not wrong, "\n".join(wrong)
    record_property("safety", f"G9: {mixed} mixtures of two projects' ids, none answered")


def bodies() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every route and method that takes a JSON body, with the properties of it."""
    contract = json.loads(CONTRACT.read_text(encoding="utf-8"))
    for path, methods in contract["paths"].items():
        for method, about in methods.items():
            content = about.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            schema = content["schema"]
            if "$ref" in schema:
                schema = contract["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
            yield path.removeprefix("/api/v1/"), method.upper(), schema.get("properties", {})


def fields_of_bodies() -> Iterator[tuple[str, str, str, bool]]:
    for route, method, fields in bodies():
        for name in (*fields, *SMUGGLED):
            yield route, method, name, name in fields


def test_no_value_of_a_field_breaks_anything_or_lifts_anybody(
    worlds: tuple[World, World], actors: Mapping[str, APIClient], record_property: Record
) -> None:
    own, _ = worlds
    sent, wrong = 0, []
    for route, method, name, is_known in fields_of_bodies():
        for actor, value in product(LEVELS, VALUES):
            answer, _ = ask(actors[actor], method, own.address(route), {name: value})
            sent += 1
            if answer.status_code >= 500 or (not is_known and answer.status_code < 300):
                wrong.append(f"{method} {route} {name}={value!r} as {actor}: {answer.status_code}")
    assert not wrong, "\n".join(wrong[:40])
    record_property("safety", f"G9: {sent:,} odd values in fields of bodies, none broke anything")


def test_ids_in_bodies_are_those_of_the_project(
    worlds: tuple[World, World], actors: Mapping[str, APIClient]
) -> None:
    """Every whole number in a body that is an id: another project's is not found."""
    own, other = worlds
    relational = {
        (route, method, name)
        for route, method, fields in bodies()
        for name, about in fields.items()
        if re.search(r"(_ids?|^sentences?|^models?|^runs?|^members?)$", name)
        and "integer" in json.dumps(about)
    }
    assert relational == REVIEWED_IDS
    assert own.ids["version_id"] != other.ids["version_id"]


REVIEWED_IDS: set[tuple[str, str, str]] = set()


def test_versions_of_other_projects_are_not_served(worlds: tuple[World, World]) -> None:
    own, other = worlds
    mine = ModelVersion.objects.filter(project=own.project)
    assert not mine.filter(pk=other.ids["version_id"]).exists()
