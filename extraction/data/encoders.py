"""Finding an encoder by name or folder, and opening its tokeniser; no network, no pickle, no code.

A built-in `chars-*` encoder gets a vocabulary made from the training text.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from extraction.catalogue import ENCODERS, EncoderSpec
from extraction.data.tokens import CHARS_SPECIALS, Specials, Tokeniser
from extraction.errors import ExtractionError

PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
SPECIAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "cls_token": ("[CLS]", "<s>"),
    "sep_token": ("[SEP]", "</s>"),
    "pad_token": ("[PAD]", "<pad>"),
    "unk_token": ("[UNK]", "<unk>"),
}
UNKNOWN = "[UNK]"
DEFAULT_LIMIT = 512
SHIFTED_POSITIONS = ("roberta", "camembert")  # their first positions are spent on padding


def find_encoder(name: str, home: Path | None = None) -> EncoderSpec | Path:
    """Resolve a built-in name, a folder, or the name of a folder under `home`."""
    if name in ENCODERS:
        return ENCODERS[name]
    if not name.strip() or "\0" in name or ".." in PurePath(name).parts:
        raise ExtractionError(
            "bad_encoder_name",
            f"{name!r} cannot name an encoder; use a built-in name or a folder without '..'",
            {"encoder": name},
        )
    for folder in (Path(name), *([home / name] if home else [])):
        if folder.is_dir():
            check_encoder_folder(folder)
            return folder
    known = ", ".join([*ENCODERS, *installed_encoders(home)])
    raise ExtractionError(
        "encoder_not_found",
        f"There is no encoder {name!r}; choose a folder on this machine or one of: {known}",
        {"encoder": name},
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


def make_chars_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """A tokeniser whose pieces are the characters of these texts, compatibility forms folded."""
    return _chars_tokenizer([*CHARS_SPECIALS, *_characters(texts)])


def extend_chars_tokenizer(tokenizer: Tokenizer, texts: Iterable[str]) -> Tokenizer:
    """The same tokeniser with the new characters of these texts after those it knows."""
    vocabulary = tokenizer.get_vocab()
    known = sorted(vocabulary, key=lambda piece: vocabulary[piece])
    return _chars_tokenizer([*known, *(one for one in _characters(texts) if one not in vocabulary)])


def is_chars_tokenizer(tokenizer: Tokenizer) -> bool:
    """Whether the tokeniser was made here, so that it can be extended."""
    return isinstance(tokenizer.model, models.WordLevel)


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


def _characters(texts: Iterable[str]) -> list[str]:
    fold = normalizers.NFKC()
    counts = Counter(character for text in texts for character in fold.normalize_str(text))
    seen = [character for character in counts if character.strip()]
    return sorted(seen, key=lambda character: (-counts[character], character))


def _chars_tokenizer(pieces: Sequence[str]) -> Tokenizer:
    vocabulary = {piece: rank for rank, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")],
    )
    return tokenizer


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
