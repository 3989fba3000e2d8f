"""The simulate command: labelled data labelled again, and what is kept of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from extraction.active.curves import Curve, crossing
from extraction.recipes.cli import main
from tests.extraction.corpus import corpus, write_native

TINY = ("--encoder", "chars-tiny", "--set", "epochs=1", "--threads", "1", "--json")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    examples = corpus(6)
    write_native(folder / "tiny.train.jsonl", examples[:24])
    write_native(folder / "tiny.dev.jsonl", examples[24:32])
    return folder


def simulate(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, list[dict]]:  # type: ignore[type-arg]
    status = main(["simulate", *map(str, words), *TINY])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.slow
def test_each_strategy_labels_up_to_every_budget_and_is_compared(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ("--data", data, "--budgets", "8,16,99", "--seeds", 2, "--out", out)
    status, events = simulate(capsys, *words)
    assert status == 0
    (summary,) = events[-1]["results"]
    assert [row["strategy"] for row in summary["rows"]] == [
        "hybrid.v1", "random.v1", "least_confidence.v1",
    ]  # fmt: skip
    for row in summary["rows"]:
        assert row["labels"] == [8, 16, 24]
        assert row["seconds"] == sorted(row["seconds"])
        assert len(row["f1"]) == 3
    assert summary["full_labels"] == 24
    records = [json.loads(line) for line in (out / "curves.jsonl").read_text().splitlines()]
    assert len(records) == 2 * (1 + 3)
    last = {one["strategy"]: one["points"][-1]["labels"] for one in records}
    assert set(last.values()) == {24}
    assert "least_confidence.v1" in (out / "results.md").read_text(encoding="utf-8")
    assert (out / "tiny.svg").read_text(encoding="utf-8").startswith("<svg")

    again, told = simulate(capsys, *words)  # all replays are there
    assert again == 0
    assert [event["event"] for event in told] == ["done"]
    assert told[-1]["results"] == events[-1]["results"]


def test_a_strategy_that_is_not_there_is_named_with_those_that_are(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path
) -> None:
    status, events = simulate(
        capsys, "--data", data, "--strategies", "luck", "--out", tmp_path / "out"
    )
    assert (status, events[-1]["code"]) == (2, "unknown_strategy")
    assert "hybrid.v1" in events[-1]["message"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--control-share", "2"), "bad_arguments"),
        (("--budgets", "ten"), "bad_arguments"),
        (("--seeds", "0"), "bad_arguments"),
        (("--sets", "absent"), "unknown_set"),
        (("--model", "bio_mtl.v1"), "unfit_model"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_runs(
    capsys: pytest.CaptureFixture[str],
    data: Path,
    tmp_path: Path,
    words: tuple[str, ...],
    code: str,
) -> None:
    out = tmp_path / "out"
    status, events = simulate(capsys, "--data", data, "--out", out, *words)
    assert (status, events[-1]["code"]) == (2, code)
    assert not out.exists()


def test_a_goal_is_reached_between_two_points() -> None:
    at, height = np.array([50.0, 100.0, 200.0]), np.array([0.1, 0.3, 0.5])
    assert crossing(at, height, 0.4) == pytest.approx(150.0)
    assert crossing(at, height, 0.05) == 50.0
    assert crossing(at, height, 0.6) is None


def test_curves_are_compared_over_labels_over_time_and_in_standard_errors() -> None:
    def curve(*f1: tuple[float, float], seconds: float) -> Curve:
        return Curve.of(
            [
                [
                    {"labels": 50, "seconds": seconds, "triple_f1": first},
                    {"labels": 100, "seconds": 2 * seconds, "triple_f1": second},
                ]
                for first, second in f1
            ]
        )

    better = curve((0.2, 0.4), (0.2, 0.6), seconds=100.0)
    worse = curve((0.2, 0.3), (0.2, 0.3), seconds=200.0)
    assert better.area() == pytest.approx(0.35)
    assert better.area_over_seconds(200.0, 200.0) == pytest.approx(0.5)
    assert better.seconds_to(0.35) == pytest.approx(150.0)
    assert worse.worst_against(better) == pytest.approx(0.2 / 0.1)
    assert better.worst_against(worse) == pytest.approx(0.0)
