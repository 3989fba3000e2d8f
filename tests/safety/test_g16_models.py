"""G16: model files are data: loading opens no pickle, and what was tampered with is refused."""

from __future__ import annotations

import json
import pickle  # noqa: TID251 - to see that nobody opens one
import shutil
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from extraction.errors import ExtractionError
from extraction.recipes.predict import load
from extraction.training.checkpoint import MANIFEST, describe_files
from tests.safety.harness.checkpoints import small_checkpoint

Record = Callable[[str, object], None]
Damage = Callable[[Path], object]
SLOWEST = 5.0
CARD, HEADS = "model.json", "heads.safetensors"
WEIGHTS, CONFIG = "encoder/model.safetensors", "encoder/config.json"
TOKENIZER = "encoder/tokenizer.json"
events: list[str] = []
is_listening = False


def listen(event: str, _: tuple[Any, ...]) -> None:
    if is_listening and event.startswith(("pickle.", "os.system", "subprocess", "socket.connect")):
        events.append(event)


sys.addaudithook(listen)  # for the life of the process: Python has no way to take one out


class Evil:
    """What a pickle would run."""

    def __reduce__(self) -> Any:
        return (Path("/tmp/relata-owned").touch, ())  # noqa: S108 - must never come to be


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small checkpoint, as training leaves it."""
    return small_checkpoint(tmp_path_factory.mktemp("model"))


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What the hook hears while a test runs."""
    global is_listening  # noqa: PLW0603 - a hook cannot be taken out
    events.clear()
    is_listening = True
    yield events
    is_listening = False


def seal(folder: Path) -> None:
    """Write a manifest that agrees with the files, as whoever tampers would."""
    manifest = {"format": 1, "files": describe_files(folder)}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def card(**changes: Any) -> Damage:
    def damage(folder: Path) -> None:
        whole = json.loads((folder / CARD).read_text(encoding="utf-8"))
        for name, value in changes.items():
            whole.pop(name, None) if value is GONE else whole.update({name: value})
        (folder / CARD).write_text(json.dumps(whole), encoding="utf-8")
        seal(folder)

    return damage


GONE = object()


def setting(**changes: Any) -> Damage:
    def damage(folder: Path) -> None:
        whole = json.loads((folder / CARD).read_text(encoding="utf-8"))
        whole["settings"].update(changes)
        (folder / CARD).write_text(json.dumps(whole), encoding="utf-8")
        seal(folder)

    return damage


def encoder(**changes: Any) -> Damage:
    def damage(folder: Path) -> None:
        whole = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        whole.update(changes)
        (folder / CONFIG).write_text(json.dumps(whole), encoding="utf-8")
        seal(folder)

    return damage


def replaced(name: str, raw: bytes) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).write_bytes(raw)
        seal(folder)

    return damage


def cut(name: str, keep: int) -> Damage:
    def damage(folder: Path) -> None:
        raw = (folder / name).read_bytes()
        (folder / name).write_bytes(raw[:keep])
        seal(folder)

    return damage


def header(name: str, length: int | None = None, text: bytes | None = None) -> Damage:
    """Another length or another text in the header of a safetensors file."""

    def damage(folder: Path) -> None:
        raw = (folder / name).read_bytes()
        (size,) = struct.unpack("<Q", raw[:8])
        inside = text if text is not None else raw[8 : 8 + size]
        whole = struct.pack("<Q", len(inside) if length is None else length)
        (folder / name).write_bytes(whole + inside + raw[8 + size :])
        seal(folder)

    return damage


def tensors(name: str, change: Callable[[dict[str, torch.Tensor]], object]) -> Damage:
    def damage(folder: Path) -> None:
        held = load_file(folder / name)
        change(held)
        save_file(held, folder / name, metadata={"format": "pt"})
        seal(folder)

    return damage


def first(held: dict[str, torch.Tensor]) -> str:
    return min(held)


