"""Forecast, arms and advice: the curve that was put in comes out, and every sign is heard."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.active.advice import Action, Because, Choosing, Facts, advise, kappa
from extraction.active.arms import Gap, Handled, arm, gap
from extraction.active.forecast import Point, Range, learning_curve

shares = st.floats(0, 1)


def power_law(labels: float, *, end: float = 0.7, drop: float = 3.0, rate: float = 0.5) -> float:
    return float(max(0.0, end - drop * labels**-rate))


def points(*labels: int, luck: float = 0.0, seed: int = 1) -> list[Point]:
    rng = random.Random(seed)
    return [Point(n, power_law(n) + luck * rng.gauss(0, 1)) for n in labels]


class TestForecast:
    def test_a_clean_curve_is_gone_on_with(self) -> None:
        curve = learning_curve(points(*range(100, 900, 100)))
        assert curve is not None
        assert curve.measured(900).value == pytest.approx(power_law(900), abs=0.01)
        gain = power_law(900) - power_law(800)
        assert curve.gain().low <= gain <= curve.gain().high
        assert not curve.is_wide

    def test_three_points_are_enough_and_say_that_they_are_few(self) -> None:
        few = learning_curve(points(100, 200, 300))
        many = learning_curve(points(*range(50, 301, 25)))
        assert few is not None
        assert many is not None
        assert few.is_wide
        width = [one.measured(400).high - one.measured(400).low for one in (few, many)]
        assert width[0] > width[1]
        assert few.measured(400).low <= power_law(400) <= few.measured(400).high

    @pytest.mark.parametrize(
        "labels", [(), (100,), (100, 200), (100, 100, 200, 200), (0, 100, 200)]
    )
    def test_below_three_numbers_of_labels_there_is_none(self, labels: tuple[int, ...]) -> None:
        assert learning_curve([Point(n, 0.3) for n in labels]) is None

    def test_one_odd_training_does_not_bend_it(self) -> None:
        odd = points(*range(100, 1000, 100))
        odd[4] = Point(500, 0.2)
        curve = learning_curve(odd)
        assert curve is not None
        assert curve.measured(1000).value == pytest.approx(power_law(1000), abs=0.02)

    def test_a_point_with_a_large_error_of_its_own_counts_less(self) -> None:
        known = points(*range(100, 700, 100))
        sure = learning_curve([*known, Point(700, 0.45)])
        unsure = learning_curve([*known, Point(700, 0.45, error=0.2)])
        assert sure is not None
        assert unsure is not None
        assert unsure.height(700).value > sure.height(700).value

    def test_order_does_not_matter_and_twice_is_the_same(self) -> None:
        known = points(*range(100, 800, 100), luck=0.01)
        first, turned = learning_curve(known), learning_curve(known[::-1])
        assert first is not None
        assert turned is not None
        assert first.measured(900) == turned.measured(900) == first.measured(900)

    def test_four_of_five_lie_in_the_interval_when_luck_is_as_supposed(self) -> None:
        hits = 0
        for seed in range(40):
            known = points(*range(100, 900, 100), luck=0.015, seed=seed)
            curve = learning_curve(known[:-1])
            assert curve is not None
            said = curve.measured(known[-1].labels)
            hits += said.low <= known[-1].f1 <= said.high
        assert hits >= 26

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(st.integers(1, 5000), shares), min_size=3, max_size=8))
    def test_whatever_was_measured_it_stays_a_share_and_never_falls(
        self, found: list[tuple[int, float]]
    ) -> None:
        curve = learning_curve([Point(n, f1) for n, f1 in found])
        if curve is None:
            assert len({n for n, _ in found}) < 3
            return
        said, gain = curve.measured(curve.newest + 100), curve.gain()
        assert 0 <= said.low <= said.value <= said.high <= 1
        assert 0 <= gain.low <= gain.value <= gain.high <= 1


def arm_of(count: int, *, seconds: float, corrections: float) -> list[Handled]:
    return [Handled(seconds, 1.0, corrections + (at % 2)) for at in range(count)]


class TestArms:
    def test_the_rate_is_corrections_in_an_hour(self) -> None:
        found = arm(arm_of(40, seconds=30, corrections=1))
        assert found is not None
        assert found.rate is not None
        assert found.rate.value == pytest.approx(1.5 * 120)
        assert found.rate.low < found.rate.value < found.rate.high
        assert (found.count, found.seconds, found.corrections) == (40, 30, 1.5)

    def test_two_arms_are_compared_with_their_interval(self) -> None:
        first, second = (arm_of(60, seconds=30, corrections=n) for n in (3, 1))
        found = gap(first, second)
        assert found is not None
        assert found.value == pytest.approx(240)
        assert 0 < found.low < found.value < found.high
        assert found.fewest == 60
        assert gap(first, second) == found

    def test_without_sentences_or_without_time_there_is_nothing_to_compare(self) -> None:
        some = arm_of(5, seconds=10, corrections=1)
        assert arm([]) is None
        assert gap(some, []) is None
        timeless = arm(arm_of(5, seconds=0, corrections=1))
        assert timeless is not None
        assert timeless.rate is None
        assert gap(some, arm_of(5, seconds=0, corrections=1)) is None


RISING, FLAT = Range(0.02, 0.012, 0.03), Range(0.003, 0.0, 0.008)
PERHAPS = Range(0.006, 0.0, 0.03)
STEADY = (0.5, 0.995, 0.991, 1.0)


def lead(value: float, fewest: int = 60) -> Gap:
    return Gap(value, 1.0, value - 2, value + 2, fewest)


@pytest.mark.parametrize(
    ("facts", "action", "because"),
    [
        (Facts(), Action.CONTINUE, Because.TOO_EARLY),
        (Facts(gain=RISING), Action.CONTINUE, Because.GAIN),
        (Facts(gain=PERHAPS), Action.CONTINUE, Because.MAYBE),
        (Facts(gain=FLAT), Action.STOP, Because.LITTLE_GAIN),
        (Facts(agreements=STEADY), Action.STOP, Because.STABLE),
        (Facts(gain=PERHAPS, agreements=STEADY), Action.STOP, Because.STABLE),
        (Facts(gain=RISING, agreements=STEADY), Action.CONTINUE, Because.GAIN),
        (Facts(agreements=STEADY[:3]), Action.CONTINUE, Because.TOO_EARLY),
        (Facts(agreements=(*STEADY[:3], None, 1.0)), Action.CONTINUE, Because.TOO_EARLY),
        (Facts(gain=RISING, gap=lead(2)), Action.CONTINUE, Because.GAIN),
        (Facts(gain=RISING, gap=lead(0.5)), Action.CHANGE_SAMPLER, Because.SAMPLER_NO_BETTER),
        (Facts(gain=RISING, gap=lead(-2)), Action.CHANGE_SAMPLER, Because.SAMPLER_WORSE),
        (Facts(gain=RISING, gap=lead(-2, fewest=49)), Action.CONTINUE, Because.GAIN),
        (Facts(gain=FLAT, gap=lead(-2)), Action.STOP, Because.LITTLE_GAIN),
    ],
)  # fmt: skip
def test_the_sign_that_weighs_most_decides(facts: Facts, action: Action, because: Because) -> None:
    found = advise(facts)
    assert (found.advised, found.because) == (action, because)


def test_every_sign_is_told_beside_the_one_that_decided() -> None:
    found = advise(Facts(gain=FLAT, agreements=(0.9,), gap=lead(3)))
    assert (found.outlook, found.stability, found.choosing) == ("little", "changing", "better")
    assert advise(Facts(gap=lead(0))).choosing is Choosing.NO_BETTER


def test_kappa_takes_chance_off() -> None:
    pairs = [("a", "a")] * 20 + [("b", "b")] * 15 + [("a", "b")] * 5 + [("b", "a")] * 10
    assert kappa(pairs) == pytest.approx(0.4)  # Cohen's own kind of table: 35 of 50 against 25
    assert kappa([]) is None
    assert kappa([("", "")] * 3) == 1.0
    assert kappa([("a", "b"), ("b", "a")]) == pytest.approx(-1.0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_kappa_is_the_same_both_ways_and_one_at_most(pairs: list[tuple[str, str]]) -> None:
    found, turned = kappa(pairs), kappa([(b, a) for a, b in pairs])
    assert found is not None
    assert turned is not None
    assert found == pytest.approx(turned)
    assert found <= 1.0 + 1e-9
