"""The knowledge graph of 2,000 nodes and 10,000 edges: the answer, the layout, frames while moving.

    python -m bench.graph [--nodes N] [--edges N] [--out bench/results/graph.json]

A throw-away product, a project with one gold sentence an edge, Chromium without graphics card. The
frames of an empty page in the same browser stand beside those of the graph that is dragged.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from launch import trial
from launch.client import Api
from tests.e2e.conftest import FLAGS, fill_project

ROOT = Path(__file__).resolve().parent.parent
PREDICATES = ("拮抗", "抑制", "协同", "禁忌", "无关", "促进", "相加")
SECONDS = 3.0
FRAMES = """async (seconds) => {
  const times = [];
  const begun = performance.now();
  await new Promise((done) => {
    const frame = (now) => {
      times.push(now);
      if (now - begun < seconds * 1000) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  const gaps = times.slice(1).map((time, at) => time - times[at]).sort((a, b) => a - b);
  const at = (share) => gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))] ?? 0;
  return { per_second: gaps.length / seconds, median_ms: at(0.5), p95_ms: at(0.95) };
}"""


def lines(nodes: int, edges: int) -> Iterator[str]:
    """Make one gold sentence for each edge; a few names are said far more often than others."""
    chance = random.Random(11)  # noqa: S311 - repeatable, no secret
    for number in range(edges):
        head, tail = (int(nodes * chance.random() ** 2) for _ in range(2))
        ends = [f"药{head:05}", f"药{(tail + 1 + head) % nodes:05}"]
        text = f"{ends[0]}与{ends[1]}合用{number}"
        entities = [
            {"start": place, "end": place + len(end), "type": "药物"}
            for end, place in ((ends[0], 0), (ends[1], len(ends[0]) + 1))
        ]
        relation = {"head": 0, "tail": 1, "type": PREDICATES[number % len(PREDICATES)]}
        line = {"id": str(number), "text": text, "entities": entities, "relations": [relation]}
        yield json.dumps(line, ensure_ascii=False)


def dragged(page: Page) -> dict[str, float]:
    """Drag the picture to and fro while the frames are counted."""
    page.get_by_test_id("graph-canvas").scroll_into_view_if_needed()
    box = page.get_by_test_id("graph-canvas").bounding_box()
    if box is None:
        raise SystemExit("the graph is not on the page")
    x, y = box["x"] + 40, box["y"] + 40
    counted = page.evaluate_handle(f"(seconds) => ({{ frames: ({FRAMES})(seconds) }})", SECONDS)
    page.mouse.move(x, y)
    page.mouse.down()
    begun = time.monotonic()
    turn = 0
    while time.monotonic() - begun < SECONDS:
        turn += 1
        page.mouse.move(x + 150 + 100 * (turn % 2), y + 100 + turn % 40)
    page.mouse.up()
    result: dict[str, float] = counted.evaluate("async (held) => await held.frames")
    return result


def measure(product: trial.Trial, nodes: int, edges: int, folder: Path) -> dict[str, Any]:
    """Fill a project and look at its graph."""
    manager = Api(product.address)
    manager.log_in("manager", product.password("manager"))
    gold = "\n".join(lines(nodes, edges)) + "\n"
    project = fill_project(manager, folder, "Graph", gold=gold)
    begun = time.perf_counter()
    graph = manager.call("GET", f"projects/{project}/graph/")
    answer = time.perf_counter() - begun
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=list(FLAGS)
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{product.address}/login")
        empty = page.evaluate(FRAMES, SECONDS)
        page.locator("input").first.fill("manager")
        page.locator("input[type=password]").fill(product.password("manager"))
        page.keyboard.press("Enter")
        page.wait_for_url("**/projects")
        begun = time.perf_counter()
        page.goto(f"{product.address}/projects/{project}/graph")
        page.locator('[data-testid="graph-canvas"][data-settled="yes"]').wait_for(timeout=120_000)
        settled = time.perf_counter() - begun
        moved = dragged(page)
        browser.close()
    return {
        "nodes": len(graph["nodes"]),
        "edges": len(graph["edges"]),
        "answer_seconds": round(answer, 2),
        "settled_seconds": round(settled, 2),
        "dragged": moved,
        "empty_page": empty,
    }


def main() -> None:
    """Measure, print, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--nodes", type=int, default=2000)
    parser.add_argument("--edges", type=int, default=10_000)
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results" / "graph.json")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="relata-bench-"))
    try:
        with trial.running(demo="accounts") as product:
            result = measure(product, asked.nodes, asked.edges, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
