"""Near duplicates and the draw of the hold-out, as pure functions."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.corpus.groups import (
    BLOCK,
    FLOOR,
    LARGE_ENOUGH,
    LIKENESS,
    core_of,
    fair_share,
    fingerprint,
    is_drawn,
    likeness,
)

LONG = "与华法林合用时可能增强抗凝作用，应当监测凝血酶原时间并调整剂量"


def alike(one: str, other: str) -> float:
    return likeness(fingerprint(one), fingerprint(other))


class TestLikeness:
    """What counts as saying nearly the same."""

    @pytest.mark.parametrize(
        "other",
        [
            f"布洛芬片@{LONG}",
            LONG.replace("，", ", ") + "。",
            f"  {LONG}　",
            LONG.replace("可能", "会"),
        ],
    )
    def test_prefix_punctuation_blanks_and_a_word_do_not_part_sentences(self, other: str) -> None:
        assert alike(LONG, other) >= LIKENESS

    def test_numbers_do_not_part_sentences(self) -> None:
        assert alike("每日口服3次，一次0.25克，饭后服用", "每日口服2次，一次0.5克，饭后服用") == 1.0

    def test_width_and_case_do_not_part_sentences(self) -> None:
        assert alike("与ＣＹＰ抑制剂合用须谨慎监测", "与cyp抑制剂合用须谨慎监测") == 1.0

    def test_another_statement_is_not_alike(self) -> None:
        assert alike(LONG, "孕妇及哺乳期妇女应在医师指导下权衡利弊后使用本品") < 0.2

    @pytest.mark.parametrize(
        ("one", "other"), [("孕妇禁用", "孕妇慎用"), ("儿童禁用", "孕妇禁用"), ("3片", "片")]
    )
    def test_short_sentences_are_alike_only_when_equal(self, one: str, other: str) -> None:
        assert alike(one, other) == 0.0
        assert alike(one, f"{one}。") == 1.0

    @pytest.mark.parametrize("text", ["@", "，。", "１", "@@@", "甲@", " \u200d "])
    def test_a_text_without_a_core_is_alike_to_itself(self, text: str) -> None:
        assert alike(text, text) == 1.0

    def test_a_long_head_before_the_sign_is_no_prefix(self) -> None:
        assert core_of("长" * 41 + "@这是剩下的部分").startswith("长")

    @given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80))
    def test_it_is_symmetric_and_lies_between_zero_and_one(self, one: str, other: str) -> None:
        assert alike(one, one) == 1.0
        assert 0.0 <= alike(one, other) <= 1.0
        assert alike(one, other) == alike(other, one)


def test_most_near_duplicates_share_a_key_and_strangers_do_not() -> None:
    rng = random.Random(3)
    found = near = strangers = 0
    for _ in range(300):
        text = [chr(rng.randrange(0x4E00, 0x5E00)) for _ in range(rng.randint(20, 80))]
        other = list(text)
        for _ in range(rng.randint(1, 3)):
            other[rng.randrange(len(other))] = "乐"
        one, two = fingerprint("".join(text)), fingerprint("".join(other))
        if likeness(one, two) >= 0.75:
            near += 1
            found += bool(set(one.keys) & set(two.keys))
        third = fingerprint("".join(rng.sample(text, len(text))))
        strangers += bool(set(one.keys) & set(third.keys))
    assert near > 100
    assert found >= 0.9 * near
    assert strangers <= 3


class TestTheDraw:
    """Every group has the same chance; the number drawn hardly varies."""

    @given(share=st.floats(0, 0.5), blocks=st.integers(1, 12), key=st.text(max_size=5))
    def test_as_many_are_drawn_as_the_share_says(self, share: float, blocks: int, key: str) -> None:
        count = blocks * BLOCK
        drawn = sum(is_drawn(number, share=share, key=key) for number in range(count))
        assert abs(drawn - share * count) <= 1

    def test_each_place_has_the_same_chance(self) -> None:
        often = [
            sum(is_drawn(place, share=0.12, key=str(key)) for key in range(400))
            for place in range(20)
        ]
        assert all(abs(times / 400 - 0.12) < 0.06 for times in often)

    def test_it_depends_on_the_key_and_on_nothing_else(self) -> None:
        def draw(key: str) -> list[bool]:
            return [is_drawn(number, share=0.3, key=key) for number in range(100)]

        assert draw("7:0") == draw("7:0")
        assert draw("7:0") != draw("8:0")


class TestTheShare:
    """A large enough project gets a hold-out worth measuring on."""

    def test_a_small_project_keeps_its_share(self) -> None:
        assert fair_share(0.12, stored=0, held=0, coming=LARGE_ENOUGH - 1) == 0.12

    def test_a_middling_project_gets_the_floor(self) -> None:
        share = fair_share(0.12, stored=0, held=0, coming=300)
        assert FLOOR <= share * 300 <= 1.2 * FLOOR

    def test_a_large_project_keeps_its_share(self) -> None:
        assert fair_share(0.12, stored=0, held=0, coming=100_000) == 0.12

    def test_what_is_held_already_counts(self) -> None:
        assert fair_share(0.12, stored=400, held=60, coming=100) == 0.12

    def test_no_hold_out_means_none(self) -> None:
        assert fair_share(0.0, stored=0, held=0, coming=300) == 0.0
