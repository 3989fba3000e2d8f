"""Pictures of every page for the documentation: the demo, both languages, light and dark.

    python -m tests.e2e.pictures [--out var/screenshots] [--docs docs/images]

Starts the product with the demo projects, waits until the first model has suggested, and walks all
pages. Those that the README and the guide show are copied into the documentation.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.editor import dense_sentence
from launch import trial
from launch.client import Api
from launch.places import ROOT
from tests.e2e.conftest import FLAGS, bring
from tests.e2e.rooms import PAGES
from tests.e2e.waiting import eventually

LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
THEMES = ("light", "dark")
SIZE = {"width": 1280, "height": 800}
WIDE = {"width": 1920, "height": 1080}
TRAINED = 300.0
INSERTS = ROOT / "demo" / "inserts.jsonl"
# What is done in the editor before its picture is taken.
POSES: dict[str, tuple[str, ...]] = {
    "suggested": ("Tab",),
    "matrix": ("Escape", "Shift+a", "m"),
    "pair": ("Escape", "1", "2"),
    "keys": ("Escape", "?"),
}
SHOWN = (
    "annotate-suggested-zh-light",
    "annotate-suggested-en-dark",
    "annotate-matrix-zh-light",
    "home-en-light",
    "training-zh-light",
    "schema-en-light",
    "suggestions-zh-light",
    "inserts-zh-light",
    "graph-en-light",
)


def demo_project(manager: Api) -> int:
    """Return the drug project once its first model has looked at all sentences."""
    rows: list[Any] = manager.call("GET", "projects/")["results"]
    project = next(int(row["id"]) for row in rows if row["template"] == "ch-ddi")
    eventually(
        lambda: manager.call("GET", f"projects/{project}/models/")["results"],
        lambda seen: any(row["state"] == "active" for row in seen),
        seconds=TRAINED,
    )
    eventually(
        lambda: manager.call("GET", f"projects/{project}/progress/"),
        lambda seen: seen["suggested"] > 0,
        seconds=TRAINED,
    )
    return project


def add_dense(manager: Api, project: int, folder: Path) -> int:
    """Import a sentence with 30 entities and 40 relations; return its id."""
    file = folder / "dense.jsonl"
    file.write_text(dense_sentence(), encoding="utf-8")
    bring(manager, project, file, "gold")
    found = manager.pages(f"projects/{project}/sentences/?order=position")
    return max(int(row["id"]) for row in found)


class Album:
    """Takes pictures as one person, in one language and theme."""

    def __init__(self, browser: Browser, product: trial.Trial, out: Path, look: str) -> None:
        language, theme = look.split("-")
        self._context = browser.new_context(
            locale=LANGUAGES[language],
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            viewport=SIZE,  # type: ignore[arg-type]  # a TypedDict
        )
        self._product, self._out, self._look = product, out, look
        self.page: Page = self._context.new_page()

    def log_in(self) -> None:
        """Picture the log-in page, and enter."""
        self.page.goto(f"{self._product.address}/login")
        self.keep("login")
        self.page.locator("input").first.fill("manager")
        self.page.locator("input[type=password]").fill(self._product.password("manager"))
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/projects")

    def show(self, address: str) -> None:
        """Open a page and wait for what it fetches."""
        self.page.goto(self._product.address + address)
        self.page.locator("main :is(h1, h2)").first.wait_for()
        self.page.wait_for_load_state("networkidle")
        if address.endswith("/graph"):
            self.page.locator('[data-settled="yes"]').wait_for()

    def keep(self, name: str) -> None:
        """Save the page as it is."""
        self.page.screenshot(path=self._out / f"{name}-{self._look}.png")

    def close(self) -> None:
        """Leave the browser."""
        self._context.close()


def fill(album: Album, project: int, dense: int) -> None:
    """Take every picture of one look."""
    album.log_in()
    for address, name in PAGES.items():
        album.show(re.sub(r":id\b", str(project), address))
        album.keep(name)
    album.show(f"/projects/{project}/import")
    album.page.get_by_test_id("import-file").set_input_files(INSERTS)
    album.page.get_by_test_id("insert-1").scroll_into_view_if_needed()
    album.keep("inserts")
    album.show(f"/projects/{project}/annotate")
    for name, keys in POSES.items():
        for key in keys:
            album.page.keyboard.press(key)
        album.keep(f"annotate-{name}")
    album.page.keyboard.press("Escape")
    while album.page.get_by_role("button", name=re.compile("Undo|撤销")).is_enabled():
        album.page.keyboard.press("Control+z")  # the next look finds the same sentence
    album.page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # a TypedDict
    album.show(f"/projects/{project}/annotate/{dense}")
    album.keep("dense")
    album.close()


def main() -> None:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--docs", type=Path, default=Path("docs/images"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    chosen.docs.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with trial.running(demo="projects") as product, sync_playwright() as playwright:
        manager = Api(product.address)
        manager.log_in("manager", product.password("manager"))
        project = demo_project(manager)
        manager.call("PATCH", f"projects/{project}/", {"blind_share": 0.0})
        dense = add_dense(manager, project, product.home)
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for language, theme in itertools.product(LANGUAGES, THEMES):
            fill(Album(browser, product, chosen.out, f"{language}-{theme}"), project, dense)
        browser.close()
    for name in SHOWN:
        shutil.copy(chosen.out / f"{name}.png", chosen.docs / f"{name}.png")
    count = len(list(chosen.out.glob("*.png")))
    sys.stdout.write(f"{count} pictures in {chosen.out}, {len(SHOWN)} of them in {chosen.docs}\n")


if __name__ == "__main__":
    main()
