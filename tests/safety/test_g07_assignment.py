"""G7: a sentence is in no more hands than wanted, and what is left lying comes back."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from annotator.accounts.models import User
from annotator.core.errors import ConflictError
from annotator.corpus.models import Sentence
from annotator.labelling.models import Annotation, Slot
from annotator.labelling.services import Save, save_annotation
from annotator.labelling.services.saving import Action
from annotator.learning import queue
from annotator.learning.queue import Asker
from annotator.projects.models import Membership, Project, Role
from annotator.projects.services import create_project
from tests.annotator.conftest import AddSentences
from tests.safety.tiers import size

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Record = Callable[[str, object], None]
Api = Callable[[User | None], Any]
ASKS = size(5_000, 20_000, 100_000)
ANNOTATORS = 16
LEASE = 1.5
SHORTER = 0.01  # a lease is by some milliseconds, which keep the order of a list
LATENESS = 1.0  # after its lease, a sentence is free within this time
PATIENCE = size(240.0, 1200.0, 3600.0)
GRAPH: dict[str, Any] = {"entities": [], "relations": [], "negatives": []}
BODY: dict[str, Any] = {"entities": [], "relations": []}

# What somebody does with a sentence, and how often of a hundred times.
MANNERS = (("submit", 25), ("skip", 5), ("hand back", 55), ("go away", 13), ("come late", 2))

TOO_MANY = """
SELECT count(*) FROM (
  SELECT s.sentence_id FROM labelling_slot AS s JOIN projects_project AS p ON p.id = s.project_id
   WHERE s.state = 'open' AND s.lease_until > clock_timestamp() AND s.holder_id IS NOT NULL
   GROUP BY s.sentence_id, p.overlap
  HAVING count(*) > p.overlap OR count(DISTINCT s.holder_id) < count(*)) AS found
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A sentence was in somebody's hands at least for so long (seconds since 1970)."""

    sentence_id: int
    person: int
    since: float
    until: float


@dataclass
class Tally:
    """What all of them did."""

    wanted: int
    asks: int = 0
    held: list[Held] = field(default_factory=list)
    late: list[tuple[int, int]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_ask(self) -> bool:
        """Say whether one more is wanted, and count it."""
        with self.lock:
            self.asks += 1
            return self.asks <= self.wanted and not self.trouble


class Annotator:
    """One person at work, in a thread of their own, through the services behind the API."""

    def __init__(self, number: int, user: User, project: Project, all_: Tally) -> None:
        self.user, self.asker, self.all = user, Asker(user.pk, project), all_
        self.chance = random.Random(number)
        self.versions: dict[int, int] = defaultdict(int)
        self.thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        try:
            while self.all.next_ask():
                self._ask()
        except Exception as error:  # noqa: BLE001 - a thread that dies unseen would hide everything
            self.all.trouble.append(repr(error))
        finally:
            connection.close()

    def _ask(self) -> None:
        asked = time.time()
        count = self.chance.choice((1, 1, 1, 1, 3))
        leases = queue.next_leases(self.asker, count=count, rng=self.chance)
        given = time.time()
        if not leases:
            time.sleep(0.02)
        for one in leases:
            self._deal_with(one.sentence_id, asked, given)

    def _deal_with(self, sentence: int, asked: float, given: float) -> None:
        manner = self.chance.choices([m for m, _ in MANNERS], [share for _, share in MANNERS])[0]
        if manner == "come late":
            time.sleep(max(0.0, given + LEASE - time.time()) + 0.05)
        # It was theirs from the answer on, until they began to let go of it, or the lease ran out.
        end = asked + LEASE - SHORTER
        until = end if manner == "go away" else min(time.time(), end)
        self.all.held.append(Held(sentence, self.user.pk, given, until))
        if manner == "hand back":
            queue.release_lease(sentence_id=sentence, user_id=self.user.pk)
        elif manner != "go away":
            self._save(sentence, Action.SKIP if manner == "skip" else Action.SUBMIT)
            if time.time() > asked + LEASE:
                self.all.late.append((sentence, self.user.pk))

    def _save(self, sentence: int, action: Action) -> None:
        answer = save_annotation(
            sentence=Sentence.objects.select_related("project").get(pk=sentence),
            author=self.user,
            base_version=self.versions[sentence],
            key=uuid4(),
            save=Save(graph=GRAPH, flags=[], comment="", action=action, seconds=1.0),
        )
        self.versions[sentence] = answer["version"]


class Sampler:
    """Looks again and again whether a sentence is in too many hands."""

    def __init__(self) -> None:
        self.found = self.looks = 0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Sampler:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.thread.join()

    def _look_on(self) -> None:
        while not self.is_over.wait(0.1):
            with connection.cursor() as cursor:
                cursor.execute(TOO_MANY)
                self.found += cursor.fetchone()[0]
            self.looks += 1
        connection.close()


@pytest.fixture(autouse=True)
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "LEASE_SECONDS", LEASE)


