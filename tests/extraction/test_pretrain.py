"""Pre-training: from a little text to an encoder folder; repeatable, resumable, usable."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from extraction.data.encoders import find_encoder
from extraction.models.common.backbone import open_backbone
from extraction.recipes.cli import main
from extraction.recipes.pretrain import StoppedError, run
from extraction.recipes.pretrain_request import PretrainRequest, Vocabulary
from extraction.training.pretraining_settings import Objective, PretrainingSettings

CPU = torch.device("cpu")
SHAPE = {"layers": 1, "width": 32, "heads": 2}
SETTINGS = PretrainingSettings(window=32, batch_tokens=256, steps=60, learning_rate=3e-3)
DRUGS = ("安宁片", "乐平片", "康泰胶囊", "aspirin", "和风颗粒", "清源丸")
VERBS = ("合用时作用加强", "同服使浓度升高", "合用可致出血", "不宜同时服用")
SENTENCES = [
    f"{first}与{second}{verb},患者{number}例应当注意观察。"
    for number, (first, second, verb) in enumerate(product(DRUGS, DRUGS, VERBS))
    if first != second
]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 made-up sentences, one a line."""
    file = tmp_path_factory.mktemp("text") / "made-up.txt"
    file.write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    return file


def request(text: Path, out: Path, **settings: Any) -> PretrainRequest:
    return PretrainRequest(
        text=[text],
        out=out,
        shape=SHAPE,
        vocabulary=Vocabulary(min_count=1),
        settings=replace(SETTINGS, **settings),
        device="cpu",
    )


def pretrained(asked: PretrainRequest, stop_after: int | None = None) -> dict[str, Any]:
    """Run to the end, or stop after so many steps."""
    steps: list[int] = []

    def hear(event: Mapping[str, Any]) -> None:
        if event["step"] is not None:
            steps.append(event["step"])

    return run(asked, hear, lambda: stop_after is not None and steps[-1:] >= [stop_after])


