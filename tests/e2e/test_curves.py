"""The page of learning curves: versions are points that mouse, keyboard and table reach."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from launch import trial
from launch.client import Api
from tests.e2e.conftest import Enter, MakeProject
from tests.e2e.test_loop import gold_file
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.e2e

CORPUS = Path(__file__).parents[2] / "demo" / "chddi.labelled.jsonl"  # none like the gold file's


def hold_out(manager: Api, project: int, path: Path) -> None:
    """Import labelled sentences that only measure."""
    address = f"projects/{project}/imports/"
    lines = CORPUS.read_text(encoding="utf-8").splitlines(keepends=True)[:30]
    path.write_text("".join(lines), encoding="utf-8")
    sent = manager.upload(address, path, format="native", labels="gold", split="holdout")
    eventually(
        lambda: manager.call("GET", f"{address}{sent['id']}/"),
        lambda seen: seen["state"] not in {"queued", "running"},
    )


def train(manager: Api, project: int, epochs: int) -> None:
    wanted = {"speed": "quick", "settings": {"epochs": epochs}}
    run = manager.call("POST", f"projects/{project}/runs/", wanted)
    ended = eventually(
        lambda: manager.call("GET", f"projects/{project}/runs/{run['id']}/"),
        lambda seen: seen["state"] in {"done", "failed"},
    )
    assert ended["state"] == "done", ended["error"]


def test_versions_are_points_and_advice_stands_beside_them(
    product: trial.Trial,
    manager: Api,
    make_project: MakeProject,
    enter: Enter,
    tmp_path: Path,
) -> None:
    project = make_project("Curves", gold=gold_file())
    page = enter("ana")
    page.goto(f"{product.address}/projects/{project}/curves")
    expect(page.get_by_test_id("curve-card")).to_contain_text("No version has been measured")
    expect(page.get_by_test_id("advice")).to_contain_text("too early to tell")

    hold_out(manager, project, tmp_path / "holdout.jsonl")
    for epochs in (1, 2):
        train(manager, project, epochs)
    page.reload()
    said = page.get_by_test_id("curve-said")
    expect(said).to_contain_text("Version 2 (spert.v1 · chars-tiny): Triple F1")
    expect(said).to_contain_text("84 gold sentences (84 came with files)")

    page.get_by_role("radio", name="Version 2").focus()
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("Version 1")
    expect(page.get_by_role("radio", name="Version 1")).to_be_focused()
    page.get_by_label("Entity F1").check()
    page.get_by_label("Over working hours").check()
    expect(said).to_contain_text("Version 1 (spert.v1 · chars-tiny): Entity F1")
    expect(page.get_by_test_id("chart")).to_contain_text("hours of work on sentences")
    page.get_by_test_id("curve-card").locator("summary").click()
    expect(page.get_by_test_id("curve-card").get_by_role("row")).to_have_count(3)
