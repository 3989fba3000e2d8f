"""What versions say of the measured sentences is kept by the worker, of a rival's, too."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Sum

from annotator.accounts.models import User
from annotator.core.models import Job
from annotator.core.states import JobState
from annotator.corpus.models import Sentence
from annotator.labelling.graphs import EMPTY, to_graph
from annotator.labelling.rewriting import Change
from annotator.learning import services
from annotator.learning.models import Judgement, ModelVersion, Run
from annotator.learning.selectors.judgements import judged, judged_by_both
from annotator.learning.services.schema_changes import apply_change
from annotator.learning.services.schema_plan import preview_change
from annotator.projects.models import Project
from annotator.projects.selectors import symmetric_types
from extraction.evaluation.report import evaluate
from extraction.types import Example
from tests.worker.conftest import Corpus, do_next

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BRIEF: dict[str, Any] = {"settings": {"epochs": 2}}


def train(project: Project, manager: User) -> ModelVersion:
    run = services.request_run(project=project, actor=manager, given=BRIEF)
    assert do_next("train").state == JobState.DONE
    return ModelVersion.objects.get(run=run)


def figures(version: ModelVersion, symmetric: frozenset[str]) -> dict[str, Any]:
    rows = judged(version)
    examples = [Example(str(one.sentence_id), one.text, to_graph(one.gold)) for one in rows]
    return evaluate(examples, [one.predicted_graph() for one in rows], symmetric)


def test_the_judgements_of_a_run_come_to_its_metrics(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(24)
    held_out = corpus(6, first=40, split="holdout")
    version = train(project, manager)
    rows = judged(version)
    assert [one.sentence_id for one in rows] == [one.pk for one in held_out]
    assert [one.gold_id for one in rows] == version.run.snapshot["holdout"]
    assert any(one.predicted["refused"] for one in rows)
    told = figures(version, symmetric_types(project))
    for name in ("entity_f1", "triple_f1", "counts"):
        assert told[name] == version.metrics[name]

    before = list(Judgement.objects.order_by("gold").values_list("gold", "graph"))
    lay_back(version)
    assert do_next("train").state == JobState.DONE
    assert list(Judgement.objects.order_by("gold").values_list("gold", "graph")) == before


def lay_back(version: ModelVersion) -> None:
    """Leave all as a worker does that dies between the end of a training and its entry."""
    place = settings.WORK_FOLDER / f"{version.run_id}-1"
    place.mkdir(parents=True)
    (settings.MODEL_FOLDER / version.digest).rename(place / "model")
    version.delete()
    Run.objects.update(state="queued", finished_at=None)
    Job.objects.filter(kind="train").update(state=JobState.QUEUED, finished_at=None)


def test_a_rival_that_is_measured_again_is_judged_on_the_same_sentences(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(24)
    held_out = corpus(4, first=40, split="holdout")
    first = train(project, manager)
    relabel(held_out[0])
    corpus(3, first=60, split="holdout")
    second = train(project, manager)
    assert [one.gold_id for one in judged(first)] == second.run.snapshot["holdout"]
    pairs = judged_by_both(first, second)
    assert [one.gold_id for one, _ in pairs] == second.run.snapshot["holdout"]
    assert [other.gold_id for _, other in pairs] == second.run.snapshot["holdout"]
    assert judged(first)[0].gold == EMPTY
    old = judged(first, first.run.snapshot["holdout"])
    assert [one.gold_id for one in old] == first.run.snapshot["holdout"]
    assert old[0].gold["relations"]


def relabel(sentence: Sentence) -> None:
    gold = sentence.golds.get()
    gold.pk, gold.version, gold.graph = None, 2, EMPTY
    gold.save()
    Sentence.objects.filter(pk=sentence.pk).update(gold_version=2)


def test_a_rival_from_before_judgements_is_judged_when_a_run_meets_it(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(24)
    corpus(4, first=40, split="holdout")
    first = train(project, manager)
    Judgement.objects.all().delete()
    train(project, manager)
    assert len(judged(first)) == 4
    assert ModelVersion.objects.get(number=2).gate["code"] in {"not_worse", "worse"}


def test_a_share_of_the_pool_is_judged_and_training_sentences_are_not(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(12)
    assert train(project, manager).metrics["measured_on"] == "training"
    assert not Judgement.objects.exists()
    corpus(18, first=20)
    version = train(project, manager)
    assert version.metrics["measured_on"] == "pool_share"
    assert [one.gold_id for one in judged(version)] == version.run.snapshot["dev"]


def test_a_version_is_measured_again_by_a_worker(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(24)
    corpus(4, first=40, split="holdout")
    version = train(project, manager)
    costs = version.metrics["costs"]
    assert costs["train_seconds"] > 0
    assert costs["sentences_per_second"] > 0
    assert costs["peak_memory_bytes"] > 2**20
    assert costs["model_bytes"] > 10_000
    corpus(3, first=60, split="holdout")
    services.request_measurement(version=version, actor=manager)
    assert do_next("measure").state == JobState.DONE
    rows = judged(version)
    assert len(rows) == 7
    told = figures(version, symmetric_types(project))
    counted = version.judgements.aggregate(right=Sum("entity_right"), wrong=Sum("triple_wrong"))
    assert counted["right"] == told["ner_strict"]["micro"]["right"]
    assert counted["wrong"] == told["re_strict"]["micro"]["wrong"]
    assert list(settings.WORK_FOLDER.iterdir()) == []

    shutil.rmtree(settings.MODEL_FOLDER / version.digest)
    services.request_measurement(version=version, actor=manager)
    job = do_next("measure")
    assert (job.state, job.error_code) == (JobState.FAILED, "model_missing")
    assert len(judged(version)) == 7


def test_a_model_in_old_words_suggests_and_is_judged_in_the_new_ones(
    project: Project, manager: User, corpus: Corpus
) -> None:
    corpus(24, 4)
    corpus(4, first=40, split="holdout")
    services.request_run(project=project, actor=manager, given={"settings": {"epochs": 30}})
    assert do_next("train").state == JobState.DONE
    first = ModelVersion.objects.get()
    change = Change("rename", "entity", ("药物",), "药品")
    token = preview_change(project=project, change=change)["token"]
    apply_change(project=project, change=change, token=token, actor=manager)
    assert do_next("predict").state == JobState.DONE
    graphs = first.suggestions.values_list("graph", flat=True)
    assert len(graphs) == 4
    assert {one["type"] for graph in graphs for one in graph["entities"]} == {"药品"}

    second = train(project, manager)
    counted = [
        version.judgements.filter(gold__in=second.run.snapshot["holdout"]).aggregate(
            right=Sum("entity_right"), missed=Sum("entity_missed")
        )
        for version in (first, second)
    ]
    assert counted[0]["right"] > 0
    assert counted[0]["right"] + counted[0]["missed"] == 8
    assert second.gate["code"] in {"worse", "not_worse"}
