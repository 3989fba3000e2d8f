"""Every page in both languages and both themes: it opens, is accessible, breaks no policy."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect

from bench.editor import dense_sentence
from launch import trial
from launch.client import Api
from tests.e2e.conftest import MakeProject, fill_project
from tests.e2e.desk import Desk
from tests.e2e.rooms import PAGES, SAME, addresses
from tests.e2e.test_loop import gold_file, suggested_file

pytestmark = pytest.mark.e2e

WORDS = {"zh-CN": "登录", "en-US": "Log in"}
THEMES = ("light", "dark")
LOOKS = list(itertools.product(WORDS, THEMES))
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
CHECK = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`);
}"""
# Nothing but what scrolls on purpose may be wider than the window.
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def serious(page: Page) -> list[str]:
    """Return what axe finds serious or critical on the page as it is now."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(CHECK)
    return found


def test_no_page_is_missing_here() -> None:
    assert addresses() == set(PAGES) | SAME


@pytest.fixture(scope="module")
def project(product: trial.Trial, manager: Api, tmp_path_factory: pytest.TempPathFactory) -> int:
    """The demo of a project in the middle of its work, made once."""
    folder = tmp_path_factory.mktemp("pages")
    return fill_project(
        manager,
        folder,
        "Pages",
        gold=gold_file() + dense_sentence(),
        suggestions=suggested_file(),
    )


@contextmanager
def visitor(
    browser: Browser, product: trial.Trial, locale: str, theme: str, **window: Any
) -> Iterator[tuple[Page, list[str]]]:
    """Log the manager in with this language and theme; collect what the page complains of."""
    context = browser.new_context(
        locale=locale,
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        viewport=window.pop("viewport", {"width": 1280, "height": 900}),
        **window,
    )
    page = context.new_page()
    trouble = listen_for_trouble(page)
    page.goto(f"{product.address}/login")
    expect(page.get_by_role("button", name=WORDS[locale])).to_be_visible()
    trouble += [f"login: {one}" for one in serious(page)]
    page.locator("input").first.fill("manager")
    page.locator("input[type=password]").fill(product.password("manager"))
    page.get_by_role("button", name=WORDS[locale]).click()
    page.wait_for_url("**/projects")
    yield page, trouble
    context.close()


def show(page: Page, product: trial.Trial, address: str, project: int) -> None:
    """Open a page and wait until it has fetched what it shows."""
    page.goto(product.address + address.replace(":id", str(project)))
    expect(page.locator("main")).not_to_be_empty()
    heading = page.locator("main :is(h1, h2, [data-testid=sentence-text])").first
    expect(heading).to_be_visible()
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(("locale", "theme"), LOOKS)
def test_every_page(
    browser: Browser, product: trial.Trial, project: int, locale: str, theme: str
) -> None:
    with visitor(browser, product, locale, theme) as (page, trouble):
        for address, name in PAGES.items():
            show(page, product, address, project)
            trouble += [f"{name}: {one}" for one in serious(page)]
        assert "\n".join(trouble) == ""


@pytest.mark.parametrize(("locale", "theme"), LOOKS)
def test_the_editor_at_work(
    browser: Browser, product: trial.Trial, make_project: MakeProject, locale: str, theme: str
) -> None:
    project = make_project("At work", suggestions=suggested_file())
    with visitor(browser, product, locale, theme) as (page, trouble):
        show(page, product, "/projects/:id/annotate", project)
        desk = Desk(page)
        for name, keys in (
            ("suggestion", ("Tab",)),
            ("accepted", ("Shift+A",)),
            ("entity", ("1",)),
            ("pair", ("2",)),
            ("end", ("Escape", "]", ".")),
            ("matrix", ("Escape", "m")),
            ("help", ("Escape", "?")),
            ("palette", ("Escape", "Control+k")),
            ("caret", ("Escape", "e", "Shift+ArrowRight")),
        ):
            desk.keys(*keys)
            trouble += [f"{name}: {one}" for one in serious(page)]
        assert "\n".join(trouble) == ""


@pytest.mark.parametrize(("locale", "theme"), LOOKS)
def test_thirty_entities_and_forty_relations(
    browser: Browser, product: trial.Trial, manager: Api, project: int, locale: str, theme: str
) -> None:
    rows = manager.pages(f"projects/{project}/sentences/?order=position")
    dense = next(row["id"] for row in rows if len(row["text"]) == 500)
    address = f"/projects/:id/annotate/{dense}"
    with visitor(browser, product, locale, theme) as (page, trouble):
        for width, height in ((1280, 900), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            show(page, product, address, project)
            expect(page.get_by_test_id("entity-30")).to_be_visible()
            page.keyboard.press("Shift+f")
            trouble += [f"{width}: {one}" for one in serious(page)]
        assert "\n".join(trouble) == ""


def test_at_twice_the_size_nothing_runs_out_of_the_window(
    browser: Browser, product: trial.Trial, project: int
) -> None:
    window = {"width": 640, "height": 450}  # 1280 by 900 at 200 %
    with visitor(browser, product, "en-US", "light", viewport=window) as (page, trouble):
        for address, name in PAGES.items():
            show(page, product, address, project)
            if page.evaluate(TOO_WIDE) > 0:
                trouble.append(f"{name} is wider than the window")
        assert "\n".join(trouble) == ""


def test_on_a_tablet_suggestions_are_reviewed_by_touch(
    browser: Browser, product: trial.Trial, make_project: MakeProject
) -> None:
    project = make_project("Tablet", suggestions=suggested_file())
    window = {"width": 820, "height": 1180}
    touch = {"viewport": window, "has_touch": True, "is_mobile": True}
    with visitor(browser, product, "zh-CN", "light", **touch) as (page, trouble):
        show(page, product, "/projects/:id/annotate", project)
        if page.evaluate(TOO_WIDE) > 0:
            trouble.append("the page is wider than the tablet")
        page.get_by_test_id("accept-all").tap()
        expect(page.get_by_test_id("entity-2")).to_be_visible()
        page.get_by_test_id("entity-2").tap()
        page.get_by_test_id("entity-1").tap()
        popover = page.get_by_test_id("relation-popover")
        popover.get_by_role("button", name="拮抗").tap()
        page.get_by_test_id("submit").tap()
        Desk(page).wait_until_saved()
        assert "\n".join(trouble) == ""


def listen_for_trouble(page: Page) -> list[str]:
    """Return a list that fills with what the page complains of."""
    trouble: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        is_known = "401" in message.text  # who is not logged in yet is told so
        if message.type == "error" and not is_known:
            trouble.append(message.text)

    def catch(error: Error) -> None:
        trouble.append(str(error))

    page.on("console", hear)
    page.on("pageerror", catch)
    return trouble
