"""How far chances can be believed: temperature, reliability, calibration error."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from extraction.evaluation.calibration import (
    Decisions,
    decisions,
    expected_calibration_error,
    fit_temperature,
    log_loss,
    reliability,
    scaled,
)


def drawn(temperature: float, count: int = 20_000) -> Decisions:
    """Decisions of a model whose logits are `temperature` times too large."""
    rng = np.random.default_rng(7)
    chances = 1 / (1 + np.exp(-rng.normal(0, 2, count)))
    truths = (rng.random(count) < chances).astype(np.float64)
    return Decisions(scaled(chances, 1 / temperature), truths)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_spoilt_the_chances_is_found(temperature: float) -> None:
    assert fit_temperature(drawn(temperature)) == pytest.approx(temperature, rel=0.05)


def test_the_temperature_is_that_of_a_logistic_regression_without_intercept() -> None:
    seen = drawn(1.7, 2_000)
    logits = np.log(seen.chances) - np.log1p(-seen.chances)
    witness = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10)
    witness.fit(logits[:, None], seen.truths)
    assert fit_temperature(seen) == pytest.approx(1 / witness.coef_[0, 0], rel=1e-3)


def test_a_fitted_temperature_lowers_log_loss_and_calibration_error() -> None:
    seen = drawn(3.0)
    better = Decisions(scaled(seen.chances, fit_temperature(seen)), seen.truths)
    assert log_loss(better) < log_loss(seen)
    before, after = (expected_calibration_error(reliability(one)) for one in (seen, better))
    assert before > 0.1
    assert after < 0.02


def test_half_stays_half_and_order_stays() -> None:
    chances = np.linspace(0, 1, 101)
    believed = scaled(chances, 3.3)
    assert believed[50] == pytest.approx(0.5)
    assert (np.diff(believed) > 0).all()


def test_too_few_decisions_change_nothing() -> None:
    assert fit_temperature(decisions([0.99] * 29, [False] * 29)) == 1.0


def test_decisions_that_were_all_right_or_all_wrong_have_a_temperature() -> None:
    for truth in (True, False):
        found = fit_temperature(decisions([0.0, 1.0, 0.7] * 20, [truth] * 60))
        assert 0.05 <= found <= 20.0


def test_bins_of_equal_width_hold_their_chances() -> None:
    bins = reliability(decisions([0.05, 0.1, 0.95, 1.0], [False, True, True, True]))
    assert [(one.low, one.high, one.count) for one in bins] == [
        (0.0, 0.1, 1),
        (0.1, 0.2, 1),
        (0.9, 1.0, 2),
    ]
    assert expected_calibration_error(bins) == pytest.approx((0.05 + 0.9 + 2 * 0.025) / 4)


def test_bins_of_equal_mass_hold_equally_many() -> None:
    bins = reliability(drawn(1.0, 1_003), binning="mass")
    assert len(bins) == 10
    assert max(one.count for one in bins) - min(one.count for one in bins) <= 1
    assert all(one.high <= other.low for one, other in itertools.pairwise(bins))


@pytest.mark.parametrize("binning", ["width", "mass"])
def test_no_decisions_have_no_bins_and_no_error(binning: str) -> None:
    nothing = decisions([], [])
    assert reliability(nothing, binning=binning) == []  # type: ignore[arg-type]
    assert expected_calibration_error([]) == 0.0
    assert log_loss(nothing) == 0.0


def test_arrays_of_unlike_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2,\) chances .* \(1,\) truths"):
        decisions([0.1, 0.2], [True])
