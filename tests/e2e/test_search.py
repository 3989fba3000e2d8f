"""A sentence is found by what is said of it, opened, and talked about."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject
from tests.e2e.desk import Desk
from tests.e2e.test_loop import native
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

FOUND = "甲药片@与乙药合用，作用相加"
OTHER = "乙药片@甲药可降低其浓度"


@pytest.fixture
def project(make_project: MakeProject) -> int:
    """A project with two labelled sentences about the same drugs, and one that waits."""
    gold = native(FOUND, ("甲药", "乙药"), "相加") + native(OTHER, ("乙药", "甲药"), "抑制")
    return make_project("Search", gold=gold, ignore=native("丙药单用"))


def open_search(page: Page, product: trial.Trial, project: int) -> Locator:
    """Open the search page of the project; the rows it finds while nothing is asked."""
    page.goto(f"{product.address}/projects/{project}/sentences")
    rows = page.get_by_test_id("sentence-row")
    expect(rows).to_have_count(3)
    return rows


def test_by_subject_and_predicate_and_the_address_carries_the_filter(
    enter: Enter, product: trial.Trial, project: int
) -> None:
    page = enter("manager")
    rows = open_search(page, product, project)
    page.keyboard.press("/")
    page.keyboard.type("乙药 ")
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile("q=%E4%B9%99%E8%8D%AF$"))
    expect(page.get_by_label("Text contains")).to_have_value("乙药 ")  # more may follow
    expect(rows.first.locator("mark").first).to_have_text("乙药")
    page.get_by_label("Subject contains").fill("乙药")
    page.get_by_label("Predicate").select_option(label="相加 addition")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(FOUND)
    expect(page).to_have_url(re.compile("predicate=%E7%9B%B8%E5%8A%A0"))

    page.reload()
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Subject contains")).to_have_value("乙药")
    page.keyboard.press("ArrowDown")
    expect(rows.get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    Desk(page).wait_for(FOUND)
    page.go_back()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Clear filters").click()
    expect(rows).to_have_count(3)


def test_annotators_are_offered_their_own_labels_only(
    enter: Enter, product: trial.Trial, project: int
) -> None:
    page = enter("ana")
    rows = open_search(page, product, project)
    page.get_by_label("Annotator").select_option(label="Myself")
    expect(page.get_by_test_id("no-sentences")).to_be_visible()
    expect(page).to_have_url(re.compile("annotator=me$"))
    page.goto(f"{product.address}/projects/{project}/sentences?annotator=manager")
    expect(page.get_by_role("alert")).to_contain_text("role in this project does not allow")
    expect(page.get_by_label("Annotator")).to_have_value("manager")
    page.get_by_role("button", name="Clear filters").click()
    expect(rows).to_have_count(3)


def test_a_comment_reaches_a_colleague_who_settles_it(
    enter: Enter, browser: Browser, product: trial.Trial, manager: Api, project: int
) -> None:
    sentence = next(iter(manager.pages(f"projects/{project}/sentences/")))["id"]
    address = f"{product.address}/projects/{project}/annotate/{sentence}"
    ana = enter("ana")
    ana.goto(address)
    context = browser.new_context(locale="zh-CN")
    mei = context.new_page()
    mei.goto(f"{product.address}/login")
    mei.locator("input").first.fill("manager")
    mei.locator("input[type=password]").fill(product.password("manager"))
    mei.keyboard.press("Enter")
    mei.wait_for_url("**/projects")
    mei.goto(address)
    Desk(mei).wait_for(FOUND)

    ana.get_by_test_id("thread").locator("summary").first.click()
    field = ana.get_by_label("Say something to everybody here")
    field.fill("片 算不算药名？ t x a")  # letters that are keys of commands elsewhere
    field.press("Control+Enter")
    expect(field).to_have_value("")
    seen = mei.get_by_test_id("comment")
    expect(seen).to_contain_text("算不算药名", timeout=15_000)
    seen.get_by_role("button", name="标为已解决").click()
    expect(ana.get_by_text("1 resolved")).to_be_visible(timeout=15_000)
    context.close()


def test_flags_are_edits_like_any_other_and_are_found(
    enter: Enter, product: trial.Trial, manager: Api, project: int
) -> None:
    sentence = next(iter(manager.pages(f"projects/{project}/sentences/")))["id"]
    page = enter("ana")
    page.goto(f"{product.address}/projects/{project}/annotate/{sentence}")
    desk = Desk(page)
    desk.wait_for(FOUND)
    page.get_by_label("To discuss").check()
    page.get_by_label("Broken text").check()
    desk.text.click()
    desk.keys("Control+z")
    expect(page.get_by_label("Broken text")).not_to_be_checked()
    desk.wait_until_saved()
    found = eventually(
        lambda: [
            row["flags"] for row in manager.pages(f"projects/{project}/sentences/?flag=discuss")
        ],
        lambda rows: rows == [["discuss"]],
    )
    assert found == [["discuss"]], json.dumps(found)
