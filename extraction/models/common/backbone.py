"""Encoder and tokeniser together: made new, read from a folder, grown from an earlier model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from extraction.catalogue import EncoderSpec
from extraction.data.batches import length_batches
from extraction.data.encoders import open_tokeniser, save_tokenizer
from extraction.data.tokens import CHARS_SPECIALS, Tokeniser, Tokens
from extraction.data.vocabularies import extended, new_tokeniser
from extraction.models.common.batch import TokenBatch, token_batch
from extraction.models.common.encoder import (
    Encoder,
    Features,
    load_transformer,
    new_transformer,
    save_transformer,
)

FOLDER = "encoder"
FEATURE_BATCH_TOKENS = 4096
HALF_FROM = 1 << 30  # bytes of kept features from which they are kept in half precision


@dataclass(frozen=True, slots=True)
class Backbone:
    """What turns texts into vectors, the same for every paper."""

    tokeniser: Tokeniser
    encoder: Encoder
    device: torch.device

    def batch(self, sentences: Sequence[Tokens]) -> TokenBatch:
        """One rectangle of pieces for these sentences."""
        return token_batch(sentences, self.tokeniser.specials.pad, self.device)

    def hide_rare(self, texts: Sequence[str], strength: float) -> None:
        """Let training hide pieces, the rarer in these texts the more often."""
        windows = [w for tokens in self.tokeniser.encode(texts) for w in tokens.windows]
        counts = np.bincount(
            np.concatenate(windows), minlength=self.tokeniser.tokenizer.get_vocab_size()
        )
        self.encoder.hide_rare(torch.from_numpy(counts), strength, len(CHARS_SPECIALS))

    def keep_features(self, sentences: Sequence[Tokens]) -> list[Features]:
        """Read every sentence once with the encoder at rest; the order is kept."""
        self.encoder.eval()
        units = sum(len(one.units) for one in sentences)
        is_large = 4 * units * self.encoder.width > HALF_FROM
        kept: list[Features | None] = [None] * len(sentences)
        with torch.no_grad():
            lengths = [one.length for one in sentences]
            for positions in length_batches(lengths, FEATURE_BATCH_TOKENS):
                chosen = [sentences[position] for position in positions]
                for position, one in zip(positions, self._split(chosen), strict=True):
                    kept[position] = _halved(one) if is_large else one
        return [one for one in kept if one is not None]

    def quantize(self) -> None:
        """Predict with 8-bit linear layers from now on (CPU)."""
        self.encoder.quantize()

    def compile(self) -> None:
        """Predict with a compiled encoder from now on."""
        self.encoder.compile_layers()

    def save(self, folder: Path) -> None:
        """Write a Hugging Face folder that `open_backbone` and transformers can read."""
        home = folder / FOLDER
        home.mkdir()
        save_transformer(self.encoder.transformer, home)
        save_tokenizer(self.tokeniser, home)

    def _split(self, sentences: Sequence[Tokens]) -> list[Features]:
        features = self.encoder(self.batch(sentences))
        units = features.units.split([len(one.units) for one in sentences])
        return [
            Features(one.clone(), features.sentences[row : row + 1].clone())
            for row, one in enumerate(units)
        ]


def joined(features: Iterable[Features]) -> Features:
    """Lay kept features of several sentences end to end."""
    parts = list(features)
    return Features(
        torch.cat([one.units for one in parts]).float(),
        torch.cat([one.sentences for one in parts]).float(),
    )


def new_backbone(spec: EncoderSpec, texts: Iterable[str], device: torch.device) -> Backbone:
    """An untrained built-in encoder with the vocabulary of these texts."""
    tokeniser = new_tokeniser(spec.kind, texts)
    transformer = new_transformer(spec, tokeniser.tokenizer.get_vocab_size())
    return assembled(tokeniser, transformer, device)


def open_backbone(folder: Path, device: torch.device) -> Backbone:
    """The encoder of a Hugging Face folder."""
    return assembled(open_tokeniser(folder), load_transformer(folder), device)


def grow_vocabulary(backbone: Backbone, texts: Iterable[str]) -> Backbone:
    """Add what these texts hold that an encoder of ours has never seen; others stay as they are.

    A new piece begins near the unknown one, in whose place it would have been read.
    """
    grown = extended(backbone.tokeniser, texts)
    if grown is backbone.tokeniser:
        return backbone
    transformer = backbone.encoder.transformer
    _grow_embedding(transformer, grown.tokenizer.get_vocab_size(), grown.specials.unknown)
    return assembled(grown, transformer, backbone.device)


def _grow_embedding(transformer: nn.Module, rows: int, unknown: int) -> None:
    old: nn.Embedding = transformer.get_input_embeddings()  # type: ignore[operator]
    new = nn.Embedding(rows, old.embedding_dim, padding_idx=old.padding_idx)
    nn.init.normal_(new.weight, std=transformer.config.initializer_range)  # type: ignore[union-attr, arg-type]
    with torch.no_grad():
        new.weight += old.weight[unknown].cpu()
        new.weight[: old.num_embeddings] = old.weight
    transformer.set_input_embeddings(new)  # type: ignore[operator]
    transformer.config.vocab_size = rows  # type: ignore[union-attr]


def assembled(tokeniser: Tokeniser, transformer: nn.Module, device: torch.device) -> Backbone:
    """Put the two parts together on a device."""
    encoder = Encoder(transformer, tokeniser.specials.unknown).to(device)
    encoder.use_bfloat16 = device.type == "cuda" and torch.cuda.is_bf16_supported()
    return Backbone(tokeniser, encoder, device)


def _halved(features: Features) -> Features:
    return Features(features.units.half(), features.sentences.half())
