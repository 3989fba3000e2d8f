"""Finding an encoder by name or folder, and opening its tokeniser; no network, no pickle, no code.

A name is that of a built-in encoder, of a folder, of one under `RELATA_HOME/encoders`, or of a
model in Hugging Face's local cache. Built-in encoders get their vocabulary from the text.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from extraction.catalogue import ENCODERS, EncoderSpec
from extraction.data.tokens import UNKNOWN, Specials, Tokeniser
from extraction.errors import ExtractionError

PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
SPECIAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "cls_token": ("[CLS]", "<s>"),
    "sep_token": ("[SEP]", "</s>"),
    "pad_token": ("[PAD]", "<pad>"),
    "unk_token": ("[UNK]", "<unk>"),
}
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")  # or owner/name
DEFAULT_LIMIT = 512
SHIFTED_POSITIONS = ("roberta", "camembert")  # their first positions are spent on padding


def find_encoder(name: str, home: Path | None = None) -> EncoderSpec | Path:
    """Resolve a built-in name, a folder, one under `home`, or a name in Hugging Face's cache."""
    if name in ENCODERS:
        return ENCODERS[name]
    if not name.strip() or "\0" in name or ".." in PurePath(name).parts:
        raise ExtractionError(
            "bad_encoder_name",
            f"{name!r} cannot name an encoder; use a built-in name or a folder without '..'",
            {"encoder": name},
        )
    places = [Path(name), *([home / name] if home else [])]
    folder = next((one for one in places if one.is_dir()), None) or cached_encoder(name)
    if folder is not None:
        check_encoder_folder(folder)
        return folder
    known = ", ".join([*ENCODERS, *installed_encoders(home)])
    raise ExtractionError(
        "encoder_not_found",
        f"There is no encoder {name!r}; choose a folder on this machine or one of: {known}"
        + _how_to_bring(name, home),
        {"encoder": name},
    )


def cached_encoder(name: str) -> Path | None:
    """The folder of a Hugging Face model that this machine has fetched before; never fetches."""
    if not HUB_NAME.fullmatch(name) or "--" in name:
        return None
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415  half a second

    found = try_to_load_from_cache(
        name, "config.json", cache_dir=os.environ.get("HF_HUB_CACHE") or None
    )
    return Path(found).parent if isinstance(found, str) else None


def _how_to_bring(name: str, home: Path | None) -> str:
    if not HUB_NAME.fullmatch(name):
        return ""
    folder = (home or Path("encoders")) / name.rpartition("/")[2]
    return (
        f"; one of Hugging Face is brought on a machine with a network by"
        f" `hf download {name} --local-dir {folder}` and a copy of that folder"
    )


def installed_encoders(home: Path | None) -> list[str]:
    """The names of the folders under `home` that look like encoders."""
    if home is None or not home.is_dir():
        return []
    return sorted(one.name for one in home.iterdir() if (one / "config.json").is_file())


def check_encoder_folder(folder: Path) -> None:
    """Refuse a folder that is no encoder, brings only pickled weights, or wants to run code."""
    described = _read_object(folder / "config.json")
    if not isinstance(described.get("model_type"), str):
        raise _no_encoder(folder, "its config.json names no model_type")
    if "auto_map" in described:
        raise ExtractionError(
            "remote_code",
            f"The encoder {folder} needs code of its own; choose one that transformers knows",
            {"encoder": str(folder)},
        )
    if not any(folder.glob("*.safetensors")):
        if any(next(folder.glob(pattern), None) for pattern in PICKLES):
            raise ExtractionError(
                "unsafe_weights",
                f"The encoder {folder} has only pickled weights, which can run code; save it"
                " again with save_pretrained(..., safe_serialization=True)",
                {"encoder": str(folder)},
            )
        raise _no_encoder(folder, "it holds no model.safetensors")
    if not (folder / "tokenizer.json").is_file() and not (folder / "vocab.txt").is_file():
        raise _no_encoder(folder, "it holds neither tokenizer.json nor vocab.txt")


