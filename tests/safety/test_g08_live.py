"""G8: whoever follows a project sees all of it once and in order, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from redis import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from annotator.accounts.models import User
from annotator.core.events import group_name, publish
from annotator.core.models import Event
from annotator.corpus.models import Sentence
from annotator.labelling.services import Save, save_annotation
from annotator.labelling.services.saving import Action
from annotator.projects.models import Membership, Project, Role
from annotator.projects.services import create_project
from tests.annotator.conftest import AddSentences
from tests.safety.harness.server import serving, session_of
from tests.safety.tiers import size

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Record = Callable[[str, object], None]
Api = Callable[[User | None], Any]
EVENTS = size(1_000, 10_000, 10_000)
DISCONNECTS = size(50, 500, 500)
FOLLOWERS = 16
SENTENCES = 20
PATIENCE = size(120.0, 1200.0, 1800.0)
GRAPH: dict[str, Any] = {"entities": [], "relations": [], "negatives": []}


@dataclass
class Follower:
    """A browser: what it heard, and what it holds to be so from that alone."""

    address: str
    cookie: str
    is_forgetful: bool = False  # does not say after which event it wants to hear
    last: int = 0
    heard: list[int] = field(default_factory=list)
    state: dict[int, tuple[int, str]] = field(default_factory=dict)
    line: ClientConnection | None = None
    breaks: int = 0

    async def follow(self, end: asyncio.Event) -> None:
        """Listen, and connect again whenever the line is lost."""
        while not end.is_set():
            since = "" if self.is_forgetful and self.breaks else f"?since={self.last}"
            headers = {"Cookie": self.cookie}
            try:
                async with connect(
                    self.address + since,
                    origin="http://localhost",  # type: ignore[arg-type]
                    additional_headers=headers,
                    proxy=None,
                ) as self.line:
                    async for said in self.line:
                        self.hear(json.loads(said))
            except (ConnectionClosed, OSError):
                pass
            await asyncio.sleep(0.05)

    def hear(self, event: dict[str, Any]) -> None:
        """Take an event in."""
        if event["kind"] in {"ping", "hello"}:
            return
        self.heard.append(event["id"])
        self.last = event["id"]
        if event["kind"] == "sentence.saved":
            self.state[event["sentence_id"]] = (event["version"], event["state"])

    async def lose_the_line(self, chance: random.Random) -> None:
        """Close it, or let it break without a word."""
        line = self.line
        if line is None:
            return
        self.breaks += 1
        if chance.random() < 0.5:
            line.transport.abort()
        else:
            await line.close()


class Writer:
    """People who save labels, in a thread of their own."""

    def __init__(self, sentences: list[Sentence], author: User, count: int) -> None:
        self.sentences, self.author, self.count = sentences, author, count
        self.done = 0
        self.trouble: list[str] = []
        self.thread = threading.Thread(target=self._write, daemon=True)

    def _write(self) -> None:
        chance = random.Random(8)
        versions = dict.fromkeys([one.pk for one in self.sentences], 0)
        try:
            for _ in range(self.count):
                one = chance.choice(self.sentences)
                answer = save_annotation(
                    sentence=one,
                    author=self.author,
                    base_version=versions[one.pk],
                    key=uuid4(),
                    save=Save(GRAPH, [], "", chance.choice((Action.SAVE, Action.SUBMIT)), 1.0),
                )
                versions[one.pk] = answer["version"]
                self.done += 1
        except Exception as error:  # noqa: BLE001 - it must not die unseen
            self.trouble.append(repr(error))
        finally:
            connection.close()


async def harm(followers: list[Follower], writer: Writer, project_id: int) -> None:
    """Break lines evenly over the work, and let the channel layer forget everybody once."""
    chance = random.Random(18)
    redis = Redis.from_url(django_settings.REDIS_URL)
    has_forgotten = False
    for number in range(DISCONNECTS):
        while writer.done < writer.count * (number + 1) / (DISCONNECTS + 1):
            if not writer.thread.is_alive():
                return
            await asyncio.sleep(0.01)
        await followers[number % len(followers)].lose_the_line(chance)
        if not has_forgotten and number >= DISCONNECTS // 2:
            has_forgotten = bool(redis.delete(f"asgi:group:{group_name(project_id)}"))
    assert has_forgotten, "there was no group to forget"


async def live(followers: list[Follower], writers: list[Writer], project_id: int) -> None:
    """Let everybody follow while it is written, until all have heard the last event."""
    end = asyncio.Event()
    tasks = [asyncio.create_task(one.follow(end)) for one in followers]
    await until(lambda: all(one.line is not None for one in followers))
    for writer in writers:
        writer.thread.start()
    await harm(followers, writers[0], project_id)
    for writer in writers:
        await asyncio.to_thread(writer.thread.join)
    newest = await asyncio.to_thread(last_id, project_id)
    await until(lambda: all(one.last >= newest for one in followers if not one.is_forgetful))
    end.set()
    for one in followers:
        if one.line is not None:
            await one.line.close()
    await asyncio.gather(*tasks)


async def until(what: Callable[[], bool]) -> None:
    """Wait until something is so, looking often."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        await asyncio.sleep(0.05)


