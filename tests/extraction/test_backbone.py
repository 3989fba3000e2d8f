"""Encoder and tokeniser together: word tables, other architectures, growing, 8-bit layers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from extraction.catalogue import ENCODERS
from extraction.data.encoders import check_encoder_folder, find_encoder
from extraction.errors import ExtractionError
from extraction.models.common.backbone import Backbone, grow_vocabulary, new_backbone, open_backbone
from extraction.models.common.encoder import Features, may_use_bfloat16
from extraction.models.common.int8 import Int8Linear
from extraction.recipes.cli import main

CPU = torch.device("cpu")
TEXTS = ("安宁片@与aspirin合用", "take Aspirin with water", "安")


def made(name: str, texts: Sequence[str] = TEXTS) -> Backbone:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return new_backbone(ENCODERS[name], texts, CPU)


def read(backbone: Backbone, texts: Sequence[str]) -> Features:
    backbone.encoder.eval()
    with torch.inference_mode():
        features: Features = backbone.encoder(backbone.batch(backbone.tokeniser.encode(texts)))
    return features


def rows(backbone: Backbone) -> Tensor:
    table: nn.Embedding = backbone.encoder.transformer.get_input_embeddings()  # type: ignore[operator]
    return table.weight


def test_a_word_table_gives_each_word_its_vector_and_a_sentence_their_mean() -> None:
    backbone = made("words")
    features = read(backbone, TEXTS)
    vocabulary = backbone.tokeniser.tokenizer.get_vocab()
    units = ["安", "宁", "片", "@", "与", "aspirin", "合", "用"]
    units += ["take", "Aspirin", "with", "water", "安"]
    assert torch.equal(features.units, rows(backbone)[[vocabulary[one] for one in units]])
    means = torch.stack([one.mean(0) for one in features.units.tensor_split([8, 12])])
    assert torch.allclose(features.sentences, means, atol=1e-6)


def test_a_sentence_without_words_has_a_vector_too() -> None:
    features = read(made("words"), ["", "安"])
    assert features.units.shape == (1, 200)
    assert features.sentences[0].abs().sum() == 0


@pytest.mark.parametrize("name", ENCODERS)
def test_what_a_sentence_is_read_with_changes_nothing(name: str) -> None:
    backbone = made(name)
    together = read(backbone, TEXTS)
    alone = [read(backbone, [text]) for text in TEXTS]
    assert torch.allclose(together.units, torch.cat([one.units for one in alone]), atol=1e-4)
    assert torch.allclose(
        together.sentences, torch.cat([one.sentences for one in alone]), atol=1e-4
    )


@pytest.mark.parametrize("name", ENCODERS)
def test_a_built_in_encoder_comes_back_from_its_folder(name: str, tmp_path: Path) -> None:
    backbone = made(name)
    backbone.save(tmp_path)
    folder = tmp_path / "encoder"
    assert find_encoder(str(folder)) == folder
    again = open_backbone(folder, CPU)
    assert again.tokeniser.limit == backbone.tokeniser.limit
    assert torch.equal(read(again, TEXTS).units, read(backbone, TEXTS).units)


@pytest.mark.parametrize("name", ENCODERS)
def test_a_grown_vocabulary_moves_nothing_and_begins_near_unknown(name: str) -> None:
    backbone = made(name)
    before, known = read(backbone, TEXTS), rows(backbone).clone()
    grown = grow_vocabulary(backbone, [*TEXTS, "龘 new"])
    assert torch.equal(read(grown, TEXTS).units, before.units)
    added = rows(grown)[len(known) :]
    assert len(added) == len(grown.tokeniser.tokenizer.get_vocab()) - len(known) > 0
    unknown = grown.tokeniser.specials.unknown
    assert (added - known[unknown]).norm(dim=1).max() < 3 * (added[0] - known[unknown]).norm()
    assert grow_vocabulary(grown, ["龘"]) is grown


def test_rare_words_can_be_hidden_in_training() -> None:
    backbone = made("words")
    backbone.hide_rare(TEXTS, 1e9)
    backbone.encoder.train()
    features = backbone.encoder(backbone.batch(backbone.tokeniser.encode(["安宁"])))
    unknown = rows(backbone)[backbone.tokeniser.specials.unknown]
    assert torch.equal(features.units, unknown.expand(2, -1))


def test_an_encoder_whose_file_lacks_weights_is_refused(
    encoder_folder: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    folder = tmp_path / "torn"
    shutil.copytree(encoder_folder, folder)
    file = folder / "model.safetensors"
    weights = load_file(file)
    lost = next(name for name in weights if "layer.0.attention" in name)
    kept = {name: one for name, one in weights.items() if name != lost}
    save_file(kept, file, metadata={"format": "pt"})
    with pytest.raises(ExtractionError, match=r"weights lack .*attention") as caught:
        open_backbone(folder, CPU)
    assert caught.value.code == "not_an_encoder"


def test_a_damaged_word_table_is_refused(tmp_path: Path) -> None:
    made("words").save(tmp_path)
    (tmp_path / "encoder" / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ExtractionError, match="cannot be loaded") as caught:
        open_backbone(tmp_path / "encoder", CPU)
    assert caught.value.code == "not_an_encoder"


def other_transformer(kind: str, vocabulary: int) -> nn.Module:
    """A tiny encoder of another architecture."""
    from transformers import AutoConfig, AutoModel  # noqa: PLC0415

    sizes = {
        "vocab_size": vocabulary,
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 66,
        "pad_token_id": 0,
    }
    if kind == "distilbert":
        sizes = {**sizes, "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}
    if kind == "modernbert":
        sizes = {**sizes, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2}
        sizes["sep_token_id"] = 3
    torch.manual_seed(0)
    model: nn.Module = AutoModel.from_config(AutoConfig.for_model(kind, **sizes))  # type: ignore[no-untyped-call]
    return model


@pytest.mark.parametrize("kind", ["roberta", "electra", "distilbert", "modernbert"])
def test_encoders_of_other_kinds_are_read_saved_and_shortened(kind: str, tmp_path: Path) -> None:
    backbone = made("chars-tiny")
    folder = tmp_path / "other"
    backbone.save(tmp_path)
    shutil.move(tmp_path / "encoder", folder)
    for file in ("config.json", "model.safetensors"):
        (folder / file).unlink()
    with torch.random.fork_rng():
        model = other_transformer(kind, backbone.tokeniser.tokenizer.get_vocab_size())
    model.save_pretrained(folder)  # type: ignore[operator]
    check_encoder_folder(folder)
    opened = open_backbone(folder, CPU)
    long = [*TEXTS, "安宁片与" * 40]
    features = read(opened, long)
    assert features.units.shape == (8 + 4 + 1 + 160, 16)
    assert opened.encoder.depth == 2
    opened.encoder.mixed_layers = 2
    assert not torch.equal(read(opened, long).units, features.units)
    opened.encoder.mixed_layers = 1
    opened.save(tmp_path)
    assert torch.equal(read(open_backbone(tmp_path / "encoder", CPU), long).units, features.units)


def test_8_bit_layers_say_nearly_the_same() -> None:
    backbone = made("chars-small", ["".join(TEXTS)])
    exact = read(backbone, TEXTS).units
    backbone.quantize()
    kinds = {type(one) for one in backbone.encoder.transformer.modules()}
    assert nn.Linear not in kinds
    rounded = read(backbone, TEXTS).units
    assert not torch.equal(rounded, exact)
    assert ((rounded - exact).norm() / exact.norm()).item() < 0.05


@pytest.mark.parametrize(("inputs", "outputs"), [(8, 24), (24, 8)])
@pytest.mark.parametrize("has_bias", [True, False])
def test_an_8_bit_layer_is_a_rounded_one(inputs: int, outputs: int, *, has_bias: bool) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        layer = nn.Linear(inputs, outputs, bias=has_bias)
        x = torch.randn(3, 5, inputs)
    with torch.inference_mode():
        exact, rounded = layer(x), Int8Linear(layer)(x)
    assert rounded.shape == exact.shape
    assert ((rounded - exact).norm() / exact.norm()).item() < 0.02


def test_a_row_with_huge_inputs_does_not_blur_the_others() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        layer = nn.Linear(24, 8)
        x = torch.randn(5, 24)
    x[0] *= 1000
    with torch.inference_mode():
        exact, rounded = layer(x)[1:], Int8Linear(layer)(x)[1:]
    assert ((rounded - exact).norm() / exact.norm()).item() < 0.02


def test_bfloat16_is_used_only_where_the_processor_has_it() -> None:
    backbone = made("chars-tiny")
    assert backbone.encoder.use_bfloat16 is False
    if not may_use_bfloat16(CPU):
        with pytest.raises(ExtractionError, match="no arithmetic in bfloat16"):
            backbone.encoder.read_in_bfloat16()
        return
    exact = read(backbone, TEXTS).units
    backbone.encoder.read_in_bfloat16()
    assert ((read(backbone, TEXTS).units - exact).norm() / exact.norm()).item() < 0.02


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--int8", "--bf16"])
def test_a_model_told_to_be_fast_says_what_it_said(
    capsys: pytest.CaptureFixture[str], checkpoint: Path, train_file: Path, option: str
) -> None:
    if option == "--bf16" and not may_use_bfloat16(CPU):
        option = "--int8"
    words = ["evaluate", "--checkpoint", str(checkpoint), "--data", str(train_file)]
    assert main([*words, option, "--device", "cpu", "--json", "--threads", "1"]) == 0
    (said,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert said["metrics"]["triple_f1"] == pytest.approx(1.0, abs=0.15)


@pytest.mark.slow
def test_two_ways_to_be_fast_at_once_are_refused(
    capsys: pytest.CaptureFixture[str], checkpoint: Path, train_file: Path
) -> None:
    words = ["evaluate", "--checkpoint", str(checkpoint), "--data", str(train_file)]
    assert main([*words, "--int8", "--bf16", "--device", "cpu", "--json"]) == 2
    assert "Choose one of" in capsys.readouterr().out
