"""The product as a user starts it, a browser, and a project to work in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from launch import trial
from launch.client import Api
from tests.e2e.waiting import eventually

NO_CHANCE = {"control_share": 0.0, "blind_share": 0.0}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Use the machine's chromium when CHROMIUM names it; reach out to nobody."""
    path = os.environ.get("CHROMIUM") or next(
        (found for found in ("/usr/bin/chromium",) if Path(found).exists()), None
    )
    return {"headless": True, "args": list(FLAGS), "executable_path": path}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """English, one size, no animation."""
    return {
        "locale": "en-US",
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def product() -> Iterator[trial.Trial]:
    """./run in a throw-away home, with the demo's accounts."""
    with trial.running(demo="accounts", RELATA_LOGIN_RATE="600/min") as running:
        yield running


@pytest.fixture(scope="session")
def manager(product: trial.Trial) -> Api:
    """The manager's API client."""
    client = Api(product.address)
    client.log_in("manager", product.password("manager"))
    return client


MakeProject = Callable[..., int]


@pytest.fixture
def make_project(manager: Api, tmp_path: Path) -> MakeProject:
    """Return a function that makes a project with Ana in it and imports files into it."""

    def make(name: str, *, template: str = "ch-ddi", **files: str) -> int:
        return fill_project(manager, tmp_path, name, template=template, **files)

    return make


def fill_project(
    manager: Api, folder: Path, name: str, *, template: str = "ch-ddi", **files: str
) -> int:
    """Make a project with Ana in it and import native files into it, by what their labels are."""
    wanted = {"name": name, "template": template, "language": "zh"}
    project: int = manager.call("POST", "projects/", wanted)["id"]
    member = {"username": "ana", "role": "annotator"}
    manager.call("POST", f"projects/{project}/members/", member)
    no_chance = {"control_share": 0.0, "blind_share": 0.0}
    manager.call("PATCH", f"projects/{project}/", no_chance)
    for labels, content in files.items():
        path = folder / f"{labels}.jsonl"
        path.write_text(content, encoding="utf-8")
        bring(manager, project, path, labels)
    return project


def bring(manager: Api, project: int, path: Path, labels: str) -> None:
    """Import a native file into the pool and wait for it."""
    address = f"projects/{project}/imports/"
    how = {"format": "native", "labels": labels, "split": "pool"}
    sent = manager.upload(address, path, **how)
    report = eventually(
        lambda: manager.call("GET", f"{address}{sent['id']}/"),
        lambda seen: seen["state"] not in {"queued", "running"},
    )
    assert report["state"] == "done", report
    assert report["refused"] == 0, report


Enter = Callable[[str], Page]


@pytest.fixture
def enter(product: trial.Trial, page: Page) -> Enter:
    """Return a function that logs a person in through the page."""

    def log_in(username: str) -> Page:
        page.goto(f"{product.address}/login")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(product.password(username))
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/projects")
        return page

    return log_in


@pytest.fixture(autouse=True)
def _quiet_console(context: BrowserContext) -> Iterator[None]:
    """A page that breaks its own security policy or throws fails the test."""
    trouble: list[str] = []
    context.on("weberror", lambda error: trouble.append(str(error.error)))
    context.on(
        "console",
        lambda message: (
            trouble.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    yield
    assert not trouble
