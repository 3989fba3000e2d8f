"""The contract of every model; a new one joins by its row in the catalogue.

It learns by heart, says the same in any batch, obeys the schema and survives its folder.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from extraction.catalogue import CATALOGUE, ENCODERS
from extraction.errors import ExtractionError
from extraction.evaluation.report import evaluate
from extraction.models.common.decode import MOST_ALTERNATIVES
from extraction.protocol import Blueprint
from extraction.recipes.predict import Predictor, load
from extraction.recipes.train import TrainRequest, run
from extraction.types import Entity, Example, Graph, Relation, RelationRule, Schema
from tests.extraction.corpus import corpus, example
from tests.extraction.every_model import (
    CPU,
    asked,
    assert_same,
    first_losses,
    heart_settings,
    module_of,
    new_model,
    say,
)

GOLDEN: Mapping[str, list[float]] = json.loads(
    (Path(__file__).parent / "golden_losses.json").read_text(encoding="utf-8")
)
TWO = example("安宁片@与乐平", [("安宁片", "药物"), ("乐平", "药物")])
ODD = [
    Example("empty", ""),
    Example("joined", "👩‍⚕️"),
    example("𠮷药@与１２号药合用", [("𠮷药", "药物"), ("１２号药", "药物")]),
    Example("long", "乐平" * 200, Graph((Entity(0, 2, "药物"), Entity(398, 400, "药物")))),
]

every_model = pytest.mark.parametrize("name", CATALOGUE)
every_joint_model = pytest.mark.parametrize(
    "name", [spec.name for spec in CATALOGUE.values() if not spec.given_entities]
)
Knowing = Callable[[str], Predictor]


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory, train_file: Path) -> Knowing:
    """Checkpoints that know the little corpus by heart, each trained once."""
    made: dict[str, Predictor] = {}

    def trained(name: str) -> Predictor:
        if name not in made:
            torch.set_num_threads(1)
            out = tmp_path_factory.mktemp("by-heart") / name
            request = TrainRequest(
                model=name,
                train=train_file,
                dev=train_file,
                out=out,
                encoder="chars-tiny",
                seed=3,
                settings=heart_settings(name),
                device="cpu",
            )
            run(request, lambda _: None)
            made[name] = load(out, device="cpu")
        return made[name]

    return trained


@pytest.mark.slow
@every_model
def test_it_learns_a_handful_of_sentences_by_heart(name: str, knowing: Knowing) -> None:
    examples = corpus()
    said = knowing(name).predict_examples(asked(name, examples))
    found = evaluate(examples, [one.graph() for one in said])
    assert found["entity_f1"] == found["triple_f1"] == 1.0
    assert all(0.0 < e.confidence <= 1.0 for one in said for e in one.entities)
    assert all(0.0 < r.confidence <= 1.0 for one in said for r in one.relations)


@pytest.mark.slow
@every_model
def test_a_batch_of_one_says_the_same_as_a_batch_of_many(name: str, knowing: Knowing) -> None:
    predictor = knowing(name)
    examples = asked(name, [*corpus(), *ODD])
    together = predictor.predict_examples(examples)
    for one, said in zip(examples, together, strict=True):
        assert_same(predictor.predict_examples([one])[0], said)


@pytest.mark.slow
@every_model
def test_alternatives_lie_between_said_entities_and_hold_what_was_refused_there(
    name: str, knowing: Knowing
) -> None:
    examples = asked(name, [*corpus(), *ODD])
    for one in knowing(name).predict_examples(examples):
        spans = {(entity.start, entity.end) for entity in one.entities}
        assert all({other.span, other.tail} <= spans for other in one.alternatives)
        refused = [r for r in one.refused if r.span in spans and r.tail in spans]
        assert len(one.alternatives) == MOST_ALTERNATIVES or set(refused) <= set(one.alternatives)


@pytest.mark.slow
@every_model
def test_padding_changes_nothing(name: str, knowing: Knowing) -> None:
    model = knowing(name).model
    short = asked(name, [TWO])
    long = asked(name, [*corpus(), *ODD])
    (alone,) = model.predict(model.prepare(short), None)
    assert_same(model.predict(model.prepare([*long, *short]), None)[-1], alone)


@pytest.mark.slow
@every_model
def test_the_order_of_the_sentences_changes_nothing(name: str, knowing: Knowing) -> None:
    predictor = knowing(name)
    examples = asked(name, [*corpus(), *ODD])
    order = list(range(len(examples)))
    random.Random(1).shuffle(order)
    straight = predictor.predict_examples(examples)
    shuffled = predictor.predict_examples([examples[i] for i in order])
    for place, index in enumerate(order):
        assert_same(shuffled[place], straight[index])


@pytest.mark.slow
@every_model
def test_predicting_twice_is_bitwise_the_same(name: str, knowing: Knowing) -> None:
    examples = asked(name, [*corpus(), *ODD])
    assert knowing(name).predict_examples(examples) == knowing(name).predict_examples(examples)


@every_model
def test_the_first_losses_are_what_they_always_were(name: str) -> None:
    assert first_losses(name) == pytest.approx(GOLDEN[name], rel=1e-4, abs=5e-5)


@every_model
def test_training_is_the_same_twice(name: str) -> None:
    assert first_losses(name) == first_losses(name)


@every_model
def test_two_models_of_one_seed_are_equal_and_of_two_seeds_are_not(name: str) -> None:
    one, same, other = (new_model(name, seed=s).network.state_dict() for s in (1, 1, 2))
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert any(not torch.equal(one[key], other[key]) for key in one)


@every_model
def test_a_saved_model_says_the_same_when_it_is_loaded(name: str, tmp_path: Path) -> None:
    model = new_model(name)
    model.save(tmp_path)
    card = json.loads(json.dumps(model.card()))
    again = module_of(name).load(tmp_path, card, CPU)
    examples = [*corpus(), *ODD]
    assert say(again, name, examples) == say(model, name, examples)


@every_model
def test_a_card_with_unknown_settings_or_lost_tensors_is_refused(name: str, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file  # noqa: PLC0415

    model = new_model(name)
    model.save(tmp_path)
    card = model.card()
    wrong = {**card, "settings": {**card["settings"], "hiden": 3}}
    with pytest.raises(ExtractionError, match="hiden: unknown"):
        module_of(name).load(tmp_path, wrong, CPU)
    weights = load_file(tmp_path / "heads.safetensors")
    lost = min(weights)
    save_file({k: v for k, v in weights.items() if k != lost}, tmp_path / "heads.safetensors")
    with pytest.raises(ExtractionError, match=lost):
        module_of(name).load(tmp_path, card, CPU)


@every_model
def test_odd_sentences_can_be_learnt_and_predicted(name: str) -> None:
    model = new_model(name)
    items = model.prepare([*ODD, *corpus()])
    loss = model.loss(items, np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(loss))
    only_odd = model.loss(model.prepare(ODD[:2]), np.random.default_rng(0))
    assert bool(torch.isfinite(only_odd))
    said = say(model, name, ODD)
    assert said[0].entities == ()
    for one, prediction in zip(ODD, said, strict=True):
        assert all(0 <= e.start < e.end <= len(one.text) for e in prediction.entities)


@every_joint_model
def test_entities_without_any_relation_type_can_be_learnt(name: str) -> None:
    only = [one for one in corpus() if not one.graph.relations]
    model = new_model(name, only)
    loss = model.loss(model.prepare(only), np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(loss))
    assert all(one.relations == () for one in say(model, name, only))


@every_model
def test_several_relations_of_one_pair_and_several_pairs_of_one_entity_can_be_learnt(
    name: str,
) -> None:
    graph = Graph(
        (Entity(0, 3, "药物"), Entity(5, 7, "药物"), Entity(8, 10, "疾病")),
        (Relation(0, 1, "协同"), Relation(0, 1, "拮抗"), Relation(1, 0, "协同")),
    )
    examples = [Example("1", "安宁片@与乐平和头痛", graph), *corpus()]
    model = new_model(name, examples)
    loss = model.loss(model.prepare(examples), np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(loss))


@pytest.mark.slow
@every_model
def test_a_schema_rules_what_is_said(name: str, knowing: Knowing) -> None:
    predictor = knowing(name)
    examples = asked(name, corpus())
    free = predictor.predict_examples(examples)
    assert {r.type for one in free for r in one.relations} >= {"协同", "促进"}
    rules = (RelationRule("协同", symmetric=True), RelationRule("促进", pairs=(("疾病", "疾病"),)))
    bound = predictor.predict_examples(examples, schema=Schema(("药物", "疾病"), rules))
    relations = [r for one in bound for r in one.relations]
    assert {r.type for r in relations} <= {"协同"}
    for one in bound:
        for r in one.relations:
            head, tail = one.entities[r.head], one.entities[r.tail]
            assert (head.start, head.end) < (tail.start, tail.end)
    without = predictor.predict_examples(examples, schema=Schema(("疾病",), rules))
    assert all(r.type != "协同" or one.entities for one in without for r in one.relations)
    if not CATALOGUE[name].given_entities:
        assert {e.type for one in without for e in one.entities} <= {"疾病"}


@every_model
def test_a_long_sentence_is_read_to_its_end(name: str) -> None:
    model = new_model(name)
    text = "安宁片@与乐平合用。" * 60
    graph = Graph(
        (Entity(0, 3, "药物"), Entity(len(text) - 5, len(text) - 3, "药物")),
        (Relation(1, 0, "协同"),),
    )
    items = model.prepare([Example("long", text, graph)])
    loss = model.loss(items, np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(loss))
    assert len(items[0].tokens.units) == len(text)


@every_model
def test_a_frozen_encoder_is_read_once_and_never_changed(name: str, encoder_folder: Path) -> None:
    examples = corpus()
    model = new_model(name, encoder=encoder_folder, is_frozen=True)
    items = model.prepare(examples)
    model.loss(items, np.random.default_rng(0)).backward()  # type: ignore[no-untyped-call]
    for key, parameter in model.network.named_parameters():
        if key.startswith("encoder."):
            assert parameter.grad is None
    assert any(p.grad is not None for p in model.network.parameters())
    assert len(say(model, name, examples)) == len(examples)


@every_model
def test_a_model_that_begins_from_another_one_says_what_that_one_said(
    name: str, tmp_path: Path
) -> None:
    first = new_model(name, seed=1)
    first.save(tmp_path)
    blueprint = Blueprint(
        settings={},
        schema=schema_of_corpus(),
        encoder=ENCODERS["chars-tiny"],
        examples=corpus(),
        seed=9,
        origin=tmp_path,
        origin_card=first.card(),
    )
    second = module_of(name).create(blueprint, CPU)
    for before, after in zip(say(first, name, corpus()), say(second, name, corpus()), strict=True):
        assert_same(before, after)


def schema_of_corpus() -> Schema:
    from extraction.data.schema_file import schema_of  # noqa: PLC0415

    return schema_of(corpus())


@pytest.mark.gpu
@every_model
def test_a_step_and_a_prediction_on_an_accelerator_are_those_of_the_cpu(name: str) -> None:
    device = torch.device("cuda")
    results: list[tuple[Any, Any]] = []
    for place in (CPU, device):
        blueprint = Blueprint({}, schema_of_corpus(), ENCODERS["chars-tiny"], corpus(), seed=5)
        model = module_of(name).create(blueprint, place)
        items = model.prepare(corpus())
        model.network.eval()
        loss = model.loss(items, np.random.default_rng(0))
        loss.backward()  # type: ignore[no-untyped-call]
        results.append((loss.item(), say(model, name, corpus())))
    (loss_here, here), (loss_there, there) = results
    assert loss_there == pytest.approx(loss_here, rel=0.05)
    assert len(here) == len(there)
