"""Checkpoints: a folder of safetensors and JSON whose manifest names every file's SHA-256.

A folder appears by one rename; a file that is missing, added, linked or changed is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from extraction.data.files import sha256_of, write_folder_atomically
from extraction.errors import ExtractionError

CARD = "model.json"
MANIFEST = "manifest.json"
FORMAT = 1


def write_checked(path: Path, card: Mapping[str, Any], fill: Callable[[Path], None]) -> None:
    """Write a folder with a card, what `fill` adds, and the manifest over both."""

    def fill_draft(draft: Path) -> None:
        fill(draft)
        (draft / CARD).write_text(_json(card), encoding="utf-8")
        manifest = {"format": FORMAT, "files": describe_files(draft)}
        (draft / MANIFEST).write_text(_json(manifest), encoding="utf-8")

    write_folder_atomically(path, fill_draft)


def read_checked(path: Path) -> dict[str, Any]:
    """Verify a folder against its manifest and return its card."""
    if not path.is_dir():
        raise _refusal("checkpoint_not_found", path, "there is no such folder")
    manifest = _read_object(path, MANIFEST)
    if manifest.get("format") != FORMAT:
        raise _refusal("bad_checkpoint", path, f"its format is {manifest.get('format')!r}")
    if any(one.is_symlink() for one in path.rglob("*")):
        raise _refusal("bad_checkpoint", path, "it holds links")
    found, named = describe_files(path), manifest.get("files")
    if not isinstance(named, dict) or found != named:
        changed = sorted(_changed(found, named if isinstance(named, dict) else {}))
        raise _refusal("bad_checkpoint", path, "missing or changed: " + ", ".join(changed))
    return _read_object(path, CARD)


def read_model_card(path: Path) -> dict[str, Any]:
    """Verify the folder of a model and return its card, with all that loading it needs."""
    card = read_checked(path)
    for name, kind in (("model", str), ("settings", dict), ("schema", dict)):
        if not isinstance(card.get(name), kind):
            raise _refusal("bad_checkpoint", path, f"its {CARD} has no {name}")
    return card


def describe_files(folder: Path) -> dict[str, dict[str, Any]]:
    """SHA-256 and size of every file but the manifest."""
    return {
        one.relative_to(folder).as_posix(): {
            "sha256": sha256_of(one),
            "bytes": one.stat().st_size,
        }
        for one in sorted(folder.rglob("*"))
        if one.is_file() and one != folder / MANIFEST
    }


def _changed(found: Mapping[str, Any], named: Mapping[str, Any]) -> set[str]:
    return {name for name in found.keys() | named.keys() if found.get(name) != named.get(name)}


def _read_object(path: Path, name: str) -> dict[str, Any]:
    try:
        plain = json.loads((path / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _refusal("bad_checkpoint", path, f"its {name} cannot be read") from error
    if not isinstance(plain, dict):
        raise _refusal("bad_checkpoint", path, f"its {name} is no object")
    return plain


def _refusal(code: str, path: Path, reason: str) -> ExtractionError:
    return ExtractionError(
        code,
        f"{path} is no usable checkpoint: {reason}; train again or restore the folder",
        {"checkpoint": str(path)},
    )


def _json(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
