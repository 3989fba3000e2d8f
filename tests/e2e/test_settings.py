"""Guidelines at hand while labelling, and settings that go with the account."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject
from tests.e2e.desk import Desk
from tests.e2e.test_loop import suggested_file

pytestmark = pytest.mark.e2e

TEXT = "布美他尼@与多巴胺合用，利尿作用加强"
OTHER = "地高辛@与胺碘酮合用需减量"
WORDS = "Mark it where the **effect** grows.\n\n<b>no markup</b>"

EnterElsewhere = Callable[[str], Page]


@pytest.fixture
def enter_elsewhere(
    browser: Browser, product: trial.Trial, browser_context_args: dict[str, Any]
) -> Iterator[EnterElsewhere]:
    """Return a function that logs a person in with a fresh browser, which remembers nothing."""
    contexts = []

    def log_in(username: str) -> Page:
        context = browser.new_context(**browser_context_args)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{product.address}/login")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(product.password(username))
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/projects")
        return page

    yield log_in
    for context in contexts:
        context.close()


@pytest.fixture
def project(make_project: MakeProject, manager: Api) -> int:
    """Two sentences that wait for Ana or Bo."""
    lines = [{"text": text, "entities": [], "relations": []} for text in (TEXT, OTHER)]
    made = make_project("Words", ignore="".join(json.dumps(line) + "\n" for line in lines))
    manager.call("POST", f"projects/{made}/members/", {"username": "bo", "role": "annotator"})
    return made


@pytest.fixture
def bo(enter: Enter, product: trial.Trial) -> Iterator[Page]:
    """Bo's page; what he prefers is put back afterwards."""
    yield enter("bo")
    client = Api(product.address)
    client.log_in("bo", product.password("bo"))
    client.call("PUT", "auth/preferences/", {})


def test_what_a_manager_writes_is_read_beside_the_relation(
    enter: Enter, enter_elsewhere: EnterElsewhere, product: trial.Trial, project: int
) -> None:
    page = enter("manager")
    page.goto(f"{product.address}/projects/{project}/guidelines")
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("协同 synergy").fill(WORDS)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("Version 2")
    expect(page.locator("main")).to_contain_text("Mark it where the effect grows.")

    ana = enter_elsewhere("ana")
    ana.goto(f"{product.address}/projects/{project}/annotate")
    desk = Desk(ana)
    desk.wait_for(TEXT)
    panel = ana.get_by_test_id("guideline-panel")
    expect(panel).not_to_contain_text("Mark it where")
    panel.locator("summary").click()
    desk.label_by_keys(0, 4, "d")
    desk.label_by_keys(TEXT.index("多"), TEXT.index("合"), "d")
    desk.relate_by_keys(2, 1, "t")
    ana.get_by_test_id("relation-1").click()
    said = panel.get_by_test_id("guideline-协同")
    expect(said).to_contain_text("Mark it where the effect grows.")
    expect(said.locator("strong")).to_have_text("effect")
    expect(said.locator("b")).to_have_count(0)
    expect(panel.get_by_test_id("guideline-拮抗")).to_have_count(0)
    desk.wait_until_saved()

    ana.reload()
    desk.wait_for(TEXT)
    expect(panel).to_contain_text("In general")  # it was left open
    ana.context.set_offline(True)
    desk.keys("1")
    expect(panel.get_by_test_id("guideline-药物")).to_be_visible()


def test_two_who_write_at_once_lose_nothing(
    enter: Enter,
    enter_elsewhere: EnterElsewhere,
    manager: Api,
    product: trial.Trial,
    project: int,
) -> None:
    page, there = enter("manager"), enter_elsewhere("manager")
    for one in (page, there):
        one.goto(f"{product.address}/projects/{project}/guidelines")
        one.get_by_role("button", name="Edit").click()
    page.get_by_label("协同 synergy").fill("Written here")
    there.get_by_label("协同 synergy").fill("Written there")
    there.get_by_label("拮抗 antagonism").fill("Only there")
    there.get_by_role("button", name="Save").click()
    expect(there.locator("main")).to_contain_text("Version 2")

    save = page.get_by_role("button", name="Save")
    save.click()
    expect(page.get_by_role("status")).to_contain_text("1 part was changed by both of you")
    expect(save).to_be_disabled()
    theirs = page.get_by_role("group", name="What the other wrote")
    expect(theirs).to_contain_text("Written there")
    expect(page.get_by_label("拮抗 antagonism")).to_have_value("Only there")
    theirs.get_by_role("button", name="Keep both").click()
    save.click()
    expect(page.locator("main")).to_contain_text("Version 3")
    now = manager.call("GET", f"projects/{project}/guidelines/")
    assert now["types"]["协同"] == "Written here\n\nWritten there"
    assert now["types"]["拮抗"] == "Only there"


