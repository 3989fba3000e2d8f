"""An encoder that is nothing but a trained table of word vectors (paper 004, section 3.1).

It answers like a Hugging Face transformer, and lies in a folder like one.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from extraction.data.tokens import NO_LIMIT

MODEL_TYPE = "relata_words"
SPREAD = 0.25  # standard deviation of new vectors
WEIGHTS = "model.safetensors"


@dataclass(slots=True)
class WordTableConfig:
    """What a folder's config.json says; `vocab_size` changes when the vocabulary grows."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int = 0
    max_position_embeddings: int = NO_LIMIT
    initializer_range: float = SPREAD
    model_type: str = MODEL_TYPE


@dataclass(frozen=True, slots=True)
class Looked:
    """What a transformer would answer."""

    last_hidden_state: Tensor  # (R, N, d)


class WordTable(nn.Module):
    """One vector a word; the first special piece gets the mean of its sentence's words."""

    def __init__(self, config: WordTableConfig) -> None:
        super().__init__()
        self.config = config
        self.words = nn.Embedding(config.vocab_size, config.hidden_size)
        nn.init.normal_(self.words.weight, std=config.initializer_range)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Looked:
        """Look up (R, N) ids whose rows begin and end with a special piece."""
        found = self.words(input_ids)  # (R, N, d)
        is_shown = torch.ones_like(input_ids, dtype=torch.bool)
        if attention_mask is not None:
            is_shown = attention_mask.bool()
        lengths = is_shown.sum(1, keepdim=True)  # (R, 1)
        place = torch.arange(input_ids.shape[1], device=input_ids.device)
        is_word = (place > 0) & (place < lengths - 1)  # (R, N)
        summed = (found * is_word.unsqueeze(-1)).sum(1)
        mean = summed / is_word.sum(1, keepdim=True).clamp(min=1)  # (R, d)
        return Looked(torch.cat((mean.unsqueeze(1), found[:, 1:]), dim=1))

    def get_input_embeddings(self) -> nn.Embedding:
        """The table."""
        return self.words

    def set_input_embeddings(self, table: nn.Embedding) -> None:
        """Replace the table."""
        self.words = table

    def save_pretrained(self, folder: Path) -> None:
        """Write config.json and model.safetensors."""
        content = json.dumps(asdict(self.config), indent=1) + "\n"
        (folder / "config.json").write_text(content, encoding="utf-8")
        weights = {name: one.contiguous().cpu() for name, one in self.state_dict().items()}
        save_file(weights, folder / WEIGHTS)

    @classmethod
    def from_pretrained(cls, folder: Path) -> WordTable:
        """Read what `save_pretrained` wrote; ValueError or KeyError if it is something else."""
        weights = load_file(folder / WEIGHTS)
        rows, width = weights["words.weight"].shape
        made = cls(WordTableConfig(vocab_size=rows, hidden_size=width))
        made.load_state_dict(weights)
        return made
