"""Suggested statements across sentences, one by one, as a person may still decide them.

With 100,000 suggested sentences of three relations a page in the order of the corpus takes about
10 ms; one by confidence weighs all 300,000 and takes about a second.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from annotator.accounts.models import User
from annotator.core.cursors import cursor_of, not_ours, numbers_of
from annotator.learning.selectors.sentences import active_version_id
from annotator.projects.models import Project
from annotator.projects.selectors import symmetric_types

PAGE_SIZE = 100

Json = dict[str, Any]

# Suggested entities are s1, s2, … in the order of their array, so an end is found by its place.
# Ends are spelt as one expression, which is worked out for the few rows of a page after sorting;
# what a person said or refused is compared only where the person said or refused something.
# A hidden suggestion stays out, and so does one that the queue would hide (see `queue.TAKE`), or
# browsing would spoil the sample.
FIELDS = {"start": "int", "end": "int", "type": "text"}
HEAD, TAIL = (
    {
        name: f"(g.graph->'entities'->(substr(said.{end}, 2)::int - 1)->>'{name}')::{kind}"
        for name, kind in FIELDS.items()
    }
    for end in ("head", "tail")
)
ENTITY = {name: f'said."{name}"' for name in FIELDS}
NOTHING = {name: f"NULL::{kind}" for name, kind in FIELDS.items()}
SAID = {
    "relation": "'relations') AS (head text, tail text, type text, confidence float8))"
    " WITH ORDINALITY AS said (head, tail, type, confidence, place)",
    "entity": "'entities') AS (start int, \"end\" int, type text, confidence float8))"
    ' WITH ORDINALITY AS said (start, "end", type, confidence, place)',
}
ENDS = {"relation": (HEAD, TAIL), "entity": (ENTITY, NOTHING)}
PLACE = "{start} || '-' || {end} || ':' || {type}"
KEYS = {
    "relation": f"{PLACE.format(**HEAD)} || '>' || {PLACE.format(**TAIL)} || ':' || said.type",
    "entity": PLACE.format(**ENTITY),
}
OWN = {
    "relation": """
    SELECT 1
      FROM jsonb_to_recordset(a.graph->'entities') AS x (id text, start int, "end" int, type text)
     CROSS JOIN jsonb_to_recordset(a.graph->'entities')
             AS y (id text, start int, "end" int, type text)
     CROSS JOIN jsonb_to_recordset(a.graph->'relations' || (a.graph->'negatives'))
             AS r (head text, tail text, type text)
     WHERE (x.start, x."end", x.type) = ({head}) AND (y.start, y."end", y.type) = ({tail})
       AND (r.type IS NULL OR r.type = said.type)
       AND ((r.head, r.tail) = (x.id, y.id)
            OR said.type = ANY(%(symmetric)s) AND (r.tail, r.head) = (x.id, y.id))""",
    "entity": """
    SELECT 1 FROM jsonb_to_recordset(a.graph->'entities') AS e (start int, "end" int, type text)
     WHERE (e.start, e."end", e.type) = ({head})""",
}
STATEMENTS = """
SELECT s.id, s.position, s.text, s.state, said.type, said.confidence, said.place, {key} AS key,
       jsonb_build_array({head}, {tail}) AS ends, COALESCE(a.version, 0)
  FROM corpus_sentence AS s
  JOIN learning_suggestion AS g ON g.sentence_id = s.id
  LEFT JOIN labelling_annotation AS a ON a.sentence_id = s.id AND a.author_id = %(user)s
  LEFT JOIN labelling_slot AS mine
    ON mine.sentence_id = s.id AND mine.holder_id = %(user)s AND mine.is_blind IS NOT NULL
 CROSS JOIN LATERAL ROWS FROM (jsonb_to_recordset(g.graph->{said}
 WHERE s.project_id = %(project)s AND s.gold_version = 0
   AND (g.model_version_id = %(active)s OR g.model_version_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM learning_suggestion AS newer
         WHERE newer.sentence_id = s.id AND newer.model_version_id = %(active)s))
   AND (a.id IS NULL OR a.state = 'draft' AND NOT EXISTS ({own}))
   AND EXISTS (SELECT 1 FROM labelling_slot AS free
        WHERE free.sentence_id = s.id AND free.state = 'open'
          AND (free.holder_id = %(user)s OR free.lease_until IS NULL
               OR free.lease_until < clock_timestamp()))
   AND NOT COALESCE(mine.is_blind, {drawn})
   AND (s.id NOT IN (SELECT sentence_id FROM learning_refusal WHERE person_id = %(user)s)
        OR NOT EXISTS (SELECT 1 FROM learning_refusal AS f
            WHERE f.person_id = %(user)s AND f.sentence_id = s.id AND f.key = {key}))
   {wishes}
 ORDER BY {order} LIMIT %(count)s
"""
OPENED = """EXISTS (SELECT 1 FROM labelling_slot AS opened
        WHERE opened.sentence_id = s.id AND opened.holder_id = %(user)s)"""
DRAWN = f"""(NOT {OPENED} AND %(blind_share)s > 0
        AND (hashtextextended(s.id || ' ' || %(user)s, %(seed)s) & 1048575)
            < %(blind_share)s * 1048576)"""
ORDERS = {
    "position": "s.position, said.place",
    "confidence": "said.confidence, s.position, said.place",
    "-confidence": "said.confidence DESC, s.position, said.place",
}
AFTER = {
    "position": "(s.position, said.place) > (%(position)s, %(place)s)",
    "confidence": "(said.confidence, s.position, said.place)"
    " > (%(confidence)s, %(position)s, %(place)s)",
    "-confidence": "(-said.confidence, s.position, said.place)"
    " > (-%(confidence)s, %(position)s, %(place)s)",
}
IN_TEXT = "strpos(lower(s.text), lower(%({})s)) > 0"  # cheap, and most texts end here
WISHES = {
    "type": "said.type = %(type)s",
    "min": "said.confidence >= %(min)s",
    "max": "said.confidence <= %(max)s",
    "text": IN_TEXT.format("text"),
    "subject": "strpos(lower({subject}), lower(%(subject)s)) > 0",
    "object": "strpos(lower({object}), lower(%(object)s)) > 0",
}
SURFACE = "substr(s.text, {start} + 1, {end} - {start})"
Row = tuple[Any, ...]


def suggested_statements(
    project: Project, reader: User, wanted: Mapping[str, Any], cursor: str | None
) -> tuple[list[Json], str | None]:
    """Return a page of what the reader may still decide, and the next cursor. Three queries."""
    kind, order = wanted["kind"], wanted["order"]
    values: Json = {
        **wanted,
        "project": project.pk,
        "user": reader.pk,
        "active": active_version_id(project.pk) or 0,
        "seed": project.seed,
        "blind_share": project.blind_share,
        "symmetric": sorted(symmetric_types(project)),
        "count": PAGE_SIZE + 1,
    }
    named = [name for name in WISHES if wanted.get(name) not in (None, "")]
    wishes = [IN_TEXT.format(name) for name in ("subject", "object") if name in named]
    wishes += [WISHES[name] for name in named]
    if cursor:
        values |= _place_of(cursor)
        wishes.append(AFTER[order])
    statement = _statement(kind, order, wishes)
    with connection.cursor() as sql:
        sql.execute(statement, values)
        rows = sql.fetchall()
    shown = [_statement_json(kind, row) for row in rows[:PAGE_SIZE]]
    return shown, _cursor(rows[PAGE_SIZE - 1]) if len(rows) > PAGE_SIZE else None


def _statement(kind: str, order: str, wishes: Sequence[str]) -> str:
    head, tail = ENDS[kind]
    surfaces = {"subject": SURFACE.format(**head), "object": SURFACE.format(**tail)}
    ends = {"head": ", ".join(head.values()), "tail": ", ".join(tail.values())}
    return STATEMENTS.format(
        key=KEYS[kind],
        said=SAID[kind],
        own=OWN[kind].format(**ends),
        drawn=DRAWN,
        wishes=" ".join(f"AND {wish.format(**surfaces)}" for wish in wishes),
        order=ORDERS[order],
        **ends,
    )


def _statement_json(kind: str, row: Row) -> Json:
    text: str = row[2]
    start, end, head_type, tail_start, tail_end, tail_type = json.loads(row[8])
    plain: Json = {
        "sentence_id": row[0],
        "text": text,
        "state": row[3],
        "kind": kind,
        "type": row[4],
        "confidence": row[5],
        "key": row[7],
        "start": start,
        "end": end,
        "head_type": head_type,
        "subject": text[start:end],
        "annotation_version": row[9],
    }
    if tail_start is not None:
        tail = {"tail_start": tail_start, "tail_end": tail_end, "tail_type": tail_type}
        plain |= {**tail, "object": text[tail_start:tail_end]}
    return plain


def _cursor(last: Row) -> str:
    return cursor_of([last[5], last[1], last[6]])


def _place_of(cursor: str) -> Json:
    confidence, position, place = numbers_of(cursor, 3)
    if confidence is None or position is None or place is None:
        raise not_ours()
    return {"confidence": float(confidence), "position": int(position), "place": int(place)}
