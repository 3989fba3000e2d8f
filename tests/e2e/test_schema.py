"""A manager renames a relation over all labels, having seen what it does."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject
from tests.e2e.test_loop import native
from tests.e2e.test_pages import serious

pytestmark = pytest.mark.e2e

TEXT = "甲药片@与乙药合用，作用增强"


def test_a_relation_is_renamed_in_all_labels(
    enter: Enter, product: trial.Trial, manager: Api, make_project: MakeProject
) -> None:
    project = make_project("Renaming", gold=native(TEXT, ("甲药", "乙药"), "协同"))
    page = enter("manager")
    page.goto(f"{product.address}/projects/{project}/schema")
    page.get_by_role("button", name="Change types in all labels").click()
    page.get_by_label("Type", exact=True).select_option(label="协同 synergy")
    page.get_by_label("New name").fill("增强")
    page.get_by_role("button", name="Preview").click()
    preview = page.get_by_test_id("change-preview")
    expect(preview).to_contain_text("1 sentence: 0 entities and 1 relation change.")
    expect(preview.locator("ins")).to_have_text("乙药 → 增强 → 甲药")
    assert serious(page) == []
    page.get_by_test_id("apply-change").click()
    expect(page.get_by_text("Done in 1 sentence.")).to_be_visible()

    raw = manager.send("GET", f"projects/{project}/export/?format=ch-ddi", None, "application/json")
    (row,) = [json.loads(one) for one in raw.decode().splitlines()]
    assert [triple["predicate"] for triple in row["spo_list"]] == ["增强"]

    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("group", name="How the types look")).to_have_count(2)
    assert serious(page) == []
