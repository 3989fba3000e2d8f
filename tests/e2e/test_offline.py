"""Two hundred edits without a network, a killed browser, and nothing lost or said twice."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import FLAGS, MakeProject
from tests.e2e.desk import Desk
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

SENTENCES = 4
EDITS_EACH = 50


def text(number: int) -> str:
    """Return a sentence of characters that occur once each."""
    first = 0x4E00 + 3000 * number
    return "".join(chr(first + 7 * place) for place in range(2 * EDITS_EACH + 5))


@contextmanager
def own_browser(
    playwright: Playwright, executable: str, profile: Path
) -> Iterator[tuple[Page, subprocess.Popen[bytes]]]:
    """Start a browser as a process of its own, so that it can be killed like one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for left in profile.glob("Singleton*"):
        left.unlink()  # the lock of a browser that was killed
    command = [
        executable,
        "--headless",
        *FLAGS,
        f"--remote-debugging-port={port}",
        f"--user-data-dir={profile}",
        "about:blank",
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        eventually(lambda: answers(port), bool)
        browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        yield browser.contexts[0].pages[0], process
    finally:
        kill(process)


def answers(port: int) -> bool:
    """Say whether the browser listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the browser with all its children, as a power cut would."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def project(make_project: MakeProject) -> int:
    """A project with four long sentences and some that come after them."""
    texts = [text(number) for number in range(SENTENCES)] + [f"后面的第{n}句" for n in range(3)]
    rows = [{"text": one, "entities": [], "relations": []} for one in texts]
    return make_project("Offline", ignore="".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def ana(product: trial.Trial) -> Api:
    """Ana's own API client: an annotation is seen by its author."""
    client = Api(product.address)
    client.log_in("ana", product.password("ana"))
    return client


def enter(page: Page, product: trial.Trial) -> None:
    """Log Ana in."""
    page.goto(f"{product.address}/login")
    page.locator("input").first.fill("ana")
    page.locator("input[type=password]").fill(product.password("ana"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects")


def label_every_second_character(desk: Desk) -> None:
    """Make the edits of one sentence by keys."""
    desk.keys("e", "Home", "Shift+ArrowRight", "d")
    for _ in range(EDITS_EACH - 1):
        desk.keys("e", "ArrowRight", "Shift+ArrowRight", "d")


def work_offline(page: Page) -> None:
    """Fetch the first sentences, lose the network, label all of them, finish all but the last."""
    desk = Desk(page)
    desk.wait_for(text(0)[:5])
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    for number in range(SENTENCES):
        desk.wait_for(text(number)[:5])
        label_every_second_character(desk)
        if number < SENTENCES - 1:
            desk.submit()
    expect(page.get_by_test_id(f"entity-{EDITS_EACH}")).to_be_visible()
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "offline")


def labels(ana: Api, project: int) -> dict[str, Any]:
    """Return Ana's labels by the sentence's text."""
    rows = ana.pages(f"projects/{project}/sentences/?order=position")
    return {
        row["text"]: ana.call("GET", f"sentences/{row['id']}/annotation/")
        for row in rows
        if len(row["text"]) > EDITS_EACH
    }


def test_two_hundred_edits_offline_and_a_killed_browser_arrive_once(
    playwright: Playwright,
    browser_type_launch_args: dict[str, Any],
    product: trial.Trial,
    ana: Api,
    project: int,
    tmp_path: Path,
) -> None:
    executable = browser_type_launch_args["executable_path"] or playwright.chromium.executable_path
    address = f"{product.address}/projects/{project}/annotate"
    with own_browser(playwright, executable, tmp_path / "profile") as (page, process):
        enter(page, product)
        page.goto(address)
        work_offline(page)
        kill(process)
    assert sum(len(one["entities"]) for one in labels(ana, project).values()) == 0

    with own_browser(playwright, executable, tmp_path / "profile") as (page, _):
        enter(page, product)  # the session died with the browser, the work did not
        page.goto(address)
        Desk(page).wait_until_saved()
        eventually(
            lambda: sum(len(one["entities"]) for one in labels(ana, project).values()),
            lambda seen: seen >= SENTENCES * EDITS_EACH,
            seconds=30,
        )
        Desk(page).wait_until_saved()
    wanted = [(2 * place, 2 * place + 1) for place in range(EDITS_EACH)]
    arrived = labels(ana, project)
    for number in range(SENTENCES):
        entities = arrived[text(number)]["entities"]
        assert [(one["start"], one["end"]) for one in entities] == wanted
    rows = list(ana.pages(f"projects/{project}/sentences/?order=position"))
    assert [row["state"] for row in rows[:SENTENCES]] == ["gold"] * 3 + ["in_progress"]
    for row in rows[:SENTENCES]:
        revisions = list(ana.pages(f"sentences/{row['id']}/history/"))
        assert len({revision["version"] for revision in revisions}) == len(revisions)
        assert len(revisions) <= 2  # a draft and its submission at most: nothing was saved twice


def test_two_tabs_with_the_same_sentence_lose_nothing(
    enter: Any, product: trial.Trial, manager: Api, project: int
) -> None:
    first = enter("ana")
    rows = list(manager.pages(f"projects/{project}/sentences/?order=position"))
    address = f"{product.address}/projects/{project}/annotate/{rows[0]['id']}"
    first.goto(address)
    Desk(first).wait_for(text(0)[:5])
    second = first.context.new_page()
    second.goto(address)
    Desk(second).wait_for(text(0)[:5])
    expect(second.get_by_text("open in another tab")).to_be_visible()

    first.context.set_offline(True)
    Desk(first).label_by_keys(0, 1, "d")
    Desk(second).label_by_keys(2, 3, "d")
    for page in (first, second):
        expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "offline")
    first.context.set_offline(False)
    states = eventually(
        lambda: {
            str(page.get_by_test_id("save-state").get_attribute("data-state"))
            for page in (first, second)
        },
        lambda seen: seen == {"saved", "conflict"},
    )
    assert states == {"saved", "conflict"}
    for page in (first, second):
        if page.get_by_test_id("save-state").get_attribute("data-state") == "conflict":
            page.get_by_role("button", name="Decide").click()
            page.get_by_role("button", name="Join both").click()
            Desk(page).wait_until_saved()
    shown = eventually(
        lambda: [page.get_by_test_id("entity-2").count() for page in (first, second)],
        lambda seen: seen == [1, 1],
    )
    assert shown == [1, 1]  # the other tab has taken over what was joined


def test_going_on_and_back_needs_no_network_for_three_sentences(
    enter: Any, product: trial.Trial, project: int
) -> None:
    page = enter("ana")
    page.goto(f"{product.address}/projects/{project}/annotate")
    desk = Desk(page)
    desk.wait_for(text(0)[:5])
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    for number in (1, 2, 3):
        desk.keys("ArrowRight")
        desk.wait_for(text(number)[:5])
    for number in (2, 1, 0):
        desk.keys("ArrowLeft")
        desk.wait_for(text(number)[:5])
