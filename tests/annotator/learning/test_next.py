"""What `next` hands out: each sentence to one person, the doubtful ones first, some by chance."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.labelling.models import Slot
from annotator.learning.queue import Asker, Lane, choose_lane, next_leases
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences
from tests.annotator.learning.conftest import GOLD, Train, ask, suggest, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
QUERIES_OF_NEXT = 18


def without_chance(project: Project) -> Project:
    """Let only the queue's order decide."""
    project.control_share = project.holdout_share = 0.0
    project.save()
    return project


def expire_leases() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE labelling_slot SET lease_until = clock_timestamp() - interval '1 ms'
                WHERE lease_until IS NOT NULL"""
        )


def test_without_a_model_sentences_come_in_order(
    project: Project, ana: User, api: Api, add_sentences: AddSentences
) -> None:
    sentences = add_sentences(without_chance(project), texts(4))
    given = ask(api(ana), project, count=3)
    assert [one["id"] for one in given] == [sentence.pk for sentence in sentences[:3]]
    assert {one["why"]["reason"] for one in given} == {"in_order"}
    assert given[0]["text"] == sentences[0].text
    assert given[0]["annotation"] is None
    assert given[0]["suggestion"] is None
    assert given[0]["lease_until"] is not None


def test_with_a_model_the_least_sure_sentences_come_first_and_say_why(
    project: Project, ana: User, api: Api, add_sentences: AddSentences, train: Train
) -> None:
    add_sentences(without_chance(project), texts(1), gold={0: GOLD})
    open_ones = add_sentences(project, texts(3, first=1))
    version = train(project)
    suggest({open_ones[1].pk: 0.4, open_ones[2].pk: 0.6})
    given = ask(api(ana), project, count=3)
    assert [one["id"] for one in given] == [open_ones[i].pk for i in (1, 2, 0)]
    first = given[0]
    assert first["why"]["reason"] == "uncertain"
    assert "40 %" in first["why"]["text"]["zh"]
    assert "多巴胺" in first["why"]["text"]["en"] or "布美他尼片" in first["why"]["text"]["en"]
    assert first["suggestion"]["model_version"] == version.pk
    assert first["suggestion"]["stale"] is False
    assert first["suggestion"]["relations"] == [
        {"head": "s2", "tail": "s1", "type": "协同", "confidence": 0.4}
    ]


def test_nobody_gets_what_another_holds_and_in_the_end_nothing_is_left(
    project: Project, ana: User, bo: User, api: Api, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(3))
    ids = [one["id"] for one in ask(api(ana), project, count=2)]
    others = [one["id"] for one in ask(api(bo), project, count=5)]
    assert len({*ids, *others}) == 3
    assert ask(api(bo), project) == []


def test_after_a_reload_the_same_sentences_come_back_in_the_same_order(
    project: Project, ana: User, api: Api, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(6))
    client = api(ana)
    first = [one["id"] for one in ask(client, project, count=3)]
    assert [one["id"] for one in ask(client, project, count=3, resume=True)] == first
    four = [one["id"] for one in ask(client, project, count=4, resume=True)]
    assert four[:3] == first
    assert len(set(four)) == 4


def test_the_sentence_in_front_of_the_person_comes_back_first(
    project: Project, ana: User, api: Api, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(3))
    client = api(ana)
    shown = ask(client, project, count=3)[1]["id"]
    client.post(f"/api/v1/sentences/{shown}/lease/")
    assert ask(client, project, count=3, resume=True)[0]["id"] == shown


def test_a_lease_that_ran_out_frees_the_sentence_by_the_databases_clock(
    project: Project, ana: User, bo: User, api: Api, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(1))
    held = ask(api(ana), project)
    assert ask(api(bo), project) == []
    expire_leases()
    assert [one["id"] for one in ask(api(bo), project)] == [held[0]["id"]]


def test_a_lease_lasts_ten_minutes_can_be_renewed_and_handed_back(
    project: Project, ana: User, bo: User, api: Api, add_sentences: AddSentences
) -> None:
    (sentence,) = add_sentences(project, texts(1))
    ask(api(ana), project)
    address = f"/api/v1/sentences/{sentence.pk}/lease/"
    assert api(ana).post(address).json()["lease_until"] is not None
    refused = api(bo).post(address)
    assert refused.status_code == 409
    assert refused.json()["code"] == "held_by_another"
    with connection.cursor() as cursor:
        cursor.execute("SELECT lease_until - clock_timestamp() FROM labelling_slot")
        assert timedelta(minutes=9) < cursor.fetchone()[0] <= timedelta(minutes=10)
    assert api(ana).delete(address).status_code == 204
    assert [one["id"] for one in ask(api(bo), project)] == [sentence.pk]


def test_opening_a_free_sentence_takes_it(
    project: Project, ana: User, bo: User, api: Api, add_sentences: AddSentences
) -> None:
    (sentence,) = add_sentences(project, texts(1))
    assert api(bo).post(f"/api/v1/sentences/{sentence.pk}/lease/").status_code == 200
    assert ask(api(ana), project) == []
    shown = api(bo).get(f"/api/v1/sentences/{sentence.pk}/").json()
    assert shown["why"]["reason"] == "chosen"


def test_a_finished_sentence_has_no_place_left_to_hold(
    project: Project, ana: User, api: Api, add_sentences: AddSentences
) -> None:
    (sentence,) = add_sentences(project, texts(1), gold={0: GOLD})
    answer = api(ana).post(f"/api/v1/sentences/{sentence.pk}/lease/")
    assert answer.json() == {"lease_until": None}


def test_what_one_has_submitted_is_not_handed_to_one_again(
    project: Project,
    ana: User,
    bo: User,
    api: Api,
    add_sentences: AddSentences,
    put: Callable[..., Any],
) -> None:
    project.overlap = 2
    project.save()
    (sentence,) = add_sentences(project, texts(1))
    assert len(ask(api(ana), project, count=5)) == 1
    assert put(api(ana), sentence, action="submit").status_code == 200
    assert ask(api(ana), project) == []
    assert len(ask(api(bo), project)) == 1


def test_an_overlapping_sentence_goes_to_two_people_but_never_twice_to_one(
    project: Project, ana: User, bo: User, api: Api, add_sentences: AddSentences
) -> None:
    project.overlap = 2
    project.save()
    add_sentences(project, texts(3))
    for user in (ana, bo):
        ids = [one["id"] for one in ask(api(user), project, count=5)]
        assert len(ids) == len(set(ids)) == 3
    assert ask(api(ana), project) == []


@pytest.mark.django_db(transaction=True)
def test_ten_people_asking_at_once_never_get_the_same_sentence(
    project: Project, make_user: Callable[[str], User], add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(200))
    askers = [Asker(make_user(f"person{number}").pk, project) for number in range(10)]

    def sit(number: int) -> list[int]:
        rng = random.Random(number)
        try:
            found = [next_leases(askers[number], count=3, rng=rng) for _ in range(8)]
            return [lease.sentence_id for leases in found for lease in leases]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as people:
        handed = [pk for ids in people.map(sit, range(10)) for pk in ids]
    assert Counter(handed).most_common(1)[0][1] == 1
    assert len(handed) == 200


def test_the_control_arm_and_the_hold_out_get_their_shares(project: Project) -> None:
    project.control_share, project.holdout_share = 0.1, 0.12
    rng = random.Random(1)
    drawn = Counter(choose_lane(project, rng) for _ in range(20_000))
    assert drawn[Lane.HOLDOUT] / 20_000 == pytest.approx(0.12, abs=0.01)
    assert drawn[Lane.CONTROL] / 20_000 == pytest.approx(0.88 * 0.1, abs=0.01)


def test_a_hold_out_sentence_comes_by_chance_and_unmarked(
    project: Project, ana: User, api: Api, add_sentences: AddSentences
) -> None:
    project.holdout_share = 0.5
    project.save()
    held_out = {s.pk for s in add_sentences(project, texts(3), split="holdout")}
    pool = {s.pk for s in add_sentences(project, texts(3, first=3))}
    Slot.objects.update(priority=0.5)
    asker, rng = Asker(ana.pk, project), random.Random(3)
    leases = [lease for _ in range(3) for lease in next_leases(asker, count=2, rng=rng)]
    assert {lease.sentence_id for lease in leases} == held_out | pool
    assert {lease.reason for lease in leases if lease.sentence_id in held_out} == {"random"}
    shown = api(ana).get(f"/api/v1/sentences/{min(held_out)}/").json()
    assert "split" not in shown


def test_a_lane_that_ran_dry_is_filled_from_the_others(
    project: Project, ana: User, api: Api, add_sentences: AddSentences
) -> None:
    add_sentences(project, texts(2), split="holdout")
    add_sentences(project, texts(1, first=2))
    assert len(ask(api(ana), project, count=5)) == 3


def test_a_dry_lane_does_not_disturb_the_order_of_doubt(
    project: Project, ana: User, add_sentences: AddSentences
) -> None:
    project.holdout_share, project.control_share = 0.5, 0.0
    for number, sentence in enumerate(add_sentences(project, texts(20))):
        Slot.objects.filter(sentence=sentence).update(priority=number * 7 % 20)
    asker, rng = Asker(ana.pk, project), random.Random(5)
    leases = [lease for _ in range(4) for lease in next_leases(asker, count=5, rng=rng)]
    ids = [lease.slot_id for lease in leases]
    given = Slot.objects.in_bulk(ids)
    priorities = [given[pk].priority or 0.0 for pk in ids]
    assert priorities == sorted(priorities, reverse=True)


def test_next_needs_the_same_few_queries_whatever_it_hands_out(
    project: Project, ana: User, api: Api, add_sentences: AddSentences, train: Train
) -> None:
    add_sentences(project, texts(1), gold={0: GOLD})
    add_sentences(project, texts(30, first=1))
    train(project)
    suggest()
    client = api(ana)
    for count in (1, 5):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            ask(client, project, count=count)
        assert len(seen) <= QUERIES_OF_NEXT, [query["sql"] for query in seen]


def test_strangers_are_told_that_there_is_no_such_thing(
    project: Project, outsider: User, api: Api, add_sentences: AddSentences
) -> None:
    (sentence,) = add_sentences(project, texts(1))
    client = api(outsider)
    answers = [
        client.post(f"/api/v1/projects/{project.pk}/next/", {}),
        client.get(f"/api/v1/projects/{project.pk}/sentences/"),
        client.get(f"/api/v1/projects/{project.pk}/progress/"),
        client.get(f"/api/v1/sentences/{sentence.pk}/"),
        client.post(f"/api/v1/sentences/{sentence.pk}/lease/"),
        client.delete(f"/api/v1/sentences/{sentence.pk}/lease/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert not Slot.objects.filter(holder=outsider).exists()


@pytest.mark.parametrize("body", [{"count": 0}, {"count": 6}, {"count": "x"}, {"amount": 1}])
def test_a_request_for_too_much_or_nonsense_is_refused(
    project: Project, ana: User, api: Api, body: dict[str, Any]
) -> None:
    assert api(ana).post(f"/api/v1/projects/{project.pk}/next/", body).status_code == 400


def rows_touched(plan: dict[str, Any]) -> float:
    """Return the most rows that any step of an executed plan went through."""
    own: float = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan[
        "Actual Loops"
    ]
    return max([own, *(rows_touched(step) for step in plan.get("Plans", ()))])


def test_next_walks_an_index_and_stops_however_long_the_queue_is(
    project: Project, ana: User, add_sentences: AddSentences
) -> None:
    add_sentences(without_chance(project), texts(3000))
    asker, rng = Asker(ana.pk, project), random.Random(1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE labelling_slot, labelling_annotation")
    next_leases(asker, count=5, rng=rng)
    with CaptureQueriesContext(connection) as seen:
        next_leases(asker, count=5, rng=rng)
    (statement,) = (query["sql"] for query in seen if "picked" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        assert rows_touched(cursor.fetchone()[0][0]["Plan"]) < 50
