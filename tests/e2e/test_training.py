"""A manager chooses another model and sets something about it; the run says so."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject
from tests.e2e.test_loop import gold_file

pytestmark = pytest.mark.e2e


@pytest.fixture
def project(make_project: MakeProject) -> int:
    """A project that has something to learn from."""
    return make_project("Choosing", gold=gold_file())


@pytest.fixture
def training(enter: Enter, product: trial.Trial, project: int) -> Page:
    """The training page of that project, as its manager sees it."""
    page = enter("manager")
    page.goto(f"{product.address}/projects/{project}/training")
    expect(page.get_by_test_id("retrain")).to_be_enabled()
    return page


def test_another_model_with_one_setting_is_trained_and_shown(
    training: Page, manager: Api, project: int
) -> None:
    facts = training.get_by_test_id("model-facts")
    expect(facts).to_contain_text("Nested entities: yes")
    training.get_by_label("Model", exact=True).select_option(label="SpERT.MT")
    expect(facts).to_contain_text("Lu and Xue 2023")

    more = training.get_by_test_id("more-settings")
    more.locator("summary").click()
    more.get_by_label("Overlap-aware loss").uncheck()
    more.get_by_label("Epochs", exact=True).fill("2")
    expect(training.get_by_test_id("changed-count")).to_have_text("2 changed")
    training.get_by_test_id("retrain").click()

    changed = training.get_by_role("list", name="Changed settings")
    expect(training.get_by_test_id("run-progress").filter(has=changed)).to_be_visible(
        timeout=20_000
    )
    version = training.get_by_test_id("model-1")
    expect(version).to_contain_text("spert_mt.v1", timeout=180_000)
    for shown in (version, training.get_by_test_id("runs")):
        expect(shown.get_by_role("list", name="Changed settings")).to_have_text(
            "Overlap-aware loss noEpochs 2"
        )
    (run,) = manager.pages(f"projects/{project}/runs/")
    assert (run["model"], run["settings"]) == ("spert_mt.v1", {"iou_loss": False, "epochs": 2})


def test_a_wrong_value_is_told_at_its_field_and_starts_nothing(
    training: Page, manager: Api, project: int
) -> None:
    more = training.get_by_test_id("more-settings")
    more.locator("summary").click()
    dropout = more.get_by_label("Dropout", exact=True)
    dropout.fill("7")
    more.locator("summary").click()
    training.get_by_test_id("retrain").press("Enter")
    expect(dropout).to_be_focused()
    expect(dropout).to_have_accessible_description(re.compile("between 0 and 0.9"))
    assert list(manager.pages(f"projects/{project}/runs/")) == []

    more.get_by_role("button", name="Reset all").click()
    expect(dropout).to_have_value("0.1")
    expect(training.get_by_test_id("changed-count")).to_have_count(0)


@pytest.mark.browser_context_args(timezone_id="Asia/Shanghai")
def test_it_says_why_it_is_not_training_and_keeps_what_the_manager_wants(
    training: Page, product: trial.Trial, manager: Api, project: int
) -> None:
    policy = f"projects/{project}/policy/"
    manager.call("PATCH", policy, {"wanted": 1000, "minutes": 1440})
    reason = training.get_by_test_id("training-reason")
    expect(reason).to_contain_text("Training by itself is off")
    expect(training.get_by_test_id("training-start")).to_have_text(
        "The next training (Quick) begins anew, because no version is active."
    )
    training.reload()
    card = training.get_by_test_id("policy")
    card.get_by_label("Train by itself when enough is new").check()
    expect(reason).to_contain_text("1,000 new gold sentences")
    card.get_by_label("A full training every night").select_option(label="02:00")
    card.get_by_label("Automatic trainings are").select_option(label="Full")
    card.get_by_role("button", name="Save").click()
    expect(card.get_by_role("status")).to_have_text("Saved.")
    expect(training.get_by_test_id("training-start")).to_contain_text("(Full) begins anew")
    kept = manager.call("GET", policy)
    assert (kept["automatic"], kept["nightly_hour"], kept["speed"]) == (True, 18, "full")

    training.goto(f"{product.address}/projects/{project}")
    expect(training.get_by_test_id("model-card")).to_contain_text("1,000 new gold sentences")
