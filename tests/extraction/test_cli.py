"""The command line, end to end, as other programs use it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from extraction.data.native import read_predictions
from extraction.recipes.cli import main
from extraction.training.checkpoint import read_checked
from tests.extraction.corpus import corpus, example, write_native

TINY = ("epochs=2", "batch_tokens=64", "negative_entities=10")


def call(
    capsys: pytest.CaptureFixture[str], *words: str | Path
) -> tuple[int, list[dict[str, Any]]]:
    """Run a command with --json; every line of stdout must be JSON."""
    status = main([*map(str, words), "--json", "--threads", "1"])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def failure(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    status, events = call(capsys, *words)
    assert status == 2
    (error,) = [event for event in events if event["event"] == "error"]
    assert error["message"]
    assert "\n" not in error["message"]
    return error


def train_words(train: Path, out: Path, *more: str | Path) -> Sequence[str | Path]:
    return ("train", "--train", train, "--out", out, "--device", "cpu", *more, "--set", *TINY)


@pytest.mark.slow
def test_train_tells_its_progress_and_leaves_a_checkpoint(
    capsys: pytest.CaptureFixture[str], train_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "model"
    status, events = call(capsys, *train_words(train_file, out, "--dev", train_file))
    assert status == 0
    *progress, done = events
    assert {event["event"] for event in progress} == {"progress"}
    phases = list(dict.fromkeys(event["phase"] for event in progress))
    assert phases == ["loading", "encoding", "training", "evaluating", "saving"]
    fractions = [event["fraction"] for event in progress]
    assert fractions == sorted(fractions)
    assert set(progress[-1]) == {
        *("event", "phase", "epoch", "epochs", "step", "steps"),
        *("loss", "dev_f1", "eta_seconds", "fraction"),
    }
    assert done["event"] == "done"
    assert done["checkpoint"] == str(out)
    assert 0.0 <= done["metrics"]["triple_f1"] <= 1.0
    card = read_checked(out)
    assert card["metrics"] == done["metrics"]
    assert card["settings"]["max_span"] == 10
    assert [one.name for one in out.parent.iterdir()] == ["model"]


@pytest.mark.slow
def test_evaluate_and_predict_use_the_checkpoint(
    capsys: pytest.CaptureFixture[str], checkpoint: Path, train_file: Path, tmp_path: Path
) -> None:
    status, events = call(capsys, "evaluate", "--checkpoint", checkpoint, "--data", train_file)
    assert (status, len(events)) == (0, 1)
    assert events[0]["metrics"]["triple_f1"] == 1.0
    assert events[0]["metrics"]["counts"]["sentences"] == len(corpus())
    out = tmp_path / "p.jsonl"
    words = ("predict", "--checkpoint", checkpoint, "--data", train_file, "--out", out)
    status, events = call(capsys, *words)
    assert (status, events[0]["sentences"]) == (0, len(corpus()))
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == [one.id for one in corpus()]
    assert all(line["score"] >= 0 for line in lines)
    assert all(0 < e["confidence"] <= 1 for line in lines for e in line["entities"])
    status, events = call(capsys, "evaluate", "--checkpoint", checkpoint, "--data", out)
    assert events[0]["metrics"]["entity_f1"] == 1.0


@pytest.mark.slow
def test_training_and_evaluation_write_what_the_model_says_of_the_measured_sentences(
    capsys: pytest.CaptureFixture[str], train_file: Path, tmp_path: Path
) -> None:
    out, first, again = tmp_path / "model", tmp_path / "first.jsonl", tmp_path / "again.jsonl"
    words = train_words(train_file, out, "--dev", train_file, "--resume")
    assert call(capsys, *words, "--predictions", first)[0] == 0
    said = [one for _, one in read_predictions(first)]
    assert [name for name, _ in read_predictions(first)] == [one.id for one in corpus()]
    assert any(one.refused for one in said)

    assert call(capsys, *words, "--predictions", again)[0] == 0  # finished before
    assert again.read_bytes() == first.read_bytes()
    again.unlink()
    more = ("--predictions", again)
    call(capsys, "evaluate", "--checkpoint", out, "--data", train_file, *more)
    assert again.read_bytes() == first.read_bytes()


@pytest.mark.slow
def test_a_schema_given_to_predict_forbids_what_it_does_not_name(
    capsys: pytest.CaptureFixture[str], checkpoint: Path, train_file: Path, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"entity_types": ["药物"], "relation_types": []}))
    out = tmp_path / "p.jsonl"
    call(
        capsys,
        *("predict", "--checkpoint", checkpoint, "--data", train_file),
        *("--out", out, "--schema", schema),
    )
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {e["type"] for line in lines for e in line["entities"]} == {"药物"}
    assert not any(line["relations"] for line in lines)


@pytest.mark.slow
def test_quick_training_on_a_folder_freezes_the_encoder_and_a_second_one_begins_from_it(
    capsys: pytest.CaptureFixture[str], encoder_folder: Path, train_file: Path, tmp_path: Path
) -> None:
    more: tuple[str | Path, ...] = ("--encoder", encoder_folder, "--speed", "quick")
    first, second = tmp_path / "first", tmp_path / "second"
    assert call(capsys, *train_words(train_file, first, *more))[0] == 0
    more = (*more, "--init-from", first)
    assert call(capsys, *train_words(train_file, second, *more))[0] == 0
    weights = Path("encoder", "model.safetensors")
    assert (first / weights).read_bytes() == (second / weights).read_bytes()
    assert (first / "heads.safetensors").read_bytes() != (second / "heads.safetensors").read_bytes()
    error = failure(capsys, *train_words(train_file, tmp_path / "x", "--init-from", first))
    assert error["code"] == "init_mismatch"


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["one label", "one class", "no relation"])
def test_very_little_is_enough_to_train(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, kept: str
) -> None:
    chosen = {
        "one label": [example("安宁片@好", [("安宁片", "药物")])],
        "one class": [one for one in corpus() if one.id in {"0-0", "0-4"}],
        "no relation": [one for one in corpus() if not one.graph.relations],
    }[kept]
    train = write_native(tmp_path / "train.jsonl", chosen)
    out = tmp_path / "model"
    status, events = call(capsys, *train_words(train, out, "--dev", train))
    assert status == 0
    assert events[-1]["event"] == "done"
    status, _ = call(
        capsys, "predict", "--checkpoint", out, "--data", train, "--out", tmp_path / "p.jsonl"
    )
    assert status == 0


@pytest.mark.parametrize("examples", [[], [example("一句没有标注的话")]])
def test_no_label_at_all_is_nothing_to_learn(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, examples: Any
) -> None:
    train = write_native(tmp_path / "train.jsonl", examples)
    error = failure(capsys, *train_words(train, tmp_path / "model"))
    assert error["code"] == "nothing_to_learn"
    assert "label at least one entity" in error["message"]
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--model", "bert.v9"), "unknown_model"),
        (("--encoder", "../up"), "bad_encoder_name"),
        (("--encoder", "nowhere"), "encoder_not_found"),
        (("--dev", "nowhere.jsonl"), "unreadable_file"),
        (("--predictions", "said.jsonl"), "bad_arguments"),
        (("--schema", "nowhere.json"), "bad_schema"),
        (("--init-from", "nowhere"), "checkpoint_not_found"),
        (("--device", "abacus"), "no_such_device"),
        (("--speed", "slow"), "bad_arguments"),
        (("--seed", "-1"), "bad_arguments"),
        (("--colour", "red"), "bad_arguments"),
        (("--set", "epochs=many"), "bad_settings"),
        (("--set", "epochz=3"), "bad_settings"),
        (("--set", "epochs"), "bad_settings"),
    ],
)
def test_bad_input_is_one_clear_sentence(
    capsys: pytest.CaptureFixture[str],
    train_file: Path,
    tmp_path: Path,
    words: Sequence[str],
    code: str,
) -> None:
    error = failure(capsys, *train_words(train_file, tmp_path / "model"), *words)
    assert error["code"] == code
    assert list(tmp_path.iterdir()) == []


def test_types_that_the_schema_does_not_name_are_told(
    capsys: pytest.CaptureFixture[str], train_file: Path, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"entity_types": ["药物"]}))
    words = train_words(train_file, tmp_path / "model", "--schema", schema)
    error = failure(capsys, *words)
    assert error["code"] == "unknown_type"
    assert error["context"]["types"] == ["促进", "协同", "拮抗", "疾病", "禁忌"]


def test_an_output_that_exists_is_not_touched(
    capsys: pytest.CaptureFixture[str], train_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "dear.txt").write_text("mine")
    assert failure(capsys, *train_words(train_file, tmp_path / "model"))["code"] == "out_exists"
    assert (tmp_path / "model" / "dear.txt").read_text() == "mine"


def test_models_lists_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    status, (listed,) = call(capsys, "models")
    assert status == 0
    assert listed["models"][0]["name"] == "spert.v1"


def test_people_get_a_sentence_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--checkpoint", "nowhere", "--data", "nowhere"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1


def start_training(train: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    words = train_words(train, out, *more)
    return subprocess.Popen(
        [sys.executable, "-m", "extraction", *map(str, words), "epochs=1000", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def wait_for_training(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["phase"] == "training":
            return


@pytest.mark.slow
def test_a_terminated_training_keeps_its_state_and_goes_on_from_it(
    train_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    with start_training(train_file, out) as process:
        wait_for_training(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 143
    assert not out.exists()
    (kept,) = (tmp_path / "model.resume").iterdir()
    epoch = int(kept.name.split("-")[0])
    with start_training(train_file, out, "--resume") as process:
        assert process.stdout is not None
        events = (json.loads(line) for line in process.stdout)
        first = next(event for event in events if event["phase"] == "training")
        process.kill()
    assert first["epoch"] >= epoch
    assert first["step"] > epoch


@pytest.mark.slow
def test_a_finished_training_is_not_done_twice(
    capsys: pytest.CaptureFixture[str], train_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    words = train_words(train_file, out, "--resume")
    assert call(capsys, *words)[0] == 0
    before = (out / "manifest.json").stat().st_mtime_ns
    status, events = call(capsys, *words)
    assert (status, events[-1]["event"]) == (0, "done")
    assert (out / "manifest.json").stat().st_mtime_ns == before
    shutil.rmtree(out)
    assert call(capsys, *words)[0] == 0