@pytest.fixture
def team(make_user: Callable[[str], User]) -> list[User]:
    return [make_user(f"annotator{number}") for number in range(ANNOTATORS)]


def make_project(owner: User, team: list[User], overlap: int) -> Project:
    name = f"overlap {overlap}"
    project = create_project(
        name=name, template="ch-ddi", language="zh", owner=owner, seed=1
    ).project
    Project.objects.filter(pk=project.pk).update(overlap=overlap)
    for one in team:
        Membership.objects.create(project=project, user=one, role=Role.ANNOTATOR)
    project.refresh_from_db()
    return project


def clashes(held: list[Held], overlap: int) -> Iterator[tuple[Held, ...]]:
    """Yield moments at which a sentence was in more hands than places."""
    by_sentence = defaultdict(list)
    for one in held:
        by_sentence[one.sentence_id].append(one)
    for rows in by_sentence.values():
        for one in rows:
            at_once = [other for other in rows if other.since <= one.since < other.until]
            if len({other.person for other in at_once}) > overlap:
                yield tuple(at_once)


@pytest.mark.parametrize("overlap", [1, 3])
def test_sixteen_people_never_have_more_of_a_sentence_than_wanted(
    manager: User,
    team: list[User],
    add_sentences: AddSentences,
    overlap: int,
    record_property: Record,
) -> None:
    project = make_project(manager, team, overlap)
    count = ASKS // 6 // overlap
    add_sentences(project, [f"第{number}句" for number in range(count)])
    tally = Tally(ASKS // 2)
    people = [Annotator(number, user, project, tally) for number, user in enumerate(team)]
    with Sampler() as sampler:
        for one in people:
            one.thread.start()
        for one in people:
            one.thread.join(PATIENCE)
    assert not tally.trouble, tally.trouble[:3]
    assert sampler.looks > 10
    assert sampler.found == 0
    assert not list(clashes(tally.held, overlap))
    late = set(tally.late)
    authors = defaultdict(set)
    for sentence, author in Annotation.objects.values_list("sentence_id", "author_id"):
        if (sentence, author) not in late:
            authors[sentence].add(author)
    assert max(map(len, authors.values())) <= overlap
    handed = len({one.sentence_id for one in tally.held})
    given = len(tally.held)
    assert handed > 0.5 * count
    record_property(
        "safety",
        f"G7: overlap {overlap}: {ANNOTATORS} people asked {ASKS // 2:,} times, {given:,} times a"
        f" sentence was handed out, {len(tally.late)} saves after the lease, {sampler.looks} looks:"
        " never in more hands than places",
    )


def test_a_clash_is_seen() -> None:
    one, other = Held(1, 1, 0.0, 2.0), Held(1, 2, 1.0, 3.0)
    assert list(clashes([one, other], 1)) == [(one, other)]
    assert not list(clashes([one, other], 2))
    assert not list(clashes([one, Held(1, 2, 2.0, 3.0)], 1))
    assert not list(clashes([one, Held(1, 1, 1.0, 3.0)], 1))


@pytest.mark.parametrize("overlap", [1, 2])
def test_what_somebody_left_lying_comes_back_and_nothing_is_forgotten(
    manager: User,
    team: list[User],
    api: Api,
    add_sentences: AddSentences,
    overlap: int,
    record_property: Record,
) -> None:
    """Everybody takes and goes away; whoever comes then finds all of it, a lease later."""
    project = make_project(manager, team, overlap)
    made = add_sentences(project, [f"第{number}句" for number in range(20)])
    address = f"/api/v1/projects/{project.pk}/next/"
    begun = time.monotonic()
    for user in team[:8]:
        api(user).post(address, {"count": 5}, format="json")
    found: dict[int, set[int]] = defaultdict(set)
    stayed = team[8 : 8 + overlap]
    while any(len(found[user.pk]) < len(made) for user in stayed):
        assert time.monotonic() - begun < PATIENCE, "a sentence never came back"
        for user in stayed:
            answer = api(user).post(address, {"count": 5}, format="json").json()
            for one in answer["sentences"]:
                found[user.pk].add(one["id"])
                finish(api(user), one["id"])
    assert set.union(*found.values()) == {one.pk for one in made}
    assert not Slot.objects.filter(project=project, state="open").exists()
    record_property("safety", f"G7: overlap {overlap}: all of {len(made)} left sentences came back")


def finish(client: Any, sentence_id: int) -> None:
    answer = client.put(
        f"/api/v1/sentences/{sentence_id}/annotation/",
        {**BODY, "action": "submit"},
        format="json",
        headers={"If-Match": '"0"', "Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == 200, answer.content


def test_a_freed_sentence_comes_back_within_a_second_after_its_lease(
    project: Project, add_sentences: AddSentences, api: Api, ana: User, bo: User,
    record_property: Record,
) -> None:  # fmt: skip
    sentence: Sentence = add_sentences(project, ["一句"])[0]
    address = f"/api/v1/projects/{project.pk}/next/"
    first, second = api(ana), api(bo)
    assert first.post(address, {}, format="json").json()["sentences"][0]["id"] == sentence.pk
    begun = time.monotonic()
    while not second.post(address, {}, format="json").json()["sentences"]:
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.02)
    spent = time.monotonic() - begun
    assert LEASE - 0.2 < spent < LEASE + LATENESS
    record_property("safety", f"G7: a left sentence was free again {spent:.2f} s after {LEASE} s")


def test_who_is_through_with_a_sentence_takes_no_second_place(
    manager: User, team: list[User], api: Api, add_sentences: AddSentences
) -> None:
    """Looking at it again, as the editor does when it is opened, keeps nobody else from it."""
    project = make_project(manager, team, overlap=2)
    sentence = add_sentences(project, ["一句"])[0]
    address, door = (
        f"/api/v1/projects/{project.pk}/next/",
        f"/api/v1/sentences/{sentence.pk}/lease/",
    )
    first, second = api(team[0]), api(team[1])
    assert first.post(address, {}, format="json").json()["sentences"]
    finish(first, sentence.pk)
    again = first.post(door)
    assert (again.status_code, again.json()["lease_until"]) == (200, None)
    assert Slot.objects.filter(sentence=sentence, holder=team[0]).count() == 1
    assert second.post(address, {}, format="json").json()["sentences"][0]["id"] == sentence.pk


@pytest.mark.parametrize("ask", ["next twice", "next and lease", "lease twice"])
def test_one_person_who_asks_twice_at_once_gets_one_place(
    manager: User, team: list[User], api: Api, add_sentences: AddSentences, ask: str
) -> None:
    project = make_project(manager, team, overlap=3)
    made = add_sentences(project, [f"第{number}句" for number in range(12)])
    user = team[0]

    def take(number: int) -> None:
        try:
            sentence, is_next = made[number // 2], ask.startswith("next")
            if is_next and (number % 2 or ask == "next twice"):
                queue.next_leases(Asker(user.pk, project), count=2, rng=random.Random(number))
            else:
                with suppress(ConflictError):
                    queue.renew_lease(sentence_id=sentence.pk, user_id=user.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(24)))
    held = Slot.objects.filter(project=project, holder=user).values_list("sentence_id", flat=True)
    assert len(held) == len(set(held)) > 0
