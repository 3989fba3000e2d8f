"""Events reach members over the socket and over HTTP, in order, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.accounts.sessions import SessionStore
from annotator.core import events
from annotator.core.metrics import REGISTRY
from annotator.live.routing import websocket_urlpatterns
from annotator.projects.models import Membership, Project

Api = Callable[..., APIClient]
pytestmark = pytest.mark.django_db(transaction=True)


def tell(project: Project, number: int) -> None:
    with transaction.atomic():
        events.publish(project.pk, "run.progress", run_id=number)


def session_of(user: User) -> SessionStore:
    """A session as a log-in leaves it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


class Socket:
    """A browser's end of a websocket, driven message by message."""

    def __init__(self, user: User, project: Project, query: str = "") -> None:
        application = URLRouter(websocket_urlpatterns)
        scope = {
            "type": "websocket",
            "path": f"/ws/projects/{project.pk}/",
            "query_string": query.encode(),
            "headers": [],
            "subprotocols": [],
            "user": user,
            "session": session_of(user),
        }
        self.line: Any = cast("Any", ApplicationCommunicator)(cast("Any", application), scope)

    async def connect(self) -> None:
        """Open, and see that the server accepted."""
        await self.line.send_input({"type": "websocket.connect"})
        assert (await self.line.receive_output(timeout=3))["type"] == "websocket.accept"

    async def event(self) -> Any:
        """Return the next event."""
        return json.loads((await self.line.receive_output(timeout=3))["text"])

    async def is_closed(self) -> bool:
        """Say whether the server hangs up next."""
        return bool((await self.line.receive_output(timeout=7))["type"] == "websocket.close")

    async def close(self) -> None:
        """Leave."""
        await self.line.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.line.wait(timeout=3)


async def test_a_socket_gets_the_backlog_and_then_what_comes(ana: User, project: Project) -> None:
    for number in (1, 2):
        await sync_to_async(tell)(project, number)
    socket = await sync_to_async(Socket)(ana, project, "since=0")
    await socket.connect()
    assert [(await socket.event())["run_id"] for _ in range(2)] == [1, 2]
    await sync_to_async(tell)(project, 3)
    event = await socket.event()
    assert (event["kind"], event["run_id"]) == ("run.progress", 3)
    await socket.close()


async def test_open_sockets_are_counted(ana: User, project: Project) -> None:
    before = REGISTRY.get_sample_value("relata_websockets") or 0.0
    socket = await sync_to_async(Socket)(ana, project, "since=0")
    await socket.connect()
    assert REGISTRY.get_sample_value("relata_websockets") == before + 1
    await socket.close()
    assert REGISTRY.get_sample_value("relata_websockets") == before


async def test_without_since_only_news_come(ana: User, project: Project) -> None:
    await sync_to_async(tell)(project, 1)
    socket = await sync_to_async(Socket)(ana, project)
    await socket.connect()
    hello = await socket.event()
    assert (hello["kind"], hello["id"]) == (
        "hello",
        await sync_to_async(events.last_id)(project.pk),
    )
    await sync_to_async(tell)(project, 2)
    assert (await socket.event())["run_id"] == 2
    await socket.close()


async def test_an_outsiders_socket_is_closed(outsider: User, project: Project) -> None:
    socket = await sync_to_async(Socket)(outsider, project, "since=0")
    await socket.connect()
    assert await socket.is_closed()


async def test_a_removed_member_hears_nothing_more(ana: User, project: Project) -> None:
    socket = await sync_to_async(Socket)(ana, project)
    await socket.connect()
    assert (await socket.event())["kind"] == "hello"
    await sync_to_async(Membership.objects.filter(user=ana).delete)()
    await sync_to_async(tell)(project, 1)
    assert await socket.is_closed()


def test_the_same_events_come_over_http(api: Api, ana: User, project: Project) -> None:
    tell(project, 1)
    tell(project, 2)
    client = api(ana)
    first = client.get(f"/api/v1/projects/{project.pk}/events/").json()
    assert [event["run_id"] for event in first["results"]] == [1, 2]
    rest = client.get(f"/api/v1/projects/{project.pk}/events/?since={first['last']}").json()
    assert (rest["results"], rest["last"]) == ([], first["last"])


def test_a_strange_parameter_is_refused(api: Api, ana: User, project: Project) -> None:
    answer = api(ana).get(f"/api/v1/projects/{project.pk}/events/?sinse=3")
    assert answer.status_code == 400
