"""Which sentences a strategy chooses, and what it never does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.active.clusters import clusters
from extraction.active.costs import DEFAULT_COSTS, Costs, Timing, fit_costs
from extraction.active.rarity import rarity_weights
from extraction.active.strategies import STRATEGIES, Pool, Strategy, choose
from extraction.active.vectors import vectors

DRUGS = [f"阿司匹林与药物{chr(0x4E00 + i)}合用时出血风险增加" for i in range(12)]
FOODS = [f"服药期间不宜饮用{chr(0x5E00 + i)}味的葡萄柚汁" for i in range(12)]
WORDS = [f"The {chr(97 + i)} tablets are white and round" for i in range(12)]
TEXTS = [*DRUGS, *FOODS, *WORDS]


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def pool(scores: list[float] | None = None, **given: object) -> Pool:
    plain = {"groups": range(len(TEXTS)), "scores": scores or [], **given}
    return Pool(TEXTS, **plain)  # type: ignore[arg-type]


def places(name: str, given: Pool, count: int) -> list[int]:
    return [one.place for one in choose(STRATEGIES[name], given, count, rng())]


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
class TestEveryStrategy:
    """A new strategy joins by being in the table."""

    @given(
        scores=st.lists(st.floats(0, 10), max_size=30),
        count=st.integers(1, 40),
        scored=st.sampled_from((0, 1)),
        group=st.integers(1, 30),
    )
    def test_it_chooses_as_many_as_there_are_and_none_twice(
        self, strategy: Strategy, scores: list[float], count: int, scored: int, group: int
    ) -> None:
        texts = [f"{TEXTS[at % len(TEXTS)]}{at}" for at in range(len(scores))]
        groups = [at % group for at in range(len(scores))]
        given = Pool(texts, groups, scores * scored)
        chosen = [one.place for one in choose(strategy, given, count, rng())]
        assert len(chosen) == len(set(chosen)) == min(count, len(set(groups)))
        assert len({groups[place] for place in chosen}) == len(chosen)

    def test_the_same_seed_chooses_the_same(self, strategy: Strategy) -> None:
        given = pool([at / 7 % 1 for at in range(len(TEXTS))])
        first, second = (choose(strategy, given, 9, rng()) for _ in range(2))
        assert first == second

    def test_near_duplicates_of_what_is_labelled_wait(self, strategy: Strategy) -> None:
        groups = [0] * 20 + list(range(1, 17))
        chosen = choose(strategy, pool(groups=groups, taken=frozenset({0})), 36, rng())
        assert {groups[one.place] for one in chosen} == set(range(1, 17))


def test_the_doubtful_come_first_and_of_alike_ones_the_most_doubtful() -> None:
    scores = [float(at) for at in range(len(TEXTS))]
    assert places("expected_errors.v1", pool(scores), 3) == [35, 34, 33]
    groups = [at // 2 for at in range(len(TEXTS))]
    assert places("expected_errors.v1", pool(scores, groups=groups), 3) == [35, 33, 31]


def test_hybrid_takes_the_best_of_each_kind_of_sentence() -> None:
    scores = [1.0 + at / 100 for at in range(len(TEXTS))]  # all of a kind are about as doubtful
    doubled = Pool(TEXTS * 3, range(3 * len(TEXTS)), [*scores, *[0.0] * (2 * len(TEXTS))])
    chosen = places("hybrid.v1", doubled, 3)
    assert sorted(chosen) == [11, 23, 35]


def test_hybrid_looks_at_the_most_doubtful_third_only() -> None:
    scores = [1.0 if at < 12 else 0.1 for at in range(len(TEXTS))]
    assert set(places("hybrid.v1", pool(scores), 12)) == set(range(12))


def test_a_start_without_a_model_has_sentences_of_every_kind() -> None:
    chosen = choose(STRATEGIES["hybrid.v1"], pool(), 3, rng())
    assert {one.place // 12 for one in chosen} == {0, 1, 2}
    assert {one.why for one in chosen} == {"typical"}


def test_density_prefers_what_stands_for_many() -> None:
    texts = [*DRUGS, "unlike anything else"]
    chosen = choose(STRATEGIES["density.v1"], Pool(texts, range(13), [1.0] * 13), 12, rng())
    assert 12 not in [one.place for one in chosen]


def test_vectors_see_likeness_and_clusters_find_kinds() -> None:
    rows = vectors(TEXTS)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[13]
    group, nearness = clusters(rows, 3, rng())
    assert [len(set(group[at : at + 12])) for at in (0, 12, 24)] == [1, 1, 1]
    assert len(set(group)) == 3
    assert nearness.min() > 0.0


def test_vectors_of_nothing_are_nothing() -> None:
    assert not vectors([" ", ""]).any()
    assert vectors([]).shape == (0, 256)


def test_costs_stay_at_the_defaults_without_timings() -> None:
    assert fit_costs([]) == DEFAULT_COSTS


def test_costs_are_learnt_from_timings_and_never_negative() -> None:
    truth = Costs(opening=10.0, reading=0.5, checking=0.0, fixing=12.0)
    chance = np.random.default_rng(2)
    timings = []
    for _ in range(400):
        characters, items, errors = (int(one) for one in chance.integers(0, [120, 8, 6]))
        seconds = truth.seconds(characters=characters, items=items, errors=errors)
        timings.append(Timing(seconds * chance.uniform(0.8, 1.2), characters, items, errors))
    found = fit_costs(timings)
    assert found.reading == pytest.approx(0.5, rel=0.15)
    assert found.fixing == pytest.approx(12.0, rel=0.2)
    assert min(found.opening, found.checking) >= 0.0


def test_few_timings_move_costs_a_little_and_a_long_pause_hardly() -> None:
    few = fit_costs([Timing(60.0, 40, 2, 1.0)] * 5)
    many = fit_costs([Timing(60.0, 40, 2, 1.0)] * 500)
    asked = {"characters": 40, "items": 2, "errors": 1.0}
    usual = DEFAULT_COSTS.seconds(**asked)  # type: ignore[arg-type]
    assert usual < few.seconds(**asked) < many.seconds(**asked) < 61.0  # type: ignore[arg-type]
    pause = fit_costs([*[Timing(20.0, 40, 2, 1.0)] * 99, Timing(86_400.0, 40, 2, 1.0)])
    assert pause.seconds(**asked) < 21.0  # type: ignore[arg-type]


def test_rare_types_weigh_more_as_one_over_the_root_of_their_share() -> None:
    weights = rarity_weights({"often": 99, "seldom": 0, "even": 24})
    assert weights["seldom"] / weights["even"] == pytest.approx(min(5.0, 4.0 / weights["even"]))
    assert weights["even"] / weights["often"] == pytest.approx(2.0)
    assert rarity_weights({"a": 5, "b": 5}) == {"a": 1.0, "b": 1.0}
    assert rarity_weights({}) == {}
