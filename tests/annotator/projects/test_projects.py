"""Projects, members and schema through the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.projects.models import Membership, Project
from annotator.projects.templates import TEMPLATES
from extraction.types import Entity, Graph, Relation
from tests.annotator.conftest import AddSentences

Api = Callable[..., APIClient]


def address(project: Project, rest: str = "") -> str:
    return f"/api/v1/projects/{project.pk}/{rest}"


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_every_template_makes_a_project_whose_maker_manages_it(
    api: Api, outsider: User, template: str
) -> None:
    client = api(outsider)
    made = client.post("/api/v1/projects/", {"name": "New", "template": template, "language": "zh"})
    assert made.status_code == 201
    assert made.json()["role"] == "manager"
    schema = client.get(f"/api/v1/projects/{made.json()['id']}/schema/").json()
    assert schema["entity_types"] == TEMPLATES[template]["entity_types"]
    assert schema["relation_types"] == TEMPLATES[template]["relation_types"]


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_a_templates_keys_are_distinct_and_free_of_the_editors_own(template: str) -> None:
    schema = TEMPLATES[template]
    for kinds in ("entity_types", "relation_types"):
        keys = [kind["key"] for kind in schema[kinds]]
        assert len(set(keys)) == len(keys)
        assert not set(keys) & set("axrem?")


@pytest.mark.parametrize("rest", ["", "schema/", "members/", "events/"])
def test_an_outsider_learns_nothing(api: Api, outsider: User, project: Project, rest: str) -> None:
    answer = api(outsider).get(address(project, rest))
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_an_annotator_may_look_but_not_change(api: Api, ana: User, project: Project) -> None:
    client = api(ana)
    assert client.get(address(project)).json()["role"] == "annotator"
    refused = [
        client.patch(address(project), {"name": "Mine"}),
        client.post(address(project, "members/"), {"username": "ana", "role": "manager"}),
        client.put(address(project, "schema/"), {"entity_types": [], "relation_types": []}),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    project.refresh_from_db()
    assert project.name == "DDI"


def test_the_list_holds_only_ones_own(
    api: Api, ana: User, outsider: User, project: Project
) -> None:
    assert [p["id"] for p in api(ana).get("/api/v1/projects/").json()["results"]] == [project.pk]
    assert api(outsider).get("/api/v1/projects/").json()["results"] == []


def test_unknown_fields_are_refused(api: Api, manager: User, project: Project) -> None:
    answer = api(manager).patch(address(project), {"nam": "x"})
    assert (answer.status_code, answer.json()["context"]["fields"]) == (400, ["nam"])


def test_a_model_that_does_not_exist_cannot_be_chosen(
    api: Api, manager: User, project: Project
) -> None:
    answer = api(manager).patch(address(project), {"model": "oracle.v9"})
    assert (answer.status_code, list(answer.json()["context"]["fields"])) == (400, ["model"])


class TestMembers:
    """A manager decides who belongs; somebody always manages."""

    def test_a_manager_lets_somebody_in_and_out(
        self, api: Api, manager: User, outsider: User, project: Project
    ) -> None:
        client = api(manager)
        joined = client.post(address(project, "members/"), {"username": "olga", "role": "reviewer"})
        assert (joined.status_code, joined.json()["role"]) == (201, "reviewer")
        again = client.post(address(project, "members/"), {"username": "olga", "role": "reviewer"})
        assert (again.status_code, again.json()["code"]) == (409, "already_member")
        member = address(project, f"members/{joined.json()['id']}/")
        assert client.patch(member, {"role": "annotator"}).json()["role"] == "annotator"
        assert client.delete(member).status_code == 204
        assert api(outsider).get(address(project)).status_code == 404

    def test_the_last_manager_stays(self, api: Api, manager: User, project: Project) -> None:
        own = Membership.objects.get(user=manager)
        client = api(manager)
        answer = client.delete(address(project, f"members/{own.pk}/"))
        assert (answer.status_code, answer.json()["code"]) == (409, "last_manager")
        demoted = client.patch(address(project, f"members/{own.pk}/"), {"role": "annotator"})
        assert demoted.json()["code"] == "last_manager"


class TestSchema:
    """The schema is replaced as a whole, and never under the feet of labels."""

    def small(self) -> dict[str, Any]:
        looks = {"label": "x", "color": "#123456", "key": ""}
        return {
            "entity_types": [{"name": "药物", **looks}, {"name": "食物", **looks}],
            "relation_types": [
                {"name": "协同", **looks, "symmetric": False, "pairs": [["药物", "食物"]]}
            ],
        }

    def test_a_manager_replaces_it(self, api: Api, manager: User, project: Project) -> None:
        answer = api(manager).put(address(project, "schema/"), self.small())
        assert answer.status_code == 200
        assert answer.json()["version"] == 2
        assert [kind["name"] for kind in answer.json()["entity_types"]] == ["药物", "食物"]

    def test_a_type_in_use_is_not_dropped(
        self, api: Api, manager: User, project: Project, add_sentences: AddSentences
    ) -> None:
        drugs = (Entity(0, 2, "药物"), Entity(2, 4, "药物"))
        used = Graph(entities=drugs, relations=(Relation(0, 1, "拮抗"),))
        add_sentences(project, ["甲药乙药"], gold={0: used})
        answer = api(manager).put(address(project, "schema/"), self.small())
        assert (answer.status_code, answer.json()["code"]) == (409, "type_in_use")
        assert answer.json()["context"]["types"] == ["拮抗"]
        project.refresh_from_db()
        assert project.schema_version == 1

    def test_a_pair_in_use_is_not_forbidden(
        self, api: Api, manager: User, project: Project, add_sentences: AddSentences
    ) -> None:
        drugs = (Entity(0, 2, "药物"), Entity(2, 4, "药物"))
        used = Graph(entities=drugs, relations=(Relation(0, 1, "协同"),))
        add_sentences(project, ["甲药乙药"], gold={0: used})
        answer = api(manager).put(address(project, "schema/"), self.small())
        assert (answer.status_code, answer.json()["code"]) == (409, "pair_in_use")

    def test_nonsense_is_named(self, api: Api, manager: User, project: Project) -> None:
        twice = self.small()
        twice["entity_types"].append(twice["entity_types"][0])
        assert api(manager).put(address(project, "schema/"), twice).status_code == 400
        foreign = self.small()
        foreign["relation_types"][0]["pairs"] = [["药物", "鸟"]]
        answer = api(manager).put(address(project, "schema/"), foreign)
        assert answer.json()["context"]["unknown"] == ["鸟"]
