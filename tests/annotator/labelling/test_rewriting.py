"""A change of the schema rewrites a graph: what comes back, what never breaks."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from annotator.labelling.rewriting import Change, both, rewrite, rewrite_schema, rewrite_suggestion

TEXT = "甲乙丙丁戊己庚辛壬癸"
ENTITIES = ("药物", "疾病", "食物")
RELATIONS = ("协同", "拮抗", "相加")
SYMMETRIC = frozenset({"拮抗"})


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """A legal graph: no entity and no statement twice, nobody related to themself."""
    spans = draw(
        st.lists(st.tuples(st.integers(0, 8), st.sampled_from(ENTITIES)), max_size=6, unique=True)
    )
    entities = [
        {"id": f"e{n}", "start": start, "end": start + 2, "type": kind, "source": "human"}
        for n, (start, kind) in enumerate(spans)
    ]
    ids = [one["id"] for one in entities]
    if len(ids) < 2:
        return {"entities": entities, "relations": [], "negatives": []}
    pair = st.tuples(st.sampled_from(ids), st.sampled_from(ids)).filter(lambda p: p[0] != p[1])
    said = draw(st.lists(st.tuples(pair, st.sampled_from(RELATIONS)), max_size=8))
    relations, seen = [], set()
    for (head, tail), kind in said:
        key = (frozenset((head, tail)) if kind in SYMMETRIC else (head, tail), kind)
        if key not in seen:
            seen.add(key)
            relations.append({"head": head, "tail": tail, "type": kind, "source": "human"})
    related = {frozenset((one["head"], one["tail"])) for one in relations}
    denied = draw(st.lists(pair, max_size=3))
    negatives = {frozenset(p): p for p in denied if frozenset(p) not in related}
    return {
        "entities": entities,
        "relations": relations,
        "negatives": [{"head": head, "tail": tail} for head, tail in negatives.values()],
    }


def done(graph: dict[str, Any], change: Change) -> dict[str, Any]:
    return rewrite(graph, change, text=TEXT, symmetric=SYMMETRIC).graph


@given(graphs(), st.sampled_from([("entity", "药物"), ("relation", "协同")]))
def test_a_rename_and_its_inverse_give_back_the_same_graph(
    graph: dict[str, Any], named: tuple[str, str]
) -> None:
    of, name = named
    there = done(graph, Change("rename", of, (name,), "新名"))
    assert done(there, Change("rename", of, ("新名",), name)) == graph


@given(graphs())
def test_reversing_twice_changes_nothing(graph: dict[str, Any]) -> None:
    change = Change("reverse", "relation", ("协同",))
    assert done(done(graph, change), change) == graph


MERGES = [
    Change("merge", "entity", ("疾病", "食物"), "药物"),
    Change("merge", "relation", ("协同", "相加"), "拮抗"),
    Change("split", "entity", ("药物",), "疾病", {"surfaces": ["甲乙", "丙丁"]}),
    Change("split", "relation", ("协同",), "相加", {"head_type": "药物"}),
    Change("reverse", "relation", ("协同",)),
]


@given(graphs(), st.sampled_from(MERGES))
def test_nothing_is_said_twice_and_no_end_is_missing(graph: dict[str, Any], change: Change) -> None:
    result = rewrite(graph, change, text=TEXT, symmetric=SYMMETRIC)
    entities, relations = result.graph["entities"], result.graph["relations"]
    places = [(one["start"], one["end"], one["type"]) for one in entities]
    assert len(set(places)) == len(places)
    ids = {one["id"] for one in entities}
    said = [
        (frozenset((r["head"], r["tail"])) if r["type"] in SYMMETRIC else (r["head"], r["tail"]),
         r["type"])
        for r in relations
    ]  # fmt: skip
    assert len(set(said)) == len(said)
    for one in (*relations, *result.graph["negatives"]):
        assert {one["head"], one["tail"]} <= ids
        assert one["head"] != one["tail"]
    before = len(graph["entities"]) + len(graph["relations"])
    assert before - result.collapsed == len(entities) + len(relations)


def test_a_split_takes_only_what_fits() -> None:
    graph = {
        "entities": [
            {"id": "e1", "start": 0, "end": 2, "type": "药物"},
            {"id": "e2", "start": 2, "end": 4, "type": "药物"},
        ],
        "relations": [
            {"head": "e1", "tail": "e2", "type": "协同"},
            {"head": "e2", "tail": "e1", "type": "协同"},
        ],
        "negatives": [],
    }
    change = Change("split", "relation", ("协同",), "加强", {"subject_contains": "甲"})
    assert [one["type"] for one in done(graph, change)["relations"]] == ["加强", "协同"]


def test_a_suggestion_keeps_its_ids_in_order_and_what_was_weighed_follows() -> None:
    said = {"type": "疾病", "confidence": 0.9}
    weighed = {"kind": "relation", "type": "协同", "confidence": 0.1, "start": 0, "end": 2}
    graph = {
        "entities": [
            {"id": "s1", "start": 0, "end": 2, "type": "药物", "confidence": 0.8},
            {"id": "s2", "start": 0, "end": 2, **said},
            {"id": "s3", "start": 2, "end": 4, **said},
        ],
        "relations": [{"head": "s3", "tail": "s2", "type": "协同", "confidence": 0.7}],
        "refused": [{**weighed, "tail_start": 2, "tail_end": 4}],
        "alternatives": [],
    }
    merged = rewrite_suggestion(
        graph, Change("merge", "entity", ("疾病",), "药物"), text=TEXT, symmetric=SYMMETRIC
    )
    assert [one["id"] for one in merged["entities"]] == ["s1", "s2"]
    assert [(r["head"], r["tail"]) for r in merged["relations"]] == [("s2", "s1")]
    turned = rewrite_suggestion(
        graph, Change("reverse", "relation", ("协同",)), text=TEXT, symmetric=SYMMETRIC
    )
    assert (turned["refused"][0]["start"], turned["refused"][0]["tail_start"]) == (2, 0)


def test_the_schema_follows() -> None:
    look = {"label": "", "color": "#000000", "key": ""}
    schema = {
        "entity_types": [{"name": "药物", **look}, {"name": "疾病", **look}],
        "relation_types": [
            {"name": "治疗", **look, "symmetric": False, "pairs": [["药物", "疾病"]]}
        ],
    }
    renamed = rewrite_schema(schema, Change("rename", "entity", ("药物",), "药品"))
    assert renamed["relation_types"][0]["pairs"] == [["药品", "疾病"]]
    turned = rewrite_schema(schema, Change("reverse", "relation", ("治疗",)))
    assert turned["relation_types"][0]["pairs"] == [["疾病", "药物"]]
    split = rewrite_schema(schema, Change("split", "entity", ("药物",), "中药", {"surfaces": []}))
    assert split["relation_types"][0]["pairs"] == [["药物", "疾病"], ["中药", "疾病"]]
    merged = rewrite_schema(schema, Change("merge", "entity", ("疾病",), "药物"))
    assert [one["name"] for one in merged["entity_types"]] == ["药物"]
    wide = both(schema, turned)
    assert wide["relation_types"][0]["pairs"] == [["药物", "疾病"], ["疾病", "药物"]]
