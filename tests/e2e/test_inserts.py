"""Raw inserts become sentences in front of one's eyes, and stand beside them afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject

pytestmark = pytest.mark.e2e

RAW = "1.与乙药合用,作用增强。\n2.避免与<b>丙药</b>合用；应监测血压。3.尚不明确。"
ROWS = [
    {"drug": "甲药片", "section": "药物相互作用", "text": RAW},
    {"drug": "甲药片", "section": "禁忌", "text": "孕妇禁用。"},
]


def test_cuts_are_looked_at_changed_and_taken(
    enter: Enter, product: trial.Trial, manager: Api, make_project: MakeProject, tmp_path: Path
) -> None:
    project = make_project("Inserts")
    file = tmp_path / "inserts.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), "utf-8")
    page = enter("manager")
    page.goto(f"{product.address}/projects/{project}/import")
    page.get_by_test_id("import-file").set_input_files(file)
    preview = page.get_by_test_id("inserts-preview")
    expect(preview).to_contain_text("1 section of inserts become 2 sentences.")
    first = preview.get_by_test_id("insert-1")
    expect(first.locator("li").first).to_contain_text("甲药片@与乙药合用,作用增强")
    expect(first.locator("li").last).to_contain_text("says nothing, left out")
    expect(first.locator("del").first).to_have_text("<b>")

    preview.get_by_label("禁忌").check()
    expect(preview).to_contain_text("2 sections of inserts become 3 sentences.")
    preview.get_by_label("Cut at semicolons").uncheck()
    preview.get_by_label("Put the drug before").uncheck()
    expect(preview.get_by_test_id("insert-2").locator("li")).to_contain_text("孕妇禁用")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("What was cut how")).to_be_visible()
    expect(preview).to_have_count(0)

    first = next(manager.pages(f"projects/{project}/sentences/?order=position"))
    page.goto(f"{product.address}/projects/{project}/annotate/{first['id']}")
    panel = page.get_by_test_id("document-panel")
    expect(panel).to_contain_text("甲药片 · 药物相互作用")
    panel.locator("summary").click()
    expect(panel.get_by_test_id("document-here")).to_have_text("与乙药合用,作用增强")
    panel.get_by_role("link").first.click()
    expect(panel.get_by_test_id("document-here")).to_contain_text("避免与<b>丙药</b>合用")
