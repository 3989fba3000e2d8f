"""Adding sentences: once each, in groups that are never split."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.accounts.models import User
from annotator.corpus.groups import LIKENESS, fingerprint, likeness
from annotator.corpus.models import GroupBand, Sentence
from annotator.corpus.services import (
    Added,
    DocumentKey,
    Draw,
    Incoming,
    Verdict,
    add_sentences,
)
from annotator.corpus.states import Split
from annotator.projects.models import Project
from annotator.projects.services import create_project

LONG = "与华法林合用时可能增强抗凝作用，应当监测凝血酶原时间并调整剂量"
HALF = Draw(share=0.5, key="7:0")


def incoming(text: str, ident: str = "") -> Incoming:
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return Incoming(text, digest, fingerprint(text), ident)


def add(project: Project, *texts: str, draw: Draw = HALF) -> Added:
    return add_sentences(project=project, incoming=[incoming(text) for text in texts], draw=draw)


def test_near_duplicates_join_the_group_of_the_first(project: Project) -> None:
    add(
        project,
        "完全不同的另一句话在这里先来",
        LONG,
        f"布洛芬片@{LONG}",
        LONG.replace("可能", "会"),
    )
    groups = Sentence.objects.order_by("position").values_list("group", flat=True)
    assert list(groups) == [0, 1, 1, 1]


def test_they_do_so_across_imports_and_take_its_split(project: Project) -> None:
    add(project, LONG, draw=Draw(share=0, key="", forced=Split.HOLDOUT))
    added = add(
        project, f"布洛芬片@{LONG}", "孕妇禁用", draw=Draw(share=0, key="", forced=Split.POOL)
    )
    assert [one.split for one in added.new] == ["holdout", "pool"]
    assert added.groups == 1


def test_projects_know_nothing_of_one_another(project: Project, manager: User) -> None:
    add(project, "先来的一句话", LONG)
    other = create_project(name="O", template="ch-ddi", language="zh", owner=manager).project
    added = add(other, LONG)
    assert [(one.verdict, one.sentence.position) for one in added.placed] == [(Verdict.NEW, 0)]
    assert Sentence.objects.get(project=other).group == 0


def test_a_text_is_stored_once_and_an_id_borne_once(project: Project) -> None:
    rows = [incoming(LONG, "a"), incoming(LONG, "b"), incoming("另一句", "a"), incoming("又一句")]
    added = add_sentences(project=project, incoming=rows, draw=HALF)
    assert [one.verdict.value for one in added.placed] == ["new", "duplicate", "id_taken", "new"]
    again = add_sentences(project=project, incoming=rows[2:], draw=HALF)
    assert [one.verdict.value for one in again.placed] == ["id_taken", "duplicate"]
    assert list(Sentence.objects.order_by("position").values_list("position", flat=True)) == [0, 1]


@pytest.mark.parametrize(
    "text", ["a\tb\\n", "行\n行\r\n", "\\N", "\\", "𠮷e\u0301\u200d\u202e", "'\";--", "{}"]
)
def test_texts_are_kept_to_the_last_character(project: Project, text: str) -> None:
    document = DocumentKey("名\t", "节\\")
    row = incoming(text, "甲\t\\")._replace(meta={"k\t": "v\\\n"}, document=document)
    add_sentences(project=project, incoming=[row], draw=HALF)
    stored = Sentence.objects.select_related("document").get()
    assert (stored.text, stored.external_id, stored.meta) == (text, "甲\t\\", {"k\t": "v\\\n"})
    assert stored.document is not None
    assert (stored.document.name, stored.document.section) == ("名\t", "节\\")
    assert stored.text_hash.hex == row.text_hash


def test_deleting_a_project_takes_its_bands_along(project: Project) -> None:
    add(project, LONG)
    assert GroupBand.objects.count() == 6
    project.delete()
    assert not GroupBand.objects.exists()


def test_the_number_of_queries_does_not_grow(
    project: Project, django_assert_num_queries: Callable[..., object]
) -> None:
    texts = [f"{chr(0x4E00 + n)}药{LONG[n % 20 :]}{chr(0x5E00 + n)}" for n in range(200)]
    with django_assert_num_queries(8):  # type: ignore[attr-defined]
        add(project, *texts)


words = st.sampled_from(
    ["与华法林合用", "增强抗凝作用", "应当监测", "孕妇禁用", "每日3次", "餐后服用", "@"]
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(st.lists(words, min_size=1, max_size=6).map("".join), min_size=1, max_size=25),
    cuts=st.lists(st.integers(1, 6), max_size=5),
    seed=st.integers(0, 99),
)
def test_no_group_is_ever_split(
    manager: User, texts: list[str], cuts: list[int], seed: int
) -> None:
    project = create_project(name="P", template="empty", language="zh", owner=manager).project
    founded = 0
    rest = list(texts)
    for cut in [*cuts, len(rest)]:
        batch, rest = rest[:cut], rest[cut:]
        founded += add(project, *batch, draw=Draw(0.4, str(seed), founded)).groups
    by_group: dict[int, list[Sentence]] = defaultdict(list)
    for sentence in Sentence.objects.filter(project=project).order_by("position"):
        by_group[sentence.group].append(sentence)
    assert len(by_group) == founded
    for group, members in by_group.items():
        first = members[0]
        assert first.position == group
        assert {one.split for one in members} == {first.split}
        print_ = fingerprint(first.text)
        assert all(likeness(print_, fingerprint(one.text)) >= LIKENESS for one in members)
