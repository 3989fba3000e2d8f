"""The encoder under every paper: Hugging Face weights in, one vector a unit and a sentence out."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from extraction.catalogue import EncoderSpec
from extraction.data.tokens import CHARS_LIMIT
from extraction.errors import ExtractionError
from extraction.models.common.batch import TokenBatch
from extraction.models.common.int8 import quantize_linears
from extraction.models.common.spans import range_max, to_index
from extraction.models.common.word_table import MODEL_TYPE, WordTable, WordTableConfig

os.environ["HF_HUB_OFFLINE"] = "1"  # before transformers is imported: nothing is ever fetched
os.environ["TRANSFORMERS_OFFLINE"] = "1"

NEW_WEIGHTS = 0.07  # standard deviation; BERT's 0.02 is too still for so narrow an encoder
WAVES = 0.7  # height of the first position vectors, in those deviations


@dataclass(frozen=True, slots=True)
class Features:
    """What the encoder says of a batch (or of one sentence, for keeping)."""

    units: Tensor  # (U, d)
    sentences: Tensor  # (B, d), the vector of the first special piece


class Encoder(nn.Module):
    """A transformer whose pieces are max-pooled to units once, so that all else is over units."""

    def __init__(self, transformer: nn.Module, unknown: int) -> None:
        super().__init__()
        self.transformer = transformer
        self.unknown = unknown
        self.mixed_layers = 1  # how many of the last layers are averaged
        self.hiding: Tensor | None = None  # (pieces,) the chance that training hides each
        self.use_bfloat16 = False

    @property
    def width(self) -> int:
        """d, the size of a vector."""
        return int(self.transformer.config.hidden_size)  # type: ignore[union-attr, arg-type]

    def forward(self, batch: TokenBatch) -> Features:
        """Read all windows, then pool pieces to units and windows to sentences."""
        ids = self._hide_some(batch.ids) if self.training else batch.ids
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=self.use_bfloat16):
            hidden = self._read(ids, batch.mask).float()  # (R, N, d)
        units = range_max(hidden.flatten(0, 1), batch.starts, batch.stops)  # (U, d)
        return Features(units, self._sentence_vectors(hidden[:, 0], batch))

    @property
    def depth(self) -> int:
        """How many vectors of each piece there are to choose from: one a layer, one at least."""
        return max(1, int(self.transformer.config.num_hidden_layers))  # type: ignore[union-attr, arg-type]

    def quantize(self) -> None:
        """Compute the linear layers in 8-bit integers from now on; for prediction on a CPU."""
        if next(self.parameters()).is_cuda:
            raise ExtractionError(
                "int8_needs_cpu",
                "8-bit layers run on a CPU only; use --device cpu",
                {},
            )
        quantize_linears(self.transformer.eval())

    def compile_layers(self) -> None:
        """Compile the transformer for batches of any shape; pays on a GPU and large files."""
        self.transformer.compile(dynamic=True)

    def read_in_bfloat16(self) -> None:
        """Compute in bfloat16 where the hardware does it well; else it is refused."""
        if not may_use_bfloat16(next(self.parameters()).device):
            raise ExtractionError(
                "no_bfloat16",
                "This processor has no arithmetic in bfloat16, which would be slower here;"
                " leave the option out",
                {},
            )
        self.use_bfloat16 = True

    def _read(self, ids: Tensor, mask: Tensor | None) -> Tensor:
        if self.mixed_layers == 1:
            last: Tensor = self.transformer(input_ids=ids, attention_mask=mask).last_hidden_state
            return last
        out = self.transformer(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        return torch.stack(out.hidden_states[-self.mixed_layers :]).mean(0)

    def _sentence_vectors(self, first: Tensor, batch: TokenBatch) -> Tensor:
        count = len(batch.first_unit)
        if len(first) == count:
            return first  # (B, d)
        owner = to_index(batch.window_sentence, first)
        summed = first.new_zeros(count, first.shape[1]).index_add(0, owner, first)
        windows = torch.bincount(owner, minlength=count).unsqueeze(1)
        return summed / windows  # (B, d) the mean over a long sentence's windows

    def hide_rare(self, counts: Tensor, strength: float, always_shown: int) -> None:
        """Hide a piece seen n times with chance h / (h + n), and so learn what unknown means.

        The first `always_shown` pieces are special ones.
        """
        hiding = strength / (strength + counts.clamp(min=1))
        hiding[:always_shown] = 0.0
        self.hiding = hiding.to(next(self.parameters()).device)

    def _hide_some(self, ids: Tensor) -> Tensor:
        if self.hiding is None:
            return ids
        is_hidden = torch.rand(ids.shape, device=ids.device) < self.hiding[ids]
        return torch.where(is_hidden, self.unknown, ids)


def may_use_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies matrices of bfloat16 in hardware."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()  # noqa: SLF001


def new_transformer(spec: EncoderSpec, vocabulary: int) -> nn.Module:
    """A small untrained transformer for a vocabulary of characters, or a table of words."""
    if spec.kind == "words":
        return WordTable(WordTableConfig(vocabulary, spec.width))
    is_modern = spec.architecture == "modernbert"
    return _new_modernbert(spec, vocabulary) if is_modern else _new_bert(spec, vocabulary)


def _new_modernbert(spec: EncoderSpec, vocabulary: int) -> nn.Module:
    """Norms before each block, gated units, rotary positions (Warner et al. 2024).

    From nothing it learns several times as fast as BERT. Matrices begin so large that each
    block changes its input visibly from the first step on.
    """
    from transformers.models.modernbert.configuration_modernbert import (  # noqa: PLC0415
        ModernBertConfig,
    )
    from transformers.models.modernbert.modeling_modernbert import ModernBertModel  # noqa: PLC0415

    pad, _, first, last = range(4)  # the order of CHARS_SPECIALS
    config = ModernBertConfig(
        vocab_size=vocabulary,
        hidden_size=spec.width,
        num_hidden_layers=spec.layers,
        num_attention_heads=spec.heads,
        intermediate_size=2 * spec.width,
        max_position_embeddings=CHARS_LIMIT,
        layer_types=["full_attention"] * spec.layers,
        initializer_range=spec.width**-0.5,
        pad_token_id=pad,
        cls_token_id=first,
        bos_token_id=first,
        sep_token_id=last,
        eos_token_id=last,
    )
    return ModernBertModel(config)


def _new_bert(spec: EncoderSpec, vocabulary: int) -> nn.Module:
    """BERT with positions that begin as waves."""
    from transformers.models.bert.configuration_bert import BertConfig  # noqa: PLC0415
    from transformers.models.bert.modeling_bert import BertModel  # noqa: PLC0415

    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=spec.width,
        num_hidden_layers=spec.layers,
        num_attention_heads=spec.heads,
        intermediate_size=4 * spec.width,
        max_position_embeddings=CHARS_LIMIT,
        initializer_range=NEW_WEIGHTS,
        hidden_dropout_prob=0.0,  # rare pieces are hidden instead
        attention_probs_dropout_prob=0.0,  # with it there is no fused attention on a CPU
    )
    made = BertModel(config, add_pooling_layer=False)
    places = made.embeddings.position_embeddings.weight
    with torch.no_grad():
        places.copy_(WAVES * NEW_WEIGHTS * waves(*places.shape))
    return made


def waves(places: int, width: int) -> Tensor:
    """Sine and cosine of each place, so that near places look alike before training begins."""
    place = torch.arange(places, dtype=torch.float32).unsqueeze(1)
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    table = torch.empty(places, width)
    table[:, 0::2] = torch.sin(place * rates)
    table[:, 1::2] = torch.cos(place * rates)
    return table  # (places, width)


def load_transformer(folder: Path) -> nn.Module:
    """Load a folder that `check_encoder_folder` has accepted: safetensors only, offline."""
    try:
        return _loaded(folder)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ExtractionError(
            "not_an_encoder",
            f"The encoder {folder} cannot be loaded: {_first_line(error)};"
            " choose a folder that transformers can load offline",
            {"encoder": str(folder)},
        ) from error


def _loaded(folder: Path) -> nn.Module:
    described = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if described.get("model_type") == MODEL_TYPE:
        return WordTable.from_pretrained(folder)
    _be_quiet()
    settings: dict[str, Any] = {
        "local_files_only": True,
        "trust_remote_code": False,
        "use_safetensors": True,
        "dtype": torch.float32,
        "output_loading_info": True,
    }
    return _transformer(folder, settings)


def _transformer(folder: Path, settings: dict[str, Any]) -> nn.Module:
    from transformers import AutoConfig  # noqa: PLC0415

    described = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if described.model_type == "bert":
        from transformers.models.bert.modeling_bert import BertModel  # noqa: PLC0415

        bert: Any = BertModel.from_pretrained(folder, add_pooling_layer=False, **settings)
        return _whole(*bert)
    from transformers import AutoModel  # noqa: PLC0415

    model: Any = AutoModel.from_pretrained(folder, **settings)
    return _whole(*model)


def _whole(model: nn.Module, found: Mapping[str, Any]) -> nn.Module:
    """The model, if the file held all its weights; a pooler, which nobody asks, may be missing."""
    lost = sorted(name for name in found["missing_keys"] if "pooler" not in name)
    if lost:
        raise ValueError(f"its weights lack {', '.join(lost[:3])} ({len(lost)} in all)")
    return model


def save_transformer(transformer: nn.Module, folder: Path) -> None:
    """Write the weights and config as a Hugging Face folder."""
    _be_quiet()
    transformer.save_pretrained(folder)  # type: ignore[operator]  # a PreTrainedModel


def _be_quiet() -> None:
    """Standard error belongs to our own progress."""
    from transformers.utils import logging  # noqa: PLC0415

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
