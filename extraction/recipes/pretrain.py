"""Pre-training from plain text to an encoder folder: count, encode, read, save."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from extraction import config
from extraction.catalogue import EncoderSpec
from extraction.data.encoders import save_tokenizer
from extraction.data.files import sha256_of, write_folder_atomically
from extraction.data.passages import (
    CharacterCoder,
    Ints,
    PieceCoder,
    count_characters,
    encode_passages,
    frequent_characters,
    read_passages,
)
from extraction.data.vocabularies import kind_of_tokenizer, tokeniser_of
from extraction.errors import ExtractionError
from extraction.models.common.backbone import Backbone, assembled, grow_vocabulary, open_backbone
from extraction.models.common.encoder import new_transformer, save_transformer
from extraction.recipes.predict import device_named
from extraction.recipes.pretrain_checks import (
    CARD,
    fingerprint_of,
    finished_before,
    origin_of,
    refusal,
)
from extraction.recipes.pretrain_request import PretrainRequest
from extraction.recipes.progress import Progress
from extraction.training.loop import Listener, StoppedError
from extraction.training.pretraining import Pretraining, Reading, split_held_out
from extraction.training.pretraining_objectives import (
    MaskedLanguage,
    ReplacedTokens,
    may_be_placed,
)
from extraction.training.pretraining_settings import NEW_RATE, ONWARD_RATE, PretrainingSettings
from extraction.training.state import StateStore

FEWEST_PIECES = 200
MASKS = ("[MASK]", "<mask>")
NARROWEST = 32  # of a generator


def run(
    request: PretrainRequest,
    tell: Callable[[Mapping[str, Any]], None],
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Pre-train, tell how it goes, and return the card; raises StoppedError when told to stop."""
    told = _Told(tell)
    progress = Progress(told.tell, should_stop)
    progress.phase("loading")
    origin = origin_of(request)
    fingerprint = fingerprint_of(request, origin)
    finished = finished_before(request, fingerprint)
    if finished is not None:
        return finished
    progress.phase("encoding")
    work, backbone = _work(request, origin)
    told.work = work
    store = StateStore(request.out, fingerprint)
    state = store.latest() if request.is_resumed else None
    if state is not None:
        work.restore(state)
    else:
        store.forget()
    work.run(Listener(progress.step, lambda _: None, progress.is_stopped, store.keep))
    progress.phase("evaluating")
    card = {**_card(request, backbone, work), "fingerprint": fingerprint}
    progress.phase("saving")
    _save(request, backbone, card)
    store.forget()
    return card


def _work(request: PretrainRequest, origin: EncoderSpec | Path) -> tuple[Pretraining, Backbone]:
    """The run before its first step, and the encoder in it."""
    with torch.random.fork_rng():
        torch.manual_seed(request.seed)
        backbone, counts = _backbone(request, origin, device_named(request.device))
        network = _network(request.settings, backbone)
    if request.settings.bfloat16:
        backbone.encoder.read_in_bfloat16()
    usual = NEW_RATE if isinstance(origin, EncoderSpec) else ONWARD_RATE
    settings = replace(
        request.settings,
        bfloat16=backbone.encoder.use_bfloat16,
        learning_rate=request.settings.learning_rate or usual,
    )
    reading = _reading(request, backbone, counts)
    return Pretraining(network, reading, settings, request.seed), backbone


class _Told:
    """Adds the newest held-out loss to every event."""

    def __init__(self, tell: Callable[[Mapping[str, Any]], None]) -> None:
        self.say = tell
        self.work: Pretraining | None = None

    def tell(self, event: Mapping[str, Any]) -> None:
        """Pass an event on."""
        curve = self.work.curve if self.work is not None else []
        self.say({**event, "dev_loss": round(curve[-1][2], 6) if curve else None})


def _backbone(
    request: PretrainRequest, origin: EncoderSpec | Path, device: torch.device
) -> tuple[Backbone, Ints]:
    """The encoder before the first step, its vocabulary that of the text; and the counts."""
    counts = count_characters(read_passages(request.text))
    if request.vocabulary.file is not None:
        characters = _listed_characters(request.vocabulary.file)
    else:
        characters = frequent_characters(counts, request.vocabulary.min_count)
    if isinstance(origin, EncoderSpec):
        backbone = _new_backbone(origin, characters, request.settings.window, device)
    else:
        backbone = grow_vocabulary(open_backbone(origin, device), ["".join(characters)])
    if request.settings.window > backbone.tokeniser.limit:
        raise refusal(f"a window holds {backbone.tokeniser.limit} pieces at most", request)
    return backbone, counts


