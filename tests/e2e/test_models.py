"""A manager trains two models on the same labels, compares them, promotes one and goes back."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject, fill_project
from tests.e2e.test_loop import LATER_PAIRS, WORDINGS, gold_file, native
from tests.e2e.test_pages import LOOKS, TOO_WIDE, serious, visitor
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

STATEMENTS = 100  # on a page


def train_once(made: int, manager: Api, folder: Path) -> int:
    """Give a project something to measure on, and an active model."""
    path = folder / "holdout.jsonl"
    pairs = itertools.product(LATER_PAIRS, WORDINGS)
    lines = [native(words.format(a=a, b=b), (a, b), kind) for (a, b), (words, kind) in pairs]
    path.write_text("".join(lines), encoding="utf-8")
    how = {"format": "native", "labels": "gold", "split": "holdout"}
    sent = manager.upload(f"projects/{made}/imports/", path, **how)
    imports = f"projects/{made}/imports/{sent['id']}/"
    eventually(lambda: manager.call("GET", imports), lambda seen: seen["state"] == "done")
    run = manager.call("POST", f"projects/{made}/runs/", {"settings": {"epochs": 1}})
    seen = eventually(
        lambda: manager.call("GET", f"runs/{run['id']}/"),
        lambda one: one["finished_at"] is not None,
        seconds=180.0,
    )
    assert seen["state"] == "done", seen
    return made


@pytest.fixture
def project(make_project: MakeProject, manager: Api, tmp_path: Path) -> int:
    """A project with something to learn from and something to measure on, and an active model."""
    return train_once(make_project("Models", gold=gold_file()), manager, tmp_path)


@pytest.fixture(scope="module")
def measured(manager: Api, tmp_path_factory: pytest.TempPathFactory) -> int:
    """The same for tests that only look, made once."""
    folder = tmp_path_factory.mktemp("measured")
    made = fill_project(manager, folder, "Measured", gold=gold_file())
    return train_once(made, manager, folder)


def test_several_are_trained_compared_promoted_and_rolled_back(
    enter: Enter, product: trial.Trial, project: int
) -> None:
    page = enter("manager")
    page.goto(f"{product.address}/projects/{project}/models")
    board = page.get_by_test_id("leaderboard")
    expect(board.get_by_test_id("leader-1")).to_contain_text("active")
    form = page.get_by_test_id("several")
    second = form.get_by_role("group", name="Model 2")
    second.get_by_label("Model", exact=True).select_option(label="SpERT")
    expect(form.get_by_role("status")).to_have_text("The same choice stands twice.")
    second.get_by_label("Model", exact=True).select_option(label="Two-phase")
    page.get_by_test_id("train-several").click()
    comparison = page.get_by_test_id("comparison")
    expect(comparison).to_contain_text("Version 3", timeout=240_000)
    expect(comparison).to_contain_text("Version 2 against version 3")
    expect(board.get_by_test_id("leader-3")).to_contain_text("candidate")

    board.get_by_role("button", name="Promote 3").click()
    expect(board.get_by_test_id("leader-3")).to_contain_text("active")
    page.get_by_test_id("rollback").click()
    expect(board.get_by_test_id("leader-1")).to_contain_text("active")

    board.get_by_role("link", name="Compare with the active one 3").click()
    look_at_the_difference(page)


def number(words: str) -> int:
    """Read a number as the page writes it."""
    return int(words.replace(",", ""))


def look_at_the_difference(page: Page) -> None:
    """The counts of the summary and of the buttons agree; the page is accessible and fits."""
    summary = page.get_by_test_id("diff-summary")
    said = summary.inner_text()
    right = re.search(r"Right: ([\d,]+) → ([\d,]+)", said)
    wrong = re.search(r"Wrong: ([\d,]+) → ([\d,]+)", said)
    assert right is not None
    assert wrong is not None
    counts = {
        kind: number(page.get_by_test_id(f"kind-{kind}").locator("b").inner_text())
        for kind in ("fixed", "broken", "new", "lost")
    }
    assert number(right[2]) - number(right[1]) == counts["fixed"] - counts["broken"]
    assert number(wrong[2]) - number(wrong[1]) == counts["new"] - counts["lost"]
    assert sum(counts.values()) > 0
    assert serious(page) == []
    kind = next(name for name, count in counts.items() if count)
    page.get_by_test_id(f"kind-{kind}").click()
    expect(page.get_by_test_id(f"kind-{kind}")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("diff").locator(f".said-{kind}").first).to_be_visible()
    page.set_viewport_size({"width": 640, "height": 900})
    assert page.evaluate(TOO_WIDE) <= 0
    page.get_by_label("Look at").select_option(label="entities")
    expect(summary).not_to_have_text(said)
    shown = page.get_by_test_id("diff").locator("li.said")
    assert 0 < shown.count() <= STATEMENTS


def test_the_errors_of_a_version_open_their_sentences(
    enter: Enter, product: trial.Trial, measured: int
) -> None:
    page = enter("manager")
    page.goto(f"{product.address}/projects/{measured}/training")
    page.get_by_role("link", name="What it gets wrong 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What version 1 gets wrong")
    for kind in ("relation", "entity"):
        cell = page.get_by_test_id(f"errors-{kind}").locator("tfoot button").last
        count = cell.inner_text().split()[-1]
        cell.focus()
        page.keyboard.press("Enter")
        expect(cell).to_have_attribute("aria-pressed", "true")
        opened = page.get_by_test_id(f"part-{kind}").get_by_test_id("cell")
        expect(opened.get_by_test_id("cell-count")).to_contain_text(f"{count} statement")
        assert opened.get_by_test_id("error-sentence").count() > 0
    assert "kind=entity" in page.url
    page.reload()
    expect(page.get_by_test_id("error-sentence").first).to_be_visible()
    page.get_by_test_id("confusion-relation").locator("summary").click()
    assert serious(page) == []
    page.set_viewport_size({"width": 640, "height": 900})
    assert page.evaluate(TOO_WIDE) <= 0
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_test_id("cell")).to_have_count(0)
    expect(page).to_have_url(re.compile("/errors$"))
    go_back_from_cells(page)


def go_back_from_cells(page: Page) -> None:
    """Open a number of the confusion matrix, then a slice; Back closes, the link opens again."""
    address = page.url
    matrix = page.get_by_test_id("confusion-entity")
    matrix.locator("summary").first.click()
    count = matrix.locator("td button").first
    said = count.inner_text().split()[-1]
    count.click()
    opened = matrix.get_by_test_id("cell")
    expect(opened.get_by_test_id("cell-count")).to_contain_text(f"{said} statement")
    slices = page.get_by_test_id("slices")
    slices.get_by_role("radio", name="Entities").check()
    slices.locator("td button").first.click()
    expect(slices.get_by_test_id("cell")).to_be_visible()
    expect(page.get_by_test_id("cell")).to_have_count(1)
    expect(page).to_have_url(re.compile("kind=entity.*slice="))
    link = page.url
    page.go_back()
    expect(page).to_have_url(address)
    expect(page.get_by_test_id("cell")).to_have_count(0)
    page.goto(link)
    expect(slices.get_by_test_id("error-sentence").first).to_be_visible()
    expect(slices.get_by_role("radio", name="Entities")).to_be_checked()


@pytest.mark.parametrize(("locale", "theme"), LOOKS)
def test_an_open_cell_is_accessible(
    browser: Browser, product: trial.Trial, measured: int, locale: str, theme: str
) -> None:
    with visitor(browser, product, locale, theme) as (page, trouble):
        page.goto(f"{product.address}/projects/{measured}/training")
        page.locator("a[href$='/errors']").first.click()
        page.get_by_test_id("confusion-relation").locator("summary").first.click()
        for place in ("errors-relation", "confusion-relation", "slices"):
            page.get_by_test_id(place).locator("td button").last.click()
            expect(page.get_by_test_id("error-sentence").first).to_be_visible()
            trouble += [f"{place}: {one}" for one in serious(page)]
        assert "\n".join(trouble) == ""


def test_a_cell_of_the_confusion_opens_and_back_closes_it(
    enter: Enter, product: trial.Trial, measured: int
) -> None:
    page = enter("manager")
    page.goto(f"{product.address}/projects/{measured}/training")
    page.get_by_role("link", name="What it gets wrong 1").click()
    confusion = page.get_by_test_id("confusion-relation")
    confusion.locator("summary").click()
    met = confusion.locator("tbody button").first
    count = met.inner_text().split()[-1]
    met.click()
    opened = page.get_by_test_id("part-relation").get_by_test_id("cell")
    expect(opened.get_by_test_id("cell-count")).to_contain_text(f"{count} statement")
    assert serious(page) == []
    page.go_back()
    expect(opened).to_have_count(0)
    page.go_forward()
    expect(opened.get_by_test_id("error-sentence").first).to_be_visible()


def test_how_far_a_version_can_be_believed(
    enter: Enter, product: trial.Trial, measured: int, manager: Api
) -> None:
    version = manager.call("GET", f"projects/{measured}/models/")["results"][0]["id"]
    told = manager.call("GET", f"projects/{measured}/models/{version}/calibration/")
    entity = told["calibration"]["kinds"]["entity"]
    page = enter("manager")
    page.goto(f"{product.address}/projects/{measured}/training")
    page.get_by_role("link", name="Can it be believed? 1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Version 1")
    page.get_by_label("Entities").check()
    rows = page.get_by_test_id("reliability").locator("tbody tr")
    expect(rows).to_have_count(len(entity["bins"]))
    said = [number(row.locator("td").nth(1).inner_text()) for row in rows.all()]
    assert sum(said) == entity["count"]
    assert serious(page) == []
    page.set_viewport_size({"width": 640, "height": 900})
    assert page.evaluate(TOO_WIDE) <= 0
