"""Every page in both languages and both themes: it opens, says something, and breaks no policy.

With RELATA_SCREENSHOTS=FOLDER (`make screenshots`) a picture of each lands in that folder.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect

from launch import trial
from tests.e2e.conftest import MakeProject
from tests.e2e.test_loop import gold_file, pending_file

pytestmark = pytest.mark.e2e

PAGES = ("", "annotate", "training", "schema", "import", "export")
WORDS = {"en-US": "Log in", "zh-CN": "登录"}


def keep_screenshot(page: Page, name: str) -> None:
    """Save a picture where somebody asked for one."""
    folder = os.environ.get("RELATA_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_every_page_in_both_languages_and_themes_screenshot(
    browser: Browser, product: trial.Trial, make_project: MakeProject
) -> None:
    project = make_project("Pages", gold=gold_file(), ignore=pending_file())
    for locale, theme in itertools.product(WORDS, ("light", "dark")):
        context = browser.new_context(
            locale=locale,
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": 1280, "height": 900},
        )
        page = context.new_page()
        trouble = listen_for_trouble(page)
        log_in(page, product, WORDS[locale])
        keep_screenshot(page, f"projects-{locale}-{theme}")
        for name in PAGES:
            page.goto(f"{product.address}/projects/{project}/{name}")
            expect(page.locator("main")).not_to_be_empty()
            expect(
                page.locator("main :is(h1, h2, [data-testid=sentence-text])").first
            ).to_be_visible()
            page.wait_for_load_state("networkidle")
            keep_screenshot(page, f"{name or 'home'}-{locale}-{theme}")
        context.close()
        assert not trouble


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


def log_in(page: Page, product: trial.Trial, word: str) -> None:
    """Log the manager in, whatever the language."""
    page.goto(f"{product.address}/login")
    page.locator("input").first.fill("manager")
    page.locator("input[type=password]").fill(product.password("manager"))
    page.get_by_role("button", name=word).click()
    page.wait_for_url("**/projects")
