"""bio_mtl as a whole: it names what it was given, and joins only what it may."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench.plain import bio_mtl as plain
from extraction.catalogue import CATALOGUE
from extraction.models.bio_mtl.decode import class_chances
from extraction.models.bio_mtl.encode import given_pairs, nodes_of
from extraction.models.bio_mtl.model import BioMtl, load
from extraction.models.bio_mtl.network import Scores
from extraction.models.bio_mtl.settings import BY_LANGUAGE, Settings
from extraction.models.bio_mtl.stage import drawn
from extraction.recipes.cli import main
from extraction.types import Entity, Example, Graph, Relation
from tests.extraction.corpus import corpus, example, write_native
from tests.extraction.every_model import CPU, asked, new_model, say

NAME = "bio_mtl.v1"
SMALL: Mapping[str, Any] = {"filters": 8, "hidden": 16}
EVERYTHING: Mapping[str, Any] = {
    "type_filter": False,
    "threshold": -100.0,
}  # whatever may be joined is joined
NESTED = Example(
    "nested",
    "安宁片合剂 与乐平和头痛",
    Graph(
        (
            Entity(10, 12, "疾病"),
            Entity(0, 3, "药物"),
            Entity(5, 6, "药物"),  # a blank
            Entity(0, 5, "药物"),
            Entity(7, 9, "食物"),  # no type of the model
            Entity(0, 3, "药物"),  # said twice
        ),
    ),
)


def made(examples: list[Example] | None = None, **settings: Any) -> BioMtl:
    model = new_model(NAME, examples, **{**SMALL, **settings})
    assert isinstance(model, BioMtl)
    return model


def test_entities_come_back_as_they_were_given_and_relations_name_them() -> None:
    model = made(**EVERYTHING)
    (said,) = say(model, NAME, [NESTED])
    assert said.graph().entities == NESTED.graph.entities
    assert {entity.confidence for entity in said.entities} == {1.0}
    assert {(one.head, one.tail) for one in said.relations} == {
        (a, b) for a in (0, 1, 3) for b in (0, 1, 3) if a != b
    }
    named = {(one.span, one.tail) for one in said.refused}
    assert named <= {((a.start, a.end), (b.start, b.end)) for a in _known() for b in _known()}


def _known() -> list[Entity]:
    return [NESTED.graph.entities[place] for place in (0, 1, 3)]


def test_a_pair_has_one_relation_at_most() -> None:
    for pairs in ("ordered", "unordered"):
        (said,) = say(made(pairs=pairs, **EVERYTHING), NAME, [NESTED])
        ends = [tuple(sorted((one.head, one.tail))) for one in said.relations]
        assert max(ends.count(one) for one in ends) == (2 if pairs == "ordered" else 1)


def test_types_that_never_met_are_not_joined_after_loading_either(tmp_path: Path) -> None:
    model = made(threshold=-100.0)
    model.save(tmp_path)
    again = load(tmp_path, json.loads(json.dumps(model.card())), CPU)
    for one in (model, again):
        (said,) = say(one, NAME, [NESTED])
        assert said.relations
        kinds = {said.entities[end].type for r in said.relations for end in (r.head, r.tail)}
        assert kinds == {"药物"}  # the corpus joins drugs only
    (free,) = say(made(**EVERYTHING), NAME, [NESTED])
    assert any(free.entities[r.tail].type == "疾病" for r in free.relations)


@pytest.mark.parametrize(("language", "pairs"), [("chinese", "ordered"), ("english", "unordered")])
def test_the_papers_values_follow_the_language(language: str, pairs: str) -> None:
    english = [
        example("Aspirin with warfarin", [("Aspirin", "D"), ("warfarin", "D")], [(0, 1, "R")])
    ]
    settings = made(None if language == "chinese" else english).settings
    assert (settings.language, settings.pairs) == (language, pairs)
    wanted = BY_LANGUAGE[language]
    assert (settings.right, settings.wrong, settings.theta) == (
        wanted["margin_right"],
        wanted["margin_wrong"],
        wanted["threshold"],
    )
    chosen = made(language="english", threshold=0.25).settings
    assert (chosen.pairs, chosen.right, chosen.theta) == ("unordered", 2.5, 0.25)


@pytest.mark.parametrize("rc_loss", ["rank", "both", "ce"])
def test_a_class_is_likelier_than_other_exactly_from_the_threshold_on(rc_loss: Any) -> None:
    settings = Settings(rc_loss=rc_loss, threshold=1.0, gamma=2.0)
    scores = torch.tensor([[1.5, -3.0], [0.9, 0.0]])
    other = None if rc_loss == "rank" else torch.tensor([[1.0], [1.0]])
    chances = class_chances(Scores(scores, other, None), np.ones((2, 2), dtype=bool), settings)
    torch.testing.assert_close(chances.sum(1), torch.ones(2))
    assert (chances[:, 1:].amax(1) >= chances[:, 0]).tolist() == [True, False]
    one = class_chances(Scores(scores[:, :1], None, None), np.ones((2, 1), dtype=bool), settings)
    torch.testing.assert_close(one[:, 1], torch.sigmoid(2.0 * (scores[:, 0] - 1.0)))


def test_classes_that_the_schema_forbids_have_no_chance() -> None:
    scores = torch.tensor([[5.0, 1.5]])
    legal = np.asarray([[False, True]])
    chances = class_chances(Scores(scores, None, None), legal, Settings(threshold=1.0))
    assert chances[0, 1] == 0
    assert chances[0, 2] > chances[0, 0]


@pytest.mark.parametrize("row", CATALOGUE[NAME].ablations)
def test_every_row_of_the_papers_tables_can_be_learnt_and_asked(row: str) -> None:
    model = made(**{**CATALOGUE[NAME].ablations[row], "filters": 8})
    items = model.prepare([*corpus(), NESTED])
    loss = model.loss(items, np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(loss))
    assert len(say(model, NAME, corpus())) == len(corpus())


@pytest.mark.parametrize("settings", [{}, {"pooling": "pieces"}, {"pairs": "unordered"}], ids=str)
def test_the_shared_form_says_and_learns_what_the_plain_form_does(settings: Any) -> None:
    model = made(type_filter=False, dropout=0.0, **settings)
    items = model.prepare([*corpus(), NESTED])
    model.network.eval()
    ours = model.loss(items, np.random.default_rng(1))
    theirs = plain.loss(model, items, np.random.default_rng(1))
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    scores = plain.predict(model, items)
    assert scores is not None
    nodes = nodes_of(items)
    counts = np.asarray([len(item.tokens.units) for item in items])
    instances = model.stage.lay_out(nodes, given_pairs(nodes), counts)
    assert instances is not None
    found = model.stage.network(model.features(items).units, instances)
    torch.testing.assert_close(found.classes, scores.classes, rtol=1e-4, atol=1e-5)


def test_negatives_can_be_drawn_at_a_ratio() -> None:
    target = np.asarray([-1] * 20 + [0, 1])
    rows = drawn(target, 2.5, np.random.default_rng(0))
    assert (target[rows] >= 0).sum() == 2
    assert len(rows) == 7
    assert len(drawn(target, 0.0, np.random.default_rng(0))) == 22
    assert len(drawn(target[:20], 3.0, np.random.default_rng(0))) == 0


def test_without_any_pair_the_loss_is_nothing_and_still_has_gradients() -> None:
    model = made()
    alone = [one for one in corpus() if len(one.graph.entities) < 2]
    loss = model.loss(model.prepare(alone), np.random.default_rng(0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0.0


@pytest.mark.slow
def test_the_commands_train_evaluate_and_predict_with_given_entities(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write_native(tmp_path / "train.jsonl", corpus())
    settings = [
        "--set",
        "epochs=40",
        "filters=8",
        "learning_rate=0.003",
        "hide_rare=0",
        "dropout=0",
    ]
    where = ["--out", str(tmp_path / "model"), "--train", str(train), "--dev", str(train)]
    assert main(["train", "--model", NAME, *where, *settings, "--threads", "1"]) == 0
    asking = ["--checkpoint", str(tmp_path / "model"), "--data", str(train), "--threads", "1"]
    capsys.readouterr()
    assert main(["evaluate", *asking, "--json"]) == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert metrics["entity_f1"] == 1.0
    assert metrics["triple_f1"] > 0.8
    assert main(["predict", *asking, "--out", str(tmp_path / "said.jsonl")]) == 0
    lines = (tmp_path / "said.jsonl").read_text(encoding="utf-8").splitlines()
    said = [json.loads(line)["entities"] for line in lines]
    assert [len(one) for one in said] == [len(one.graph.entities) for one in corpus()]


def test_one_who_is_not_told_of_entities_says_nothing() -> None:
    model = made(**EVERYTHING)
    bare = [Example(one.id, one.text) for one in asked(NAME, corpus())]
    assert all(not one.entities and not one.relations for one in say(model, NAME, bare))


def test_both_directions_of_a_symmetric_relation_are_one_statement() -> None:
    from extraction.types import RelationRule, Schema  # noqa: PLC0415

    rules = Schema(("药物", "疾病"), (RelationRule("协同", symmetric=True),))
    told = [
        Example("1", NESTED.text, Graph(NESTED.graph.entities[:2], (Relation(0, 1, "协同"),))),
    ]
    for pairs in ("ordered", "unordered"):
        model = new_model(NAME, told, schema=rules, pairs=pairs, **SMALL, **EVERYTHING)
        (said,) = model.predict(model.prepare(asked(NAME, told)), None)
        assert [(one.head, one.tail, one.type) for one in said.relations] == [(1, 0, "协同")]
