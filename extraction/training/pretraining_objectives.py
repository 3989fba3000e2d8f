"""What an encoder learns from plain text: hidden pieces, or which pieces were replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from extraction.data.passages import Flags, Ints
from extraction.data.windows import Riddle

REPLACED_WEIGHT = 50.0  # lambda of ELECTRA (Clark et al. 2020, section 2)
PLACED = ("bert", "electra")  # architectures that can be told where a window begins


@dataclass(frozen=True, slots=True)
class Task:
    """A riddle on its device; R windows of N pieces, M of them hidden."""

    ids: Tensor  # (R, N)
    mask: Tensor | None  # (R, N), None when no window is padded
    positions: Tensor | None  # (R, N), None to count from 0
    places: Tensor  # (M,) in the flat (R * N)
    answers: Tensor  # (M,)
    is_text: Tensor  # (R, N)

    @classmethod
    def of(cls, riddle: Riddle, firsts: Ints | None, device: torch.device) -> Task:
        """Move a riddle to a device; `firsts` (R,) are the positions at which windows begin."""
        longest = riddle.ids.shape[1]
        inside = np.arange(longest) < riddle.lengths[:, None]
        at = None if firsts is None else firsts[:, None] + np.arange(longest)

        def moved(array: Ints | Flags) -> Tensor:
            return torch.from_numpy(array).to(device, non_blocking=True)

        return cls(
            ids=moved(riddle.ids),
            mask=None if inside.all() else moved(inside),
            positions=None if at is None else moved(at),
            places=moved(riddle.places),
            answers=moved(riddle.answers),
            is_text=moved(riddle.is_text),
        )


def read(transformer: nn.Module, ids: Tensor, task: Task) -> Tensor:
    """The vectors of all pieces; (R, N, d)."""
    more = {} if task.positions is None else {"position_ids": task.positions}
    out = transformer(input_ids=ids, attention_mask=task.mask, **more)
    hidden: Tensor = out.last_hidden_state
    return hidden


def may_be_placed(transformer: nn.Module) -> bool:
    """Whether the positions of a window may be given."""
    config: Any = transformer.config
    return config.model_type in PLACED


class MaskedLanguage(nn.Module):
    """Names the hidden pieces (Devlin et al. 2019); output and input embedding are one."""

    def __init__(self, transformer: nn.Module) -> None:
        super().__init__()
        self.transformer = transformer
        pieces, width = self._embedding().shape
        self.dense = nn.Linear(transformer.config.hidden_size, width)  # type: ignore[union-attr, arg-type]
        self.norm = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(pieces))

    def forward(self, task: Task) -> Tensor:
        """Cross-entropy over the hidden pieces."""
        return functional.cross_entropy(self.logits(task).float(), task.answers)

    def logits(self, task: Task) -> Tensor:
        """What each hidden piece may be; (M, pieces)."""
        hidden = read(self.transformer, task.ids, task).flatten(0, 1)[task.places]  # (M, d)
        said = self.norm(functional.gelu(self.dense(hidden)))
        return functional.linear(said, self._embedding(), self.bias)

    def _embedding(self) -> Tensor:
        table: nn.Embedding = self.transformer.get_input_embeddings()  # type: ignore[operator]
        return table.weight


class ReplacedTokens(nn.Module):
    """Tells which pieces a small generator has replaced (ELECTRA, Clark et al. 2020)."""

    def __init__(self, transformer: nn.Module, generator: MaskedLanguage) -> None:
        super().__init__()
        self.transformer = transformer
        self.generator = generator
        width: int = transformer.config.hidden_size  # type: ignore[union-attr, assignment]
        self.dense = nn.Linear(width, width)
        self.judge = nn.Linear(width, 1)

    def forward(self, task: Task) -> Tensor:
        """L = L_generator + lambda L_replaced."""
        logits = self.generator.logits(task).float()  # (M, pieces)
        guesses = _drawn(logits.detach())
        ids = task.ids.flatten().index_copy(0, task.places, guesses).view_as(task.ids)
        is_new = torch.zeros_like(ids, dtype=torch.bool).flatten()
        is_new = is_new.index_copy(0, task.places, guesses != task.answers).view_as(ids)
        hidden = read(self.transformer, ids, task)
        said = self.judge(functional.gelu(self.dense(hidden))).squeeze(-1).float()  # (R, N)
        told = functional.binary_cross_entropy_with_logits(
            said[task.is_text], is_new[task.is_text].float()
        )
        return functional.cross_entropy(logits, task.answers) + REPLACED_WEIGHT * told


def _drawn(logits: Tensor) -> Tensor:
    """One piece for each row, drawn by its chance (the Gumbel maximum)."""
    noise = torch.empty_like(logits).exponential_().log_()
    return (logits - noise).argmax(dim=1)
