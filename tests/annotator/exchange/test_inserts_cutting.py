"""Inserts are cut where an interaction is complete; every piece knows its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.exchange.inserts.cleaning import clean
from annotator.exchange.inserts.pipeline import Insert, is_wanted, process
from annotator.exchange.inserts.rules import Rules, RulesError, rules_of


def sentences(text: str, drug: str = "甲药片", **rules: object) -> list[str]:
    """Return the sentences of an insert without their prefix."""
    cut = process(Insert(drug, "药物相互作用", text), rules_of(rules))
    return [one.text.removeprefix(f"{drug}@") for one in cut.pieces if not one.drop]


def dropped(text: str, **rules: object) -> list[tuple[str, str]]:
    cut = process(Insert("甲药片", "药物相互作用", text), rules_of(rules))
    return [(str(one.drop), one.text) for one in cut.pieces if one.drop]


ONE, TWO, THREE = "与乙药合用作用增强", "与丙药同服吸收减少", "避免与丁药合用"


@pytest.mark.parametrize(
    "text",
    [
        f"1.{ONE}。2.{TWO}。3.{THREE}。",
        f"1、{ONE}；2、{TWO}；3、{THREE}。",
        f"1．{ONE}\n2．{TWO}\n3．{THREE}",
        f"（1）{ONE}；（2）{TWO}；（3）{THREE}",
        f"①{ONE}②{TWO}③{THREE}",
        f"⑴{ONE},⑵{TWO},⑶{THREE}.",
        f"一、{ONE}。二、{TWO}。三、{THREE}。",
        f"1 {ONE}。2 {TWO}。3 {THREE}。",
        f"－{ONE}。－{TWO}。－ {THREE}。",
        f"{ONE}。{TWO}。{THREE}。",
        f"{ONE};{TWO};{THREE}",
        f"{ONE}\n\n{TWO}\n\n{THREE}",
        f"{ONE}.{TWO}.{THREE}.",
        f"<p>1.{ONE}</p><p>2.{TWO}</p><p>3.{THREE}</p>",
    ],
)
def test_lists_of_every_kind_give_one_sentence_an_item(text: str) -> None:
    assert sentences(text) == [ONE, TWO, THREE]


@pytest.mark.parametrize(
    "text",
    [
        "合用时剂量不超过2.5mg，每日1.5片，避免与CYP3A4/5强抑制剂合用",
        "与维生素B1、B2合用无影响",
        "与N.S.A.I.类药物合用增加出血危险",
        "与某些药物（例如乙药；丙药。丁药）合用作用增强",
        "β-阻断药、乙药、丙药合用时增强本品作用",
        "合用乙药3 例、丙药4 例，作用均增强",
        "本品可使6－巯嘌呤的作用增强",
    ],
)
def test_what_only_looks_like_an_end_is_none(text: str) -> None:
    assert sentences(text) == [text]


class TestCompleteInteractions:
    """A part that says nothing by itself stays with the one it needs."""

    def test_a_semicolon_cuts_between_two_whole_statements(self) -> None:
        assert sentences(f"{ONE}；{TWO}。") == [ONE, TWO]

    @pytest.mark.parametrize(
        "rest", ["应减少剂量", "后者的作用增强", "同时乙药的血药浓度升高", "乙药和丙药"]
    )
    def test_but_not_before_a_part_that_needs_the_first(self, rest: str) -> None:
        assert sentences(f"{ONE}；{rest}。") == [f"{ONE}；{rest}"]

    def test_an_enumeration_stays_with_its_subject(self) -> None:
        text = "合用的药物包括降脂药（例如乙药）；抗抑郁药（例如丙药）；抗血小板药。"
        assert sentences(text) == [text.removesuffix("。")]

    def test_a_sentence_that_points_back_stays_with_the_one_before(self) -> None:
        text = "甲药与乙药合用。后者的作用增强。丙药减弱本品作用。"
        assert sentences(text) == ["甲药与乙药合用。后者的作用增强", "丙药减弱本品作用"]
        assert len(sentences(text, keep_references=False)) == 3

    def test_items_without_a_verb_stay_with_what_is_said_of_them_all(self) -> None:
        more, less = "本品能加强下列药物的效果：", "本品能减弱下列药物的效果："
        text = f"{more}\n\n1.抗高血压药；\n\n2.乙药；\n\n{less}\n1.利尿药。"
        assert sentences(text) == [
            f"{more}抗高血压药；乙药",
            f"{less}利尿药",
        ]
        assert "抗高血压药" in sentences(text, keep_lists=False)

    def test_nothing_is_joined_beyond_the_longest(self) -> None:
        text = f"{'甲药与乙药合用，' * 12}作用增强。后者减弱。"
        assert len(sentences(text)) == 1
        assert len(sentences(text, longest=50, shortest=1)) == 2


class TestWhatBecomesNoSentence:
    """Headings, empty phrases and splinters are named, not lost in silence."""

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("尚不明确。", "empty"),
            ("如与其他药物同时使用，详情请咨询医师或药师。", "empty"),
            (f"有害的相互作用：\n{ONE}。", "heading"),
            (f"药效学\n\n{ONE}。", "heading"),
            (f"{ONE}。无。", "short"),
        ],
    )
    def test_it_is_dropped_with_its_reason(self, text: str, why: str) -> None:
        assert [reason for reason, _ in dropped(text)] == [why]

    def test_a_project_may_keep_it_or_name_other_phrases(self) -> None:
        assert sentences("尚不明确。", drop_empty=False) == ["尚不明确"]
        assert dropped(f"{ONE}。", empty_phrases=["乙药"]) == [("empty", ONE)]


class TestCleaning:
    """Markup, references and page leftovers go; the words stay, and know where they stood."""

    @pytest.mark.parametrize(
        ("raw", "text"),
        [
            ("与<b>乙药</b>合用&nbsp;作用增强", "与乙药合用作用增强"),
            ("与乙药合用[1,2]作用增强［3－5］。", "与乙药合用作用增强。"),
            ("与乙药合用（参见【注意事项】）作用增强", "与乙药合用作用增强"),
            ("与乙药合\n用作用增强", "与乙药合用作用增强"),
            ("与 ACE\ninhibitor 合用", "与 ACE inhibitor 合用"),
            ("质子泵抑 制剂", "质子泵抑制剂"),
            ("与乙药合用作用增强。\n第 3 页 共 5 页\n避免合用", "与乙药合用作用增强。\n避免合用"),
            ("与乙药合用\n- 12 -\n作用增强。", "与乙药合用作用增强。"),
            ("）。与乙药、、丙药合用", "与乙药、丙药合用"),
            ("血压<120mmHg且>90mmHg时合用", "血压<120mmHg且>90mmHg时合用"),
            ("与\u200b乙药\r\n\r\n\r\n合用", "与乙药\n\n合用"),
        ],
    )
    def test_it_reads_as_it_was_meant(self, raw: str, text: str) -> None:
        assert clean(raw).text == text

    def test_blanks_between_characters_can_be_kept(self) -> None:
        assert clean("酶诱导剂 利福平", join_blanks=False).text == "酶诱导剂 利福平"


ODD = "甲乙药合用增强。；;.\n1234、（）()[]<>b/&nbsp;：:①②－- 后者𠮷🌿\u3000\u200b\r"
raw_texts = st.text(st.sampled_from(ODD), max_size=120)


@settings(max_examples=400, deadline=None)
@given(raw=raw_texts)
def test_every_piece_stands_where_it_says_and_none_overlaps(raw: str) -> None:
    cut = process(Insert("甲", "相互作用", raw), Rules())
    end = 0
    for piece in cut.pieces:
        assert end <= piece.start < piece.end <= len(raw)
        end = piece.end
        inside = iter(raw[piece.start : piece.end])
        said = piece.text if piece.drop else piece.text.removeprefix("甲@")
        kept = said.replace(" ", "")  # a blank may stand for another one, or for markup
        assert all(char in inside for char in kept), "the characters come in their order"
        assert not any(one.start < 0 or one.end > len(raw) for one in cut.cleaned.changes)


@settings(max_examples=100, deadline=None)
@given(raw=raw_texts)
def test_cutting_twice_is_cutting_once(raw: str) -> None:
    first = process(Insert("甲", "相互作用", raw), Rules())
    assert first == process(Insert("甲", "相互作用", raw), Rules())


class TestRules:
    """A rule that cannot be followed is named."""

    def test_unknown_and_mistyped_rules_are_refused(self) -> None:
        for bad in (
            {"cut": True},
            {"keep_lists": 1},
            {"shortest": 0},
            {"longest": True},
            {"sections": "相互作用"},
            {"sections": [""]},
            {"empty_phrases": ["x" * 101]},
        ):
            with pytest.raises(RulesError) as caught:
                rules_of(bad)
            assert caught.value.rule == next(iter(bad))

    def test_they_survive_being_stored(self) -> None:
        rules = rules_of({"sections": ["禁忌", "【药物相互作用】"], "prefix_drug": False})
        assert rules_of(rules.as_json()) == rules

    def test_sections_are_chosen_by_name_whatever_their_brackets(self) -> None:
        assert is_wanted("【药物相互作用】", Rules())
        assert not is_wanted("禁忌", Rules())
        assert is_wanted("[禁 忌]：", rules_of({"sections": ["禁忌"]}))


def test_a_long_insert_costs_little_more_a_character_than_a_short_one() -> None:
    """Many marks, brackets and lines in a row: the work grows with the text."""
    for bad in ("1.", "(", "；", "\n", "1 ", "。后者", "甲：\n1.乙\n"):
        text = bad * (200_000 // len(bad))
        assert process(Insert("甲", "相互作用", text), Rules()).insert.text == text