def gone(name: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        seal(folder)

    return damage


def linked(name: str, target: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(target)
        seal(folder)

    return damage


def unsealed(name: str) -> Damage:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes() + b" ")


def manifest(**changes: Any) -> Damage:
    def damage(folder: Path) -> None:
        whole = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        whole.update(changes)
        (folder / MANIFEST).write_text(json.dumps(whole), encoding="utf-8")

    return damage


EVIL = pickle.dumps(Evil())
DEEP = b"[" * 100_000
DAMAGES: dict[str, Damage] = {
    "card: another model": card(model="../../evil"),
    "card: a module of Python": card(model="os"),
    "card: no model": card(model=GONE),
    "card: a number for a model": card(model=7),
    "card: settings gone": card(settings=GONE),
    "card: settings a list": card(settings=[]),
    "card: schema gone": card(schema=GONE),
    "card: schema a text": card(schema="x"),
    "card: a type more": card(schema={"entity_types": ["x"], "relation_types": []}),
    "card: empty": replaced(CARD, b""),
    "card: no JSON": replaced(CARD, b"{"),
    "card: a list": replaced(CARD, b"[]"),
    "card: deep": replaced(CARD, DEEP),
    "card: NUL": replaced(CARD, b"\x00" * 100),
    "card: pickle": replaced(CARD, EVIL),
    "card: gone": gone(CARD),
    "setting: unknown": setting(run="os.system"),
    "setting: another kind": setting(threshold="x"),
    "heads: pickle": replaced(HEADS, EVIL),
    "heads: empty": replaced(HEADS, b""),
    "heads: eight bytes": replaced(HEADS, b"\xff" * 8),
    "heads: noise": replaced(HEADS, bytes(range(256)) * 40),
    "heads: cut": cut(HEADS, 5000),
    "heads: header cut": cut(HEADS, 40),
    "heads: header of 2^60 bytes": header(HEADS, 2**60),
    "heads: header of 200 MB": header(HEADS, 200_000_000),
    "heads: header no JSON": header(HEADS, text=b"{" * 100),
    "heads: header deep": header(HEADS, text=DEEP),
    "heads: header empty": header(HEADS, text=b"{}"),
    "heads: a tensor less": tensors(HEADS, lambda held: held.pop(first(held))),
    "heads: a tensor more": tensors(HEADS, lambda held: held.update(evil=torch.zeros(2))),
    "heads: another shape": tensors(
        HEADS, lambda held: held.update({first(held): torch.zeros(3, 3)})
    ),
    "heads: another kind of number": tensors(
        HEADS, lambda held: held.update({first(held): held[first(held)].to(torch.int64)})
    ),
    "heads: gone": gone(HEADS),
    "encoder: pickle": replaced(WEIGHTS, EVIL),
    "encoder: cut": cut(WEIGHTS, 100_000),
    "encoder: empty": replaced(WEIGHTS, b""),
    "encoder: a tensor less": tensors(WEIGHTS, lambda held: held.pop(first(held))),
    "encoder: another shape": tensors(
        WEIGHTS, lambda held: held.update({first(held): torch.zeros(3, 3)})
    ),
    "encoder: gone": gone(WEIGHTS),
    "config: remote code": encoder(auto_map={"AutoModel": "evil.Model"}, model_type="evil"),
    "config: another kind": encoder(model_type="gpt2"),
    "config: no JSON": replaced(CONFIG, b"{"),
    "config: wider": encoder(hidden_size=4096),
    "config: gone": gone(CONFIG),
    "tokenizer: no JSON": replaced(TOKENIZER, b"{"),
    "tokenizer: pickle": replaced(TOKENIZER, EVIL),
    "tokenizer: gone": gone(TOKENIZER),
    "manifest: gone": lambda folder: (folder / MANIFEST).unlink(),
    "manifest: another format": manifest(format=99),
    "manifest: names a path": manifest(files={"../../etc/passwd": {"sha256": "0", "bytes": 1}}),
    "manifest: a list": lambda folder: (folder / MANIFEST).write_text("[]"),
    "manifest: a file not named": lambda folder: (folder / "evil.bin").write_bytes(EVIL),
    "changed after it was sealed: card": unsealed(CARD),
    "changed after it was sealed: heads": unsealed(HEADS),
    "a link to a device": linked(HEADS, "/dev/zero"),
    "a link out": linked(CARD, "/etc/hostname"),
}


def test_no_pickle_is_opened_while_a_model_loads(
    model: Path, heard: list[str], record_property: Record
) -> None:
    assert load(model).predict(["利血平与多巴胺合用"])
    assert heard == []
    pickle.loads(pickle.dumps(Path("x")))  # noqa: S301 - the hook must be able to hear
    assert "pickle.find_class" in heard
    record_property("safety", "G16: 0 pickles opened while a model loads and predicts")


@pytest.mark.parametrize("name", DAMAGES)
def test_a_model_that_was_tampered_with_is_refused(
    model: Path, heard: list[str], tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    DAMAGES[name](folder)
    heard.clear()
    begun = time.process_time()
    with pytest.raises(ExtractionError) as error:
        load(folder)
    assert time.process_time() - begun < SLOWEST
    assert error.value.code
    assert error.value.message
    assert heard == []
    assert not Path("/tmp/relata-owned").exists()  # noqa: S108


def test_there_are_enough_ways(record_property: Record) -> None:
    assert len(DAMAGES) >= 50
    record_property("safety", f"G16: {len(DAMAGES)} damaged models refused by name")
