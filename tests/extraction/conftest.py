"""What the engine's tests share: tiny encoders, a tiny trained checkpoint, one thread."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from extraction.recipes.train import TrainRequest, run
from tests.extraction.corpus import corpus, write_native

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "drug", "##s", "with", "the", "a", "安"]

BY_HEART = {
    "epochs": 120,
    "batch_tokens": 128,
    "learning_rate": 2e-3,
    "negative_entities": 20,
    "hide_rare": 0.0,
    "dropout": 0.0,
    "dev_checks": 0,
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without an accelerator its tests are left out, and counted as left out."""
    if torch.cuda.is_available():
        return
    left_out = [item for item in items if item.get_closest_marker("gpu")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face folder with a one-layer BERT of random weights and a vocab.txt."""
    from transformers.models.bert.configuration_bert import BertConfig  # noqa: PLC0415
    from transformers.models.bert.modeling_bert import BertModel  # noqa: PLC0415
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = tmp_path_factory.mktemp("encoders") / "bert-mini"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = BertModel(
            BertConfig(
                vocab_size=len(VOCABULARY),
                hidden_size=16,
                num_hidden_layers=1,
                num_attention_heads=2,
                intermediate_size=32,
                max_position_embeddings=24,
            )
        )
    model.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True}))
    return folder


@pytest.fixture(scope="session")
def train_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The little corpus as a native file."""
    return write_native(tmp_path_factory.mktemp("native") / "train.jsonl", corpus())


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, train_file: Path) -> Path:
    """A checkpoint that knows the little corpus by heart."""
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("checkpoints") / "by-heart"
    request = TrainRequest(
        model="spert.v1",
        train=train_file,
        dev=train_file,
        out=out,
        encoder="chars-tiny",
        seed=3,
        settings=BY_HEART,
        device="cpu",
    )
    told: list[Mapping[str, Any]] = []
    run(request, told.append)
    return out
