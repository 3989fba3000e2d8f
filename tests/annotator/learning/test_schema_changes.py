"""Types are renamed, merged, split and reversed over all labels; nothing of the past changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.models import AuditEntry, Event
from annotator.corpus.models import Sentence
from annotator.labelling.models import Annotation, GoldRevision, Revision
from annotator.learning import services
from annotator.learning.models import Suggestion
from annotator.projects.models import Guideline, Project, SchemaChange
from tests.annotator.conftest import AddSentences, entity, relation
from tests.annotator.learning.conftest import GOLD, Train, suggest, texts

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
Put = Callable[..., Any]
Change = dict[str, Any]
TEXT = "甲药与乙药合用，丙药慎用"
ENTITIES = [entity("e1", 0, 2), entity("e2", 3, 5), entity("e3", 8, 10)]
RENAME = {"kind": "rename", "of": "relation", "from": ["协同"], "into": "增强"}


@pytest.fixture
def sentence(
    project: Project, add_sentences: AddSentences, api: Api, ana: User, put: Put
) -> Sentence:
    """A submitted sentence: 甲药 协同 乙药, 甲药 相加 乙药, 丙药 拮抗 甲药; and a flag."""
    made = add_sentences(project, [TEXT])[0]
    said = [relation("e1", "e2"), relation("e1", "e2", "相加"), relation("e3", "e1", "拮抗")]
    body = {"entities": ENTITIES, "relations": said, "flags": ["discuss"], "action": "submit"}
    assert put(api(ana), made, seconds=9.0, **body).status_code == 200
    return made


@pytest.fixture
def change(project: Project, api: Api, manager: User) -> Callable[..., Any]:
    """Return a function that sends a change as the manager."""

    def send(wanted: Change, **more: Any) -> Any:
        address = f"/api/v1/projects/{project.pk}/schema/changes/"
        return api(manager).post(address, {**wanted, **more}, format="json")

    return send


def apply(change: Callable[..., Any], wanted: Change, **more: Any) -> Any:
    seen = change(wanted, **more)
    assert seen.status_code == 200, seen.content
    done = change(wanted, token=seen.json()["token"], **more)
    assert done.status_code == 200, done.content
    return done.json()


def triples(graph: dict[str, Any]) -> set[tuple[str, str, str]]:
    words = {one["id"]: TEXT[one["start"] : one["end"]] for one in graph["entities"]}
    return {(words[r["head"]], r["type"], words[r["tail"]]) for r in graph["relations"]}


def test_a_preview_says_what_would_happen_and_writes_nothing(
    project: Project, sentence: Sentence, change: Callable[..., Any]
) -> None:
    seen = change(RENAME).json()
    assert seen["applied"] is False
    counts = ("sentences", "annotations", "golds", "entities", "relations", "collapsed")
    assert [seen[name] for name in counts] == [1, 1, 1, 0, 1, 0]
    (example,) = seen["examples"]
    assert example["sentence_id"] == sentence.pk
    assert example["before"] == ["甲药 → 协同 → 乙药"]
    assert example["after"] == ["甲药 → 增强 → 乙药"]
    assert Revision.objects.count() == 1
    assert project.relation_types.filter(name="协同").exists()


def test_a_rename_reaches_every_label_and_the_past_stays(
    project: Project, sentence: Sentence, change: Callable[..., Any]
) -> None:
    before = project.schema_version
    done = apply(change, RENAME)
    assert (done["applied"], done["schema_version"]) == (True, before + 1)
    annotation = Annotation.objects.get(sentence=sentence)
    wanted = {("甲药", "增强", "乙药"), ("甲药", "相加", "乙药"), ("丙药", "拮抗", "甲药")}
    assert triples(annotation.graph) == wanted
    assert (annotation.version, annotation.state) == (2, "submitted")
    assert (annotation.flags, annotation.seconds) == (["discuss"], 9.0)
    first, second = Revision.objects.filter(annotation=annotation).order_by("version")
    assert ("甲药", "协同", "乙药") in triples(first.graph)
    assert second.graph == annotation.graph
    sentence.refresh_from_db()
    gold = GoldRevision.objects.get(sentence=sentence, version=sentence.gold_version)
    assert (gold.version, gold.origin, gold.revision) == (2, "single", second)
    assert triples(gold.graph) == wanted
    assert not project.relation_types.filter(name="协同").exists()
    assert SchemaChange.objects.get(project=project).change["into"] == "增强"
    assert AuditEntry.objects.filter(action="schema.rename").count() == 1
    assert Event.objects.filter(kind="schema.changed").count() == 1


def test_types_that_are_joined_let_twins_fall_together(
    sentence: Sentence, change: Callable[..., Any]
) -> None:
    merge = {"kind": "merge", "of": "relation", "from": ["相加"], "into": "协同"}
    assert apply(change, merge)["collapsed"] == 1
    graph = Annotation.objects.get(sentence=sentence).graph
    assert triples(graph) == {("甲药", "协同", "乙药"), ("丙药", "拮抗", "甲药")}


def test_a_part_of_a_type_goes_over(
    project: Project, sentence: Sentence, change: Callable[..., Any]
) -> None:
    split = {"kind": "split", "of": "relation", "from": ["拮抗"], "into": "减弱"}
    assert change(split).status_code == 400  # it does not say which ones
    apply(change, split, where={"subject_contains": "丙"})
    assert ("丙药", "减弱", "甲药") in triples(Annotation.objects.get(sentence=sentence).graph)
    assert set(project.relation_types.values_list("name", flat=True)) >= {"拮抗", "减弱"}
    herbs = {"kind": "split", "of": "entity", "from": ["药物"], "into": "中药"}
    apply(change, herbs, where={"surfaces": ["丙药"]})
    graph = Annotation.objects.get(sentence=sentence).graph
    assert [one["type"] for one in graph["entities"]] == ["药物", "药物", "中药"]


def test_a_direction_is_turned_round(sentence: Sentence, change: Callable[..., Any]) -> None:
    reverse = {"kind": "reverse", "from": ["拮抗"]}
    apply(change, reverse)
    assert ("甲药", "拮抗", "丙药") in triples(Annotation.objects.get(sentence=sentence).graph)


def test_labels_that_would_be_illegal_stop_a_merge_unless_pairs_are_extended(
    project: Project, sentence: Sentence, change: Callable[..., Any], api: Api, manager: User
) -> None:
    schema = api(manager).get(f"/api/v1/projects/{project.pk}/schema/").json()
    look = {"label": "疾病", "color": "#123456", "key": ""}
    schema["entity_types"].append({"name": "疾病", **look})
    treats = {"name": "治疗", **look, "symmetric": False, "pairs": [["药物", "疾病"]]}
    schema["relation_types"].append(treats)
    address = f"/api/v1/projects/{project.pk}/schema/"
    assert api(manager).put(address, schema, format="json").status_code == 200
    merge = {"kind": "merge", "of": "relation", "from": ["协同"], "into": "治疗"}
    refused = change(merge)
    assert (refused.status_code, refused.json()["code"]) == (409, "change_makes_illegal")
    assert refused.json()["context"]["pairs"] == [["药物", "治疗", "药物"]]
    apply(change, merge, extend_pairs=True)
    assert ("甲药", "治疗", "乙药") in triples(Annotation.objects.get(sentence=sentence).graph)


def test_what_is_applied_is_what_was_seen(
    sentence: Sentence, change: Callable[..., Any], api: Api, ana: User, put: Put
) -> None:
    token = change(RENAME).json()["token"]
    assert put(api(ana), sentence, version=1, entities=ENTITIES, relations=[]).status_code == 200
    late = change(RENAME, token=token)
    assert (late.status_code, late.json()["code"]) == (409, "preview_outdated")
    again = apply(change, RENAME)
    assert again["applied"]
    assert change(RENAME, token=again["token"]).status_code == 400  # there is no 协同 any more


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "rename", "from": ["没有"], "into": "x"},
        {"kind": "rename", "from": ["协同"], "into": "拮抗"},
        {"kind": "rename", "from": ["协同", "拮抗"], "into": "x"},
        {"kind": "rename", "from": ["协同"]},
        {"kind": "merge", "from": ["协同"], "into": "没有"},
        {"kind": "merge", "from": ["协同"], "into": "协同"},
        {"kind": "reverse", "of": "entity", "from": ["药物"]},
        {"kind": "explode", "from": ["协同"]},
        {"kind": "rename", "from": ["协同"], "into": "x", "why": "?"},
        {"kind": "split", "from": ["协同"], "into": "x", "where": {"mood": "bad"}},
    ],
)
def test_changes_that_make_no_sense_are_refused(change: Callable[..., Any], wanted: Change) -> None:
    assert change(wanted).status_code == 400


def test_only_managers_change_types(
    project: Project, api: Api, ana: User, reviewer: User, outsider: User
) -> None:
    address = f"/api/v1/projects/{project.pk}/schema/changes/"
    for user, status in ((ana, 403), (reviewer, 403), (outsider, 404)):
        assert api(user).post(address, RENAME, format="json").status_code == status


def test_an_active_model_goes_on_suggesting_in_the_new_words(
    project: Project,
    add_sentences: AddSentences,
    train: Train,
    change: Callable[..., Any],
) -> None:
    add_sentences(project, texts(3), gold={1: GOLD})
    train(project)
    suggest()
    said = Suggestion.objects.filter(sentence__project=project)
    kinds = {r["type"] for one in said for r in one.graph["relations"]}
    assert kinds, "the model says nothing, so the test would show nothing"
    name = min(kinds)
    apply(change, {"kind": "rename", "of": "relation", "from": [name], "into": "新词"})
    assert "新词" in {r["type"] for one in said.all() for r in one.graph["relations"]}
    add_sentences(project, texts(1, first=9))
    assert services.suggest_for_new(project.pk) == 1
    assert suggest() == 1
    newest = said.order_by("pk").last()
    assert newest is not None
    assert {r["type"] for r in newest.graph["relations"]} == {"新词"}
    assert said.all().count() == 3


def test_the_guideline_of_a_type_follows_its_name(
    project: Project, manager: User, sentence: Sentence, change: Callable[..., Any]
) -> None:
    newest = project.guidelines.order_by("-version").first()
    version = newest.version + 1 if newest else 1
    types = {"协同": "一加一", "相加": "大于二"}
    Guideline.objects.create(project=project, version=version, author=manager, text="", types=types)
    apply(change, {"kind": "merge", "of": "relation", "from": ["相加"], "into": "协同"})
    assert project.guidelines.order_by("-version")[0].types == {"协同": "一加一\n\n大于二"}


def test_the_schema_can_still_be_edited_after_a_change(
    project: Project, sentence: Sentence, change: Callable[..., Any], api: Api, manager: User
) -> None:
    apply(change, {"kind": "rename", "of": "entity", "from": ["药物"], "into": "药品"})
    address = f"/api/v1/projects/{project.pk}/schema/"
    schema = api(manager).get(address).json()
    assert api(manager).put(address, schema, format="json").status_code == 200


def test_the_command_shows_and_does_the_same(project: Project, sentence: Sentence) -> None:
    out = StringIO()
    call_command("change_schema", str(project.pk), json.dumps(RENAME), stdout=out)
    assert json.loads(out.getvalue())["relations"] == 1
    assert Revision.objects.count() == 1
    call_command("change_schema", str(project.pk), json.dumps(RENAME), "--apply", stdout=out)
    assert ("甲药", "增强", "乙药") in triples(Annotation.objects.get(sentence=sentence).graph)
    with pytest.raises(CommandError, match="no such type"):
        call_command("change_schema", str(project.pk), json.dumps(RENAME))
    with pytest.raises(CommandError, match="not readable"):
        call_command("change_schema", str(project.pk), "{")
