"""The pipeline as a whole: entities by tags, relations between what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from extraction.catalogue import CATALOGUE, ENCODERS
from extraction.data.schema_file import schema_of
from extraction.models.pipeline_bio_mtl.model import Pipeline, create
from extraction.protocol import Blueprint
from extraction.types import Entity, Example, Graph, Relation, Schema
from tests.extraction.corpus import corpus
from tests.extraction.every_model import CPU, new_model, say

NAME = "pipeline_bio_mtl.v1"
SMALL: Mapping[str, Any] = {"filters": 8, "hidden": 16, "lstm_size": 16}
NESTED = Example(
    "nested",
    "安宁片合剂与乐平合用",
    Graph(
        (Entity(0, 5, "药物"), Entity(0, 3, "药物"), Entity(6, 8, "药物")),
        (Relation(1, 2, "协同"),),
    ),
)


def made(examples: list[Example] | None = None, **settings: Any) -> Pipeline:
    model = new_model(NAME, examples, **{**SMALL, **settings})
    assert isinstance(model, Pipeline)
    return model


def test_it_says_in_the_catalogue_that_its_entities_do_not_nest() -> None:
    assert not CATALOGUE[NAME].nested
    for one in say(made(), NAME, corpus()):
        spans = sorted((e.start, e.end) for e in one.entities)
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_both_stages_add_their_losses() -> None:
    model = made(dropout=0.0, tagger_dropout=0.0)
    items = model.prepare(corpus())
    with torch.no_grad():
        whole = model.loss(items, np.random.default_rng(0))
        pairs = model.stage.loss(model.features(items).units, items, np.random.default_rng(0))
        assert pairs is not None
        model.settings = replace(model.settings, entity_weight=0.0)
        torch.testing.assert_close(model.loss(items, np.random.default_rng(0)), pairs)
        model.settings = replace(model.settings, entity_weight=2.0)
        double = model.loss(items, np.random.default_rng(0))
    torch.testing.assert_close(double - whole, whole - pairs)


def test_relations_of_nested_entities_are_learnt_though_tags_say_the_longest_only() -> None:
    model = made([NESTED, *corpus()])
    (item,) = model.prepare([NESTED])
    assert item.tags.tolist() == [3, 4, 4, 4, 4, 0, 3, 4, 0, 0]
    task = model.stage.task([item], np.random.default_rng(0))
    assert task is not None
    instances, target = task
    spans = np.stack((instances.starts, instances.stops), axis=1)
    joined = {
        (tuple(spans[h].tolist()), tuple(spans[t].tolist()))
        for h, t, kind in zip(instances.heads, instances.tails, target, strict=True)
        if kind >= 0
    }
    assert joined == {((0, 3), (6, 8))}


def test_every_kept_entity_has_the_chance_of_its_tags_and_pairs_weigh_their_ends() -> None:
    model = made(type_filter=False, threshold=-100.0)
    for one in say(model, NAME, corpus()):
        for relation in one.relations:
            ends = one.entities[relation.head].confidence * one.entities[relation.tail].confidence
            assert 0 < relation.confidence <= ends + 1e-6


def test_types_that_the_schema_does_not_know_are_not_tagged() -> None:
    model = made()
    only = Schema(("疾病",), ())
    said = model.predict(model.prepare([Example("1", "安宁片与头痛")]), only)[0]
    assert {e.type for e in said.entities} <= {"疾病"}
    assert {c.type for c in said.refused} <= {"疾病"}


@pytest.mark.parametrize("row", CATALOGUE[NAME].ablations)
def test_every_row_can_be_learnt(row: str) -> None:
    model = made(**CATALOGUE[NAME].ablations[row])
    loss = model.loss(model.prepare(corpus()), np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(loss))


def test_a_model_that_goes_on_keeps_what_belongs_to_a_types_name(tmp_path: Any) -> None:
    first = made()
    with torch.no_grad():
        first.tagger.crf.transitions.copy_(torch.arange(25.0))
    first.save(tmp_path)
    turned = Schema(("疾病", "药物"), schema_of(corpus()).relations)
    assert first.labels.entities == ("疾病", "药物")
    swapped = replace(turned, entity_types=("药物", "疾病"))
    blueprint = Blueprint(
        settings=SMALL,
        schema=swapped,
        encoder=ENCODERS["chars-tiny"],
        examples=corpus(),
        seed=9,
        origin=tmp_path,
        origin_card=first.card(),
    )
    second = create(blueprint, CPU)
    order = [0, 3, 4, 1, 2]  # O, then B and I of either type
    before = first.tagger.crf.transitions.view(5, 5)[order][:, order]
    torch.testing.assert_close(second.tagger.crf.transitions.view(5, 5), before)
    for one, other in zip(say(first, NAME, corpus()), say(second, NAME, corpus()), strict=True):
        assert one.graph() == other.graph()
