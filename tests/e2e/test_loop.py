"""The whole loop in a real browser: label, retrain, watch, accept, submit, export, compare."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject
from tests.e2e.desk import Desk
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

DRUGS = ("华法林", "地高辛", "苯妥英钠", "卡马西平", "呋塞米", "阿司匹林")
WORDINGS = (
    ("{a}片@与{b}合用，可增强{a}的作用", "协同"),
    ("{a}片@{b}可降低{a}的血药浓度", "抑制"),
    ("{a}片@不宜与{b}同时服用", "禁忌"),
)


LATER_PAIRS = (("华法林", "地高辛"), ("呋塞米", "卡马西平"))
KNOWN_PAIRS = [pair for pair in itertools.permutations(DRUGS, 2) if pair not in LATER_PAIRS]


def native(text: str, drugs: tuple[str, str] | None = None, kind: str = "") -> str:
    """Return a line of native data: the first drug is the tail, the second the head."""
    entities, relations = [], []
    if drugs is not None:
        for drug in drugs:
            start = text.index(drug)
            entities.append({"start": start, "end": start + len(drug), "type": "药物"})
        relations.append({"head": 1, "tail": 0, "type": kind})
    return json.dumps({"text": text, "entities": entities, "relations": relations}) + "\n"


def gold_file() -> str:
    """Return labelled sentences that even a tiny model learns from."""
    return "".join(
        native(wording.format(a=a, b=b), (a, b), kind)
        for (a, b), (wording, kind) in itertools.product(KNOWN_PAIRS, WORDINGS)
    )


# What Ana is to label: text, the two drugs, the relation from the second to the first.
TO_LABEL = (
    ("𠮷氏布美他尼片@与多巴胺合用，利尿作用加强", ("布美他尼", "多巴胺"), "协同", "t"),
    ("西咪替丁片@抗酸药减少西咪替丁的吸收", ("西咪替丁", "抗酸药"), "抑制", "y"),
    ("甲硝唑片@饮酒者禁用，乙醇可致双硫仑样反应", ("甲硝唑", "乙醇"), "禁忌", "j"),
    ("普萘洛尔片@与维拉帕米合用，心脏抑制相加", ("普萘洛尔", "维拉帕米"), "相加", "p"),
)
LATER = tuple(wording.format(a=a, b=b) for a, b in LATER_PAIRS for wording, _ in WORDINGS)


def spans(text: str, drugs: tuple[str, str]) -> list[tuple[int, int]]:
    """Return where the drugs stand, in code points."""
    return [(text.index(drug), text.index(drug) + len(drug)) for drug in drugs]


def pending_file() -> str:
    """Return the sentences that wait, in the order in which they come first."""
    return "".join(native(text) for text in (*(row[0] for row in TO_LABEL), *LATER))


def suggested_file() -> str:
    """Return sentences as they wait with the right labels suggested."""
    return "".join(native(text, drugs, kind) for text, drugs, kind, _ in TO_LABEL)


@pytest.fixture
def project(make_project: MakeProject) -> int:
    """A project with labelled sentences, and with some that wait."""
    return make_project("Loop", gold=gold_file(), ignore=pending_file())


def test_from_the_first_label_to_the_export(enter: Enter, manager: Api, project: int) -> None:
    page = enter("manager")
    page.get_by_role("link", name="Loop").first.click()
    page.get_by_test_id("start").get_by_role("link").first.click()
    desk = Desk(page)
    label_three_by_keys_and_one_by_mouse(desk)

    page.get_by_role("link", name="Training").click()
    page.get_by_test_id("retrain").click()
    expect(page.get_by_test_id("run-progress")).to_be_visible(timeout=20_000)
    expect(page.get_by_test_id("model-1")).to_contain_text("active", timeout=180_000)

    rows = eventually(
        lambda: waiting(manager, project), lambda seen: all(row["suggested"] for row in seen)
    )
    assert {row["text"] for row in rows} == set(LATER)
    priorities = [row["priority"] for row in rows]
    assert priorities == sorted(priorities, reverse=True)
    assert len(set(priorities)) > 1

    page.get_by_role("link", name="Label", exact=True).click()
    desk.wait_for(rows[0]["text"])
    expect(page.get_by_test_id("why")).to_contain_text("confidence")
    expect(page.get_by_test_id("suggestion-1")).to_be_visible()
    accepted = suggested(manager, rows[0]["id"])
    desk.keys("Shift+A")
    desk.submit()
    desk.wait_for(rows[1]["text"])
    desk.wait_until_saved()

    exported = download(page)
    for text, drugs, kind, _ in TO_LABEL:
        tail, head = drugs
        assert said(exported[text]) == {(head, kind, tail)}
    assert said(exported[rows[0]["text"]]) == accepted
    assert len(exported) == len(gold_file().splitlines()) + len(TO_LABEL) + 1


def label_three_by_keys_and_one_by_mouse(desk: Desk) -> None:
    for number, (text, drugs, kind, key) in enumerate(TO_LABEL):
        desk.wait_for(text)
        first, second = spans(text, drugs)
        if number < 3:
            desk.label_by_keys(*first, "d")
            desk.label_by_keys(*second, "d")
            desk.relate_by_keys(2, 1, key)
        else:
            desk.label_by_mouse(*first)
            desk.label_by_mouse(*second)
            desk.relate_by_mouse(2, 1, kind)
        desk.submit()
    desk.wait_for(LATER[0])
    desk.wait_until_saved()


def waiting(manager: Api, project: int) -> list[Any]:
    """Return the waiting sentences, the one to be shown first at the front."""
    return list(manager.pages(f"projects/{project}/sentences/?state=pending&order=priority"))


LIKELY = 0.25  # what is less sure is listed apart and not accepted with the rest


def suggested(manager: Api, sentence: int) -> set[tuple[str, str, str]]:
    """Return the triples that the model suggests for a sentence, but for unlikely ones."""
    shown = manager.call("GET", f"sentences/{sentence}/")
    names = {
        entity["id"]: shown["text"][entity["start"] : entity["end"]]
        for entity in shown["suggestion"]["entities"]
    }
    return {
        (names[relation["head"]], relation["type"], names[relation["tail"]])
        for relation in shown["suggestion"]["relations"]
        if relation["confidence"] >= LIKELY
    }


def download(page: Page) -> dict[str, Any]:
    """Export as CH-DDI through the page; return the sentences by text."""
    page.get_by_role("link", name="Export").click()
    with page.expect_download() as downloading:
        page.get_by_test_id("export-link").click()
    lines = downloading.value.path().read_text(encoding="utf-8").splitlines()
    return {row["text"]: row for row in map(json.loads, lines)}


def said(row: Any) -> set[tuple[str, str, str]]:
    """Return the triples of an exported sentence."""
    return {
        (triple["subject"], triple["predicate"], triple["object"]["@value"])
        for triple in row["spo_list"]
    }
