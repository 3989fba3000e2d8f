"""Guidelines: everybody reads them, managers write the next version, no version is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core.models import AuditEntry, Event
from annotator.projects.models import Guideline, Project, RelationType
from annotator.projects.templates import TEMPLATES, starting_guidelines

Api = Callable[..., APIClient]


def address(project: Project) -> str:
    return f"/api/v1/projects/{project.pk}/guidelines/"


def put(client: APIClient, project: Project, version: int | str | None, **body: Any) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    whole = {"text": "General", "types": {"协同": "Stronger"}, **body}
    return client.put(address(project), whole, format="json", headers=headers)


@pytest.mark.parametrize("template", ["ch-ddi", "diabetes"])
def test_a_template_brings_words_for_the_whole_and_for_every_type(template: str) -> None:
    start = starting_guidelines(template)
    assert start is not None
    text, types = start
    schema = TEMPLATES[template]
    names = [kind["name"] for kinds in schema.values() for kind in kinds]
    assert sorted(types) == sorted(names)
    assert all(types.values())
    assert "主语" in text
    assert "宾语" in text


def test_a_new_project_begins_with_those_of_its_template(
    api: Api, outsider: User, ana: User, project: Project
) -> None:
    answer = api(ana).get(address(project))
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    assert answer.json()["version"] == 1
    assert "增强" in answer.json()["types"]["协同"]
    client = api(outsider)
    empty = client.post("/api/v1/projects/", {"name": "New", "template": "empty"}).json()
    said = client.get(f"/api/v1/projects/{empty['id']}/guidelines/").json()
    assert said == {"version": 0, "text": "", "types": {}}


def test_a_manager_writes_the_next_version_and_the_former_stays(
    api: Api, manager: User, ana: User, project: Project
) -> None:
    answer = put(api(manager), project, 1, types={"协同": "Stronger", "药物": " "})
    assert answer.status_code == 200
    said = {"version": 2, "text": "General", "types": {"协同": "Stronger"}}
    assert answer.json() == api(ana).get(address(project)).json() == said
    rows = Guideline.objects.filter(project=project).order_by("version")
    assert [(row.version, row.author) for row in rows] == [(1, manager), (2, manager)]
    assert "主语" in rows[0].text


def test_it_is_audited_and_told_without_its_words(
    api: Api, manager: User, project: Project
) -> None:
    put(api(manager), project, 1)
    entry = AuditEntry.objects.get(action="guidelines.changed")
    assert (entry.actor_id, entry.project_id) == (manager.pk, project.pk)
    assert (entry.before_version, entry.after_version) == (1, 2)
    assert Event.objects.get(kind="guidelines.changed").payload == {"version": 2}


def test_blanks_and_line_breaks_are_kept(api: Api, manager: User, project: Project) -> None:
    text = "  code\n\n* one\n* two  \n"
    assert put(api(manager), project, 1, text=text).json()["text"] == text


def test_without_the_version_it_is_refused(api: Api, manager: User, project: Project) -> None:
    answer = put(api(manager), project, None)
    assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")
    assert put(api(manager), project, "new").status_code == 400


@pytest.mark.parametrize("base", [0, 2])
def test_on_another_version_the_newest_is_handed_out(
    api: Api, manager: User, project: Project, base: int
) -> None:
    answer = put(api(manager), project, base)
    assert (answer.status_code, answer.json()["code"]) == (412, "version_conflict")
    assert answer.json()["context"]["current"] == api(manager).get(address(project)).json()
    assert Guideline.objects.filter(project=project).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_who_save_at_once_one_wins(
    api: Api, manager: User, project: Project
) -> None:
    def save(text: str) -> int:
        try:
            return int(put(api(manager), project, 1, text=text).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as hands:
        codes = sorted(hands.map(save, ["one", "other"]))
    assert codes == [200, 412]
    assert Guideline.objects.filter(project=project).count() == 2


def test_unknown_types_are_refused_with_their_names(
    api: Api, manager: User, project: Project
) -> None:
    answer = put(api(manager), project, 1, types={"协同": "", "鸟": "x", "鱼": "y"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_type")
    assert answer.json()["context"]["types"] == ["鱼", "鸟"]
    assert Guideline.objects.filter(project=project).count() == 1


def test_a_type_that_left_the_schema_is_not_spoken_of_any_more(
    api: Api, manager: User, project: Project
) -> None:
    RelationType.objects.get(project=project, name="无关").delete()
    said = api(manager).get(address(project)).json()
    assert "无关" not in said["types"]
    assert put(api(manager), project, 1, types=said["types"]).status_code == 200


@pytest.mark.parametrize(
    "broken",
    [
        {"text": "x" * 100_001},
        {"types": {"协同": "x" * 100_001}},
        {"types": ["协同"]},
        {"text": None},
        {"words": "x"},
    ],
)
def test_what_cannot_be_is_refused(
    api: Api, manager: User, project: Project, broken: dict[str, Any]
) -> None:
    answer = put(api(manager), project, 1, **broken)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert Guideline.objects.filter(project=project).count() == 1


def test_a_hundred_thousand_characters_are_possible(
    api: Api, manager: User, project: Project
) -> None:
    text = "字" * 100_000
    assert put(api(manager), project, 1, text=text).json()["text"] == text


def test_low_roles_read_and_strangers_do_not(
    api: Api, reviewer: User, ana: User, outsider: User, project: Project
) -> None:
    for reader in (reviewer, ana):
        assert api(reader).get(address(project)).status_code == 200
        assert put(api(reader), project, 1).status_code == 403
    stranger = api(outsider)
    refused = [stranger.get(address(project)), put(stranger, project, 1)]
    assert [answer.status_code for answer in refused] == [404, 404]
    assert Guideline.objects.filter(project=project).count() == 1


def test_reading_takes_few_queries(
    api: Api, ana: User, project: Project, django_assert_max_num_queries: Any
) -> None:
    client = api(ana)
    with django_assert_max_num_queries(5):
        client.get(address(project))
