"""What is SpERT's own beside the contract of every model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from extraction.catalogue import ENCODERS
from extraction.data.schema_file import schema_of
from extraction.models.spert import model as spert
from extraction.protocol import Blueprint
from extraction.types import Example, RelationRule, Schema
from tests.extraction.corpus import corpus
from tests.extraction.every_model import assert_same

CPU = torch.device("cpu")


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


def test_a_long_sentence_wants_more_certainty_where_few_spans_were_drawn() -> None:
    """The rise of "none" is the log of spans by drawn spans, of each sentence, and never a fall."""
    made = [new_model(negative_entities=20, max_span=4, drawn_times=times) for times in (0, 2)]
    texts = ["安宁片@与乐平", "安宁片@与乐平合用，" * 20]
    counts = [sum(len(text) - width for width in range(4)) for text in texts]
    chances = []
    for model in made:
        items = model.prepare([Example(str(n), text) for n, text in enumerate(texts)])
        with torch.no_grad():
            model.heads.entity.weight.zero_()
            model.heads.entity.bias.copy_(torch.tensor([0.0, 0.3, 0.0]))
        chances.append([one.entities for one in model.predict(items, None)])
    plain, raised = chances
    assert plain[0]
    assert counts[0] < 2 * 20 < counts[1]
    assert [e.confidence for e in raised[0]] == [e.confidence for e in plain[0]]
    assert plain[1]
    assert raised[1] == ()
    assert np.log(counts[1] / 40) > 0.3  # so that "none" wins there, and only there


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
    assert model.adapter is not None
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
