"""Whatever a person can choose has words in both languages, and no words are left over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extraction.catalogue import CATALOGUE, ENCODERS

CHOICES = Path(__file__).resolve().parents[2] / "frontend" / "src" / "i18n" / "choices"
LANGUAGES = ("en", "zh")


def words(language: str) -> dict[str, Any]:
    """Return the page's words for settings, values and encoders in a language."""
    read: dict[str, Any] = json.loads((CHOICES / f"{language}.json").read_text(encoding="utf-8"))
    return read


def settings() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each model, each name of a setting, and how its schema describes it."""
    for spec in CATALOGUE.values():
        for name, described in spec.settings["properties"].items():
            yield spec.name, name, described


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_and_each_of_its_values_has_words(language: str) -> None:
    known = words(language)
    missing = []
    for model, name, described in settings():
        own = known["settings"].get(f"{model}/{name}", known["settings"].get(name))
        if own is None:
            missing.append(f"{model}: {name}")
            continue
        sayable = own.get("values", {}).keys() | known["values"].keys()
        missing += [f"{model}: {name}={v}" for v in described.get("enum", []) if v not in sayable]
    assert missing == [], f"say them in {CHOICES / language}.json"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_are_left_of_settings_that_no_model_has(language: str) -> None:
    had = {one for model, name, _ in settings() for one in (name, f"{model}/{name}")}
    assert sorted(words(language)["settings"].keys() - had) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_are_left_of_values_that_no_model_offers(language: str) -> None:
    offered: dict[str, set[str]] = {}
    for model, name, described in settings():
        for key in (name, f"{model}/{name}"):
            offered.setdefault(key, {"auto"}).update(described.get("enum", []))
    for key, own in words(language)["settings"].items():
        assert own.get("values", {}).keys() <= offered[key], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_built_in_encoder_and_every_model_says_what_it_is_for(language: str) -> None:
    assert set(words(language)["encoders"]) == set(ENCODERS)
    assert [spec.name for spec in CATALOGUE.values() if not spec.about.get(language)] == []


ROOT = CHOICES.parents[3]
CODE = re.compile(r'^    code(?:: ClassVar\[str\])? = "([a-z_]+)"', re.MULTILINE)
# Bases of others, never raised as they are.
BASES = {"domain_error", "unprocessable"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_that_the_server_can_answer_has_words(language: str) -> None:
    raised = {
        code
        for path in (ROOT / "annotator").rglob("*.py")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    catalogue = ROOT / "frontend" / "src" / "i18n" / language
    said = "".join(path.read_text(encoding="utf-8") for path in catalogue.glob("*.ts"))
    assert len(raised) > 20
    assert [code for code in sorted(raised - BASES) if f'"error.{code}"' not in said] == []
