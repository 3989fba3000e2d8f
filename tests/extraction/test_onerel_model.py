"""What is OneRel's own: the plain table's loss, entities with and without a slice, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch

from bench.plain import onerel as plain
from extraction.errors import ExtractionError
from extraction.models.common.gold import Item
from extraction.models.common.settings import Facts
from extraction.models.onerel import model as onerel
from extraction.models.onerel.network import HB_TE, TAGS
from extraction.models.onerel.settings import ABLATIONS, Settings
from extraction.types import Example
from tests.extraction.corpus import corpus
from tests.extraction.every_model import assert_same, new_model

PAPER: Mapping[str, Any] = {
    "adapter": 0,
    "decoder": "nearest",
    "pair_dropout": "cell",
    "corner_weight": 1.0,
    "entity_weight": 1.0,
    "context": "none",
    "entity_bonus": 0.0,
    "pair_size": 3.0,
}


def made(**wanted: Any) -> onerel.OneRel:
    """An untrained model of the little corpus, at rest."""
    model = new_model("onerel.v1", **{**PAPER, **wanted})
    assert isinstance(model, onerel.OneRel)
    model.network.eval()
    return model


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"ends": "separator"},
        {"ends": "inclusive"},
        {"corner_weight": 4.0, "entity_weight": 3.0},
        {"context": "sentence", "adapter": 16, "pair_size": 0.5},
        {"pair_dropout": "factor"},
    ],
)
def test_the_factored_loss_and_its_gradients_are_those_of_the_plain_table(
    wanted: dict[str, Any],
) -> None:
    model = made(**wanted)
    items = model.prepare(corpus())
    rng = np.random.default_rng(0)
    gradients = []
    for loss in (model.loss(items, rng), plain.loss(model, items, rng)):
        model.network.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        named = model.heads.named_parameters()
        gradients.append((loss.item(), {n: p.grad for n, p in named if p.grad is not None}))
    (ours, our_grad), (theirs, their_grad) = gradients
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert our_grad.keys() == their_grad.keys()
    for name, gradient in our_grad.items():
        assert torch.allclose(gradient, their_grad[name], rtol=1e-4, atol=1e-6), name


def test_the_first_loss_of_an_ignorant_table_is_the_known_logarithm() -> None:
    model = made(entities="triples")
    for one in (model.heads.relation, model.heads.entity):
        assert one is not None
        torch.nn.init.zeros_(one.weight)
        torch.nn.init.zeros_(one.bias)
    loss = model.loss(model.prepare(corpus()), np.random.default_rng(0))
    kinds, types = len(model.labels.relations), len(model.labels.entities)
    assert loss.item() == pytest.approx(kinds * np.log(4) + np.log(types), rel=1e-5)


def test_types_without_a_slice_are_learnt_beside_the_table_and_do_not_touch_it() -> None:
    model = made(entities="triples")
    items = model.prepare(corpus())
    model.loss(items, np.random.default_rng(0)).backward()  # type: ignore[no-untyped-call]
    assert model.heads.entity.weight.grad is not None
    with_types = {
        n: p.grad.clone() for n, p in model.network.named_parameters() if p.grad is not None
    }
    model.network.zero_grad()
    untyped = [_without_entities(item) for item in items]
    bare = made(entities="triples")
    bare.network.load_state_dict(model.network.state_dict())
    bare.loss(untyped, np.random.default_rng(0)).backward()  # type: ignore[no-untyped-call]
    for name, parameter in bare.network.named_parameters():
        if parameter.grad is not None and not name.startswith("heads.entity"):
            assert torch.allclose(parameter.grad, with_types[name]), name


def _without_entities(item: Item) -> Item:
    """The same sentence with an entity that is in no relation left out of its types."""
    joined = np.unique(item.gold.pairs)
    place = np.full(len(item.gold.spans), -1)
    place[joined] = np.arange(len(joined))
    gold = replace(
        item.gold,
        spans=item.gold.spans[joined],
        types=item.gold.types[joined],
        pairs=place[item.gold.pairs],
    )
    return replace(item, gold=gold)


def test_a_network_without_relation_types_has_no_relation_scorer() -> None:
    only = [one for one in corpus() if not one.graph.relations]
    model = new_model("onerel.v1", only, entities="triples")
    assert isinstance(model, onerel.OneRel)
    assert model.heads.relation is None
    loss = model.loss(model.prepare(only), np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(loss))


def test_triples_alone_say_no_entity_without_a_relation() -> None:
    model = made(entities="triples", decoder="nearest")
    with torch.no_grad():  # every pair is an entity, none is in a relation
        model.heads.entity.bias[1:] += 9.0
        assert model.heads.relation is not None
        model.heads.relation.bias.view(-1, TAGS)[:, 0] += 9.0
    assert all(said.entities == () for said in model.predict(model.prepare(corpus()), None))
    model.settings = replace(model.settings, entities="table")
    assert any(said.entities for said in model.predict(model.prepare(corpus()), None))


@pytest.mark.parametrize("decoder", ["nearest", "reference", "pairs"])
def test_a_model_that_tags_everything_is_bounded(decoder: str) -> None:
    model = made(decoder=decoder)
    with torch.no_grad():
        assert model.heads.relation is not None
        model.heads.relation.bias.view(-1, TAGS)[:, HB_TE] += 9.0
        model.heads.entity.bias[1:] += 9.0
    long = Example("long", "乐平" * 60)
    (said,) = model.predict(model.prepare([long]), None)
    assert len(said.entities) <= 96 + 2 * 64
    assert len(said.refused) <= 32


@pytest.mark.parametrize("ends", ["exclusive", "separator", "inclusive"])
@pytest.mark.parametrize("decoder", ["nearest", "reference", "pairs"])
def test_whatever_the_ends_and_the_decoder_a_batch_says_what_its_sentences_say(
    ends: str, decoder: str
) -> None:
    model = made(ends=ends, decoder=decoder, entity_bonus=1.5, relation_bonus=1.5)
    examples = [*corpus(), Example("empty", ""), Example("one", "甲")]
    together = model.predict(model.prepare(examples), None)
    assert any(one.entities or one.refused for one in together)
    for example, said in zip(examples, together, strict=True):
        assert_same(model.predict(model.prepare([example]), None)[0], said)


def test_a_fine_tuned_encoder_gets_the_papers_settings() -> None:
    chosen = Settings().fitted(Facts(depth=12, has_overlaps=True))
    assert (chosen.pair_size, chosen.pair_dropout, chosen.corner_weight) == (3.0, "cell", 1.0)
    assert (chosen.decoder, chosen.context, chosen.adapter) == ("nearest", "none", 0)
    assert (chosen.dropout, chosen.pair_dropout_rate, chosen.overlaps) == (0.2, 0.1, "keep")


@pytest.mark.parametrize("facts", [Facts(is_new=True), Facts(is_frozen=True, depth=6)])
def test_other_encoders_get_a_layer_that_sees_neighbours_and_known_spans(facts: Facts) -> None:
    chosen = Settings().fitted(facts)
    assert chosen.adapter
    assert chosen.decoder == "pairs"
    assert Settings(entities="triples").fitted(facts).decoder == "nearest"
    assert Settings(decoder="reference", adapter=0).fitted(facts).decoder == "reference"
    assert Settings(decoder="reference", adapter=0).fitted(facts).adapter == 0


def test_pairs_of_entities_need_entities() -> None:
    with pytest.raises(ExtractionError, match="entities=table"):
        Settings(entities="triples", decoder="pairs").fitted(Facts())


@pytest.mark.parametrize("row", ABLATIONS)
@pytest.mark.parametrize("is_new", [True, False])
def test_every_row_of_the_ablations_can_be_chosen_for_any_encoder(row: str, is_new: bool) -> None:  # noqa: FBT001
    own = {field.name for field in fields(Settings)}
    wanted = {name: value for name, value in ABLATIONS[row].items() if name in own}
    Settings(**wanted).fitted(Facts(is_new=is_new, is_frozen=not is_new))


def test_a_model_that_begins_from_another_one_keeps_the_tags_of_its_relations() -> None:
    model = made()
    rows = model.label_rows()
    assert model.heads.relation is not None
    assert len(rows["relation.weight"]) == len(model.heads.relation.weight)
    assert len(set(rows["relation.weight"])) == len(rows["relation.weight"])
    assert rows["entity.weight"] == ("", *model.labels.entities)
