"""Comments: a thread at a sentence that every member reads, and who may do what in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.models import AuditEntry, Event
from annotator.corpus.models import Sentence
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
QUERIES = 4


@pytest.fixture
def sentence(project: Project, add_sentences: AddSentences) -> Sentence:
    """One pending sentence."""
    return add_sentences(project, ["布美他尼片@与多巴胺合用，利尿作用加强"])[0]


@pytest.fixture
def thread(sentence: Sentence) -> str:
    """Where its comments are."""
    return f"/api/v1/sentences/{sentence.pk}/comments/"


def say(client: APIClient, thread: str, text: str = "剂型算不算药名？") -> Any:
    answer = client.post(thread, {"text": text}, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_members_read_one_another_oldest_first(api: Api, ana: User, bo: User, thread: str) -> None:
    say(api(ana), thread, "first")
    said = say(api(bo), thread, "second")
    assert said["author_id"] == bo.pk
    assert said["resolved_at"] is None
    read = api(ana).get(thread).json()["results"]
    assert [one["text"] for one in read] == ["first", "second"]


def test_every_write_leaves_an_audit_entry_and_an_event_without_text(
    api: Api, ana: User, thread: str
) -> None:
    comment = say(api(ana), thread)
    own = f"{thread}{comment['id']}/"
    api(ana).patch(own, {"resolved": True}, format="json")
    api(ana).patch(own, {"text": "别的说法"}, format="json")
    assert api(ana).delete(own).status_code == 204
    kinds = ["comment.added", "comment.changed", "comment.changed", "comment.removed"]
    entries = AuditEntry.objects.filter(object_kind="comment").order_by("pk")
    assert [entry.action for entry in entries] == kinds
    events = Event.objects.filter(kind__startswith="comment.").order_by("pk")
    assert [event.kind for event in events] == kinds
    assert all(set(event.payload) == {"sentence_id", "comment_id"} for event in events)


def test_any_member_settles_and_opens_again(api: Api, ana: User, bo: User, thread: str) -> None:
    comment = say(api(ana), thread)
    own = f"{thread}{comment['id']}/"
    settled = api(bo).patch(own, {"resolved": True}, format="json").json()
    assert settled["resolved_at"] is not None
    assert settled["resolved_by"] == bo.shown_name
    again = api(bo).patch(own, {"resolved": True}, format="json").json()
    assert again["resolved_at"] == settled["resolved_at"]
    opened = api(ana).patch(own, {"resolved": False}, format="json").json()
    assert (opened["resolved_at"], opened["resolved_by"]) == (None, None)


def test_only_the_author_finds_other_words_and_only_reviewers_remove_what_others_said(
    api: Api, ana: User, bo: User, reviewer: User, thread: str
) -> None:
    own = f"{thread}{say(api(ana), thread)['id']}/"
    assert api(bo).patch(own, {"text": "x"}, format="json").status_code == 403
    assert api(bo).delete(own).status_code == 403
    assert api(reviewer).patch(own, {"text": "x"}, format="json").status_code == 403
    assert api(ana).patch(own, {"text": "我的话"}, format="json").json()["text"] == "我的话"
    assert api(reviewer).delete(own).status_code == 204
    assert api(ana).get(thread).json()["results"] == []


def test_an_outsider_is_told_that_there_is_no_such_sentence(
    api: Api, ana: User, outsider: User, thread: str
) -> None:
    own = f"{thread}{say(api(ana), thread)['id']}/"
    stranger = api(outsider)
    assert stranger.get(thread).status_code == 404
    assert stranger.post(thread, {"text": "x"}, format="json").status_code == 404
    assert stranger.patch(own, {"resolved": True}, format="json").status_code == 404
    assert stranger.delete(own).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "   "}, {"text": "x" * 4001}, {"text": "x", "who": "me"}]
)
def test_bad_comments_are_refused(api: Api, ana: User, thread: str, body: dict[str, Any]) -> None:
    assert api(ana).post(thread, body, format="json").status_code == 400


@pytest.mark.parametrize("body", [{}, {"text": "x", "resolved": True}, {"resolved": "maybe"}])
def test_a_change_says_exactly_one_thing(
    api: Api, ana: User, thread: str, body: dict[str, Any]
) -> None:
    own = f"{thread}{say(api(ana), thread)['id']}/"
    assert api(ana).patch(own, body, format="json").status_code == 400


def test_a_comment_is_found_at_its_own_sentence_only(
    api: Api, ana: User, project: Project, add_sentences: AddSentences, thread: str
) -> None:
    other = add_sentences(project, ["另一句"])[0]
    comment = say(api(ana), thread)
    elsewhere = f"/api/v1/sentences/{other.pk}/comments/{comment['id']}/"
    assert api(ana).delete(elsewhere).status_code == 404


def test_a_long_thread_costs_the_same_few_queries(api: Api, ana: User, thread: str) -> None:
    client = api(ana)
    for number in range(7):
        say(client, thread, str(number))
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert len(client.get(thread).json()["results"]) == 7
    assert len(seen) <= QUERIES