def last_id(project_id: int) -> int:
    try:
        return Event.objects.filter(project_id=project_id).order_by("-pk")[0].pk
    finally:
        connection.close()


def make_project(owner: User, team: list[User], name: str) -> Project:
    project = create_project(
        name=name, template="ch-ddi", language="zh", owner=owner, seed=1
    ).project
    for one in team:
        Membership.objects.create(project=project, user=one, role=Role.ANNOTATOR)
    return project


def test_everybody_sees_everything_once_and_in_order(
    manager: User,
    make_user: Callable[[str], User],
    api: Api,
    add_sentences: AddSentences,
    tmp_path: Path,
    record_property: Record,
) -> None:
    team = [make_user(f"follower{number}") for number in range(FOLLOWERS)]
    ours, other = make_project(manager, team, "ours"), make_project(manager, [], "other")
    sentences = add_sentences(ours, [f"第{number}句" for number in range(SENTENCES)])
    elsewhere = add_sentences(other, [f"别处{number}" for number in range(SENTENCES)])
    writers = [Writer(sentences, manager, EVENTS), Writer(elsewhere, manager, EVENTS // 5)]
    with serving(tmp_path) as (_, place):
        address = f"ws://{place}/ws/projects/{ours.pk}/"
        followers = [Follower(address, session_of(one)) for one in team]
        followers.append(Follower(address, session_of(manager), is_forgetful=True))
        asyncio.run(live(followers, writers, ours.pk))
    assert not any(writer.trouble for writer in writers), [one.trouble for one in writers]
    told = list(
        Event.objects.filter(project_id=ours.pk).order_by("pk").values_list("pk", flat=True)
    )
    assert len(told) >= EVENTS
    client = api(manager)
    truth = {}
    for one in sentences:
        shown = client.get(f"/api/v1/sentences/{one.pk}/").json()
        truth[one.pk] = (shown["annotation"]["version"], shown["state"])
    *faithful, forgetful = followers
    for follower in faithful:
        assert follower.heard == told  # all, once, in order; none of the other project
        assert follower.state == truth
    breaks = sum(one.breaks for one in followers)
    assert breaks >= 0.9 * DISCONNECTS
    assert forgetful.breaks
    assert forgetful.heard != told, "a browser that does not say where it was misses nothing?"
    record_property(
        "safety",
        f"G8: {FOLLOWERS} sockets, {len(told):,} events, {breaks} lines lost, once all hints:"
        f" every one heard every event once and holds what the API says; 0 of {EVENTS // 5}"
        " events of the other project",
    )


async def fall_silent(place: str, project: Project, cookie: str) -> int:
    """Follow, let the database go away, and return with which code the line ends."""
    address = f"ws://{place}/ws/projects/{project.pk}/"
    origin: Any = "http://localhost"
    headers = {"Cookie": cookie}
    async with connect(address, origin=origin, additional_headers=headers, proxy=None) as line:
        assert json.loads(await line.recv())["kind"] == "hello"
        await asyncio.to_thread(tell, project.pk)
        assert json.loads(await line.recv())["kind"] == "probe"  # it is on its feet
        await asyncio.sleep(
            1.0
        )  # the event's hint may come after the event; what is meant is the clock
        await asyncio.to_thread(hide_database, is_hidden=True)
        try:
            await asyncio.wait_for(line.wait_closed(), 30)
        finally:
            await asyncio.to_thread(hide_database, is_hidden=False)
        return line.close_code or 0


def tell(project_id: int) -> None:
    try:
        with transaction.atomic():
            publish(project_id, "probe")
    finally:
        connection.close()


def hide_database(*, is_hidden: bool) -> None:
    """Let nobody into the test's database, and put out who is in; or open it again."""
    name = connection.settings_dict["NAME"]
    door = connection.get_connection_params()
    place = {key: door[key] for key in ("host", "port", "user", "password") if door.get(key)}
    outside = psycopg2.connect(dbname="postgres", **place)
    outside.autocommit = True
    with outside.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {not is_hidden}')
        if is_hidden:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
    outside.close()


def test_a_socket_that_can_look_no_longer_closes(
    project: Project, manager: User, tmp_path: Path, record_property: Record
) -> None:
    """One that stayed open would tell nothing, and outlive every right."""
    cookie = session_of(manager)
    with serving(tmp_path) as (_, place):
        connection.close()
        begun = time.monotonic()
        code = asyncio.run(fall_silent(place, project, cookie))
        spent = time.monotonic() - begun
    connection.close()
    assert code == 1011
    record_property("safety", f"G8: without the database a socket closed after {spent:.1f} s")