def open_tokeniser(folder: Path) -> Tokeniser:
    """Open the tokeniser of an encoder's folder."""
    described = _read_object(folder / "config.json")
    settings = _read_object(folder / "tokenizer_config.json", may_be_missing=True)
    try:
        tokenizer = _open_tokenizer(folder, settings)
    except Exception as error:
        raise _no_encoder(folder, f"its tokeniser cannot be read ({error})") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    specials = _read_object(folder / "special_tokens_map.json", may_be_missing=True)
    return Tokeniser(
        tokenizer,
        _special_ids(tokenizer, {**specials, **settings}, folder),
        _position_limit(described),
    )


def save_tokenizer(tokeniser: Tokeniser, folder: Path) -> None:
    """Write the tokeniser as a Hugging Face folder holds it."""
    tokeniser.tokenizer.save(str(folder / "tokenizer.json"))
    ids = tokeniser.specials
    roles = {
        "cls_token": ids.first,
        "sep_token": ids.last,
        "pad_token": ids.pad,
        "unk_token": ids.unknown,
    }
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": tokeniser.limit,
        "clean_up_tokenization_spaces": False,
        **{role: tokeniser.tokenizer.id_to_token(number) for role, number in roles.items()},
    }
    content = json.dumps(settings, indent=1, ensure_ascii=False)
    (folder / "tokenizer_config.json").write_text(content, encoding="utf-8")


def _open_tokenizer(folder: Path, settings: Mapping[str, Any]) -> Tokenizer:
    whole = folder / "tokenizer.json"
    if whole.is_file():
        tokenizer = Tokenizer.from_file(str(whole))
    else:
        pieces = models.WordPiece.from_file(str(folder / "vocab.txt"), unk_token=UNKNOWN)
        tokenizer = Tokenizer(pieces)
        lowercase = bool(settings.get("do_lower_case", True))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if isinstance(tokenizer.pre_tokenizer, pre_tokenizers.ByteLevel):
        tokenizer.pre_tokenizer.add_prefix_space = True  # units are words, each with its blank
    return tokenizer


def _special_ids(tokenizer: Tokenizer, named: Mapping[str, Any], folder: Path) -> Specials:
    found: dict[str, int] = {}
    for role, usual in SPECIAL_NAMES.items():
        token = named.get(role)
        content = token.get("content") if isinstance(token, dict) else token
        ids = (tokenizer.token_to_id(one) for one in (content, *usual) if isinstance(one, str))
        first = next((one for one in ids if one is not None), None)
        if first is None:
            raise _no_encoder(folder, f"its tokeniser has no {role}")
        found[role] = first
    return Specials(
        first=found["cls_token"],
        last=found["sep_token"],
        pad=found["pad_token"],
        unknown=found["unk_token"],
    )


def _position_limit(described: Mapping[str, Any]) -> int:
    limit = described.get("max_position_embeddings", DEFAULT_LIMIT)
    if not isinstance(limit, int) or limit < 8:  # noqa: PLR2004  (no room for a window)
        return DEFAULT_LIMIT
    kind = str(described.get("model_type"))
    return limit - 2 if any(part in kind for part in SHIFTED_POSITIONS) else limit


def _read_object(path: Path, *, may_be_missing: bool = False) -> dict[str, Any]:
    if not path.is_file():
        if may_be_missing:
            return {}
        raise _no_encoder(path.parent, f"it holds no {path.name}")
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _no_encoder(path.parent, f"its {path.name} cannot be read ({error})") from error
    if not isinstance(plain, dict):
        raise _no_encoder(path.parent, f"its {path.name} is no JSON object")
    return plain


def _no_encoder(folder: Path, reason: str) -> ExtractionError:
    return ExtractionError(
        "not_an_encoder",
        f"The folder {folder} is no encoder: {reason}; choose a Hugging Face folder with"
        " config.json, model.safetensors and tokenizer.json",
        {"encoder": str(folder)},
    )
