"""The graph, aggregated by the database: one pass over the stored graphs of a project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from annotator.corpus.models import Sentence
from annotator.knowledge.models import Opposites
from annotator.knowledge.states import USUAL, Said
from annotator.learning.selectors.browsing import DRAWN
from annotator.learning.selectors.sentences import active_version_id
from annotator.projects.models import Project
from annotator.projects.selectors import schema_of

Json = dict[str, Any]
MOST_EDGES = 10_000

# One row a statement: sentence, both ends as string and type, predicate, confidence (gold: none).
STATED = """
    SELECT s.id AS sentence, r->>'type' AS predicate,
           substr(s.text, (h->>'start')::int + 1, (h->>'end')::int - (h->>'start')::int) AS head,
           h->>'type' AS head_type,
           substr(s.text, (t->>'start')::int + 1, (t->>'end')::int - (t->>'start')::int) AS tail,
           t->>'type' AS tail_type,
           {confidence} AS confidence
    FROM {source}
    CROSS JOIN LATERAL jsonb_array_elements(g.graph->'relations') r
    JOIN LATERAL jsonb_array_elements(g.graph->'entities') h ON h->>'id' = r->>'head'
    JOIN LATERAL jsonb_array_elements(g.graph->'entities') t ON t->>'id' = r->>'tail'
    WHERE s.project_id = %(project)s
"""
GOLD = STATED.format(
    confidence="NULL::float",
    source="corpus_sentence s JOIN labelling_goldrevision g"
    " ON g.sentence_id = s.id AND g.version = s.gold_version",
)
# What chance hides from the reader until the sentence is submitted is not shown here either.
HIDDEN = """SELECT mine.is_blind AND mine.state <> 'done' FROM labelling_slot AS mine
    WHERE mine.sentence_id = s.id AND mine.holder_id = %(user)s AND mine.is_blind IS NOT NULL
    LIMIT 1"""
SUGGESTED = (
    STATED.format(
        confidence="(r->>'confidence')::float",
        source="corpus_sentence s JOIN learning_suggestion g ON g.sentence_id = s.id",
    )
    + " AND s.gold_version = 0 AND g.model_version_id = %(version)s"
    + f" AND NOT COALESCE(({HIDDEN}), {DRAWN})"
)
# A relation without direction is the same both ways.
TURNED = """
    SELECT sentence, predicate, confidence,
           CASE WHEN turn THEN tail ELSE head END AS head,
           CASE WHEN turn THEN tail_type ELSE head_type END AS head_type,
           CASE WHEN turn THEN head ELSE tail END AS tail,
           CASE WHEN turn THEN head_type ELSE tail_type END AS tail_type
    FROM (SELECT *, predicate = ANY(%(symmetric)s) AND (tail, tail_type) < (head, head_type) AS turn
          FROM ({stated}) said) judged
"""
CHOSEN = """
    (confidence IS NULL OR confidence >= %(least)s)
    AND (%(predicates)s::text[] IS NULL OR predicate = ANY(%(predicates)s))
    AND (%(q)s = '' OR head ILIKE %(like)s OR tail ILIKE %(like)s)
"""
EDGES = """
    SELECT head, head_type, predicate, tail, tail_type,
           count(DISTINCT sentence) AS sentences,
           count(DISTINCT sentence) FILTER (WHERE confidence IS NULL) AS gold,
           max(confidence) AS best,
           count(*) OVER () AS total
    FROM ({turned}) turned WHERE {chosen}
    GROUP BY head, head_type, predicate, tail, tail_type
    ORDER BY sentences DESC, head, head_type, predicate, tail, tail_type
    LIMIT %(limit)s
"""
OF_EDGE = """
    SELECT DISTINCT sentence FROM ({turned}) turned
    WHERE (%(predicates)s::text[] IS NULL OR predicate = ANY(%(predicates)s))
      AND head = %(head)s AND head_type = %(head_type)s
      AND tail = %(tail)s AND tail_type = %(tail_type)s
"""
OF_NODE = """
    SELECT DISTINCT sentence FROM ({turned}) turned
    WHERE (head = %(head)s AND head_type = %(head_type)s)
       OR (tail = %(head)s AND tail_type = %(head_type)s)
"""
COLUMNS = (
    "head", "head_type", "type", "tail", "tail_type", "sentences", "gold", "confidence", "total",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """Which statements make the graph; no `predicates` means all."""

    said: Said = Said.GOLD
    predicates: tuple[str, ...] = ()
    least: float = 0.0  # confidence of what the model says
    q: str = ""
    limit: int = MOST_EDGES
    reader_id: int = 0  # whose hidden suggestions stay hidden


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation type between two nodes, named by string and type."""

    head: tuple[str, str]
    type: str
    tail: tuple[str, str]
    sentences: int
    gold: int
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The edges, most often said first; `total` counts those beyond the limit, too."""

    edges: tuple[Edge, ...] = ()
    total: int = 0
    contradicted: frozenset[tuple[Any, ...]] = field(default_factory=frozenset)

    @property
    def nodes(self) -> list[tuple[str, str]]:
        """The ends of the edges, in the order in which they come."""
        return list(dict.fromkeys(end for edge in self.edges for end in (edge.head, edge.tail)))


def knowledge_of(project: Project, filters: Filters) -> Knowledge:
    """Return the graph of a project. Four queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            EDGES.format(turned=_turned(project, filters.said), chosen=CHOSEN),
            {
                **_given(project, filters.reader_id),
                **_chosen(filters),
                "limit": filters.limit,
            },
        )
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]
    edges = tuple(_edge(row) for row in rows)
    opposed = opposites_of(project)
    marked = frozenset(key for clash in clashes(edges, opposed) for key in map(_key, clash))
    return Knowledge(edges, rows[0]["total"] if rows else 0, marked)


