"""Negative relation sampling: what is kept, how many, by which scope, and what the loss is then."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from bench.plain import onerel as plain
from extraction.models.nrs_onerel.encode import (
    Scope,
    drawn_relations,
    frequencies,
    negative_sample,
    positives,
    scale_to_all,
)
from extraction.models.nrs_onerel.model import NrsOneRel
from extraction.models.onerel.model import OneRel
from tests.extraction.corpus import corpus
from tests.extraction.every_model import new_model

SCOPES = ("sentence", "batch", "slots")
every_scope = pytest.mark.parametrize("scope", SCOPES)
AT_REST = {"corner_weight": 1.0, "entity_weight": 1.0}


def made(**wanted: Any) -> NrsOneRel:
    """An untrained model of the little corpus, at rest."""
    model = new_model("nrs_onerel.v1", **{**AT_REST, **wanted})
    assert isinstance(model, NrsOneRel)
    model.network.eval()
    return model


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@st.composite
def occurrences(draw: st.DrawFn) -> np.ndarray:
    rows, kinds = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    return rng(draw(st.integers(0, 10**6))).random((rows, kinds)) < draw(st.floats(0, 0.6))


@given(occurrences(), st.integers(1, 12), st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_every_positive_is_kept_and_the_count_is_as_wanted(
    occurring: np.ndarray,
    count: int,
    seed: int,
) -> None:
    kinds = occurring.shape[1]
    weights = np.ones(kinds)
    drawn = drawn_relations(occurring, count, "sentence", weights, rng(seed))
    assert drawn[occurring].all()
    expected = np.minimum(np.maximum(count, occurring.sum(1)), kinds)
    assert drawn.sum(1).tolist() == expected.tolist()
    batch = drawn_relations(occurring, count, "batch", weights, rng(seed))
    assert batch[occurring].all()
    assert (batch == batch[0]).all()
    union = int(occurring.any(0).sum())
    assert batch[0].sum() == min(max(count, union), kinds)
    slots = drawn_relations(occurring, count, "slots", weights, rng(seed))
    assert slots[occurring].all()
    assert slots.sum() == min(max(count, int(occurring.sum())), occurring.size)


def test_negatives_are_drawn_alike_or_by_their_weights() -> None:
    occurring = np.zeros((4000, 4), dtype=bool)
    alike = negative_sample(occurring, 1, np.ones(4), rng()).mean(0)
    assert alike == pytest.approx(np.full(4, 0.25), abs=0.03)
    weighed = negative_sample(occurring, 1, np.asarray([1.0, 2.0, 3.0, 4.0]), rng()).mean(0)
    assert weighed == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.03)
    assert frequencies(np.asarray([[1, 0], [1, 0], [1, 0]], dtype=bool)).tolist() == [3, 1]


@every_scope
def test_as_many_relations_as_there_are_is_onerel_to_the_last_bit(scope: Scope) -> None:
    examples = corpus()
    one = new_model("onerel.v1", examples)
    assert isinstance(one, OneRel)
    for count in (None, 10**5):
        other = new_model("nrs_onerel.v1", examples, relations_drawn=count, nrs_scope=scope)
        other.network.load_state_dict(one.network.state_dict())
        losses, gradients = [], []
        for model in (one, other):
            model.network.train()
            model.network.zero_grad()
            torch.manual_seed(4)
            loss = model.loss(model.prepare(examples), rng())
            loss.backward()  # type: ignore[no-untyped-call]
            losses.append(loss.item())
            named = model.network.named_parameters()
            gradients.append({n: p.grad for n, p in named if p.grad is not None})
        assert losses[0] == losses[1]
        assert gradients[0].keys() == gradients[1].keys()
        assert all(torch.equal(one, gradients[1][name]) for name, one in gradients[0].items())


@every_scope
@pytest.mark.parametrize("scale", ["sum", "mean_times_k"])
def test_the_loss_is_the_plain_tables_over_the_drawn_relations(scope: Scope, scale: str) -> None:
    model = made(relations_drawn=3, nrs_scope=scope, loss_scale=scale)
    items = model.prepare(corpus()[:2])  # of two of the four relations
    kinds = len(model.labels.relations)
    drawn = drawn_relations(positives(items), 3, scope, np.ones(kinds), rng())
    assert not drawn.all()
    scales = scale_to_all(drawn, scope) if scale == "mean_times_k" else np.ones(len(items))
    table = plain.scores(model, items)
    tags, _ = plain.dense_targets(model, items, table)
    types, counts = plain.dense_entities(model, items, table)
    total = torch.zeros(())
    for row, (chosen, factor) in enumerate(zip(drawn, scales, strict=True)):
        ce = functional.cross_entropy(
            table.relations[row].flatten(0, 2), tags[row].flatten(), reduction="none"
        ).view_as(tags[row])
        cells = ce[table.mask[row]][:, torch.from_numpy(chosen)]  # (cells, NS)
        total = total + float(factor) * cells.sum()
    ce = functional.cross_entropy(table.entities.flatten(0, 2), types.flatten(), reduction="none")
    total = total + (ce.view_as(types) * counts * table.mask).sum()
    ours = model.loss(items, rng())
    assert ours.item() == pytest.approx((total / table.mask.sum()).item(), rel=1e-4)


def test_the_mean_of_the_drawn_times_k_is_the_sum_where_all_are_alike() -> None:
    drawn = np.asarray([[True, True, False, False], [True, False, False, False]])
    assert scale_to_all(drawn, "sentence").tolist() == [2.0, 4.0]
    assert scale_to_all(drawn, "slots") == pytest.approx([8 / 3, 8 / 3])


def test_relations_that_were_not_drawn_learn_nothing() -> None:
    model = made(relations_drawn=1)
    items = model.prepare([corpus()[0]])  # one relation occurs, so no other is drawn
    (kind,) = np.flatnonzero(positives(items)[0]).tolist()
    model.loss(items, rng()).backward()  # type: ignore[no-untyped-call]
    assert model.heads.relation is not None
    assert model.heads.relation.weight.grad is not None
    gradient = model.heads.relation.weight.grad.view(len(model.labels.relations), -1)
    learns = gradient.abs().sum(1) > 0
    assert learns.nonzero().flatten().tolist() == [kind]


def test_frequent_types_are_counted_in_the_training_sentences() -> None:
    model = made(negatives_by="frequency", relations_drawn=2)
    assert model.weights is not None
    said = [{r.type for r in one.graph.relations} for one in corpus()]
    expected = [max(1, sum(name in one for one in said)) for name in model.labels.relations]
    assert model.weights.tolist() == expected
    assert made(relations_drawn=2).weights is None
