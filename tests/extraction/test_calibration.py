"""How far chances can be believed: maps, reliability, calibration error, the report."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from extraction.evaluation.calibrating import Calibration, Map, fit_calibration
from extraction.evaluation.calibration import (
    Decisions,
    decisions,
    error_by_luck,
    expected_calibration_error,
    log_loss,
    logits,
    reliability,
)
from extraction.evaluation.judged import Judged, Kind, judge_decisions
from extraction.evaluation.trust import area_under_curve, calibrate, wilson
from extraction.recipes.predict import load
from extraction.recipes.train import TrainRequest, run
from extraction.types import (
    Candidate,
    Entity,
    Example,
    Graph,
    Prediction,
    Relation,
    ScoredEntity,
    ScoredRelation,
)
from tests.extraction.corpus import corpus, write_native


def drawn(slope: float = 1.0, shift: float = 0.0, count: int = 4_000) -> list[Judged]:
    """Said relations whose logits are off: the truth is drawn from slope·logit + shift."""
    rng = np.random.default_rng(7)
    said = 1 / (1 + np.exp(-rng.normal(0, 2, count)))
    true = 1 / (1 + np.exp(-(slope * logits(said) + shift)))
    right = rng.random(count) < true
    kinds = zip(said, right, strict=True)
    return [
        Judged(at // 3, "relation", "协同", float(p), bool(y), is_kept=True)
        for at, (p, y) in enumerate(kinds)
    ]


def seen(judged: list[Judged], maps: Calibration | None = None) -> Decisions:
    chances = (maps or Calibration()).chances(judged)
    return Decisions(chances, np.array([one.is_right for one in judged], dtype=np.float64))


@pytest.mark.parametrize(("slope", "shift"), [(0.4, 0.0), (1.0, -1.0), (2.0, 0.5)])
def test_the_map_that_spoilt_the_chances_is_found(slope: float, shift: float) -> None:
    found = fit_calibration(drawn(slope, shift)).maps["relation", True]
    assert found.slope == pytest.approx(slope, rel=0.1)
    assert found.shift + found.offsets["协同"] == pytest.approx(shift, abs=0.15)


def test_the_map_is_that_of_a_logistic_regression() -> None:
    judged = [replace(one, type=str(at)) for at, one in enumerate(drawn(0.6, 0.4))]
    x = logits(np.array([one.chance for one in judged]))[:, None]
    witness = LogisticRegression(C=np.inf, tol=1e-10)
    witness.fit(x, [one.is_right for one in judged])
    found = fit_calibration(judged).maps["relation", True]
    assert found.slope == pytest.approx(witness.coef_[0, 0], abs=0.01)
    assert found.shift == pytest.approx(witness.intercept_[0], abs=0.01)


def test_fitted_chances_are_better_on_decisions_that_did_not_fit_them() -> None:
    judged = drawn(0.3, -0.5)
    maps = fit_calibration(judged[::2])
    rest = judged[1::2]
    before, after = seen(rest), seen(rest, maps)
    assert log_loss(after) < log_loss(before)
    assert expected_calibration_error(reliability(before)) > 0.15
    assert expected_calibration_error(reliability(after)) < 0.03


def test_a_type_that_is_wrong_more_often_has_an_offset_of_its_own() -> None:
    good, bad = drawn(1.0, 1.0, 900), drawn(1.0, -1.0, 900)
    judged = [*good, *(replace(one, type="拮抗") for one in bad)]
    found = fit_calibration(judged).maps["relation", True]
    assert found.offsets["协同"] > 0.5 > -0.5 > found.offsets["拮抗"]
    few = [*good, *(replace(one, type="拮抗") for one in bad[:29])]
    assert "拮抗" not in fit_calibration(few).maps["relation", True].offsets


def test_order_stays_within_a_type() -> None:
    chances = np.linspace(0, 1, 101)
    believed = Map(0.05, 3.0, {"a": -2.0}).of(chances, ["a"] * 101)
    assert (np.diff(believed) > 0).all()
    assert 0.0 < believed[0] < believed[-1] < 1.0


def test_too_few_decisions_change_nothing() -> None:
    assert fit_calibration(drawn(0.3)[:29]).maps == {}


@pytest.mark.parametrize("truth", [True, False])
def test_decisions_that_were_all_right_or_all_wrong_have_a_map(truth: bool) -> None:  # noqa: FBT001
    judged = [replace(one, is_right=truth) for one in drawn()[:60]]
    believed = fit_calibration(judged).chances(judged)
    assert np.isfinite(believed).all()
    assert (believed.mean() > 0.9) == truth


def head(kind: Kind, sure: float) -> Judged:
    return Judged(0, kind, "药物", sure, is_right=False, is_kept=True)


SAID = Prediction(
    (ScoredEntity(0, 2, "药物", 0.9), ScoredEntity(3, 5, "药物", 0.8)),
    (ScoredRelation(0, 1, "协同", 0.7),),
    (Candidate("entity", "药物", 0.2, (6, 8)),),
    (Candidate("relation", "拮抗", 0.1, (0, 2), (3, 5)),),
)


def test_applied_to_a_prediction_only_its_chances_change() -> None:
    maps = Calibration(
        {
            ("entity", True): Map(0.5),
            ("relation", True): Map(1.0, -1.0),
            ("relation", False): Map(1.0, 0.0, {"拮抗": 2.0}),
        }
    )
    said = maps.apply(SAID)
    assert said.graph() == SAID.graph()
    assert said.entities[0].confidence == pytest.approx(0.75)
    assert said.relations[0].confidence < 0.5
    assert said.refused == SAID.refused
    assert said.alternatives[0].confidence > 0.4
    assert Calibration.of(maps.as_json()).apply(SAID) == said
    assert Calibration().apply(SAID) is SAID


TEXT = "甲乙与丙丁合用"
GOLD = Graph((Entity(0, 2, "药物"), Entity(3, 5, "药物")), (Relation(0, 1, "协同"),))


def test_statements_are_judged_by_gold_said_or_not() -> None:
    judged = judge_decisions([Example("1", TEXT, GOLD), Example("2", TEXT)], [SAID, SAID])
    assert [one.is_right for one in judged] == [True, True, True, False] + [False] * 4
    assert [one.sentence for one in judged] == [0] * 4 + [1] * 4
    turned = replace(SAID, relations=(ScoredRelation(1, 0, "协同", 0.7),))
    example = [Example("1", TEXT, GOLD)]
    assert not judge_decisions(example, [turned])[2].is_right
    assert judge_decisions(example, [turned], frozenset({"协同"}))[2].is_right


def test_the_report_is_cross_fitted_and_adds_up() -> None:
    examples = [Example(str(at), TEXT, GOLD if at % 4 else Graph()) for at in range(200)]
    maps, report = calibrate(examples, [SAID] * 200)
    relation = report["kinds"]["relation"]
    assert (relation["count"], relation["right"]) == (200, 150)
    assert relation["by_type"]["协同"]["count"] == 200
    assert relation["ece"]["before"] == pytest.approx(0.05, abs=0.01)
    assert relation["ece"]["after"] < 0.02
    assert maps.apply(SAID).relations[0].confidence == pytest.approx(0.75, abs=0.02)
    first = relation["thresholds"][0]
    assert (first["threshold"], first["count"], first["right"]) == (0.25, 200, 150)
    assert first["low"] < 0.75 < first["high"]
    assert sum(one["count"] for one in relation["bins"]) == 200
    assert relation["lowest_for"]["0.9"] is None
    assert relation["by_type"]["协同"]["ece_before"] == relation["ece"]["before"]
    assert relation["by_type"]["协同"]["ece_by_luck"] == relation["ece_by_luck"] < 0.05


def test_a_sentence_is_not_judged_by_maps_that_saw_it() -> None:
    """One fold is all wrong, the others all right: in-sample maps would know."""
    examples = [Example(str(at), TEXT, GOLD if at % 5 else Graph()) for at in range(400)]
    _, report = calibrate(examples, [SAID] * 400)
    bins = report["kinds"]["relation"]["bins"]
    wrong = max(bins, key=lambda one: one["mean_chance"])
    assert wrong["share_right"] == 0.0  # the fold that is wrong was believed most
    assert wrong["mean_chance"] > 0.95


def test_little_or_nothing_to_judge_is_reported_as_such() -> None:
    maps, report = calibrate([Example("1", TEXT)], [Prediction()])
    assert maps.maps == {}
    assert report["kinds"]["relation"]["ece"] == {"before": None, "after": None}
    assert report["auroc"] == {"before": None, "after": None}


def test_the_area_under_the_curve_is_that_of_the_witness() -> None:
    rng = np.random.default_rng(3)
    scores, truth = rng.integers(0, 9, 300).astype(float), rng.random(300) < 0.4
    assert area_under_curve(scores, truth) == pytest.approx(roc_auc_score(truth, scores), abs=1e-4)


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert wilson(98, 100) == pytest.approx((0.930, 0.9945), abs=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)


def test_bins_of_equal_width_hold_their_chances() -> None:
    bins = reliability(decisions([0.05, 0.1, 0.95, 1.0], [False, True, True, True]))
    assert [(one.low, one.high, one.count) for one in bins] == [
        (0.0, 0.1, 1),
        (0.1, 0.2, 1),
        (0.9, 1.0, 2),
    ]
    assert expected_calibration_error(bins) == pytest.approx((0.05 + 0.9 + 2 * 0.025) / 4)


def test_bins_of_equal_mass_hold_equally_many() -> None:
    bins = reliability(seen(drawn(count=1_003)), binning="mass")
    assert len(bins) == 10
    assert max(one.count for one in bins) - min(one.count for one in bins) <= 1
    assert all(one.high <= other.low for one, other in itertools.pairwise(bins))


def test_true_chances_are_off_by_luck_the_more_the_fewer_they_are() -> None:
    many, few = seen(drawn(count=8_000)), seen(drawn(count=120))
    assert error_by_luck(many.chances) < 0.02
    assert 0.04 < error_by_luck(few.chances) < 0.12
    true = expected_calibration_error(reliability(many))
    assert true == pytest.approx(error_by_luck(many.chances), abs=0.01)
    assert error_by_luck(np.array([])) == 0.0
    assert error_by_luck(np.array([0.0, 1.0])) == 0.0


@pytest.mark.parametrize("binning", ["width", "mass"])
def test_no_decisions_have_no_bins_and_no_error(binning: str) -> None:
    nothing = decisions([], [])
    assert reliability(nothing, binning=binning) == []  # type: ignore[arg-type]
    assert expected_calibration_error([]) == 0.0
    assert log_loss(nothing) == 0.0


def test_arrays_of_unlike_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2,\) chances .* \(1,\) truths"):
        decisions([0.1, 0.2], [True])


@pytest.mark.slow
def test_a_checkpoint_keeps_its_maps_and_a_predictor_uses_them(tmp_path: Path) -> None:
    examples = corpus(12)
    known = write_native(tmp_path / "train.jsonl", examples[:64])
    request = TrainRequest(
        model="spert.v1",
        encoder="chars-tiny",
        out=tmp_path / "out",
        speed="quick",
        settings={"epochs": 8, "dev_checks": 0},
        train=known,
        dev=write_native(tmp_path / "dev.jsonl", examples[64:]),
    )
    metrics = run(request, lambda _: None)
    assert metrics["calibration"]["kinds"]["entity"]["count"] > 0
    predictor = load(tmp_path / "out")
    assert predictor.calibration.as_json() == metrics["calibration"]["maps"] != []
    texts = [one.text for one in examples[64:]]
    believed = predictor.predict(texts)
    predictor.calibration = Calibration()
    raw = predictor.predict(texts)
    assert [one.graph() for one in believed] == [one.graph() for one in raw]
    assert believed != raw

    heart = replace(request, dev=known, out=tmp_path / "heart")
    assert run(heart, lambda _: None)["calibration"] is None
    assert load(tmp_path / "heart").calibration.maps == {}