def test_a_key_of_ones_own_and_a_taken_one(bo: Page, product: trial.Trial, project: int) -> None:
    bo.get_by_test_id("account").click()
    bo.get_by_role("link", name="Your settings").click()
    skip = bo.get_by_test_id("key-skip")
    skip.click()
    bo.keyboard.press("Shift+?")
    expect(bo.get_by_role("alert")).to_contain_text("“?” already belongs to “Show all keys”")
    expect(skip).to_have_text("␣")
    skip.click()
    bo.keyboard.press("Shift+K")
    expect(skip).to_have_text("⇧ K")
    expect(bo.get_by_role("alert")).to_have_count(0)

    bo.goto(f"{product.address}/projects/{project}/annotate")
    desk = Desk(bo)
    expect(desk.text).to_be_visible()
    first = desk.text.inner_text()
    other = OTHER if first == TEXT else TEXT
    desk.keys("Space")
    desk.wait_for(first)
    desk.keys("Shift+K")
    desk.wait_for(other)
    desk.wait_until_saved()

    bo.goto(f"{product.address}/settings")
    bo.get_by_role("button", name="Reset the key of “Skip”").click()
    expect(skip).to_have_text("␣")


def test_a_sentence_can_be_read_before_its_suggestions(
    bo: Page, product: trial.Trial, manager: Api, make_project: MakeProject
) -> None:
    project = make_project("Fresh eyes", suggestions=suggested_file())
    manager.call("POST", f"projects/{project}/members/", {"username": "bo", "role": "annotator"})
    bo.goto(f"{product.address}/settings")
    with bo.expect_response(lambda answer: answer.request.method == "PUT"):
        bo.get_by_label("Show suggestions when a sentence is opened").uncheck()
    bo.goto(f"{product.address}/projects/{project}/annotate")
    desk, suggestion = Desk(bo), bo.get_by_test_id("suggestion-1")
    for _ in range(2):
        expect(desk.text).to_be_visible()
        text = desk.text.inner_text()
        expect(suggestion).to_have_count(0)
        desk.keys("Shift+H")
        expect(suggestion).to_be_visible()
        desk.keys("ArrowRight")
        expect(desk.text).not_to_have_text(text)


def test_the_language_follows_the_person_too(
    bo: Page, enter_elsewhere: EnterElsewhere, product: trial.Trial
) -> None:
    bo.goto(f"{product.address}/settings")
    with bo.expect_response(lambda answer: stores(answer, "zh")):
        bo.get_by_test_id("language").click()
    fresh = enter_elsewhere("bo")
    expect(fresh.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(fresh.get_by_role("heading", level=1)).to_have_text("项目")


def stores(answer: Response, value: str) -> bool:
    """Say whether the server has just stored a preference of this value."""
    return answer.request.method == "PUT" and f'"{value}"' in (answer.request.post_data or "")


def test_theme_and_size_follow_the_person_into_a_fresh_browser(
    bo: Page, enter_elsewhere: EnterElsewhere, product: trial.Trial, project: int
) -> None:
    bo.goto(f"{product.address}/settings")
    bo.get_by_label("Appearance", exact=True).select_option("dark")
    expect(bo.locator("html")).to_have_attribute("data-theme", "dark")
    size = bo.get_by_label("Size of the sentence")
    size.fill("28")
    size.blur()
    expect(bo.get_by_test_id("text-sample")).to_have_css("font-size", "28px")
    with bo.expect_response(lambda answer: stores(answer, "compact")):
        bo.get_by_label("Spacing").select_option("compact")

    fresh = enter_elsewhere("bo")
    fresh.goto(f"{product.address}/projects/{project}/annotate")
    root = fresh.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-density", "compact")
    sentence = fresh.get_by_test_id("sentence-text")
    expect(sentence).to_have_css("font-size", "28px")
    line = sentence.locator(".text-line").first
    expect(line).to_have_css("height", "38px")
    with fresh.expect_response(lambda answer: stores(answer, "system")):
        fresh.get_by_test_id("theme").click()
    expect(root).not_to_have_attribute("data-theme", "dark")
    bo.reload()
    expect(bo.locator("html")).not_to_have_attribute("data-theme", "dark")
