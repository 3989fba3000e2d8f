"""Linear layers in 8-bit integers, for prediction on a CPU.

Weights are rounded once, each row with a scale of its own; inputs as they come, with one scale
a batch. A layer that narrows (the second of a feed-forward block) sees a few huge inputs, so it
gets a scale for each of its input rows, too.
"""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn

LARGEST = 127  # of a signed byte
SMALLEST_SCALE = 1e-12


class Int8Linear(nn.Module):
    """y = x A^T + a with A and x rounded to bytes; nothing here can be trained."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        weight = layer.weight.detach().float()  # (out, in)
        scales = weight.abs().amax(dim=1).clamp(min=SMALLEST_SCALE) / LARGEST
        given = getattr(layer, "bias", None)
        bias: Tensor | None = None if given is None else given.detach()
        self.by_row = layer.in_features > layer.out_features
        self.bias = bias if self.by_row else None
        self.has_spare_bit = not torch.cpu._is_vnni_supported()  # noqa: SLF001  else sums overflow
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's own 8-bit tensors: deprecated, no successor
            rounded = torch.quantize_per_channel(
                weight, scales.double(), torch.zeros(len(scales), dtype=torch.long), 0, torch.qint8
            )
            self.packed = torch.ops.quantized.linear_prepack(rounded, None if self.by_row else bias)

    def forward(self, x: Tensor) -> Tensor:
        """Multiply (…, in) inputs; (…, out)."""
        if not self.by_row:
            return self._multiply(x)
        scale = x.abs().amax(dim=-1, keepdim=True).clamp(min=SMALLEST_SCALE)  # (…, 1)
        said = self._multiply(x / scale) * scale
        return said if self.bias is None else said + self.bias

    def _multiply(self, x: Tensor) -> Tensor:
        said: Tensor = torch.ops.quantized.linear_dynamic(x, self.packed, self.has_spare_bit)
        return said


def quantize_linears(module: nn.Module) -> None:
    """Put 8-bit layers in the place of all linear ones below a module."""
    for name, child in module.named_children():
        if isinstance(child, nn.Linear):
            setattr(module, name, Int8Linear(child))
        else:
            quantize_linears(child)
