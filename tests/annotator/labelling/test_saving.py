"""Saving an annotation through the API: versions, keys, legality, gold, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.models import AuditEntry, Event
from annotator.corpus.models import Sentence
from annotator.labelling.models import Annotation, GoldRevision, Revision, Slot
from annotator.projects.models import Project
from extraction.types import Entity, Graph
from tests.annotator.conftest import AddSentences, entity, relation

TEXT = "布美他尼片@与多巴胺合用，利尿作用加强𠮷"
ENTITIES = [entity("e1", 0, 5), entity("e2", 7, 10)]

Api = Callable[[User | None], APIClient]
Put = Callable[..., Any]


@pytest.fixture
def sentence(project: Project, add_sentences: AddSentences) -> Sentence:
    """One pending sentence."""
    return add_sentences(project, [TEXT])[0]


class TestAnAcceptedSave:
    """What is acknowledged is written: annotation, revision, audit, event, all or nothing."""

    def test_it_raises_the_version_and_keeps_every_revision(
        self, api: Api, ana: User, sentence: Sentence, put: Put
    ) -> None:
        client = api(ana)
        first = put(client, sentence, entities=ENTITIES[:1])
        second = put(
            client, sentence, version=1, entities=ENTITIES, relations=[relation("e2", "e1")]
        )
        assert (first.status_code, second.status_code) == (200, 200)
        assert second.json()["version"] == 2
        assert second.json()["state"] == "in_progress"
        assert [len(r.graph["entities"]) for r in Revision.objects.order_by("version")] == [1, 2]
        assert AuditEntry.objects.filter(object_kind="annotation").count() == 2
        assert Event.objects.filter(kind="sentence.saved").count() == 2

    def test_submitting_makes_gold_and_closes_the_slot(
        self, api: Api, ana: User, sentence: Sentence, put: Put
    ) -> None:
        answer = put(
            api(ana),
            sentence,
            entities=ENTITIES,
            relations=[relation("e2", "e1")],
            action="submit",
            seconds=12.5,
        )
        assert answer.json()["state"] == "gold"
        gold = GoldRevision.objects.get(sentence=sentence)
        assert gold.origin == "single"
        assert gold.graph["relations"][0]["type"] == "协同"
        assert Slot.objects.get(sentence=sentence).state == "done"

    def test_time_spent_is_never_taken_away(
        self, api: Api, ana: User, sentence: Sentence, put: Put
    ) -> None:
        put(api(ana), sentence, seconds=12.5)
        assert put(api(ana), sentence, version=1, seconds=0.0).status_code == 200
        assert Annotation.objects.get(sentence=sentence).seconds == 12.5

    def test_a_second_annotator_who_differs_reopens_the_gold(
        self, api: Api, ana: User, bo: User, sentence: Sentence, put: Put
    ) -> None:
        put(api(ana), sentence, entities=ENTITIES[:1], action="submit")
        answer = put(api(bo), sentence, entities=ENTITIES, action="submit")
        assert answer.json()["state"] == "submitted"
        sentence.refresh_from_db()
        assert sentence.gold_version == 0
        agreed = put(api(bo), sentence, version=1, entities=ENTITIES[:1], action="submit")
        assert agreed.json()["state"] == "gold"
        assert GoldRevision.objects.filter(origin="identical").count() == 1

    def test_skipping_takes_the_sentence_out_of_the_queue(
        self, api: Api, ana: User, sentence: Sentence, put: Put
    ) -> None:
        assert put(api(ana), sentence, action="skip").json()["state"] == "skipped"
        assert Slot.objects.get(sentence=sentence).state == "skipped"

    def test_it_is_read_back_as_it_was_sent(
        self, api: Api, ana: User, sentence: Sentence, put: Put
    ) -> None:
        client = api(ana)
        put(client, sentence, entities=ENTITIES, flags=["unclear"], comment=" 看说明书 ")
        read = client.get(f"/api/v1/sentences/{sentence.pk}/annotation/").json()
        assert read["entities"] == ENTITIES
        assert (read["flags"], read["comment"]) == (["unclear"], " 看说明书 ")

    def test_it_takes_a_bounded_number_of_queries(
        self,
        api: Api,
        ana: User,
        sentence: Sentence,
        put: Put,
        django_assert_max_num_queries: Callable[[int], Any],
    ) -> None:
        client = api(ana)
        with django_assert_max_num_queries(30):
            put(client, sentence, entities=ENTITIES, action="submit")


class TestARepeatedOrLateSave:
    """A retry saves nothing twice; an older version overwrites nothing."""

    def test_the_same_key_gets_the_first_answer_again(
        self, api: Api, ana: User, sentence: Sentence, put: Put
    ) -> None:
        client, key = api(ana), uuid4()
        first = put(client, sentence, key=key, entities=ENTITIES)
        again = put(client, sentence, key=key, entities=ENTITIES)
        assert again.json() == first.json()
        assert Revision.objects.count() == 1

    def test_the_same_key_with_another_body_is_refused(
        self, api: Api, ana: User, sentence: Sentence, put: Put
    ) -> None:
        client, key = api(ana), uuid4()
        put(client, sentence, key=key, entities=ENTITIES)
        other = put(client, sentence, key=key, entities=ENTITIES[:1])
        assert (other.status_code, other.json()["code"]) == (422, "key_reused")

    def test_an_older_version_is_told_the_newest(
        self, api: Api, ana: User, sentence: Sentence, put: Put
    ) -> None:
        client = api(ana)
        put(client, sentence, entities=ENTITIES)
        late = put(client, sentence, version=0, entities=ENTITIES[:1])
        assert (late.status_code, late.json()["code"]) == (412, "version_conflict")
        assert late.json()["context"]["current"]["entities"] == ENTITIES
        assert Revision.objects.count() == 1

    @pytest.mark.parametrize("missing", ["If-Match", "Idempotency-Key"])
    def test_a_missing_header_is_named(
        self, api: Api, ana: User, sentence: Sentence, missing: str
    ) -> None:
        headers = {"If-Match": '"0"', "Idempotency-Key": str(uuid4())}
        del headers[missing]
        answer = api(ana).put(
            f"/api/v1/sentences/{sentence.pk}/annotation/",
            {"entities": [], "relations": []},
            headers=headers,
        )
        assert answer.status_code == 428
        assert answer.json()["context"]["header"] == missing


class TestAnIllegalGraph:
    """The schema is enforced at the door, and again by the database behind every door."""

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"entities": [entity("e1", 0, 99)]}, "span_outside_text"),
            ({"entities": [entity("e1", 3, 3)]}, "span_outside_text"),
            ({"entities": [entity("e1", 0, 5, "食物")]}, "unknown_type"),
            ({"entities": [entity("e1", 0, 5), entity("e1", 7, 10)]}, "duplicate_entity"),
            ({"entities": [entity("e1", 0, 5), entity("e2", 0, 5)]}, "duplicate_entity"),
            ({"entities": ENTITIES, "relations": [relation("e1", "e9")]}, "unknown_end"),
            ({"entities": ENTITIES, "relations": [relation("e1", "e1")]}, "unknown_end"),
            ({"entities": ENTITIES, "relations": [relation("e1", "e2", "爱")]}, "unknown_type"),
            ({"entities": ENTITIES, "relations": [relation("e1", "e2")] * 2}, "duplicate_relation"),
        ],
    )
    def test_it_is_refused_with_the_place(
        self,
        api: Api,
        ana: User,
        sentence: Sentence,
        put: Put,
        body: dict[str, Any],
        code: str,
    ) -> None:
        answer = put(api(ana), sentence, **body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert not Annotation.objects.exists()

    @pytest.mark.parametrize(
        "body",
        [
            {"entities": [{"id": "e1", "start": "0", "end": 5, "type": "药物"}]},
            {"entities": [{"id": "e1", "start": True, "end": 5, "type": "药物"}]},
            {"entities": "none"},
            {"entities": [], "colour": "red"},
            {"entities": [{"id": "e1", "start": 0, "end": 5, "type": "药物", "x": 1}]},
            {"action": "publish"},
            {"comment": "\x00"},
            {"seconds": -1},
        ],
    )
    def test_a_malformed_body_is_refused(
        self, api: Api, ana: User, sentence: Sentence, put: Put, body: dict[str, Any]
    ) -> None:
        assert put(api(ana), sentence, **body).status_code == 400
        assert not Annotation.objects.exists()

    @pytest.mark.parametrize(
        "graph",
        [
            {"entities": [entity("e1", 0, 99)], "relations": [], "negatives": []},
            {"entities": [entity("e1", 0, 5, "食物")], "relations": [], "negatives": []},
            {"entities": ENTITIES, "relations": [relation("e1", "e3")], "negatives": []},
            {"entities": ENTITIES, "relations": [relation("e1", "e2")] * 2, "negatives": []},
            {"entities": ENTITIES, "relations": [], "negatives": [{"head": "e1", "tail": "e1"}]},
        ],
    )
    def test_the_database_refuses_it_too(
        self, ana: User, sentence: Sentence, graph: dict[str, Any]
    ) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Annotation.objects.create(
                sentence=sentence, author=ana, version=1, state="draft", graph=graph
            )


class TestWhoMaySave:
    """Strangers learn nothing; colleagues see no foreign labels."""

    def test_an_outsider_is_told_that_there_is_no_such_sentence(
        self, api: Api, outsider: User, sentence: Sentence, put: Put
    ) -> None:
        answer = put(api(outsider), sentence, entities=ENTITIES)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert not Annotation.objects.exists()

    def test_without_log_in_the_answer_is_401(self, api: Api, sentence: Sentence, put: Put) -> None:
        assert put(api(None), sentence, entities=ENTITIES).status_code == 401

    def test_an_annotator_does_not_see_a_colleagues_labels(
        self, api: Api, ana: User, bo: User, reviewer: User, sentence: Sentence, put: Put
    ) -> None:
        put(api(ana), sentence, entities=ENTITIES)
        address = f"/api/v1/sentences/{sentence.pk}"
        assert api(bo).get(f"{address}/annotation/").json()["entities"] == []
        assert api(bo).get(f"{address}/history/").json()["results"] == []
        seen = api(reviewer).get(f"{address}/history/").json()["results"]
        assert [row["author"] for row in seen] == ["ana"]


class TestWhatNeverChanges:
    """Text, revisions, gold and audit are kept by the database itself."""

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE corpus_sentence SET text = 'x'",
            "UPDATE labelling_revision SET version = 9",
            "DELETE FROM labelling_revision",
            "DELETE FROM labelling_goldrevision",
            "UPDATE core_auditentry SET action = 'nothing'",
        ],
    )
    def test_the_database_refuses_to_change_it(
        self, api: Api, ana: User, sentence: Sentence, put: Put, statement: str
    ) -> None:
        put(api(ana), sentence, entities=ENTITIES, action="submit")
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_that_save_at_once_one_wins_and_one_is_told(
    api: Api, ana: User, sentence: Sentence, put: Put
) -> None:
    def tab(number: int) -> int:
        try:
            answer = put(api(ana), sentence, entities=ENTITIES[:number])
            return int(answer.status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as tabs:
        codes = sorted(tabs.map(tab, [1, 2]))
    assert codes == [200, 412]
    assert Revision.objects.count() == 1


def test_imported_gold_is_shown_as_version_zero_and_can_be_revised(
    api: Api, ana: User, project: Project, add_sentences: AddSentences, put: Put
) -> None:
    graph = Graph(entities=(Entity(0, 5, "药物"),))
    sentence = add_sentences(project, [TEXT], gold={0: graph})[0]
    client = api(ana)
    shown = client.get(f"/api/v1/sentences/{sentence.pk}/annotation/").json()
    assert shown["version"] == 0
    assert shown["entities"][0]["source"] == "imported"
    answer = put(client, sentence, entities=ENTITIES, action="submit")
    assert answer.json()["state"] == "gold"
    assert GoldRevision.objects.filter(sentence=sentence).count() == 2
