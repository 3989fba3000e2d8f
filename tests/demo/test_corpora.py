"""What a demo project relies on in the corpora that the project ships."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

DEMO = Path(__file__).parents[2] / "demo"

PREDICATES = ("拮抗", "抑制", "协同", "禁忌", "无关", "促进", "相加")
TO_DISEASE = (
    "Test", "Test_items", "Anatomy", "Drug", "Treatment",
    "Operation", "Reason", "Pathogenesis", "Symptom", "Class",
)  # fmt: skip
TO_DRUG = ("Method", "Frequency", "Amount", "Duration", "ADE")
ALONE = ("Disease", "Level", "Test_Value", "Food")

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Span:
    """A marked piece of text."""

    start: int
    end: int
    type: str

    def holds(self, other: Span) -> bool:
        return self != other and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Link:
    """A relation between two spans of one sentence."""

    head: int
    tail: int
    type: str


@dataclass(frozen=True)
class Sentence:
    """One labelled line."""

    id: str
    text: str
    spans: tuple[Span, ...]
    links: tuple[Link, ...]

    def surface(self, index: int) -> str:
        return self.text[self.spans[index].start : self.spans[index].end]

    def skeleton(self) -> str:
        """Return the text with every outermost entity blanked out."""
        covered = {at for span in self.spans for at in range(span.start, span.end)}
        blanked = "".join("_" if at in covered else char for at, char in enumerate(self.text))
        return re.sub("_+", "_", blanked)


@dataclass(frozen=True)
class Corpus:
    """A labelled file with its unlabelled companion and what it promises."""

    name: str
    legal: dict[str, Pairs]
    entity_types: frozenset[str]
    least_labelled: int
    least_unlabelled: int
    least_per_relation: int

    def labelled(self) -> list[Sentence]:
        lines = (DEMO / f"{self.name}.labelled.jsonl").read_text(encoding="utf-8").splitlines()
        return [parse(json.loads(line)) for line in lines]

    def unlabelled(self) -> list[str]:
        return (DEMO / f"{self.name}.unlabelled.txt").read_text(encoding="utf-8").splitlines()

    def texts(self) -> list[str]:
        return [sentence.text for sentence in self.labelled()] + self.unlabelled()


def parse(line: dict[str, Any]) -> Sentence:
    assert set(line) == {"id", "text", "entities", "relations"}
    return Sentence(
        id=line["id"],
        text=line["text"],
        spans=tuple(Span(**entity) for entity in line["entities"]),
        links=tuple(Link(**relation) for relation in line["relations"]),
    )


def legal_diabetes_pairs() -> dict[str, Pairs]:
    legal = {f"{head}_Disease": frozenset({(head, "Disease")}) for head in TO_DISEASE}
    legal |= {f"{head}_Drug": frozenset({(head, "Drug")}) for head in TO_DRUG}
    return legal | {name: frozenset({("Food", "Disease")}) for name in ("宜吃", "忌吃")}


CHDDI = Corpus(
    name="chddi",
    legal={predicate: frozenset({("药物", "药物")}) for predicate in PREDICATES},
    entity_types=frozenset({"药物"}),
    least_labelled=250,
    least_unlabelled=420,
    least_per_relation=15,
)
DIABETES = Corpus(
    name="diabetes",
    legal=legal_diabetes_pairs(),
    entity_types=frozenset(TO_DISEASE + TO_DRUG + ALONE),
    least_labelled=160,
    least_unlabelled=160,
    least_per_relation=5,
)

each_corpus = pytest.mark.parametrize("corpus", [CHDDI, DIABETES], ids=lambda corpus: corpus.name)


@each_corpus
def test_there_are_enough_sentences_to_show_the_loop(corpus: Corpus) -> None:
    assert len(corpus.labelled()) >= corpus.least_labelled
    assert len(corpus.unlabelled()) >= corpus.least_unlabelled


@each_corpus
def test_every_relation_type_is_known_and_occurs_often_enough_to_be_learnt(corpus: Corpus) -> None:
    counts = Counter(link.type for sentence in corpus.labelled() for link in sentence.links)

    assert set(counts) == set(corpus.legal)
    assert min(counts.values()) >= corpus.least_per_relation


@each_corpus
def test_every_entity_type_is_known_and_occurs(corpus: Corpus) -> None:
    counts = Counter(span.type for sentence in corpus.labelled() for span in sentence.spans)

    assert set(counts) == corpus.entity_types
    assert min(counts.values()) >= 5


@each_corpus
def test_spans_lie_inside_the_text_on_trimmed_surfaces(corpus: Corpus) -> None:
    for sentence in corpus.labelled():
        for index, span in enumerate(sentence.spans):
            assert 0 <= span.start < span.end <= len(sentence.text), sentence.id
            surface = sentence.surface(index)
            assert surface == surface.strip(" \t　@，。、；：（）"), sentence.id


@each_corpus
def test_no_span_cuts_a_combining_mark_from_its_letter(corpus: Corpus) -> None:
    for sentence in corpus.labelled():
        edges = {edge for span in sentence.spans for edge in (span.start, span.end)}
        for edge in edges - {len(sentence.text)}:
            assert not unicodedata.combining(sentence.text[edge]), sentence.id


@each_corpus
def test_spans_are_distinct_and_either_nested_or_apart(corpus: Corpus) -> None:
    for sentence in corpus.labelled():
        assert len(set(sentence.spans)) == len(sentence.spans), sentence.id
        for one, other in combinations(sentence.spans, 2):
            apart = one.end <= other.start or other.end <= one.start
            assert apart or one.holds(other) or other.holds(one), sentence.id


@each_corpus
def test_relations_join_two_spans_of_legal_types_and_are_said_once(corpus: Corpus) -> None:
    for sentence in corpus.labelled():
        assert len(set(sentence.links)) == len(sentence.links), sentence.id
        for link in sentence.links:
            assert link.head != link.tail, sentence.id
            ends = (sentence.spans[link.head].type, sentence.spans[link.tail].type)
            assert ends in corpus.legal[link.type], sentence.id


@each_corpus
def test_ids_are_unique(corpus: Corpus) -> None:
    ids = [sentence.id for sentence in corpus.labelled()]

    assert len(set(ids)) == len(ids)


@each_corpus
def test_every_text_is_one_trimmed_line(corpus: Corpus) -> None:
    for text in corpus.texts():
        assert text, "an empty line"
        assert text == text.strip(), text
        assert text.splitlines() == [text], text


def test_no_text_occurs_twice_within_or_across_the_files() -> None:
    counts = Counter(CHDDI.texts() + DIABETES.texts())

    assert [text for text, count in counts.items() if count > 1] == []


@each_corpus
def test_sentences_are_no_template_with_slots_filled_in(corpus: Corpus) -> None:
    skeletons = Counter(sentence.skeleton() for sentence in corpus.labelled())
    skeleton, count = skeletons.most_common(1)[0]

    assert count <= 3, skeleton


@each_corpus
def test_no_two_labelled_sentences_are_worded_nearly_alike(corpus: Corpus) -> None:
    bags = [
        (sentence.id, {skeleton[at : at + 2] for at in range(len(skeleton) - 1)})
        for sentence in corpus.labelled()
        if len(skeleton := sentence.skeleton()) > 12  # shorter ones are alike by chance
    ]
    alike = [
        (one, other)
        for (one, bag), (other, rest) in combinations(bags, 2)
        if len(bag & rest) > 0.6 * len(bag | rest)
    ]

    assert alike == []


@each_corpus
def test_sentences_vary_in_length(corpus: Corpus) -> None:
    lengths = [len(text) for text in corpus.texts()]

    assert min(lengths) <= 20
    assert max(lengths) >= 80


@pytest.mark.parametrize(
    "file_name",
    [
        f"{name}.{kind}"
        for name in ("chddi", "diabetes")
        for kind in ("labelled.jsonl", "unlabelled.txt")
    ],
)
def test_each_file_holds_characters_that_break_careless_offsets(file_name: str) -> None:
    text = (DEMO / file_name).read_text(encoding="utf-8")

    assert sum(any(ord(char) > 0xFFFF for char in line) for line in text.splitlines()) >= 4
    assert "𠮷" in text
    assert re.search("[０-９]", text)
    assert any(unicodedata.combining(char) for char in text)


@each_corpus
def test_entities_follow_astral_characters_in_some_sentence(corpus: Corpus) -> None:
    assert any(
        ord(char) > 0xFFFF
        for sentence in corpus.labelled()
        if sentence.spans
        for char in sentence.text[: max(span.end for span in sentence.spans)]
    )


def test_some_drug_pairs_carry_two_predicates() -> None:
    overlapping = [
        sentence.id
        for sentence in CHDDI.labelled()
        if len({(link.head, link.tail) for link in sentence.links}) < len(sentence.links)
    ]

    assert len(overlapping) >= 15


@each_corpus
def test_some_entities_take_part_in_several_pairs(corpus: Corpus) -> None:
    shared = 0
    for sentence in corpus.labelled():
        pairs = {frozenset((link.head, link.tail)) for link in sentence.links}
        uses = Counter(end for pair in pairs for end in pair)
        shared += any(count > 1 for count in uses.values())

    assert shared >= 30


def test_some_drug_pairs_are_related_in_both_directions() -> None:
    both = [
        sentence.id
        for sentence in CHDDI.labelled()
        if {(link.head, link.tail) for link in sentence.links}
        & {(link.tail, link.head) for link in sentence.links}
    ]

    assert len(both) >= 5


def test_the_drug_before_the_at_sign_is_head_as_well_as_tail() -> None:
    named = [sentence for sentence in CHDDI.labelled() if "@" in sentence.text and sentence.spans]

    assert all(sentence.surface(0) == sentence.text.partition("@")[0] for sentence in named)
    assert sum(any(link.head == 0 for link in sentence.links) for sentence in named) >= 30
    assert sum(any(link.tail == 0 for link in sentence.links) for sentence in named) >= 30


def test_some_interaction_sentences_have_no_drug_before_an_at_sign() -> None:
    assert sum("@" not in sentence.text for sentence in CHDDI.labelled()) >= 5
    assert sum("@" not in text for text in CHDDI.unlabelled()) >= 5


def test_a_tenth_to_a_fifth_of_the_interaction_sentences_hold_no_relation() -> None:
    sentences = CHDDI.labelled()
    share = sum(not sentence.links for sentence in sentences) / len(sentences)

    assert 0.1 <= share <= 0.2


def test_a_drug_is_marked_only_where_it_takes_part_in_a_relation() -> None:
    for sentence in CHDDI.labelled():
        used = {end for link in sentence.links for end in (link.head, link.tail)}
        assert used == set(range(len(sentence.spans))), sentence.id


def test_the_leaflets_own_names_for_its_drug_are_never_marked() -> None:
    for sentence in CHDDI.labelled():
        surfaces = {sentence.surface(index) for index in range(len(sentence.spans))}
        assert not surfaces & {"本品", "本药", "后者", "前者", "两药"}, sentence.id


def test_diabetes_entities_are_nested() -> None:
    nested = Counter(
        (outer.type, inner.type)
        for sentence in DIABETES.labelled()
        for outer in sentence.spans
        for inner in sentence.spans
        if outer.holds(inner)
    )

    assert set(nested) == {("Disease", "Class"), ("Disease", "Anatomy"), ("Disease", "Level")}
    assert min(nested.values()) >= 5


def test_a_class_or_site_inside_a_disease_name_belongs_to_that_disease() -> None:
    for sentence in DIABETES.labelled():
        joined = {(link.head, link.tail) for link in sentence.links}
        for tail, outer in enumerate(sentence.spans):
            for head, inner in enumerate(sentence.spans):
                if outer.holds(inner) and inner.type in {"Class", "Anatomy"}:
                    assert (head, tail) in joined, sentence.id


@each_corpus
def test_the_readme_states_the_counts_of_the_files(corpus: Corpus) -> None:
    readme = (DEMO / "README.md").read_text(encoding="utf-8")
    chapter = readme.partition(f"### {corpus.name}.labelled.jsonl")[2].partition("\n#")[0]
    stated = {name: int(count) for name, count in re.findall(r"\| (\S+) \| (\d+) \|", chapter)}
    sentences = corpus.labelled()
    counts = Counter(span.type for sentence in sentences for span in sentence.spans)
    counts += Counter(link.type for sentence in sentences for link in sentence.links)

    assert stated == dict(counts)
    assert f"labelled | {len(sentences)} |" in readme
    assert f"one sentence a line | {len(corpus.unlabelled())} |" in readme


@each_corpus
def test_the_guide_explains_every_type_in_both_languages(corpus: Corpus) -> None:
    guide = (DEMO / f"GUIDE.{corpus.name}.md").read_text(encoding="utf-8")
    chinese, _, english = guide.partition("## English")
    names = corpus.entity_types | (set(corpus.legal) if corpus is CHDDI else {"宜吃", "忌吃"})

    assert [name for name in sorted(names) if name not in chinese] == []
    assert [name for name in sorted(names) if name not in english] == []
