"""What is SpERT.MT's own beside the contract of every model; it is SpERT without its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench.plain import spert as plain_spert
from bench.plain import spert_mt as plain
from extraction.catalogue import CATALOGUE, ENCODERS
from extraction.data.schema_file import schema_of
from extraction.models.common.settings import Facts
from extraction.models.common.spans import every_span
from extraction.models.spert import model as spert
from extraction.models.spert_mt import model as spert_mt
from extraction.models.spert_mt.settings import Settings
from extraction.protocol import Blueprint
from extraction.types import Entity, Example, Graph, Relation, RelationRule, Schema
from tests.extraction.corpus import corpus, example
from tests.extraction.every_model import CPU, assert_same

ABLATIONS = CATALOGUE["spert_mt.v1"].ablations
every_ablation = pytest.mark.parametrize("row", ABLATIONS)
TWICE = Example(
    "twice",
    "安宁片@与乐平和头痛",
    Graph(
        (Entity(0, 3, "药物"), Entity(5, 7, "药物"), Entity(8, 10, "疾病")),
        (Relation(0, 1, "拮抗"), Relation(0, 1, "协同")),
    ),
)


def blueprint(examples: list[Example] | None = None, **settings: Any) -> Blueprint:
    taken = corpus() if examples is None else examples
    return Blueprint(
        settings={"dropout": 0.0, **settings},
        schema=schema_of(taken),
        encoder=ENCODERS["chars-tiny"],
        examples=taken,
        seed=5,
    )


def new_model(examples: list[Example] | None = None, **settings: Any) -> spert_mt.SpertMt:
    return spert_mt.create(blueprint(examples, **settings), CPU)


@every_ablation
def test_the_plain_form_draws_the_same_loss_and_gradients(row: str) -> None:
    examples = [*corpus(), TWICE]
    model = new_model(examples, **ABLATIONS[row])
    items = model.prepare(examples)
    ours = model.loss(items, np.random.default_rng(0))
    ours.backward()  # type: ignore[no-untyped-call]
    found = {n: p.grad.clone() for n, p in model.network.named_parameters() if p.grad is not None}
    model.network.zero_grad()
    theirs = plain.loss(model, items, np.random.default_rng(0))
    theirs.backward()  # type: ignore[no-untyped-call]
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    for name, parameter in model.network.named_parameters():
        assert (parameter.grad is None) == (name not in found)
        if parameter.grad is not None:
            assert torch.allclose(found[name], parameter.grad, atol=1e-4), name


@every_ablation
def test_the_plain_form_scores_every_span_and_pair_alike(row: str) -> None:
    model = new_model(entity_threshold=-0.1, **ABLATIONS[row])
    items = model.prepare(corpus()[:3])
    numbers = plain.predict(model, items)
    every = every_span([len(item.tokens.units) for item in items], model.settings.widest)
    features = model.features(items)
    scores, _ = model.heads.judge_spans(features, every.spans)
    at = {
        (int(owner), int(a - every.spans.borders[owner]), int(b - every.spans.borders[owner])): i
        for i, (owner, a, b) in enumerate(
            zip(every.spans.sentence, every.spans.starts, every.spans.stops, strict=True)
        )
    }
    for sentence, (spans, found) in enumerate(zip(numbers.spans, numbers.span_scores, strict=True)):
        rows = [at[sentence, a, b] for a, b in spans]
        assert torch.allclose(scores.scores[rows], found, atol=1e-4)
        pairs = numbers.pairs[sentence]
        if pairs:
            first, second = (np.asarray([rows[p[end]] for p in pairs]) for end in (0, 1))
            ends = (np.concatenate((first, second)), np.concatenate((second, first)))
            links = model.heads.all_pair_scores(features, every.spans, ends)[: len(pairs)]
            assert torch.allclose(links, numbers.pair_scores[sentence], atol=1e-4)
    assert any(numbers.pairs)


def test_spert_in_its_plain_form_draws_the_same_loss() -> None:
    model = spert.create(blueprint(), CPU)
    items = model.prepare(corpus())
    ours = model.loss(items, np.random.default_rng(0))
    theirs = plain_spert.loss(model, items, np.random.default_rng(0))
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    numbers = plain_spert.predict(model, items[:3])
    said = model.predict(items[:3], None)
    assert [len(one) for one in numbers.spans] == [len(one) for one in numbers.span_scores]
    assert len(said) == len(numbers.spans)


def test_without_its_parts_it_is_spert() -> None:
    bare = dict(ABLATIONS["-MTL -Entity Logits (SpERT)"])
    ours = new_model(**bare, negative_relations=100)
    theirs = spert.create(blueprint(), CPU)
    names = {
        "width.weight": "width.weight",
        "entity.weight": "entity.classes.weight",
        "entity.bias": "entity.classes.bias",
        "relation.weight": "relation.classes.weight",
        "relation.bias": "relation.classes.bias",
    }
    known = theirs.heads.state_dict()
    assert set(names) == set(known)
    ours.heads.load_state_dict({names[name]: weight for name, weight in known.items()})
    ours.backbone.encoder.load_state_dict(theirs.backbone.encoder.state_dict())
    items = ours.prepare(corpus())
    assert torch.equal(
        ours.loss(items, np.random.default_rng(3)), theirs.loss(items, np.random.default_rng(3))
    )
    for mine, its in zip(ours.predict(items, None), theirs.predict(items, None), strict=True):
        assert_same(mine, its)


def test_of_two_types_of_a_pair_the_first_in_the_data_is_learnt_or_both() -> None:
    model = new_model([TWICE])
    first = model.prepare([TWICE])[0].gold.first
    assert [model.labels.relations[i] for i in first] == ["拮抗"]
    turned = Graph(TWICE.graph.entities, TWICE.graph.relations[::-1])
    other = model.prepare([Example("turned", TWICE.text, turned)])

    def losses(**settings: Any) -> tuple[float, float]:
        made = new_model([TWICE], **settings)
        with torch.no_grad():
            assert made.heads.relation is not None
            made.heads.relation.classes.weight[0] += 0.5
        one, two = (
            made.loss(items, np.random.default_rng(1)).item()
            for items in (made.prepare([TWICE]), other)
        )
        return one, two

    single, swapped = losses()
    assert single != pytest.approx(swapped, rel=1e-4)
    several, turned_round = losses(multi_label=True)
    assert several == pytest.approx(turned_round, rel=1e-6)


def test_a_schema_forbids_while_predicting() -> None:
    model = new_model()
    items = model.prepare([Example("1", "安宁片@与乐平")])
    with torch.no_grad():  # a model that says everything: its scores grow with the encoder's norm
        sentence = model.features(items).sentences[0]
        unit = sentence / sentence.square().sum()
        drug = model.labels.entities.index("药物")
        weight = model.heads.entity.classes.weight
        weight.zero_()
        weight[:, : len(unit)] = 9.0 * unit
        weight[drug, : len(unit)] = 9.5 * unit
        assert model.heads.relation is not None
        assert model.heads.views is not None
        model.heads.relation.classes.weight.zero_()
        model.heads.views.numbers.weight.fill_(1.0)
    assert {e.type for e in model.predict(items, None)[0].entities} == {"药物"}
    rules = (RelationRule("协同", symmetric=True, pairs=(("疾病", "疾病"),)),)
    (said,) = model.predict(items, Schema(("疾病",), rules))
    assert {e.type for e in said.entities} == {"疾病"}
    assert {r.type for r in said.relations} == {"协同"}
    assert all(r.head < r.tail for r in said.relations)
    (silent,) = model.predict(items, Schema(("药物",), rules))
    assert silent.entities
    assert silent.relations == ()


def test_negatives_sets_both_kinds_at_once() -> None:
    both = Settings(negatives=60, negative_entities=7).fitted(Facts(widths=[2]))
    assert (both.negative_entities, both.negative_relations) == (60, 60)
    usual = Settings().fitted(Facts(widths=[2]))
    assert (usual.negative_entities, usual.negative_relations) == (120, 120)


def test_the_paper_holds_for_a_pre_trained_encoder() -> None:
    fitted = Settings().fitted(Facts(widths=[2], depth=12))
    assert (fitted.entity_threshold, fitted.relation_threshold) == (0.85, 0.85)
    assert (fitted.alpha, fitted.beta, fitted.relation_share) == (1.0, 1.0, 1.0)
    assert (fitted.context, fitted.near_negatives, fitted.adapter) == ("between", 0, 0)


def test_what_was_shown_follows_the_names_when_a_type_joins(tmp_path: Path) -> None:
    first = new_model()
    first.save(tmp_path)
    more = [*corpus(), example("安宁片@与豆腐同食", [("豆腐", "食物")], name="food")]
    schema = Schema(("食物", "药物", "疾病"), (RelationRule("新"), RelationRule("协同")))
    second = spert_mt.create(
        Blueprint(
            settings={},
            schema=schema,
            encoder=ENCODERS["chars-tiny"],
            examples=more,
            seed=9,
            origin=tmp_path,
            origin_card=first.card(),
        ),
        CPU,
    )
    old, new = first.heads, second.heads
    assert old.views is not None
    assert new.views is not None
    assert torch.equal(new.entity.classes.weight[1:], old.entity.classes.weight[[1, 0]])
    synergy = 1 + first.labels.relations.index("协同")
    for before, after in zip(old.views.tables(), new.views.tables(), strict=True):
        assert torch.equal(after[1:, 2], before[[1, 0], synergy])
        assert torch.equal(after[1:, 0], before[[1, 0], 0])
