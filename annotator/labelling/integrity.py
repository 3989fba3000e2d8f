"""Checks of labels: every accepted save is there once, in a chain, legal, and recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from annotator.core.integrity import Finding, rows
from annotator.labelling.graphs import content_hash
from annotator.labelling.models import GoldRevision, Revision

CHUNK = 1000
REMEDY = "restore the sentence from a backup, or ask for help: the product cannot do this by itself"

ANNOTATION_CHAINS = """
SELECT a.id, a.sentence_id, a.version, count(r.id), min(r.version), max(r.version)
  FROM labelling_annotation AS a
  JOIN corpus_sentence AS s ON s.id = a.sentence_id
  LEFT JOIN labelling_revision AS r ON r.annotation_id = a.id
 WHERE %(project)s::bigint IS NULL OR s.project_id = %(project)s
 GROUP BY a.id
HAVING count(r.id) <> a.version OR min(r.version) <> 1 OR max(r.version) <> a.version
 ORDER BY a.id
"""
# Gold that was opened again is at version 0 and keeps its revisions.
GOLD_CHAINS = """
SELECT s.id, s.gold_version, count(g.id), min(g.version), max(g.version)
  FROM corpus_sentence AS s
  LEFT JOIN labelling_goldrevision AS g ON g.sentence_id = s.id
 WHERE %(project)s::bigint IS NULL OR s.project_id = %(project)s
 GROUP BY s.id
HAVING COALESCE(min(g.version), 1) <> 1 OR COALESCE(max(g.version), 0) <> count(g.id)
    OR s.gold_version NOT IN (0, count(g.id))
 ORDER BY s.id
"""
NEWEST = """
SELECT a.id, a.sentence_id
  FROM labelling_annotation AS a
  JOIN corpus_sentence AS s ON s.id = a.sentence_id
  JOIN labelling_revision AS r ON r.annotation_id = a.id AND r.version = a.version
 WHERE (%(project)s::bigint IS NULL OR s.project_id = %(project)s)
   AND (r.graph <> a.graph OR r.state <> a.state OR r.flags <> a.flags OR r.comment <> a.comment)
 ORDER BY a.id
"""
UNRECORDED = """
SELECT r.annotation_id, r.version
  FROM labelling_revision AS r
  JOIN labelling_annotation AS a ON a.id = r.annotation_id
  JOIN corpus_sentence AS s ON s.id = a.sentence_id
 WHERE (%(project)s::bigint IS NULL OR s.project_id = %(project)s)
   AND (SELECT count(*) FROM core_auditentry AS e
         WHERE e.object_kind = 'annotation' AND e.object_id = r.annotation_id
           AND e.after_version = r.version AND e.content_hash = r.content_hash) <> 1
 ORDER BY r.annotation_id, r.version
"""
UNFOUNDED = """
SELECT e.id, e.object_id, e.after_version
  FROM core_auditentry AS e
 WHERE e.object_kind = 'annotation' AND e.action LIKE 'annotation.%%'
   AND (%(project)s::bigint IS NULL OR e.project_id = %(project)s)
   AND NOT EXISTS (SELECT 1 FROM labelling_revision AS r
                    WHERE r.annotation_id = e.object_id AND r.version = e.after_version)
 ORDER BY e.id
"""
SPLIT_GROUPS = """
SELECT s.project_id, s."group"
  FROM corpus_sentence AS s
 WHERE %(project)s::bigint IS NULL OR s.project_id = %(project)s
 GROUP BY s.project_id, s."group"
HAVING bool_or(s.split = 'holdout') AND bool_or(s.split <> 'holdout')
 ORDER BY 1, 2
"""


def label_findings(project_id: int | None) -> Iterator[Finding]:
    """Check everything that people said, in flat memory."""
    yield from _chain_findings(project_id)
    yield from _audit_findings(project_id)
    yield from _group_findings(project_id)
    yield from _graph_findings(project_id)


def _chain_findings(project_id: int | None) -> Iterator[Finding]:
    for pk, sentence, version, count, first, last in rows(ANNOTATION_CHAINS, project=project_id):
        yield Finding(
            "revision_chain",
            f"annotation {pk} of sentence {sentence}",
            f"it is at version {version} and has {count} revisions, {first} to {last}",
            REMEDY,
        )
    for pk, sentence in rows(NEWEST, project=project_id):
        yield Finding(
            "newest_revision",
            f"annotation {pk} of sentence {sentence}",
            "it is not what its newest revision says",
            REMEDY,
        )
    for sentence, version, count, first, last in rows(GOLD_CHAINS, project=project_id):
        yield Finding(
            "gold_chain",
            f"sentence {sentence}",
            f"its gold is at version {version} and has {count} revisions, {first} to {last}",
            REMEDY,
        )


def _audit_findings(project_id: int | None) -> Iterator[Finding]:
    for annotation, version in rows(UNRECORDED, project=project_id):
        yield Finding(
            "save_is_recorded",
            f"revision {version} of annotation {annotation}",
            "the audit trail does not have exactly one entry of it",
            REMEDY,
        )
    for entry, annotation, version in rows(UNFOUNDED, project=project_id):
        yield Finding(
            "record_has_its_save",
            f"audit entry {entry}",
            f"revision {version} of annotation {annotation} is missing",
            REMEDY,
        )


def _group_findings(project_id: int | None) -> Iterator[Finding]:
    for project, group in rows(SPLIT_GROUPS, project=project_id):
        yield Finding(
            "holdout_is_apart",
            f"near duplicates {group} of project {project}",
            "some are held out and some are not, so that figures may flatter",
            "move them to one side before the next training",
        )


def _graph_findings(project_id: int | None) -> Iterator[Finding]:
    revisions = Revision.objects.values_list(
        "annotation_id", "version", "graph", "annotation__sentence__text", "content_hash"
    )
    for owner, version, graph, text, kept in _streamed(
        revisions, "annotation__sentence__project", project_id
    ):
        place = f"revision {version} of annotation {owner}"
        yield from _of_graph(place, graph, text)
        if content_hash(graph) != kept:
            yield Finding("content_hash", place, "its labels are not those that were saved", REMEDY)
    golds = GoldRevision.objects.values_list("sentence_id", "version", "graph", "sentence__text")
    for owner, version, graph, text in _streamed(golds, "sentence__project", project_id):
        yield from _of_graph(f"gold {version} of sentence {owner}", graph, text)


def _streamed(found: QuerySet[Any, Any], field: str, project_id: int | None) -> Iterator[Any]:
    chosen = found if project_id is None else found.filter(**{field: project_id})
    return iter(chosen.order_by("pk").iterator(chunk_size=CHUNK))


def _of_graph(place: str, graph: Mapping[str, Any], text: str) -> Iterator[Finding]:
    fault = fault_of(graph, len(text))
    if fault is not None:
        yield Finding("graph_is_legal", place, fault, REMEDY)


def fault_of(graph: Mapping[str, Any], length: int) -> str | None:
    """Say what is wrong with a stored graph of a text of `length` code points, if anything is."""
    known = [one["id"] for one in graph["entities"]]
    if len(set(known)) < len(known):
        return "two entities have one id"
    for one in graph["entities"]:
        if not 0 <= one["start"] < one["end"] <= length:
            return f"entity {one['id']} ends outside of the text"
    pairs = [*graph["relations"], *graph.get("negatives", ())]
    if any(one[side] not in known for one in pairs for side in ("head", "tail")):
        return "a relation has an end that is no entity of its own sentence"
    return None