def _new_backbone(
    spec: EncoderSpec, characters: Sequence[str], window: int, device: torch.device
) -> Backbone:
    """A new encoder; with rotary positions it will read no further than it learns to."""
    tokeniser = tokeniser_of("chars", characters)
    transformer = new_transformer(spec, tokeniser.tokenizer.get_vocab_size())
    if not may_be_placed(transformer):
        tokeniser.limit = window
        described: Any = transformer.config
        described.max_position_embeddings = window
    return assembled(tokeniser, transformer, device)


def _listed_characters(path: Path) -> list[str]:
    """The single characters of a vocabulary file, one piece a line."""
    pieces = dict.fromkeys(read_passages([path]))
    return [piece for piece in pieces if len(piece) == 1]


def _network(settings: PretrainingSettings, backbone: Backbone) -> nn.Module:
    transformer = backbone.encoder.transformer
    if settings.objective == "mlm":
        return MaskedLanguage(transformer).to(backbone.device)
    described: Any = transformer.config
    width = max(NARROWEST, backbone.encoder.width // 4)
    shape = EncoderSpec(
        name="generator",
        title="Generator",
        layers=backbone.encoder.depth,
        width=width,
        heads=max(1, width // 32),
        architecture="modernbert",
    )
    generator = MaskedLanguage(new_transformer(shape, int(described.vocab_size)))
    return ReplacedTokens(transformer, generator).to(backbone.device)


def _reading(request: PretrainRequest, backbone: Backbone, counts: Ints) -> Reading:
    tokeniser = backbone.tokeniser
    tokenizer, specials = tokeniser.tokenizer, tokeniser.specials
    masks = [one for one in map(tokenizer.token_to_id, MASKS) if one is not None]
    if not masks:
        raise refusal("its vocabulary has no [MASK]", request)
    is_chars = kind_of_tokenizer(tokenizer) == "chars"
    passages = encode_passages(
        read_passages(request.text),
        CharacterCoder(tokenizer, specials.unknown, counts) if is_chars else PieceCoder(tokenizer),
        tokenizer.get_vocab_size(),
    )
    if len(passages.pieces) < FEWEST_PIECES or len(passages) < 2:  # noqa: PLR2004  (one held out)
        raise ExtractionError(
            "too_little_text",
            f"The text holds {len(passages.pieces)} pieces in {len(passages)} passages; bring"
            f" {FEWEST_PIECES} pieces at least, in two lines or more (better: millions)",
            {"pieces": len(passages.pieces), "passages": len(passages)},
        )
    train, held_out = split_held_out(passages, request.seed)
    return Reading(passages, specials, masks[0], train, held_out)


def _card(request: PretrainRequest, backbone: Backbone, work: Pretraining) -> dict[str, Any]:
    """What was read, how, and what came of it."""
    reading = work.reading
    described: Any = backbone.encoder.transformer.config
    return {
        "texts": [
            {"name": one.name, "sha256": sha256_of(one), "bytes": one.stat().st_size}
            for one in request.text
        ],
        "encoder": request.encoder,
        "passages": len(reading.passages),
        "pieces": len(reading.passages.pieces),
        "unknown_pieces": int((reading.passages.pieces == reading.specials.unknown).sum()),
        "held_out_passages": len(reading.held_out),
        "vocabulary": int(described.vocab_size),
        "parameters": sum(one.numel() for one in backbone.encoder.parameters()),
        "settings": config.dump(work.settings),
        "seed": request.seed,
        "dtype": "float16" if request.is_half else "float32",
        "steps": work.done,
        "pieces_read": work.pieces_read,
        "seconds": round(work.seconds(), 1),
        "held_out_loss": round(work.held_out_loss(), 6),
        "curve": [
            {"step": int(step), "loss": round(loss, 6), "held_out_loss": round(held_out, 6)}
            for step, loss, held_out in work.curve
        ],
        "device": str(backbone.device),
        "torch": torch.__version__,
    }


def _save(request: PretrainRequest, backbone: Backbone, card: Mapping[str, Any]) -> None:
    transformer = backbone.encoder.transformer
    if request.is_half:
        transformer = copy.deepcopy(transformer).half()

    def fill(draft: Path) -> None:
        save_transformer(transformer, draft)
        save_tokenizer(backbone.tokeniser, draft)
        content = json.dumps(card, ensure_ascii=False, indent=1) + "\n"
        (draft / CARD).write_text(content, encoding="utf-8")

    write_folder_atomically(request.out, fill)


__all__ = ["StoppedError", "run"]
