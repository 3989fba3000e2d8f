"""G10: a right that ends, ends: at the next request, and for open sockets within five seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from annotator.accounts.models import User
from annotator.config.asgi import application
from annotator.projects.models import Membership, Project, Role
from tests.annotator.live.test_events import Socket, tell

pytestmark = pytest.mark.django_db(transaction=True)

Record = Callable[[str, object], None]
LATEST = 5.0
PASSWORD = "another-horse-battery"


def deactivate(user: User, _: Project) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_password(user: User, _: Project) -> None:
    fresh = User.objects.get(pk=user.pk)
    fresh.set_password(PASSWORD)
    fresh.save()


def log_out(_: User, __: Project) -> None:
    Session.objects.all().delete()


def let_time_pass(_: User, __: Project) -> None:
    Session.objects.update(expire_date=timezone.now())


def remove(user: User, project: Project) -> None:
    Membership.objects.filter(user=user, project=project).delete()


ENDINGS = {
    "logged out": (log_out, 401),
    "idle for too long": (let_time_pass, 401),
    "deactivated": (deactivate, 401),
    "another password": (change_password, 401),
    "removed from the project": (remove, 404),
}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_open_socket_closes_within_five_seconds_though_nothing_happens(
    ana: User, project: Project, ending: str, record_property: Record
) -> None:
    end, _ = ENDINGS[ending]
    await sync_to_async(tell)(project, 1)
    socket = await sync_to_async(Socket)(ana, project, "since=0")
    await socket.connect()
    assert (await socket.event())["run_id"] == 1  # it was let in, and listens
    await sync_to_async(end)(ana, project)
    begun = time.monotonic()
    assert await socket.is_closed()
    spent = time.monotonic() - begun
    assert spent < LATEST
    record_property("safety", f"G10: {ending}: the socket closed after {spent:.1f} s")


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_next_request_is_refused(ana: User, project: Project, ending: str) -> None:
    end, status = ENDINGS[ending]
    client = logged_in(ana)
    address = f"/api/v1/projects/{project.pk}/progress/"
    assert client.get(address).status_code == 200
    end(ana, project)
    assert client.get(address).status_code == status


@pytest.mark.parametrize("ending", ["deactivated", "removed from the project"])
def test_a_token_ends_with_its_person_or_their_membership(
    ana: User, project: Project, api: Any, ending: str
) -> None:
    end, status = ENDINGS[ending]
    client = api(ana)
    address = f"/api/v1/projects/{project.pk}/progress/"
    assert client.get(address).status_code == 200
    end(ana, project)
    assert client.get(address).status_code == status


def test_a_lower_role_counts_at_once(project: Project, manager: User, reviewer: User) -> None:
    client = logged_in(reviewer)
    address = f"/api/v1/projects/{project.pk}/export/"
    assert client.get(address).status_code == 200
    Membership.objects.filter(user=reviewer).update(role=Role.ANNOTATOR)
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", "http://localhost.example"])
async def test_a_page_of_another_site_opens_no_socket(
    ana: User, project: Project, origin: str
) -> None:
    """The browser sends cookies along whoever asks, so the origin has to be ours."""
    session = (await sync_to_async(logged_in)(ana)).cookies["sessionid"].value
    for page, answer in ((origin, "websocket.close"), ("http://localhost", "websocket.accept")):
        scope = {
            "type": "websocket",
            "path": f"/ws/projects/{project.pk}/",
            "query_string": b"",
            "headers": [(b"origin", page.encode()), (b"cookie", f"sessionid={session}".encode())],
            "subprotocols": [],
        }
        line: Any = cast("Any", ApplicationCommunicator)(cast("Any", application), scope)
        await line.send_input({"type": "websocket.connect"})
        assert (await line.receive_output(timeout=3))["type"] == answer, page
        await line.send_input({"type": "websocket.disconnect", "code": 1000})
        await line.wait(timeout=3)
