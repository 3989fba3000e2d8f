"""The knowledge graph in a browser: drawn, searched, clicked, its contradictions sent to review."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from launch import trial
from tests.e2e.conftest import Enter, MakeProject
from tests.e2e.test_loop import native

pytestmark = pytest.mark.e2e

SAYS = "甲药片@与乙药合用，作用增强"
DENIES = "乙药减弱甲药片的作用"
OTHER = "丙药与丁药作用相加"


def test_what_is_said_is_drawn_clicked_and_contradictions_are_sent_to_review(
    enter: Enter, product: trial.Trial, make_project: MakeProject
) -> None:
    gold = (
        native(SAYS, ("乙药", "甲药片"), "协同")
        + native(DENIES, ("乙药", "甲药片"), "拮抗")
        + native(OTHER, ("丙药", "丁药"), "相加")
    )
    project = make_project("Graph", gold=gold)
    page = enter("manager")
    page.goto(f"{product.address}/projects/{project}")
    page.get_by_role("link", name="Graph", exact=True).click()
    expect(page.get_by_role("heading", name="4 nodes, 3 edges")).to_be_visible()
    canvas = page.get_by_test_id("graph-canvas")
    expect(canvas).to_have_attribute("data-settled", "yes")

    page.get_by_label("Find").fill("丙")
    page.get_by_text("The same as a table").click()
    table = page.get_by_test_id("edge-table")
    expect(table.locator("tbody tr")).to_have_count(1)
    table.get_by_role("button", name="相加").click()
    side = page.get_by_test_id("graph-side")
    expect(side.get_by_role("link")).to_have_text(OTHER)

    page.get_by_label("Find").fill("")
    page.get_by_role("checkbox", name="相加").uncheck()
    expect(page.get_by_role("heading", name="2 nodes, 2 edges")).to_be_visible()
    expect(table.get_by_text("contradicted")).to_have_count(2)
    with page.expect_download() as got:
        page.get_by_role("button", name="Picture").click()
    assert got.value.suggested_filename == f"graph-{project}.png"

    clashes = page.get_by_test_id("contradictions")
    expect(clashes).to_contain_text("Contradictions: 1")
    clashes.get_by_role("button", name="Send to review").click()
    expect(clashes).to_contain_text("2 comments opened")
