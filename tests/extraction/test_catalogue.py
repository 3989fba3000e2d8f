"""The catalogue: complete, importable, equal to the settings behind it; and light."""

from __future__ import annotations

import dataclasses
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from extraction.catalogue import CATALOGUE, ENCODERS, model_spec
from extraction.config import check_settings
from extraction.errors import ExtractionError
from extraction.recipes.models import catalogue
from extraction.training.settings import TrainingSettings

LIGHT = (
    "extraction.types",
    "extraction.errors",
    "extraction.config",
    "extraction.catalogue",
    "extraction.protocol",
    "extraction.active.scores",
    "extraction.evaluation.report",
    "extraction.data.native",
    "extraction.data.schema_file",
    "extraction.data.units",
    "extraction.recipes.cli",
    "extraction.recipes.models",
)


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_model_can_be_imported_and_tells_its_settings(name: str) -> None:
    spec = CATALOGUE[name]
    module = importlib.import_module(spec.module)
    assert callable(module.create)
    assert callable(module.load)
    assert set(spec.settings["properties"]) == {
        field.name
        for kind in (spec.settings_module.Settings, TrainingSettings)
        for field in dataclasses.fields(kind)
    }
    assert spec.settings["additionalProperties"] is False
    json.dumps(spec.settings)
    assert all(one["description"] for one in spec.settings["properties"].values())


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_row_of_an_ablation_table_can_be_set(name: str) -> None:
    rows = CATALOGUE[name].ablations
    assert rows["full"] == {}
    assert len(rows) > 1
    for changes in rows.values():
        check_settings(CATALOGUE[name].settings, changes)


def test_names_carry_a_version() -> None:
    assert all(name.rpartition(".v")[2].isdigit() for name in CATALOGUE)


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ExtractionError, match=r"spert\.v1"):
        model_spec("bert")


def test_the_listing_is_plain_json_and_names_installed_encoders(encoder_folder: Path) -> None:
    listed = json.loads(json.dumps(catalogue(encoder_folder.parent)))
    names = [one["name"] for one in listed["encoders"]]
    assert names == [*ENCODERS, encoder_folder.name]
    assert [one["name"] for one in listed["models"]] == list(CATALOGUE)


def test_light_modules_do_not_import_torch() -> None:
    program = (
        f"import sys; [__import__(name) for name in {LIGHT!r}];"
        " from extraction.recipes.models import catalogue; catalogue();"
        " print([n for n in ('torch', 'transformers', 'django') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
