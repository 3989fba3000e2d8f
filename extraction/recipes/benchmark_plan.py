"""Which cells a benchmark is made of: set x model x ablation row x seed, refused before any runs.

A cell's key is a hash of all that determines its figures: the sentences, the schema, the
encoder's files, settings, speed, seed, device, threads, the sources of the model and of
training, and the libraries' versions. A result with the same key is the same result.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from extraction import config
from extraction.catalogue import CATALOGUE, EncoderSpec, ModelSpec, model_spec
from extraction.data.encoders import find_encoder
from extraction.data.files import sha256_of
from extraction.errors import ExtractionError
from extraction.recipes.benchmark_request import BenchmarkRequest
from extraction.recipes.benchmark_sets import DataSet, open_sets

FULL = "full"
ENCODER_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")
SHARED_SOURCES = ("models/common", "training", "data", "evaluation", "config.py", "types.py")
RECIPES = ("train.py", "predict.py", "benchmark_child.py")
LIBRARIES = ("torch", "transformers", "tokenizers", "numpy")
QUIET: Mapping[str, Any] = {"dev_checks": 0}  # looks at the dev set that would cost time only


@dataclass(frozen=True, slots=True)
class Cell:
    """One training and its measurement."""

    data: DataSet
    model: str
    row: str  # of the ablation table; the whole model is "full"
    seed: int
    encoder: str
    settings: Mapping[str, Any]
    key: str

    @property
    def name(self) -> str:
        """A name for files, for people, and different for each key."""
        row = re.sub(r"\W+", "-", self.row).strip("-")
        return "--".join((self.data.name, self.model, row, f"seed{self.seed}", self.key[:12]))

    @property
    def title(self) -> str:
        """What people call it."""
        row = [] if self.row == FULL else [self.row]
        return ", ".join([self.data.name, self.model, *row, f"seed {self.seed}"])


@dataclass(frozen=True, slots=True)
class BenchmarkPlan:
    """The cells in the order in which they run, and what the caller should know."""

    sets: Sequence[DataSet]
    cells: Sequence[Cell]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table to come: a model under some settings, on an encoder."""

    spec: ModelSpec
    name: str
    settings: Mapping[str, Any]
    encoder: str
    fixed: Mapping[str, Any]  # what its key holds beside set and seed


def make_plan(request: BenchmarkRequest) -> BenchmarkPlan:
    """Read everything and refuse what cannot work; seeds go round outermost.

    So every model has its first figures before any has its second ones.
    """
    _refuse_device(request.device)
    specs = [model_spec(name) for name in request.models or CATALOGUE]
    notes: list[str] = []
    rows = list(_rows(request, specs, notes))
    sets = open_sets(request.data, request.sets, request.limit)
    cells = [
        Cell(one, row.spec.name, row.name, seed, row.encoder, row.settings, _key(one, row, seed))
        for seed in range(1, request.seeds + 1)
        for one in sets
        for row in rows
    ]
    return BenchmarkPlan(sets, cells, notes)


def _rows(
    request: BenchmarkRequest, specs: Sequence[ModelSpec], notes: list[str]
) -> Iterable[_Row]:
    _refuse_unknown(request, specs)
    for spec in specs:
        encoder = request.encoder_for.get(spec.name, request.encoder)
        common = {
            "format": 1,
            "model": spec.name,
            "encoder": _encoder_digest(encoder, request.encoder_home),
            "speed": request.speed,
            "device": request.device,
            "threads": request.threads,
            "sources": _source_digest(spec),
            "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        }
        for name, settings in _settings(request, spec, notes, is_only=len(specs) == 1).items():
            fixed = {**common, "settings": dict(settings)}
            yield _Row(spec, name, settings, encoder, fixed)


def _settings(
    request: BenchmarkRequest, spec: ModelSpec, notes: list[str], *, is_only: bool
) -> dict[str, Mapping[str, Any]]:
    """The settings of each ablation row; what a row says goes before what the caller says."""
    known = spec.settings["properties"]
    wanted = {n: v for n, v in request.settings.items() if is_only or n in known}
    left_out = [name for name in request.settings if name not in wanted]
    if left_out:
        notes.append(f"{spec.name} has no setting {', '.join(left_out)}; it runs without")
    rows = ablation_rows(spec) if request.has_ablations else {FULL: {}}
    if request.has_ablations and len(rows) == 1:
        notes.append(f"{spec.name} has no ablation rows; only the whole model runs")
    found = {name: {**wanted, **own} for name, own in rows.items()}
    for name, settings in found.items():
        _check(spec, name, settings)
    return {name: {**QUIET, **settings} for name, settings in found.items()}


def _check(spec: ModelSpec, row: str, settings: Mapping[str, Any]) -> None:
    try:
        config.check_settings(spec.settings, settings)
    except ExtractionError as error:
        place = spec.name if row == FULL else f"{spec.name}, row {row!r}"
        raise ExtractionError(error.code, f"{place}: {error.message}", error.context) from error


def ablation_rows(spec: ModelSpec) -> dict[str, Mapping[str, Any]]:
    """The rows of a paper's ablation table, the whole model first."""
    return {FULL: {}, **spec.ablations}


def _refuse_unknown(request: BenchmarkRequest, specs: Sequence[ModelSpec]) -> None:
    names = [spec.name for spec in specs]
    for name in request.encoder_for:
        if name not in names:
            raise ExtractionError(
                "bad_arguments",
                f"--encoder-for names {name!r}, which is not among the models that run:"
                f" {', '.join(names)}",
                {"model": name},
            )
    known = {name for spec in specs for name in spec.settings["properties"]}
    strangers = [name for name in request.settings if name not in known]
    if strangers and len(specs) > 1:
        raise ExtractionError(
            "bad_settings",
            f"No chosen model has a setting {', '.join(strangers)};"
            f" there are: {', '.join(sorted(known))}",
            {"settings": strangers},
        )


def _refuse_device(device: str) -> None:
    if device in {"auto", "cpu"}:
        return
    from extraction.recipes.predict import device_named  # noqa: PLC0415  torch only if asked for

    device_named(device)


def _key(one: DataSet, row: _Row, seed: int) -> str:
    hashes = {part: facts["sha256"] for part, facts in (one.facts or {}).items()}
    return _digest({**row.fixed, "data": hashes, "seed": seed})


def _digest(plain: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _encoder_digest(name: str, home: Path | None) -> str:
    found = find_encoder(name, home)
    if isinstance(found, EncoderSpec):
        return _digest(asdict(found))
    files = {one for pattern in ENCODER_FILES for one in found.glob(pattern)}
    return _digest({one.name: sha256_of(one) for one in files})


def _source_digest(spec: ModelSpec) -> str:
    """A hash of the code that trains and measures a model; other papers' models do not count."""
    room = Path(config.__file__).parent
    paper = room.joinpath(*spec.module.split(".")[1:-1])
    places = [paper, *(room / name for name in SHARED_SOURCES)]
    places += [room / "recipes" / name for name in RECIPES]
    files = [file for place in places for file in ([place] if place.is_file() else _python(place))]
    return _digest({file.relative_to(room).as_posix(): sha256_of(file) for file in files})


def _python(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))
