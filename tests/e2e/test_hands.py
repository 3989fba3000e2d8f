"""The same sentence labelled with the keyboard alone, with the mouse alone, and while composing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject
from tests.e2e.desk import Desk

pytestmark = pytest.mark.e2e

TEXT = "𠮷野家😀华法林片@与阿司匹林合用出血加重，利福平降低其作用，忌酒"
DRUGS = ("华法林", "阿司匹林", "利福平", "酒")
TRIPLES = {
    ("阿司匹林", "协同", "华法林"),
    ("利福平", "抑制", "华法林"),
    ("酒", "禁忌", "华法林"),
}
NUMBERS = ((2, "协同", "t"), (3, "抑制", "y"), (4, "禁忌", "j"))


@pytest.fixture
def project(make_project: MakeProject) -> int:
    """A project with the sentence, and one more that comes after it."""
    rows = [{"text": text, "entities": [], "relations": []} for text in (TEXT, "下一句没有药物")]
    return make_project("Hands", ignore="".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def page(enter: Enter, product: trial.Trial, project: int) -> Page:
    """The annotation page, with the sentence on it."""
    shown = enter("ana")
    shown.goto(f"{product.address}/projects/{project}/annotate")
    Desk(shown).wait_for("华法林")
    return shown


def places() -> list[tuple[int, int]]:
    """Return where the drugs stand, in code points."""
    return [(TEXT.index(drug), TEXT.index(drug) + len(drug)) for drug in DRUGS]


def triples(manager: Api, project: int) -> set[tuple[str, str, str]]:
    """Return what was submitted, as the export has it."""
    raw = manager.send("GET", f"projects/{project}/export/?format=ch-ddi", None, "application/json")
    (row,) = [json.loads(one) for one in raw.decode().splitlines()]
    assert row["text"] == TEXT
    return {(one["subject"], one["predicate"], one["object"]["@value"]) for one in row["spo_list"]}


def go_on(desk: Desk) -> None:
    """Wait until the next sentence is shown and all is saved."""
    desk.wait_for("下一句没有药物")
    desk.wait_until_saved()


def test_with_the_keyboard_alone(page: Page, manager: Api, project: int) -> None:
    desk = Desk(page)
    for start, end in places():
        desk.label_by_keys(start, end, "d")
    for number, _, key in NUMBERS:
        desk.relate_by_keys(number, 1, key)
    desk.submit()
    go_on(desk)
    assert triples(manager, project) == TRIPLES


def test_with_the_mouse_alone(page: Page, manager: Api, project: int) -> None:
    desk = Desk(page)
    for start, end in places():
        desk.label_by_mouse(start, end)
    for number, kind, _ in NUMBERS:
        page.get_by_test_id(f"entity-{number}").click()
        page.get_by_test_id("entity-1").click()
        popover = page.get_by_test_id("relation-popover")
        popover.get_by_role("button", name=kind).click()
    page.get_by_test_id("submit").click()
    go_on(desk)
    assert triples(manager, project) == TRIPLES


def composing(session: CDPSession, letter: str, composed: str) -> None:
    """Type a letter as an input method takes it: the page hears key 229, the text is composed."""
    key: dict[str, Any] = {"key": "Process", "code": f"Key{letter.upper()}"}
    session.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, **key},
    )
    end = len(composed)
    session.send(
        "Input.imeSetComposition",
        {"text": composed, "selectionStart": end, "selectionEnd": end},
    )
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", "windowsVirtualKeyCode": 229, **key})


def test_while_an_input_method_is_composing(page: Page, manager: Api, project: int) -> None:
    desk = Desk(page)
    session = page.context.new_cdp_session(page)
    for start, end in places():
        desk.label_by_keys(start, end, "d")
    desk.keys("Escape", "2", "1")
    expect(page.get_by_test_id("relation-popover")).to_be_visible()
    for letter in "ty":  # keys of two relations, but the input method has them
        composing(session, letter, "")
    expect(page.get_by_test_id("relation-popover")).to_be_visible()
    desk.keys("t")
    for number, _, key in NUMBERS[1:]:
        desk.relate_by_keys(number, 1, key)

    remark = page.get_by_label("Remark")
    remark.click()
    for number in range(1, 6):
        composing(session, "dtjxa"[number - 1], "jinji"[:number])
    session.send("Input.insertText", {"text": "禁忌"})
    expect(remark).to_have_value("禁忌")
    remark.press("Tab")
    page.get_by_test_id("submit").click()
    go_on(desk)
    assert triples(manager, project) == TRIPLES