@pytest.fixture(scope="module")
def folder(text: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder pre-trained for a second or two."""
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("pretrained") / "tiny-zh"
    pretrained(request(text, out, steps=120))
    return out


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["mlm", "rtd"])
def test_the_loss_on_sentences_that_were_never_read_falls(
    text: Path, tmp_path: Path, objective: Objective
) -> None:
    card = pretrained(request(text, tmp_path / "out", objective=objective, steps=150))
    curve = [point["held_out_loss"] for point in card["curve"]]
    assert len(curve) == 10
    assert curve[-1] < 0.85 * curve[0]
    assert card["held_out_loss"] == pytest.approx(curve[-1])


@pytest.mark.slow
def test_the_folder_is_found_and_read_by_the_engine_and_by_transformers(folder: Path) -> None:
    from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415

    assert find_encoder("tiny-zh", folder.parent) == folder
    backbone = open_backbone(folder, CPU)
    backbone.encoder.eval()
    (tokens,) = backbone.tokeniser.encode([SENTENCES[0]])
    theirs = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    ids = theirs(SENTENCES[0])["input_ids"]
    assert ids == tokens.windows[0].tolist()
    with torch.inference_mode():
        ours = backbone.encoder(backbone.batch([tokens])).sentences[0]
        model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
        said = model(input_ids=torch.tensor([ids])).last_hidden_state[0, 0]
    assert torch.allclose(ours, said, atol=1e-5)


@pytest.mark.slow
def test_the_card_says_what_was_read(folder: Path, text: Path) -> None:
    card = json.loads((folder / "pretraining.json").read_text(encoding="utf-8"))
    assert card["texts"][0]["name"] == text.name
    assert len(card["texts"][0]["sha256"]) == 64
    assert (card["passages"], card["held_out_passages"]) == (len(SENTENCES), 16)
    assert card["pieces"] == sum(map(len, SENTENCES))
    assert card["unknown_pieces"] == 0
    assert (card["steps"], card["seed"], card["dtype"]) == (120, 1, "float32")
    assert card["settings"]["window"] == 32


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    text: Path, tmp_path: Path
) -> None:
    weights = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        asked = replace(request(text, tmp_path / name, steps=8), seed=seed)
        pretrained(asked)
        weights.append((asked.out / "model.safetensors").read_bytes())
    assert weights[0] == weights[1] != weights[2]


@pytest.mark.slow
@pytest.mark.parametrize("objective", ["mlm", "rtd"])
def test_a_resumed_run_equals_an_uninterrupted_one(
    text: Path, tmp_path: Path, objective: Objective
) -> None:
    whole = request(text, tmp_path / "whole", objective=objective, steps=60)
    expected = pretrained(whole)
    halted = replace(whole, out=tmp_path / "halted")
    with pytest.raises(StoppedError):
        pretrained(halted, stop_after=1)
    assert not halted.out.exists()
    found = pretrained(replace(halted, is_resumed=True))
    for name in ("steps", "pieces_read", "curve", "held_out_loss"):
        assert found[name] == expected[name]
    ours, theirs = ((one / "model.safetensors").read_bytes() for one in (halted.out, whole.out))
    assert ours == theirs
    assert sorted(one.name for one in tmp_path.iterdir()) == ["halted", "whole"]


@pytest.mark.slow
def test_a_finished_run_is_not_done_twice_and_not_written_over(text: Path, tmp_path: Path) -> None:
    asked = request(text, tmp_path / "out", steps=2)
    card = pretrained(asked)
    assert pretrained(replace(asked, is_resumed=True)) == card
    with pytest.raises(Exception, match="exists already"):
        pretrained(asked)


@pytest.mark.slow
def test_half_precision_is_half_as_large_and_reads_alike(
    folder: Path, text: Path, tmp_path: Path
) -> None:
    asked = replace(request(text, tmp_path / "half", steps=120), is_half=True)
    pretrained(asked)
    whole, half = (load_file(one / "model.safetensors") for one in (folder, asked.out))
    assert {one.dtype for one in half.values()} == {torch.float16}
    for name, weight in whole.items():
        assert torch.equal(half[name], weight.half())
    assert {p.dtype for p in open_backbone(asked.out, CPU).encoder.parameters()} == {torch.float32}


@pytest.mark.slow
def test_a_run_bounded_by_minutes_ends(text: Path, tmp_path: Path) -> None:
    card = pretrained(request(text, tmp_path / "out", steps=None, minutes=0.01))
    assert card["steps"] >= 1


@pytest.mark.slow
def test_going_on_from_a_folder_knows_more_and_learns_new_characters(
    folder: Path, text: Path, tmp_path: Path
) -> None:
    more = tmp_path / "more.txt"
    more.write_text("\n".join(f"{one}龘" for one in SENTENCES), encoding="utf-8")
    fresh = request(more, tmp_path / "fresh", steps=10)
    onward = replace(fresh, encoder=str(folder), shape={}, out=tmp_path / "onward")
    first, second = pretrained(fresh), pretrained(onward)
    assert second["held_out_loss"] < first["held_out_loss"]
    known = open_backbone(folder, CPU).tokeniser.tokenizer.get_vocab()
    assert open_backbone(onward.out, CPU).tokeniser.tokenizer.get_vocab() == {
        **known,
        "龘": len(known),
    }


@pytest.mark.slow
def test_going_on_from_somebody_elses_encoder_keeps_its_vocabulary(
    encoder_folder: Path, tmp_path: Path
) -> None:
    english = tmp_path / "english.txt"
    english.write_text("\n".join(f"the drug {n} drugs with a drug" for n in range(60)))
    asked = request(english, tmp_path / "onward", window=24, steps=3)
    card = pretrained(replace(asked, encoder=str(encoder_folder), shape={}))
    assert card["vocabulary"] == 11
    assert open_backbone(asked.out, CPU).tokeniser.limit == 24


def test_listed_characters_become_the_vocabulary(text: Path, tmp_path: Path) -> None:
    listed = tmp_path / "vocab.txt"
    listed.write_text("[PAD]\n##a\n安\n宁\n片\n,\n", encoding="utf-8")
    asked = replace(request(text, tmp_path / "out", steps=1), vocabulary=Vocabulary(listed))
    card = pretrained(asked)
    assert card["vocabulary"] == 5 + 4
    assert card["unknown_pieces"] > 0


def words(text: Path, out: Path, *more: str | Path) -> list[str]:
    told = ("pretrain", "--text", text, "--out", out, "--device", "cpu", "--threads", "1", *more)
    return [str(one) for one in told]


Prepare = Callable[[Path], Sequence[str | Path]]


def written(folder: Path, content: bytes) -> Path:
    file = folder / "given.txt"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda home: ("--text", home / "nowhere.txt"), "unreadable_file"),
        (lambda home: ("--text", written(home, b"")), "too_little_text"),
        (lambda home: ("--text", written(home, b"one line " * 99)), "too_little_text"),
        (lambda home: ("--text", written(home, b"\xff\xfe")), "bad_text"),
        (lambda home: ("--vocab", home / "nowhere.txt"), "unreadable_file"),
        (lambda _: ("--encoder", "words"), "bad_arguments"),
        (lambda _: ("--encoder", "../up"), "bad_encoder_name"),
        (lambda _: ("--encoder", "nowhere"), "encoder_not_found"),
        (lambda _: ("--width", "30", "--heads", "4"), "bad_arguments"),
        (lambda _: ("--window", "4"), "bad_arguments"),
        (lambda _: ("--mask-rate", "1"), "bad_arguments"),
        (lambda _: ("--steps", "0"), "bad_arguments"),
        (lambda _: ("--steps", "3", "--minutes", "1"), "bad_arguments"),
        (lambda _: ("--device", "abacus"), "no_such_device"),
    ],
)
def test_bad_input_is_one_clear_sentence(
    capsys: pytest.CaptureFixture[str], text: Path, tmp_path: Path, prepare: Prepare, code: str
) -> None:
    out = tmp_path / "out"
    assert main([*words(text, out), *map(str, prepare(tmp_path)), "--json"]) == 2
    *_, error = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (error["event"], error["code"]) == ("error", code)
    assert "\n" not in error["message"]
    assert not out.exists()


def test_a_window_longer_than_the_encoders_is_refused(
    capsys: pytest.CaptureFixture[str], text: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    assert main([*words(text, tmp_path / "out", "--encoder", encoder_folder), "--json"]) == 2
    assert "holds 24 pieces at most" in capsys.readouterr().out


def start(text: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    shape = ("--layers", "1", "--width", "32", "--heads", "2", "--steps", "4000", "--json")
    return subprocess.Popen(
        [sys.executable, "-m", "extraction", *words(text, out, *shape, *more)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def first_step(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    events = (json.loads(line) for line in process.stdout)
    return next(int(one["step"]) for one in events if one["phase"] == "training")


@pytest.mark.slow
def test_a_terminated_run_keeps_its_state_and_goes_on_from_it(text: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with start(text, out) as process:
        reached = first_step(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143
    assert not out.exists()
    assert (tmp_path / "out.resume").is_dir()
    with start(text, out, "--resume") as process:
        assert first_step(process) > reached
        process.kill()
    shutil.rmtree(tmp_path / "out.resume")
