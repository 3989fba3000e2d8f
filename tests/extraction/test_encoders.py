"""Finding encoders: built in, installed, by folder; and refusing what is none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from extraction.catalogue import ENCODERS
from extraction.data.encoders import find_encoder, installed_encoders, open_tokeniser
from extraction.errors import ExtractionError


def refusal(name: str, home: Path | None = None) -> ExtractionError:
    with pytest.raises(ExtractionError) as caught:
        find_encoder(name, home)
    return caught.value


def test_a_built_in_name_wins_over_folders(tmp_path: Path) -> None:
    assert find_encoder("chars-tiny", tmp_path) is ENCODERS["chars-tiny"]


def test_a_folder_is_found_by_path_and_by_its_installed_name(encoder_folder: Path) -> None:
    home = encoder_folder.parent
    assert find_encoder(str(encoder_folder)) == encoder_folder
    assert find_encoder(encoder_folder.name, home) == encoder_folder
    assert installed_encoders(home) == [encoder_folder.name]
    assert installed_encoders(None) == installed_encoders(home / "none") == []


@pytest.mark.parametrize("name", ["../secrets", "a/../../b", "..", " ", "", "a\0b"])
def test_a_name_that_climbs_out_or_says_nothing_is_refused(name: str, tmp_path: Path) -> None:
    assert refusal(name, tmp_path).code == "bad_encoder_name"


def test_an_unknown_name_is_answered_with_the_known_ones(encoder_folder: Path) -> None:
    error = refusal("bert-huge", encoder_folder.parent)
    assert error.code == "encoder_not_found"
    assert "chars-tiny, chars-small, words, bert-mini" in error.message
    assert f"hf download bert-huge --local-dir {encoder_folder.parent / 'bert-huge'}" in (
        error.message
    )


def test_what_is_no_name_of_a_hub_is_not_said_to_be_brought_from_one(tmp_path: Path) -> None:
    assert "hf download" not in refusal(str(tmp_path / "nowhere")).message


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Hugging Face cache."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def put_into_cache(cache: Path, name: str, folder: Path) -> Path:
    """Lay a folder into a cache as `hf download` does: blobs, and links to them."""
    home = cache / f"models--{name.replace('/', '--')}"
    snapshot = home / "snapshots" / "c0ffee"
    snapshot.mkdir(parents=True)
    (home / "blobs").mkdir()
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text("c0ffee")
    for file in folder.iterdir():
        shutil.copy(file, home / "blobs" / file.name)
        (snapshot / file.name).symlink_to(Path("..", "..", "blobs", file.name))
    return snapshot


@pytest.mark.parametrize("name", ["bert-mini-zh", "owner/bert-mini.zh"])
def test_a_hugging_face_name_is_found_in_the_local_cache(
    hub_cache: Path, encoder_folder: Path, name: str
) -> None:
    assert refusal(name).code == "encoder_not_found"
    snapshot = put_into_cache(hub_cache, name, encoder_folder)
    assert find_encoder(name) == snapshot
    assert open_tokeniser(snapshot).limit == 24


def test_a_cached_encoder_is_checked_like_a_folder(hub_cache: Path, encoder_folder: Path) -> None:
    snapshot = put_into_cache(hub_cache, "owner/old", encoder_folder)
    (snapshot / "model.safetensors").unlink()
    (snapshot / "pytorch_model.bin").write_bytes(b"")
    assert refusal("owner/old").code == "unsafe_weights"


@pytest.mark.parametrize("name", ["owner/../x", "a/b/c", "models--a--b", "http://x.y/z", "-rf"])
def test_a_cache_is_not_asked_for_what_is_no_name(hub_cache: Path, name: str) -> None:
    assert refusal(name).code in {"bad_encoder_name", "encoder_not_found"}


def test_a_folder_that_is_no_encoder_is_refused(tmp_path: Path) -> None:
    assert refusal(str(tmp_path)).code == "not_an_encoder"
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    assert "cannot be read" in refusal(str(tmp_path)).message
    (tmp_path / "config.json").write_text("[]", encoding="utf-8")
    assert "no JSON object" in refusal(str(tmp_path)).message
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    assert "model_type" in refusal(str(tmp_path)).message
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    assert "no model.safetensors" in refusal(str(tmp_path)).message


def test_pickled_weights_are_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80")
    error = refusal(str(tmp_path))
    assert error.code == "unsafe_weights"
    assert "safe_serialization=True" in error.message


def test_an_encoder_that_wants_to_run_code_is_refused(encoder_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "coded"
    shutil.copytree(encoder_folder, folder)
    described = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**described, "auto_map": {"AutoModel": "x"}}))
    assert refusal(str(folder)).code == "remote_code"


def test_an_encoder_without_tokeniser_is_refused(encoder_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mute"
    shutil.copytree(encoder_folder, folder)
    (folder / "vocab.txt").unlink()
    assert "tokenizer.json" in refusal(str(folder)).message
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ExtractionError, match="tokeniser cannot be read"):
        open_tokeniser(folder)


def test_a_vocabulary_file_alone_makes_a_tokeniser(encoder_folder: Path) -> None:
    tokeniser = open_tokeniser(encoder_folder)
    assert tokeniser.limit == 24
    (tokens,) = tokeniser.encode(["Drugs with 安"])
    ids = tokens.windows[0].tolist()
    assert [tokeniser.tokenizer.id_to_token(one) for one in ids] == [
        "[CLS]",
        "drug",
        "##s",
        "with",
        "安",
        "[SEP]",
    ]


def test_a_tokeniser_file_that_pads_and_truncates_is_told_not_to(
    encoder_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "padded"
    shutil.copytree(encoder_folder, folder)
    tokenizer = open_tokeniser(encoder_folder).tokenizer
    tokenizer.enable_padding(length=20)
    tokenizer.enable_truncation(4)
    tokenizer.save(str(folder / "tokenizer.json"))
    (tokens,) = open_tokeniser(folder).encode(["the drugs with a drug"])
    assert len(tokens.windows[0]) == 8
