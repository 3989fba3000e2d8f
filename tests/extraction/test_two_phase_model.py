"""What is the two-phase model's own beside the contract of every model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench.plain import two_phase as plain
from extraction.catalogue import CATALOGUE, ENCODERS
from extraction.data.schema_file import schema_of
from extraction.models.common.drawing import draw
from extraction.models.common.settings import Facts
from extraction.models.common.spans import every_span
from extraction.models.two_phase import model as two_phase
from extraction.models.two_phase.loss import whether_loss
from extraction.models.two_phase.network import Judged
from extraction.models.two_phase.settings import Settings
from extraction.protocol import Blueprint
from extraction.types import Entity, Example, Graph, Relation, RelationRule, Schema
from tests.extraction.corpus import corpus, example
from tests.extraction.every_model import CPU

ABLATIONS = CATALOGUE["two_phase.v1"].ablations
every_ablation = pytest.mark.parametrize("row", ABLATIONS)
TWICE = Example(
    "twice",
    "安宁片@与乐平和头痛",
    Graph(
        (Entity(0, 3, "药物"), Entity(5, 7, "药物"), Entity(8, 10, "疾病")),
        (Relation(0, 1, "拮抗"), Relation(0, 1, "协同")),
    ),
)


def new_model(examples: list[Example] | None = None, **settings: Any) -> two_phase.TwoPhase:
    taken = corpus() if examples is None else examples
    return two_phase.create(
        Blueprint(
            settings={"dropout": 0.0, **settings},
            schema=schema_of(taken),
            encoder=ENCODERS["chars-tiny"],
            examples=taken,
            seed=5,
        ),
        CPU,
    )


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
def test_the_plain_form_judges_every_span_and_pair_alike(row: str) -> None:
    model = new_model(**ABLATIONS[row])
    items = model.prepare(corpus()[:3])
    numbers = plain.predict(model, items)
    every = every_span([len(item.tokens.units) for item in items], model.settings.widest)
    features = model.features(items)
    spans = every.spans
    judged = model.heads.judge_spans(model.heads.fuse_spans(features, spans))
    kinds = (judged.which[:, -len(model.labels.entities) :].argmax(dim=1) + 1).numpy()
    local = np.stack((spans.starts, spans.stops), axis=1) - spans.borders[spans.sentence][:, None]
    at = {
        (int(owner), *span): i
        for i, (owner, span) in enumerate(zip(spans.sentence, map(tuple, local), strict=True))
    }
    for sentence, listed in enumerate(numbers.spans):
        rows = [at[sentence, a, b] for a, b in listed]
        found = plain.side_by_side(judged)[rows]
        assert torch.allclose(found, numbers.span_scores[sentence], atol=1e-4)
        pairs = numbers.pairs[sentence]
        if pairs:
            first, second = (np.asarray([rows[pair[end]] for pair in pairs]) for end in (0, 1))
            ends = (np.concatenate((first, second)), np.concatenate((second, first)))
            links = plain.side_by_side(model.heads.all_pairs(features, spans, kinds, ends))
            assert torch.allclose(links[: len(pairs)], numbers.pair_scores[sentence], atol=1e-4)
    assert any(numbers.pairs)


def test_a_pair_with_two_types_is_learnt_twice() -> None:
    model = new_model([TWICE], relation_weight=1.0)
    items = model.prepare([TWICE])
    drawn = draw(items, model.settings, np.random.default_rng(0))
    features = model.features(items)
    fused = model.heads.fuse_spans(features, drawn.spans)
    r = model.heads.fuse_pairs(features, drawn.spans, fused, (drawn.heads, drawn.tails))
    rows = model.type_rows(model.heads.judge_spans(fused), drawn, np.random.default_rng(0))
    (pair,) = np.flatnonzero(drawn.has_relation)
    whether = model.heads.judge_whether(r)
    assert whether is not None
    is_one = torch.from_numpy(drawn.has_relation)
    surprise = -model.heads.judge_which(r[[pair]], rows[[pair]]).log_softmax(dim=1)[0]
    assert len(surprise) == 2
    wanted = whether_loss(whether, is_one) + surprise.mean()
    assert model.relation_terms(r, rows, drawn).item() == pytest.approx(wanted.item())


def test_types_are_gold_in_training_unless_they_are_scheduled() -> None:
    model = new_model()
    items = model.prepare(corpus())
    drawn = draw(items, model.settings, np.random.default_rng(0))
    wrong = torch.nn.functional.one_hot(torch.from_numpy(drawn.types) % 2, 2).float()
    judged = Judged(None, wrong)  # a model that takes drugs for illnesses and illnesses for drugs
    ends = (drawn.heads, drawn.tails)
    gold = model.heads.type_rows(drawn.spans, drawn.types, ends)
    turned = model.heads.type_rows(drawn.spans, drawn.types % 2 + 1, ends)
    rng = np.random.default_rng(0)
    assert (model.type_rows(judged, drawn, rng) == gold).all()
    always = new_model(scheduled=1.0)
    assert (always.type_rows(judged, drawn, rng) == turned).all()


def test_the_paper_holds_for_a_pre_trained_encoder() -> None:
    fitted = Settings().fitted(Facts(widths=[2], depth=12))
    assert (fitted.entity_bonus, fitted.relation_bonus) == (0.0, 0.0)
    assert (fitted.context, fitted.roles, fitted.farthest) == ("between", "vectors", 10)
    assert (fitted.negative_entities, fitted.negative_relations) == (100, 100)


def test_the_table_of_type_pairs_follows_the_names_when_a_type_joins(tmp_path: Path) -> None:
    first = new_model()
    first.save(tmp_path)
    more = [*corpus(), example("安宁片@与豆腐同食", [("豆腐", "食物")], name="food")]
    second = two_phase.create(
        Blueprint(
            settings={},
            schema=Schema(("食物", "药物", "疾病"), (RelationRule("新"), RelationRule("协同"))),
            encoder=ENCODERS["chars-tiny"],
            examples=more,
            seed=9,
            origin=tmp_path,
            origin_card=first.card(),
        ),
        CPU,
    )
    old, new = first.heads, second.heads
    assert old.types is not None
    assert new.types is not None
    drug, illness = (first.labels.entities.index(name) for name in ("药物", "疾病"))
    before = old.types.weight.view(2, 2, 11, -1)[drug, illness]
    assert torch.equal(new.types.weight.view(3, 3, 11, -1)[1, 2], before)
    assert torch.equal(new.entity_type.weight[1], old.entity_type.weight[drug])
