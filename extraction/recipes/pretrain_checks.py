"""What is refused before a pre-training spends any time, and whether it was done before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from extraction import config
from extraction.catalogue import EncoderSpec
from extraction.data.encoders import find_encoder
from extraction.data.files import sha256_of, sweep_drafts
from extraction.errors import ExtractionError
from extraction.recipes.pretrain_request import PretrainRequest

CARD = "pretraining.json"
SHORTEST = 16  # pieces in a window


def origin_of(request: PretrainRequest) -> EncoderSpec | Path:
    """The shape of a new encoder, or the folder to go on from; refuses what cannot work."""
    found = find_encoder(request.encoder, request.encoder_home)
    _check_files(request)
    if not request.settings.window >= SHORTEST or not request.settings.mask_rate < 1:
        raise refusal(
            f"a window holds {SHORTEST} pieces at least, some of them not hidden", request
        )
    if isinstance(found, Path):
        if request.shape or request.vocabulary.file is not None:
            raise refusal("--layers, --width, --heads and --vocab are for a new encoder", request)
        return found
    shape = {"layers": found.layers, "width": found.width, "heads": found.heads, **request.shape}
    spec = replace(
        found,
        layers=shape["layers"],
        width=shape["width"],
        heads=shape["heads"],
        architecture=request.architecture,
    )
    if spec.kind != "chars":
        raise refusal(f"{found.name} has no context to learn; choose chars-small", request)
    if spec.width % (2 * spec.heads):
        raise refusal("the width must be an even multiple of the heads", request)
    return spec


def _check_files(request: PretrainRequest) -> None:
    vocabulary = request.vocabulary.file
    for file in (*request.text, *([vocabulary] if vocabulary else [])):
        if not file.is_file():
            raise ExtractionError(
                "unreadable_file",
                f"{file} is no file; name a .txt, .txt.xz or .txt.gz file",
                {"file": str(file)},
            )


def refusal(problem: str, request: PretrainRequest) -> ExtractionError:
    """An error about an encoder that cannot be used so."""
    return ExtractionError(
        "bad_arguments",
        f"With --encoder {request.encoder} this cannot be: {problem}",
        {"encoder": request.encoder},
    )


def fingerprint_of(request: PretrainRequest, origin: EncoderSpec | Path) -> str:
    """A hash of all that the result depends on."""
    file = request.vocabulary.file
    told = {
        "text": [sha256_of(one) for one in request.text],
        "encoder": _weights_of(origin) if isinstance(origin, Path) else config.dump(origin),
        "vocabulary": [sha256_of(file) if file else None, request.vocabulary.min_count],
        "settings": config.dump(request.settings),
        "seed": request.seed,
        "half": request.is_half,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _weights_of(folder: Path) -> list[str]:
    return [sha256_of(one) for one in sorted(folder.glob("*.safetensors"))]


def finished_before(request: PretrainRequest, fingerprint: str) -> dict[str, Any] | None:
    """The card of this very run if its output is there already and may be taken up."""
    out = request.out
    sweep_drafts(out)
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return None
    if request.is_resumed and (out / CARD).is_file():
        card: dict[str, Any] = json.loads((out / CARD).read_text(encoding="utf-8"))
        if card.get("fingerprint") == fingerprint:
            return card
    raise ExtractionError(
        "out_exists", f"{out} exists already; choose another --out or remove it", {"out": str(out)}
    )
