"""The benchmark: what it refuses, which cells it plans, how it resumes, stops and reports."""

from __future__ import annotations

import io
import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from extraction.catalogue import CATALOGUE, model_spec
from extraction.errors import ExtractionError
from extraction.evaluation.report import evaluate
from extraction.recipes.benchmark_plan import BenchmarkPlan, make_plan
from extraction.recipes.benchmark_progress import Clock, Screen, bar
from extraction.recipes.benchmark_request import BenchmarkRequest
from extraction.recipes.benchmark_sets import find_sets, open_sets
from extraction.recipes.benchmark_table import collect, markdown
from extraction.recipes.cli import main
from extraction.training.checkpoint import read_checked
from tests.extraction.corpus import corpus, example, write_native

TINY = ("--set", "epochs=1", "negative_entities=10", "--threads", "1", "--device", "cpu")


def two_sets(folder: Path) -> Path:
    """A folder with two sets, one of them smaller, and files that belong to no pair."""
    folder.mkdir()
    for name, examples in (("drugs", corpus()), ("few", corpus()[:4])):
        write_native(folder / f"{name}.train.jsonl", examples)
        write_native(folder / f"{name}.dev.jsonl", examples[:4])
    write_native(folder / "alone.train.jsonl", corpus())
    write_native(folder / "drugs.dev.second_opinion.jsonl", corpus())
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two sets of one's own."""
    return two_sets(tmp_path / "data")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data` and, in `out`, a cell that was measured and its checkpoint."""
    folder = tmp_path_factory.mktemp("measured")
    assert main([*once(two_sets(folder / "data"), folder / "out"), "--seeds", "1", "--keep"]) == 0
    return folder


def once(data: Path, out: Path) -> list[str]:
    words = ("benchmark", "--data", data, "--sets", "few", "--models", "spert.v1", "--out", out)
    return [*map(str, words), *TINY]


def asked(data: Path, **more: Any) -> BenchmarkRequest:
    return BenchmarkRequest(data=data, **{"models": ("spert.v1",), "encoder": "chars-tiny", **more})


def call(
    capsys: pytest.CaptureFixture[str], *words: str | Path
) -> tuple[int, list[dict[str, Any]]]:
    status = main(["benchmark", *map(str, words), "--json"])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--data", "nowhere"), "no_such_folder", "no folder nowhere"),
        (("--sets", "alone"), "unknown_set", "no set 'alone' with both parts"),
        (("--sets", "drugs,moon"), "unknown_set", "it has: drugs, few"),
        (("--sets", ","), "bad_arguments", "--sets: it is empty"),
        (("--models", "spert.v1,moon.v1"), "unknown_model", "no model 'moon.v1'"),
        (("--models", ""), "bad_arguments", "--models: it is empty"),
        (("--seeds", "0"), "bad_arguments", "'0' is no whole number from 1 on"),
        (("--seeds", "many"), "bad_arguments", "--seeds"),
        (("--limit", "0"), "bad_arguments", "--limit"),
        (("--encoder", "nowhere"), "encoder_not_found", "no encoder 'nowhere'"),
        (("--encoder-for", "spert.v1"), "bad_arguments", "MODEL=ENCODER"),
        (("--encoder-for", "moon.v1=chars-tiny"), "bad_arguments", "not among the models that run"),
        (("--encoder-for", "spert.v1=nowhere"), "encoder_not_found", "'nowhere'"),
        (("--set", "epochz=1"), "bad_settings", "epochz: unknown"),
        (("--set", "epochs=0"), "bad_settings", "at least 1"),
        (("--device", "abacus"), "no_such_device", "'abacus'"),
        (("--limit", "1", "--data", "SILENT"), "nothing_to_learn", "first 1 sentences"),
        (("--data", "BROKEN"), "bad_data", "line 1"),
        (("--data", "EMPTY"), "no_data_sets", "no pair of NAME.train.jsonl"),
    ],
)
def test_bad_input_is_one_clear_sentence_before_anything_is_trained(
    capsys: pytest.CaptureFixture[str],
    data: Path,
    tmp_path: Path,
    words: Sequence[str],
    code: str,
    said: str,
) -> None:
    for name, first in (("SILENT", example("一句没有标注的话")), ("BROKEN", corpus()[0])):
        (tmp_path / name).mkdir()
        write_native(tmp_path / name / "train.jsonl", [first, *corpus()])
        write_native(tmp_path / name / "dev.jsonl", corpus())
    (tmp_path / "BROKEN" / "dev.jsonl").write_text("{")
    (tmp_path / "EMPTY").mkdir()
    placed = [tmp_path / word if word in {"SILENT", "BROKEN", "EMPTY"} else word for word in words]
    out = tmp_path / "out"
    common = ("--data", data, "--models", "spert.v1", "--encoder", "chars-tiny", "--out", out)
    status, (error,) = call(capsys, *common, *placed)
    assert (status, error["event"], error["code"]) == (2, "error", code)
    assert said in error["message"]
    assert "\n" not in error["message"]
    assert not out.exists()


def test_an_output_that_cannot_be_a_folder_is_refused(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    status, events = call(
        capsys, "--data", data, "--models", "spert.v1", "--out", tmp_path / "file"
    )
    assert (status, events[-1]["code"]) == (2, "unwritable_folder")
    assert (tmp_path / "file").read_text() == "mine"


def test_sets_are_the_pairs_of_a_folder_or_its_two_files(data: Path, tmp_path: Path) -> None:
    assert [one.name for one in find_sets(data)] == ["drugs", "few"]
    assert [one.name for one in find_sets(data, ["few", "drugs"])] == ["few", "drugs"]
    plain = tmp_path / "ward"
    plain.mkdir()
    for part in ("train", "dev"):
        write_native(plain / f"{part}.jsonl", corpus())
    (one,) = find_sets(plain)
    assert (one.name, one.train, one.schema) == ("ward", plain / "train.jsonl", None)
    (plain / "schema.json").write_text('{"entity_types": ["药物", "疾病"]}')
    assert find_sets(plain)[0].schema == plain / "schema.json"


def test_a_limit_takes_the_first_sentences_of_each_file(data: Path, tmp_path: Path) -> None:
    (one,) = open_sets(data, ["drugs"], limit=3)
    assert one.facts is not None
    assert one.facts["train"]["sentences"] == one.facts["dev"]["sentences"] == 3
    cut = one.cut(tmp_path / "cut")
    lines = cut.train.read_text(encoding="utf-8").splitlines()
    assert lines == one.train.read_text(encoding="utf-8").splitlines()[:3]
    (whole,) = open_sets(data, ["drugs"], limit=None)
    assert whole.cut(tmp_path / "cut").train == whole.train


def test_every_model_has_its_first_seed_before_any_has_its_second(data: Path) -> None:
    cells = make_plan(asked(data, seeds=2)).cells
    assert [(cell.data.name, cell.seed) for cell in cells] == [
        *(("drugs", 1), ("few", 1), ("drugs", 2), ("few", 2)),
    ]
    assert len({cell.key for cell in cells}) == len({cell.name for cell in cells}) == 4


def key_of(request: BenchmarkRequest) -> str:
    return make_plan(request).cells[0].key


def test_a_key_changes_with_all_that_determines_a_result_and_with_nothing_else(
    data: Path, tmp_path: Path, encoder_folder: Path
) -> None:
    request = asked(data)
    key = key_of(request)
    moved = Path(shutil.copytree(data, tmp_path / "moved"))
    same = [
        replace(request, data=moved),
        replace(request, out=tmp_path / "elsewhere", is_kept=True, seeds=3),
        replace(request, sets=("drugs",), limit=1000),
        replace(request, has_ablations=True),
    ]
    assert [key_of(one) for one in same] == [key] * len(same)
    folder = Path(shutil.copytree(encoder_folder, tmp_path / "encoder"))
    other = [
        replace(request, speed="quick"),
        replace(request, settings={"epochs": 3}),
        replace(request, limit=7),
        replace(request, device="cpu"),
        replace(request, threads=1),
        replace(request, encoder="chars-small"),
        replace(request, encoder_for={"spert.v1": str(folder)}),
        replace(request, sets=("few",)),
    ]
    keys = {key, *map(key_of, other)}
    (folder / "model.safetensors").write_bytes(b"other weights")
    keys.add(key_of(other[-2]))
    with (moved / "drugs.dev.jsonl").open("a") as dev:
        dev.write('{"text": "又一句"}\n')
    keys.add(key_of(same[0]))
    (data / "drugs.schema.json").write_text('{"entity_types": ["药物", "疾病"]}')
    keys.add(key_of(request))
    assert len(keys) == len(other) + 4


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_ablation_row_of_every_model_can_be_run(data: Path, name: str) -> None:
    plan = make_plan(asked(data, models=(name,), sets=("few",), has_ablations=True))
    rows = [cell.row for cell in plan.cells]
    assert rows == list(dict.fromkeys(["full", *model_spec(name).ablations]))
    assert len({cell.key for cell in plan.cells}) == len(rows)
    assert len({cell.name for cell in plan.cells}) == len(rows)


def test_a_setting_that_one_of_several_models_does_not_know_is_left_out_there(data: Path) -> None:
    both = ("spert.v1", "iser.v1")
    plan = make_plan(asked(data, models=both, sets=("few",), settings={"fusion": "none"}))
    assert [cell.settings.get("fusion") for cell in plan.cells] == [None, "none"]
    assert plan.notes == ["spert.v1 has no setting fusion; it runs without"]
    for settings, said in (
        ({"colour": "red"}, "No chosen model has a setting colour"),
        ({"fusion": "cold"}, "iser.v1: The settings are wrong: fusion"),
    ):
        with pytest.raises(ExtractionError, match=said):
            make_plan(asked(data, models=both, settings=settings))


def test_a_row_of_an_ablation_table_goes_before_what_the_caller_sets(data: Path) -> None:
    wanted = {"negative_relations": 7, "epochs": 3}
    request = asked(data, sets=("few",), has_ablations=True, settings=wanted)
    rows = {cell.row: cell.settings for cell in make_plan(request).cells}
    assert rows["full"] == {"dev_checks": 0, **wanted}
    assert rows["no negative relations"]["negative_relations"] == 0
    assert rows["no negative relations"]["epochs"] == 3


def result(cell: Any, right: int, **costs: float) -> dict[str, Any]:
    """A finished cell in which so many of eight sentences were said right."""
    examples = corpus()
    said = [one.graph if n < right else example(one.text).graph for n, one in enumerate(examples)]
    return {
        "state": "done",
        "metrics": evaluate(examples, said),
        "costs": {"train_seconds": 2.0, "parameters": 1_500_000, **costs},
        "machine": {
            "architecture": "abacus",
            "cores": 2,
            "threads": 1,
            "device": "cpu",
            "python": "3",
            "torch": "2",
        },
    }


def rows_of(plan: BenchmarkPlan, request: BenchmarkRequest, results: Any) -> list[list[str]]:
    table = markdown(collect(request, plan, results), plan.sets)
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def test_the_table_tells_mean_and_deviation_over_seeds(data: Path) -> None:
    request = asked(data, sets=("drugs",), seeds=2)
    plan = make_plan(request)
    one, two = plan.cells
    results = {one.name: result(one, 1), two.name: result(two, 8, train_seconds=4.0)}
    head, _, row, *_ = rows_of(plan, request, results)
    told = dict(zip(head, row, strict=True))
    assert told["model"] == "spert.v1"
    assert told["NER P"] == "100.00 ± 0.00"
    assert told["NER R"] == "59.09 ± 57.85"
    assert told["training s"] == "3.0 ± 1.4"
    assert told["million parameters"] == "1.50"
    assert told["seeds"] == "2"


def test_cells_that_failed_or_have_not_run_are_said_and_not_averaged(data: Path) -> None:
    request = asked(data, seeds=3)
    plan = make_plan(request)
    drugs = [cell for cell in plan.cells if cell.data.name == "drugs"]
    error = {"code": "diverged", "message": "The loss became nan"}
    results: dict[str, Mapping[str, Any]] = {
        drugs[0].name: result(drugs[0], 8),
        drugs[1].name: {"state": "failed", "error": error},
    }
    collected = collect(request, plan, results)
    text = markdown(collected, plan.sets)
    assert "* drugs, spert.v1, seed 2: The loss became nan" in text
    assert "1 of 6 cells are measured" in text
    head, _, row, *_ = rows_of(plan, request, results)
    assert (row[head.index("NER F1")], row[-1]) == ("100.00", "1 of 3")
    few = next(one for one in collected["rows"] if one["set"] == "few")
    assert (few["seeds"], few["mean"], few["sd"]) == ([], {}, {})


def test_rows_of_ablations_carry_their_names_and_given_entities_no_score(data: Path) -> None:
    request = asked(data, sets=("drugs",), has_ablations=True)
    plan = make_plan(request)
    results = {cell.name: result(cell, 4) for cell in plan.cells}
    names = [row[0] for row in rows_of(plan, request, results)]
    assert names[2:4] == ["spert.v1", "spert.v1: context: whole sentence"]
    collected = collect(request, plan, results)
    collected["rows"][0]["given_entities"] = True
    row = markdown(collected, plan.sets).split("| spert.v1 |")[1]
    assert row.startswith(" given | given | given | given | 100.00 |")


def test_the_command_in_the_results_asks_for_the_same(data: Path) -> None:
    request = asked(
        data,
        sets=("few",),
        seeds=2,
        limit=5,
        settings={"epochs": 3, "context": "sentence"},
        encoder_for={"spert.v1": "chars-small"},
        has_ablations=True,
    )
    assert request.command == (
        f"python -m extraction benchmark --data {data} --sets few --models spert.v1"
        " --encoder chars-tiny --encoder-for spert.v1=chars-small --seeds 2 --speed full --limit 5"
        " --ablations --set epochs=3 context=sentence --device auto"
    )


def test_the_time_left_follows_from_the_cells_that_ran() -> None:
    times = iter((0.0, 10.0, 30.0))
    clock = Clock(cells=6, ready=2, now=lambda: next(times))
    assert clock.state(0.0)["eta_seconds"] is None
    assert clock.state(0.5)["eta_seconds"] is not None
    clock.run = 1
    later = clock.state(0.5)
    assert (later["cells_done"], later["fraction"]) == (3, round(3.5 / 6, 4))


class Terminal(io.StringIO):
    """A place that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def progress(**more: Any) -> dict[str, Any]:
    return {
        "event": "progress",
        "cell": "drugs, spert.v1, seed 2",
        "phase": "training",
        "cell_fraction": 0.5,
        "cells_done": 1,
        "cells": 4,
        "fraction": 0.375,
        "eta_seconds": 3725.0,
        **more,
    }


def test_people_see_a_bar_on_a_terminal_and_lines_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    cell = {
        "event": "cell",
        "cell": "drugs, spert.v1, seed 1",
        "state": "done",
        "is_old": False,
        "entity_f1": 0.5,
        "triple_f1": 0.25,
        "train_seconds": 3.21,
        "cells_done": 1,
        "cells": 4,
    }
    done = {"event": "done", "table": "# Benchmark\n"}
    spoken: list[str] = []
    for errors in (io.StringIO(), Terminal()):
        out = io.StringIO()
        screen = Screen(out, errors)
        for event in (progress(), cell, done):
            screen.tell(event)
        assert out.getvalue() == "# Benchmark\n"
        spoken.append(errors.getvalue())
    line = "1/4 drugs, spert.v1, seed 1: NER 50.00, RE strict 25.00, 3.2 s\n"
    assert spoken[0] == line
    assert line in spoken[1]
    assert "1/4, 1:02:05 left · drugs, spert.v1, seed 2 · training 50%" in spoken[1]


def test_the_bar_fits_the_terminal() -> None:
    assert bar(progress(eta_seconds=None), 200).startswith("[#########...............] 1/4 · drugs")
    assert len(bar(progress(), 40)) == 40


@pytest.mark.slow
def test_a_cell_leaves_its_figures_and_if_wanted_its_checkpoint(measured: Path) -> None:
    (checkpoint,) = (measured / "out" / "checkpoints").iterdir()
    assert read_checked(checkpoint)["seed"] == 1
    (file,) = (measured / "out" / "cells").iterdir()
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept["metrics"]["counts"]["sentences"] == 4
    assert kept["machine"]["threads"] == 1
    costs = kept["costs"]
    assert min(costs.values()) > 0
    assert costs["parameters"] > 10_000
    assert {"train_seconds", "train_cpu_seconds", "peak_memory_mb"} < costs.keys()
    assert {"sentences_per_second", "predict_cpu_ms"} < costs.keys()


@pytest.mark.slow
def test_a_measured_cell_is_not_run_again_and_a_second_call_goes_on(
    capsys: pytest.CaptureFixture[str], measured: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(measured / "out", tmp_path / "out"))
    (file,) = (out / "cells").iterdir()
    written = file.stat().st_mtime_ns
    assert main([*once(measured / "data", out), "--seeds", "2", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["is_old"] for event in events if event["event"] == "cell"] == [True, False]
    assert file.stat().st_mtime_ns == written
    told = [event for event in events if event["event"] == "progress"]
    fractions = [event["fraction"] for event in told]
    assert fractions[0] >= 0.5
    assert fractions == sorted(fractions)
    assert {"cell", "phase", "cells_done", "cells", "eta_seconds"} <= told[0].keys()
    done = events[-1]
    assert done["table"] == (out / "results.md").read_text(encoding="utf-8")
    assert done["results"] == json.loads((out / "results.json").read_text(encoding="utf-8"))
    (row,) = done["results"]["rows"]
    assert row["seeds"] == [1, 2]
    assert set(row["mean"]) == set(row["sd"]) >= {"ner_f1", "re_strict_f1", "peak_memory_mb"}
    assert sorted(one.name for one in out.iterdir() if one.name != "checkpoints") == [
        *(".lock", "cells", "logs", "results.json", "results.md"),
    ]
    assert not list((out / "logs").iterdir())


@pytest.mark.slow
def test_a_failed_cell_is_recorded_the_rest_goes_on_and_it_is_tried_again(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path, encoder_folder: Path
) -> None:
    encoder = Path(shutil.copytree(encoder_folder, tmp_path / "encoder"))
    weights = encoder / "model.safetensors"
    sound = weights.read_bytes()
    weights.write_bytes(b"no weights at all")
    out = tmp_path / "out"
    chosen = ("--models", "spert.v1", "--encoder", encoder, "--out", out, *TINY)
    words = ("--data", data, "--sets", "few,drugs", *chosen)
    status, events = call(capsys, *words)
    assert status == 1
    assert [e["state"] for e in events if e["event"] == "cell"] == ["failed", "failed"]
    failures = events[-1]["results"]["failures"]
    assert [one["set"] for one in failures] == ["few", "drugs"]
    assert all(one["message"] in events[-1]["table"] for one in failures)
    assert len(list((out / "logs").iterdir())) == 2
    weights.write_bytes(sound)
    status, events = call(capsys, *words, "--sets", "few")
    assert status == 0
    assert [e["state"] for e in events if e["event"] == "cell"] == ["done"]


@pytest.mark.slow
def test_the_four_public_options_are_enough_and_people_get_the_table(
    capsys: pytest.CaptureFixture[str],
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (data / "drugs.dev.jsonl").unlink()
    monkeypatch.chdir(tmp_path)
    words = ["--data", str(data), "--models", "spert.v1", "--encoder", "chars-tiny", "--seeds", "1"]
    assert main(["benchmark", *words]) == 0
    said = capsys.readouterr()
    assert said.out == Path("benchmark-results", "results.md").read_text(encoding="utf-8")
    assert "| spert.v1 |" in said.out
    assert said.err.startswith("1/1 few, spert.v1, seed 1: NER ")
    assert said.err.count("\n") == 1


def start(data: Path, out: Path) -> subprocess.Popen[str]:
    """A benchmark that takes long, seen training."""
    words = ("--data", data, "--models", "spert.v1", "--out", out, "--json", *TINY)
    process = subprocess.Popen(
        [sys.executable, "-m", "extraction", "benchmark", *map(str, words), "--set", "epochs=1000"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("phase") == "training":
            break
    return process


def ends(pidfd: int) -> bool:
    """Whether a process ends within half a minute."""
    return bool(select.select([pidfd], [], [], 30)[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9)]
)
def test_a_stopped_benchmark_leaves_no_child_behind(
    data: Path, tmp_path: Path, sent: signal.Signals, status: int
) -> None:
    out = tmp_path / "out"
    with start(data, out) as process:
        (child,) = psutil.Process(process.pid).children()
        watch = os.pidfd_open(child.pid)
        process.send_signal(sent)
        assert process.wait(timeout=30) == status
    assert ends(watch)
    os.close(watch)
    assert not (out / "cells").exists()
    assert sent == signal.SIGKILL or not (out / "work").exists()
    table = (out / "results.md").read_text(encoding="utf-8")
    assert "0 of 2 cells are measured" in table


@pytest.mark.slow
def test_two_benchmarks_do_not_write_into_one_folder(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with start(data, out) as process:
        (child,) = psutil.Process(process.pid).children()
        status, events = call(capsys, "--data", data, "--models", "spert.v1", "--out", out)
        assert (status, events[-1]["code"]) == (2, "folder_in_use")
        child.kill()
        assert process.stdout is not None
        told = map(json.loads, process.stdout)
        failed = next(event for event in told if event["event"] == "cell")
        process.terminate()
    assert failed["error"]["code"] == "killed"
    assert "ended by signal 9" in failed["error"]["message"]