def sentences_of(
    project: Project,
    said: Said,
    ends: Sequence[tuple[str, str]],
    predicates: Sequence[str],
    reader_id: int = 0,
) -> QuerySet[Sentence]:
    """Return the sentences that state an edge (two ends) or mention a node (one end)."""
    template = OF_EDGE if len(ends) > 1 else OF_NODE
    given: Json = {**_given(project, reader_id), "predicates": list(predicates) or None}
    for name, (string, kind) in zip(("head", "tail"), ends, strict=False):
        given |= {name: string, f"{name}_type": kind}
    with connection.cursor() as cursor:
        cursor.execute(template.format(turned=_turned(project, said)), given)
        ids = [row[0] for row in cursor.fetchall()]
    return Sentence.objects.filter(Q(pk__in=ids), project=project)


def opposites_of(project: Project) -> list[tuple[str, str]]:
    """Return the pairs of relation types that contradict one another, those the schema has."""
    known = {rule.name for rule in schema_of(project).relations}
    row = Opposites.objects.filter(project=project).first()
    pairs: Iterable[Sequence[str]] = USUAL if row is None else row.pairs
    return [(one, other) for one, other in pairs if one in known and other in known]


def clashes(edges: Iterable[Edge], opposed: Iterable[tuple[str, str]]) -> list[list[Edge]]:
    """Return the edges between two nodes that say opposite things, a list for each two nodes."""
    against = {frozenset(pair) for pair in opposed}
    between: dict[frozenset[tuple[str, str]], list[Edge]] = {}
    for edge in edges:
        between.setdefault(frozenset((edge.head, edge.tail)), []).append(edge)
    found = []
    for some in between.values():
        names = {edge.type for edge in some}
        opposite = {name for pair in against if pair <= names for name in pair}
        if opposite:
            found.append([edge for edge in some if edge.type in opposite])
    return found


def contradictions_of(project: Project, said: Said, reader_id: int = 0) -> list[Json]:
    """Return what is contradicted, most often said first."""
    known = knowledge_of(project, Filters(said, limit=MOST_EDGES * 10, reader_id=reader_id))
    found = clashes(known.edges, opposites_of(project))
    found.sort(key=lambda some: -sum(edge.sentences for edge in some))
    return [
        {
            "nodes": [node_json(end) for end in sorted({some[0].head, some[0].tail})],
            "edges": [edge_json(edge) for edge in some],
        }
        for some in found
    ]


def knowledge_json(known: Knowledge) -> Json:
    """Return the graph as the API shows it; edges name their ends by place among the nodes."""
    nodes = known.nodes
    places = {node: place for place, node in enumerate(nodes)}
    counts: dict[tuple[str, str], int] = {}
    for edge in known.edges:
        for end in (edge.head, edge.tail):
            counts[end] = counts.get(end, 0) + edge.sentences
    return {
        "nodes": [{**node_json(node), "statements": counts[node]} for node in nodes],
        "edges": [
            {
                "head": places[edge.head],
                "tail": places[edge.tail],
                "type": edge.type,
                "sentences": edge.sentences,
                "gold": edge.gold,
                "confidence": edge.confidence,
                "contradicted": _key(edge) in known.contradicted,
            }
            for edge in known.edges
        ],
        "total_edges": known.total,
        "truncated": known.total > len(known.edges),
    }


def node_json(node: tuple[str, str]) -> Json:
    """Return a node by name and type."""
    return {"name": node[0], "type": node[1]}


def edge_json(edge: Edge) -> Json:
    """Return an edge whose ends are named."""
    return {
        "head": node_json(edge.head),
        "tail": node_json(edge.tail),
        "type": edge.type,
        "sentences": edge.sentences,
        "gold": edge.gold,
        "confidence": edge.confidence,
    }


def _turned(project: Project, said: Said) -> str:
    has_model = said is Said.ALL and active_version_id(project.pk) is not None
    return TURNED.format(stated=f"{GOLD} UNION ALL {SUGGESTED}" if has_model else GOLD)


def _given(project: Project, reader_id: int) -> Json:
    return {
        "user": reader_id,
        "seed": project.seed,
        "blind_share": project.blind_share,
        "project": project.pk,
        "version": active_version_id(project.pk),
        "symmetric": sorted(schema_of(project).symmetric),
    }


def _chosen(filters: Filters) -> Mapping[str, Any]:
    escaped = filters.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "least": filters.least,
        "predicates": list(filters.predicates) or None,
        "q": filters.q,
        "like": f"%{escaped}%",
    }


def _edge(row: Mapping[str, Any]) -> Edge:
    return Edge(
        (row["head"], row["head_type"]),
        row["type"],
        (row["tail"], row["tail_type"]),
        row["sentences"],
        row["gold"],
        row["confidence"],
    )


def _key(edge: Edge) -> tuple[Any, ...]:
    return edge.head, edge.type, edge.tail
