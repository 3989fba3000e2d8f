"""What is ISER's own beside the contract of every model: the prefilter, and what training reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from bench.plain import iser as plain
from extraction.catalogue import CATALOGUE
from extraction.models.common.decode import rules_of
from extraction.models.common.drawing import draw
from extraction.models.common.spans import borders_of, every_span
from extraction.models.iser.decode import hard_negatives, worth_reading
from extraction.models.iser.model import Iser
from extraction.models.iser.settings import ABLATIONS, Settings
from extraction.types import Example, Schema
from tests.extraction.corpus import corpus
from tests.extraction.every_model import assert_same, new_model, say

NAME = "iser.v1"
SENTENCES = [*corpus(), Example("long", "乐平与安宁片@康泰合用头痛" * 2)]


def iser(**settings: Any) -> Iser:
    made = new_model(NAME, **settings)
    assert isinstance(made, Iser)
    return made


def talkative(**settings: Any) -> Iser:
    """A model whose untrained classifiers say much and whose contexts differ."""
    model = iser(**settings)
    torch.manual_seed(3)
    with torch.no_grad():
        model.heads.entity.weight.normal_(std=0.5)
        if model.heads.auxiliary is not None:
            model.heads.auxiliary.weight.normal_(std=0.5)
            model.heads.auxiliary.bias.zero_()
        model.heads.relation.weight.normal_(std=0.5)  # type: ignore[union-attr]
    return model


@pytest.mark.parametrize("sea", ["masked", "gru"])
def test_a_prefilter_that_lets_everything_through_changes_nothing(sea: str) -> None:
    exact = talkative(sea=sea, prefilter=False)
    open_ = talkative(sea=sea, prefilter_share=100.0, prefilter_floor=0.0)
    asked = SENTENCES[4:7]
    for one, other in zip(say(open_, NAME, asked), say(exact, NAME, asked), strict=True):
        assert one.entities
        assert_same(one, other)


def test_a_prefilter_lets_few_spans_through_and_judges_those_alike() -> None:
    exact, few = talkative(prefilter=False), talkative(prefilter_share=0.1, prefilter_least=2)
    items = exact.prepare(SENTENCES)
    counts = [len(item.tokens.units) for item in items]
    every = every_span(counts, exact.settings.widest)
    verdicts = []
    for model in (exact, few):
        model.network.eval()
        with torch.inference_mode():
            rules = rules_of(model.labels, None)
            verdicts.append(model.judge_spans(model.features(items), every, rules))
    all_, some = verdicts
    is_read = some.best > 0
    assert 0 < is_read.sum() < len(is_read)
    assert np.allclose(some.best[is_read], all_.best[is_read], atol=1e-5)
    assert np.allclose(some.none[is_read], all_.none[is_read], atol=1e-5)
    assert (some.none[~is_read] == 1.0).all()
    assert not some.is_kept[~is_read].any()


def test_the_prefilter_asks_only_for_types_that_may_be_said() -> None:
    model = talkative(prefilter_share=0.0, prefilter_least=0)
    assert model.labels.entities == ("疾病", "药物")
    with torch.no_grad():  # without context everything looks like 疾病 and nothing else
        model.heads.auxiliary.bias.copy_(torch.tensor([0.0, 50.0, -50.0]))  # type: ignore[union-attr]
    items = model.prepare(corpus())
    assert any(one.entities for one in model.predict(items, None))
    said = model.predict(items, Schema(("药物",)))
    assert all(one.entities == () and one.refused == () for one in said)


def test_the_likeliest_spans_of_each_sentence_are_worth_reading() -> None:
    spans = every_span([4, 3], 1).spans
    chances = np.asarray([0.01, 0.4, 0.3, 0.0, 0.2, 0.9, 0.8], dtype=np.float32)
    s = Settings(prefilter_least=1, prefilter_share=0.5, prefilter_floor=0.001)
    assert worth_reading(chances, spans, s).tolist() == [1, 2, 5, 6]
    narrow = Settings(prefilter_least=1, prefilter_share=0.0, prefilter_floor=0.35)
    assert worth_reading(chances, spans, narrow).tolist() == [1, 5, 6]  # 6 is likely by itself
    shut = Settings(prefilter_least=0, prefilter_share=0.0, prefilter_floor=0.001)
    assert worth_reading(chances, spans, shut).tolist() == [5, 6]


def test_training_reads_gold_and_the_likeliest_of_what_was_drawn() -> None:
    spans = every_span([3, 3], 1).spans
    types = np.asarray([1, 0, 0, 0, 0, 2])
    chances = np.asarray([0.0, 0.3, 0.2, 0.1, 0.9, 0.0], dtype=np.float32)
    assert hard_negatives(chances, types, spans, 1).tolist() == [0, 1, 4, 5]
    assert hard_negatives(chances, types, spans, 0).tolist() == [0, 5]
    assert hard_negatives(chances, types, spans, 9).tolist() == [0, 1, 2, 3, 4, 5]


def test_as_printed_the_loss_is_that_of_the_plain_form() -> None:
    model = iser(**{**ABLATIONS["as printed"], "dropout": 0.0, "near_negatives": 0})
    items = model.prepare(SENTENCES)
    ours = model.loss(items, np.random.default_rng(0))
    theirs = plain.loss(model, items, np.random.default_rng(0))
    assert float(ours.detach()) == pytest.approx(float(theirs.detach()), rel=1e-5)
    wanted = [p for n, p in model.heads.named_parameters() if not n.startswith("auxiliary")]
    for one, other in zip(
        torch.autograd.grad(ours, wanted),
        torch.autograd.grad(theirs, wanted),
        strict=True,
    ):
        assert torch.allclose(one, other, atol=1e-5)


def test_as_printed_every_span_and_pair_is_judged_like_the_plain_form() -> None:
    model = talkative(**ABLATIONS["as printed"])
    items = model.prepare(SENTENCES[4:])
    plainly = plain.predict(model, items)
    counts = [len(item.tokens.units) for item in items]
    every = every_span(counts, model.settings.widest)
    with torch.inference_mode():
        verdict = model.judge_spans(model.features(items), every, rules_of(model.labels, None))
    none = torch.cat([scores.softmax(dim=1)[:, 0] for scores in plainly.span_scores]).numpy()
    borders = borders_of(counts)
    place = {
        (start + borders[b], stop + borders[b]): row
        for row, (b, (start, stop)) in enumerate(
            (b, span) for b, spans in enumerate(plainly.spans) for span in spans
        )
    }
    rows = [place[span] for span in zip(every.spans.starts, every.spans.stops, strict=True)]
    assert np.allclose(verdict.none, none[rows], atol=1e-5)


@pytest.mark.parametrize("other", ["shared", "auxiliary"])
def test_the_auxiliary_classifier_learns_beside_the_main_one(other: str) -> None:
    silent, heard = (
        iser(auxiliary_weight=weight, other_negatives=other, dropout=0.0) for weight in (0.0, 1.0)
    )
    items = heard.prepare(corpus())
    without, total = (one.loss(items, np.random.default_rng(0)) for one in (silent, heard))
    drawn = draw(items, heard.settings, np.random.default_rng(0))
    with torch.no_grad():
        sieve = heard.heads.sieve(heard.heads.inner(heard.features(items), drawn.spans))
        alone = torch.nn.functional.cross_entropy(sieve, torch.from_numpy(drawn.types))
    assert float((total - without).detach()) == pytest.approx(float(alone), rel=1e-4)


@pytest.mark.parametrize("row", ABLATIONS.values(), ids=ABLATIONS)
def test_every_row_of_the_ablation_table_can_be_learnt_and_predicted(row: dict[str, Any]) -> None:
    model = iser(**row)
    loss = model.loss(model.prepare(SENTENCES), np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(loss))
    assert len(say(model, NAME, SENTENCES)) == len(SENTENCES)
    assert set(CATALOGUE[NAME].ablations) == set(ABLATIONS)


def test_a_batch_without_any_unit_costs_nothing() -> None:
    model = iser()
    loss = model.loss(model.prepare([Example("empty", "")]), np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == 0.0


def test_the_papers_values_hold_where_a_pretrained_encoder_is_fine_tuned(
    encoder_folder: Any,
) -> None:
    tuned = iser(encoder=encoder_folder).settings
    assert (tuned.negative_entities, tuned.near_negatives, tuned.negative_relations) == (
        100,
        0,
        100,
    )
    assert (tuned.local_context, tuned.threshold, tuned.entity_bonus) == ("max", 0.4, 0.0)
    assert tuned.fusion_residual == "off"
