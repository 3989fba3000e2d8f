"""SpERT as a whole: learns by heart, says the same in any batch, survives its folder."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from extraction.catalogue import ENCODERS
from extraction.data.schema_file import schema_of
from extraction.evaluation.report import evaluate
from extraction.models.spert import model as spert
from extraction.protocol import Blueprint
from extraction.recipes.predict import Predictor, load
from extraction.training.loop import Listener, Step, train
from extraction.training.settings import TrainingSettings
from extraction.training.state import State
from extraction.types import Example, Prediction, RelationRule, Schema
from tests.extraction.corpus import corpus

CPU = torch.device("cpu")
TEXTS = [one.text for one in corpus()] + ["", "👩‍⚕️", "𠮷药@与１２号药合用", "乐平" * 200]


def new_model(
    seed: int = 5, examples: Sequence[Example] | None = None, **settings: int
) -> spert.Spert:
    taken = corpus() if examples is None else examples
    return spert.create(
        Blueprint(
            settings=settings,
            schema=schema_of(taken),
            encoder=ENCODERS["chars-tiny"],
            examples=taken,
            seed=seed,
        ),
        CPU,
    )


@pytest.fixture(scope="module")
def knowing(checkpoint: Path) -> Predictor:
    return load(checkpoint, device="cpu")


def assert_same(left: Prediction, right: Prediction) -> None:
    """Equal statements; confidence may differ by rounding."""
    assert left.graph() == right.graph()
    for name in ("entities", "relations", "refused"):
        ours = [one.confidence for one in getattr(left, name)]
        assert ours == pytest.approx([one.confidence for one in getattr(right, name)], abs=2e-5)


@pytest.mark.slow
def test_it_learns_a_handful_of_sentences_by_heart(knowing: Predictor) -> None:
    examples = corpus()
    said = knowing.predict([one.text for one in examples])
    found = evaluate(examples, [one.graph() for one in said])
    assert found["entity_f1"] == found["triple_f1"] == 1.0
    assert all(0.0 < e.confidence <= 1.0 for one in said for e in one.entities)


def test_the_first_losses_are_what_they_always_were() -> None:
    model = new_model(negative_entities=10)
    steps: list[Step] = []
    epochs: list[int] = []
    kept: list[State] = []
    listener = Listener(steps.append, epochs.append, lambda: False, kept.append)
    settings = TrainingSettings(epochs=1, learning_rate=1e-3, batch_tokens=48, hide_rare=0.1)
    train(model, model.prepare(corpus()), settings, 1, listener)
    assert [step.loss for step in steps] == pytest.approx(GOLDEN_LOSSES, abs=5e-5)


GOLDEN_LOSSES = [1.073574, 1.375217, 1.207134]


@pytest.mark.slow
def test_a_batch_of_one_says_the_same_as_a_batch_of_many(knowing: Predictor) -> None:
    together = knowing.predict(TEXTS)
    for text, said in zip(TEXTS, together, strict=True):
        assert_same(knowing.predict([text])[0], said)


@pytest.mark.slow
def test_the_order_of_the_sentences_changes_nothing(knowing: Predictor) -> None:
    order = list(range(len(TEXTS)))
    random.Random(1).shuffle(order)
    straight = knowing.predict(TEXTS)
    shuffled = knowing.predict([TEXTS[i] for i in order])
    for place, index in enumerate(order):
        assert_same(shuffled[place], straight[index])


@pytest.mark.slow
def test_predicting_twice_is_bitwise_the_same(knowing: Predictor) -> None:
    assert knowing.predict(TEXTS) == knowing.predict(TEXTS)


def test_two_models_of_one_seed_are_equal_and_of_two_seeds_are_not() -> None:
    one, same, other = (new_model(seed).network.state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_a_saved_model_says_the_same_when_it_is_loaded(tmp_path: Path) -> None:
    model = new_model()
    model.save(tmp_path)
    again = spert.load(tmp_path, model.card(), CPU)
    examples = [Example(text, text) for text in TEXTS]
    before = model.predict(model.prepare(examples), None)
    assert again.predict(again.prepare(examples), None) == before


def test_a_schema_forbids_while_predicting() -> None:
    model = new_model()
    with torch.no_grad():  # a model that says everything
        model.heads.entity.bias.copy_(torch.tensor([-9.0, 9.0, 9.5]))
        model.heads.relation.bias.fill_(9.0)  # type: ignore[union-attr]
    items = model.prepare([Example("1", "安宁片@与乐平")])
    assert {e.type for e in model.predict(items, None)[0].entities} == {"药物"}
    rules = (RelationRule("协同", symmetric=True, pairs=(("疾病", "疾病"),)),)
    (said,) = model.predict(items, Schema(("疾病",), rules))
    assert {e.type for e in said.entities} == {"疾病"}
    assert {r.type for r in said.relations} == {"协同"}
    assert all(r.head < r.tail for r in said.relations)
    (silent,) = model.predict(items, Schema(("药物",), rules))
    assert silent.entities
    assert silent.relations == ()


def test_a_long_sentence_is_read_to_its_end() -> None:
    model = new_model()
    text = "安宁片@与乐平合用。" * 60
    (item,) = model.prepare([Example("1", text)])
    assert len(item.tokens.windows) > 2
    features = model._features([item])
    assert features.units.shape[0] == len(item.tokens.units) == len(text)
    assert bool(torch.isfinite(features.units).all())
    assert features.sentences.shape[0] == 1


@pytest.mark.parametrize("kept", [True, False])
def test_entities_without_any_relation_type_can_be_learnt(kept: bool) -> None:  # noqa: FBT001
    only = [one for one in corpus() if not one.graph.relations] if kept else corpus()[:1]
    model = new_model(examples=only)
    loss = model.loss(model.prepare(only), np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(loss))
    assert len(model.predict(model.prepare(only), None)) == len(only)
    assert (model.heads.relation is None) == kept


def test_a_frozen_encoder_is_read_once_and_never_changed(encoder_folder: Path) -> None:
    examples = corpus()
    model = spert.create(
        Blueprint({}, schema_of(examples), encoder_folder, examples, seed=1, is_frozen=True), CPU
    )
    items = model.prepare(examples)
    assert all(item.features is not None for item in items)
    model.loss(items, np.random.default_rng(0)).backward()  # type: ignore[no-untyped-call]
    for name, parameter in model.network.named_parameters():
        assert (parameter.grad is None) == name.startswith("encoder.")
    thawed = [type(item)(item.tokens, item.gold) for item in items]
    for kept, read in zip(model.predict(items, None), model.predict(thawed, None), strict=True):
        assert_same(kept, read)


def test_a_model_that_begins_from_another_one_knows_what_that_one_knew(tmp_path: Path) -> None:
    first = new_model(seed=1)
    first.save(tmp_path)
    more = [*corpus(), Example("new", "龘片@与乐平合用", corpus()[0].graph)]
    schema = Schema(("食物", "药物", "疾病"), (RelationRule("新"), RelationRule("协同")))
    blueprint = Blueprint(
        settings={},
        schema=schema,
        encoder=ENCODERS["chars-tiny"],
        examples=more,
        seed=9,
        origin=tmp_path,
        origin_card=first.card(),
    )
    second = spert.create(blueprint, CPU)
    old, new = first.heads, second.heads
    assert old.relation is not None
    assert new.relation is not None
    assert torch.equal(new.entity.weight[2:], old.entity.weight[[2, 1]])  # 药物, 疾病
    synergy = first.labels.relations.index("协同")
    assert torch.equal(new.relation.weight[1], old.relation.weight[synergy])
    known = first.backbone.tokeniser.tokenizer.get_vocab_size()
    words = "transformer.embeddings.word_embeddings.weight"
    before = first.backbone.encoder.state_dict()[words]
    after = second.backbone.encoder.state_dict()[words]
    assert len(after) == known + 1
    assert torch.equal(after[:known], before)
