"""How few keys, clicks and drags each task of labelling costs, as the browser counts them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject
from tests.e2e.counting import Count, Counter
from tests.e2e.desk import Desk
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

DRUGS = "甲药与乙药合用，丙药与丁药慎用，甲药减量"
PLACES = ((0, 2), (3, 5), (8, 10), (11, 13))
CLINIC = "二甲双胍治疗糖尿病，苦瓜亦可"


def line(text: str, *spans: tuple[int, int], relations: tuple[dict[str, Any], ...] = ()) -> str:
    """Return a line of native data with drugs at these places."""
    entities = [{"start": start, "end": end, "type": "药物"} for start, end in spans]
    return json.dumps({"text": text, "entities": entities, "relations": list(relations)}) + "\n"


def said(kind: str, head: int, tail: int) -> dict[str, Any]:
    """Return a relation between two entities by their places."""
    return {"head": head, "tail": tail, "type": kind}


class Bench:
    """A desk with its counter, and the labels as the server has them."""

    def __init__(self, desk: Desk, api: Api, sentence: int) -> None:
        self.desk = desk
        self.counter = Counter(desk.page)
        self.counter.start()
        self._api = api
        self._sentence = sentence

    def cost(self) -> Count:
        """Return what was done since the last time."""
        return self.counter.take()

    def saved(self) -> Any:
        """Return the labels once everything is saved."""
        self.desk.wait_until_saved()
        return self._api.call("GET", f"sentences/{self._sentence}/")["annotation"]

    def triples(self) -> set[tuple[str, str, str]]:
        """Return the saved relations by the surfaces of their ends."""
        sentence = self._api.call("GET", f"sentences/{self._sentence}/")
        self.desk.wait_until_saved()
        labels = self.saved()
        words = {e["id"]: sentence["text"][e["start"] : e["end"]] for e in labels["entities"]}
        return {(words[r["head"]], r["type"], words[r["tail"]]) for r in labels["relations"]}


OpenBench = Callable[..., Bench]


@pytest.fixture
def bench(enter: Enter, product: trial.Trial, manager: Api, make_project: MakeProject) -> OpenBench:
    """Return a function that opens the first sentence of a new project with a counter running."""

    def open_bench(name: str, *, template: str = "ch-ddi", **files: str) -> Bench:
        project = make_project(name, template=template, **files)
        rows = list(manager.pages(f"projects/{project}/sentences/?order=position"))
        page = enter("manager")
        page.goto(f"{product.address}/projects/{project}/annotate/{rows[0]['id']}")
        desk = Desk(page)
        desk.wait_for(rows[0]["text"][:6])
        return Bench(desk, manager, rows[0]["id"])

    return open_bench


def test_an_entity_by_mouse_is_one_drag_and_with_several_types_one_key_more(
    bench: OpenBench,
) -> None:
    one_type = bench("One type", ignore=line(DRUGS))
    one_type.desk.label_by_mouse(0, 2)
    assert one_type.cost() == Count(drags=1)
    assert len(one_type.saved()["entities"]) == 1


def test_an_entity_by_mouse_among_many_types(bench: OpenBench) -> None:
    many = bench("Many types", template="diabetes", ignore=line(CLINIC))
    many.desk.label_by_mouse(0, 4)
    many.desk.keys("g")
    assert many.cost() == Count(drags=1, keys=1)
    many.desk.keys("Escape", "d")  # arms the type of diseases
    many.cost()
    many.desk.label_by_mouse(6, 9)
    assert many.cost() == Count(drags=1)
    assert [e["type"] for e in many.saved()["entities"]] == ["Drug", "Disease"]


def test_an_entity_without_a_mouse_is_two_keys_and_moves(bench: OpenBench) -> None:
    at = bench("By keys", ignore=line(DRUGS))
    at.desk.label_by_keys(3, 5, "d")
    cost = at.cost()
    assert (cost.keys, cost.clicks, cost.drags) == (2, 0, 0)
    assert cost.moves == 1 + 3 + 2  # Home, to the right, stretched


def test_an_entity_from_a_suggestion_is_one_key(bench: OpenBench) -> None:
    at = bench("Suggested", suggestions=line(DRUGS, (0, 2), (3, 5)))
    expect(at.desk.page.get_by_test_id("suggestion-1")).to_be_visible()
    at.desk.keys("a")
    assert at.cost() == Count(keys=1)
    at.desk.keys("a")
    assert at.cost() == Count(keys=1)
    assert len(at.saved()["entities"]) == 2


def test_a_relation_by_mouse_is_two_clicks_and_a_key(bench: OpenBench) -> None:
    at = bench("Pair by mouse", gold=line(DRUGS, *PLACES))
    at.desk.page.get_by_test_id("entity-2").click()
    at.desk.page.get_by_test_id("entity-1").click()
    at.desk.keys("t")
    assert at.cost() == Count(clicks=2, keys=1)
    assert at.triples() == {("乙药", "协同", "甲药")}


def test_a_relation_by_mouse_is_two_clicks_where_one_is_legal(bench: OpenBench) -> None:
    at = bench("One legal", template="diabetes", ignore=line(CLINIC))
    at.desk.label_by_mouse(0, 4)
    at.desk.keys("g")
    at.desk.label_by_mouse(6, 9)
    at.desk.keys("d", "Escape")
    at.cost()
    at.desk.page.get_by_test_id("entity-2").click()  # against the direction of the schema
    at.desk.page.get_by_test_id("entity-1").click()
    assert at.cost() == Count(clicks=2)
    at.desk.keys("Delete", "1", "2")
    assert at.cost() == Count(keys=3)  # two keys for the relation, one to remove the first
    assert at.triples() == {("二甲双胍", "Drug_Disease", "糖尿病")}


def test_a_relation_without_a_mouse_is_three_keys_and_a_locked_head_costs_one_a_tail(
    bench: OpenBench,
) -> None:
    at = bench("Pair by keys", gold=line(DRUGS, *PLACES))
    at.desk.keys("1", "2", "t")
    assert at.cost() == Count(keys=3)
    at.desk.keys("l")
    at.cost()
    at.desk.keys("3")
    assert at.cost() == Count(keys=1)
    at.desk.page.get_by_test_id("entity-4").click()
    assert at.cost() == Count(clicks=1)
    assert at.triples() == {("甲药", "协同", one) for one in ("乙药", "丙药", "丁药")}


def test_everything_is_accepted_and_the_next_shown_by_one_key_and_undone_after_a_reload(
    bench: OpenBench,
) -> None:
    first = line(DRUGS, *PLACES, relations=(said("协同", 1, 0), said("拮抗", 2, 3)))
    at = bench("Accept", suggestions=first + line("戊药单用"))
    expect(at.desk.page.get_by_test_id("suggestion-6")).to_be_visible()
    at.desk.keys("Shift+Enter")
    at.desk.wait_for("戊药单用")
    assert at.cost() == Count(keys=1)
    labels = at.saved()
    assert (len(labels["entities"]), len(labels["relations"])) == (4, 2)

    at.desk.keys("ArrowLeft")
    at.desk.wait_for(DRUGS[:6])
    at.desk.page.reload()
    at.desk.wait_for(DRUGS[:6])
    at.desk.keys("Control+z")
    eventually(lambda: at.saved()["entities"], lambda seen: seen == [])
    assert at.saved()["entities"] == []
    at.desk.keys("Control+Shift+z")
    eventually(lambda: at.saved()["entities"], lambda seen: len(seen) == 4)
    assert len(at.saved()["relations"]) == 2


def test_a_wrong_type_is_mended_by_two_actions_and_a_direction_by_one(bench: OpenBench) -> None:
    wrong = line(DRUGS, *PLACES, relations=(said("拮抗", 0, 1),))
    at = bench("Wrong", gold=wrong)
    at.desk.page.get_by_test_id("arc-1").click()
    at.desk.keys("t")
    assert at.cost() == Count(clicks=1, keys=1)
    assert at.triples() == {("甲药", "协同", "乙药")}
    at.desk.keys("Escape")
    at.cost()
    at.desk.keys("]", "y")
    assert at.cost() == Count(keys=2)
    at.desk.keys("r")
    assert at.cost() == Count(keys=1)
    assert at.triples() == {("乙药", "抑制", "甲药")}


def test_an_end_is_dragged_to_another_entity(bench: OpenBench) -> None:
    at = bench("Ends", gold=line(DRUGS, *PLACES, relations=(said("协同", 0, 1),)))
    page = at.desk.page
    page.get_by_test_id("arc-1").click()
    handle = page.get_by_test_id("arc-end-tail").bounding_box()
    target = page.get_by_test_id("entity-4").bounding_box()
    assert handle is not None
    assert target is not None
    at.cost()
    page.mouse.move(handle["x"] + 12, handle["y"] + 12)
    page.mouse.down()
    page.mouse.move(target["x"] + 4, target["y"] - 10, steps=4)
    page.mouse.move(target["x"] + 8, target["y"] + 6)
    page.mouse.up()
    assert at.cost() == Count(drags=1)
    assert at.triples() == {("甲药", "协同", "丁药")}


def test_the_pair_matrix_says_takes_back_and_denies_by_keys_alone(bench: OpenBench) -> None:
    at = bench("Matrix", gold=line(DRUGS, *PLACES[:2]))
    at.desk.keys("m", "ArrowRight", "Space")
    assert at.triples() == {("甲药", "抑制", "乙药")}
    expect(at.desk.page.get_by_role("gridcell", selected=True)).to_have_text("✓")
    at.desk.keys("Space", "n", "m")
    expect(at.desk.page.get_by_test_id("pair-matrix")).to_have_count(0)
    labels = at.saved()
    assert labels["relations"] == []
    assert len(labels["negatives"]) == 1
