"""The table of what can be chosen: models by versioned name, built-in encoders, settings.

Nothing registers itself: a model joins by a row here. Its module is named, not imported, so
that the web process can read this table without torch; the settings of a row are those of
the dataclasses in `<the module's folder>/settings.py` and `training/settings.py`, which need
no torch and are imported when somebody asks for them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import Any, Literal

from extraction.config import settings_schema
from extraction.errors import ExtractionError

TRAINING = "extraction.training.settings"


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model of the catalogue."""

    name: str
    title: str
    paper: str
    module: str
    nested: bool = True  # can say entities inside or across entities
    directed: bool = True  # can tell head from tail
    given_entities: bool = False  # joins entities that it is given, and finds none itself
    about: Mapping[str, str] = field(default_factory=dict, hash=False)  # what for: "en", "zh"

    @property
    def settings_module(self) -> ModuleType:
        """The module of the paper's settings; it needs no torch."""
        return importlib.import_module(self.module.rpartition(".")[0] + ".settings")

    @property
    def settings(self) -> Mapping[str, Any]:
        """The JSON schema of everything that can be set, for a form: the paper's, then training."""
        return _schema_of(self)

    @property
    def ablations(self) -> Mapping[str, Mapping[str, Any]]:
        """The rows of the paper's ablation table as settings; the row "full" changes nothing."""
        rows: Mapping[str, Mapping[str, Any]] = self.settings_module.ABLATIONS
        return rows


@lru_cache(maxsize=64)
def _schema_of(spec: ModelSpec) -> Mapping[str, Any]:
    own = settings_schema(spec.settings_module.Settings)["properties"]
    training = settings_schema(importlib.import_module(TRAINING).TrainingSettings)["properties"]
    training = {name: {**one, "group": "training"} for name, one in training.items()}
    return {"type": "object", "properties": {**own, **training}, "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """A built-in encoder, trained from scratch, no download.

    A transformer over characters, or a table with a vector for each word and nothing more.
    """

    name: str
    title: str
    layers: int
    width: int
    heads: int
    kind: Literal["chars", "words"] = "chars"
    architecture: Literal["bert", "modernbert"] = "bert"  # of a transformer


CATALOGUE: Mapping[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            name="spert.v1",
            title="SpERT",
            paper="Eberts and Ulges 2020, Span-based Joint Entity and Relation Extraction",
            module="extraction.models.spert.model",
            about={
                "en": "A sound first choice: weighs every span, finds nested entities, and"
                " learns from few labels within minutes.",
                "zh": "稳妥的首选：逐一判断每个片段，能找出嵌套实体，少量标注几分钟即可学会。",
            },
        ),
        ModelSpec(
            name="spert_mt.v1",
            title="SpERT.MT",
            paper="Lu and Xue 2023, Dealing with negative samples with multi-task learning"
            " on span-based joint entity-relation extraction",
            module="extraction.models.spert_mt.model",
            about={
                "en": 'SpERT that learns "is it one?" apart from "which one?"; meant for fewer'
                " false alarms where most candidates are nothing.",
                "zh": "在 SpERT 上把“是不是”与“是哪一类”分开学习，适合误报较多的数据。",
            },
        ),
        ModelSpec(
            name="two_phase.v1",
            title="Two-phase",
            paper="Ji et al. 2022, A Two-Phase Paradigm for Joint Entity-Relation Extraction",
            module="extraction.models.two_phase.model",
            about={
                "en": "Decides first whether, then which; judges a relation by the types of its"
                " ends and the distance between them.",
                "zh": "先判断有没有，再判断是哪一类；判断关系时参照两端的类型与间距。",
            },
        ),
        ModelSpec(
            name="iser.v1",
            title="ISER",
            paper="The Joint Entity-Relation Extraction Model Based on Span and Interactive Fusion"
            " Representation for Chinese Medical Texts with Complex Semantics",
            module="extraction.models.iser.model",
            about={
                "en": "Lets the two tasks read one another and weighs each span by the sentence"
                " around it; slower, made for medical text.",
                "zh": "实体与关系两项任务相互参照，并结合片段周围的语境来判断；"
                "较慢，面向医学文本。",
            },
        ),
        ModelSpec(
            name="onerel.v1",
            title="OneRel",
            paper="Shang, Huang and Mao 2022, OneRel: Joint Entity and Relation Extraction with"
            " One Module in One Step",
            module="extraction.models.onerel.model",
            about={
                "en": "Reads all triples at once from a table of word pairs; for sentences whose"
                " many triples share entities. Of two touching objects of one subject it may"
                " lose one.",
                "zh": "从词对表中一次读出全部三元组，适合三元组多且共用实体的句子；"
                "同一主体的两个紧邻客体可能只读出一个。",
            },
        ),
        ModelSpec(
            name="nrs_onerel.v1",
            title="NRS-OneRel",
            paper="NRS-OneRel, an entity-relationship extraction model based on a negative"
            " relationship sampling strategy",
            module="extraction.models.nrs_onerel.model",
            about={
                "en": "OneRel that learns each sentence from its own relation types and a few"
                " others; for schemas with many relation types, with few it is OneRel.",
                "zh": "在 OneRel 上只用每句出现的关系类型和少数其他类型来训练；"
                "适合关系类型很多的项目，类型少时等同 OneRel。",
            },
        ),
        ModelSpec(
            name="bio_mtl.v1",
            title="CNN with BIO tags",
            paper="Ye et al. 2019, Exploiting Entity BIO Tag Embeddings and Multi-task Learning for"
            " Relation Extraction with Imbalanced Data",
            module="extraction.models.bio_mtl.model",
            given_entities=True,
            about={
                "en": "Joins entities that are already labelled and finds none itself; light and"
                " quick, on the command line only.",
                "zh": "只判断已标出的实体之间的关系，自己不找实体；轻而快，仅用于命令行。",
            },
        ),
        ModelSpec(
            name="pipeline_bio_mtl.v1",
            title="BiLSTM-CRF, then CNN with BIO tags",
            paper="Ye et al. 2019, Exploiting Entity BIO Tag Embeddings and Multi-task Learning for"
            " Relation Extraction with Imbalanced Data",
            module="extraction.models.pipeline_bio_mtl.model",
            nested=False,
            about={
                "en": "First tags entities, then joins them; strong where most pairs hold no"
                " relation. Entities cannot nest.",
                "zh": "先标出实体，再判断关系；适合多数实体对没有关系的数据。实体不能嵌套。",
            },
        ),
    )
}

ENCODERS: Mapping[str, EncoderSpec] = {
    spec.name: spec
    for spec in (
        EncoderSpec("chars-tiny", "Characters, 2 layers of 128", layers=2, width=128, heads=4),
        EncoderSpec("chars-small", "Characters, 4 layers of 256", layers=4, width=256, heads=4),
        EncoderSpec(
            "words",
            "Word table of 200, no context",
            layers=0,
            width=200,
            heads=1,
            kind="words",
        ),
    )
}

DEFAULT_MODEL = "spert.v1"
DEFAULT_ENCODER = "chars-tiny"


def model_spec(name: str) -> ModelSpec:
    """The row of a model, or an error that names the known ones."""
    spec = CATALOGUE.get(name)
    if spec is None:
        known = ", ".join(sorted(CATALOGUE))
        raise ExtractionError(
            "unknown_model", f"There is no model {name!r}; choose one of: {known}", {"model": name}
        )
    return spec
