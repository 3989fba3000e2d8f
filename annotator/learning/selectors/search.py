"""Finding sentences by what is said of them, and what a list shows beside each.

Whose labels are searched: reviewers and managers all annotations and the current gold; annotators
their own and gold that came with a file, as a colleague's labels are not shown before one's own.
A suggestion that chance hides from its reader counts as none until the sentence is submitted.
Every wish is one condition on `corpus_sentence`, which both orders of a list have joined.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    Field,
    FloatField,
    IntegerField,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import RawSQL

from annotator.core.errors import ForbiddenError
from annotator.labelling.models import Slot
from annotator.labelling.states import SlotState
from annotator.learning.models import Suggestion
from annotator.projects.models import Project, Role
from annotator.projects.selectors import symmetric_types

OWN = "me"
BESIDE = ("is_suggested", "score", "flags", "annotators", "comment_count")

LABELS = """
    SELECT a.graph, a.flags FROM labelling_annotation AS a
     WHERE a.sentence_id = corpus_sentence.id {own}
    UNION ALL
    SELECT g.graph, '[]'::jsonb FROM labelling_goldrevision AS g
     WHERE g.sentence_id = corpus_sentence.id AND g.version = corpus_sentence.gold_version
           {imported}
"""
SURFACE = 'lower(substring(corpus_sentence.text from {0}.start + 1 for {0}."end" - {0}.start))'
TRIPLE = """
EXISTS (SELECT 1 FROM ({labels}) AS said
         CROSS JOIN LATERAL jsonb_to_recordset(said.graph->'relations')
                 AS r (head text, tail text, type text)
          JOIN LATERAL jsonb_to_recordset(said.graph->'entities')
                 AS h (id text, start int, "end" int) ON h.id = r.head
          JOIN LATERAL jsonb_to_recordset(said.graph->'entities')
                 AS t (id text, start int, "end" int) ON t.id = r.tail
         WHERE (%s IS NULL OR r.type = %s)
           AND (({there}) OR r.type = ANY(%s) AND ({back})))
"""
BOTH = "strpos({head}, lower(%s)) > 0 AND strpos({tail}, lower(%s)) > 0"
CONTAINS = "EXISTS (SELECT 1 FROM ({labels}) AS said WHERE said.{part} @> %s::jsonb)"
AUTHORED = """
EXISTS (SELECT 1 FROM labelling_annotation AS a JOIN accounts_user AS u ON u.id = a.author_id
         WHERE a.sentence_id = corpus_sentence.id AND {who})
"""
FLAGS = """
(SELECT COALESCE(jsonb_agg(DISTINCT flag), '[]'::jsonb) FROM ({labels}) AS said
  CROSS JOIN LATERAL jsonb_array_elements_text(said.flags) AS flag)
"""
AUTHORS = """
(SELECT COALESCE(jsonb_agg(u.username ORDER BY u.username), '[]'::jsonb)
   FROM labelling_annotation AS a JOIN accounts_user AS u ON u.id = a.author_id
  WHERE a.sentence_id = corpus_sentence.id {own})
"""
COMMENTS = """
(SELECT count(*)::int FROM labelling_comment AS c
  WHERE c.sentence_id = corpus_sentence.id AND c.resolved_at IS NULL)
"""

Wanted = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, with which role, at which project, beside which active version."""

    user_id: int
    username: str
    role: Role
    project: Project
    active_id: int | None

    @property
    def sees_all(self) -> bool:
        """Say whether colleagues' labels are shown."""
        return self.role >= Role.REVIEWER


def _labels(reader: Reader) -> tuple[str, list[Any]]:
    if reader.sees_all:
        return LABELS.format(own="", imported=""), []
    sql = LABELS.format(own="AND a.author_id = %s", imported="AND g.revision_id IS NULL")
    return sql, [reader.user_id]


def _raw(sql: str, values: Sequence[Any], field: Field[Any, Any]) -> RawSQL:
    """Return an expression of our own text; what people typed is in the values only."""
    return RawSQL(sql, values, output_field=field)  # noqa: S611


def _true(sql: str, values: Sequence[Any]) -> Q:
    return Q(_raw(sql, values, BooleanField()))


def conditions(wanted: Wanted, reader: Reader) -> Q:
    """Return what a sentence must fulfil; raise when an annotator asks for a colleague's labels."""
    found = Q()
    for name, condition in CONDITIONS.items():
        if name in wanted:
            found &= condition(wanted[name], reader)
    if any(wanted.get(name) for name in ("subject", "predicate", "object")):
        found &= _triple(wanted, reader)
    return found


def _triple(wanted: Wanted, reader: Reader) -> Q:
    """Return that one relation fulfils all three; without direction it is read both ways."""
    labels, values = _labels(reader)
    head, tail = SURFACE.format("h"), SURFACE.format("t")
    sql = TRIPLE.format(
        labels=labels,
        there=BOTH.format(head=head, tail=tail),
        back=BOTH.format(head=tail, tail=head),
    )
    predicate = wanted.get("predicate") or None
    ends = [wanted.get("subject", ""), wanted.get("object", "")]
    symmetric = sorted(symmetric_types(reader.project))
    return _true(sql, [*values, predicate, predicate, *ends, symmetric, *ends])


def _contains(part: str, wanted: Any, reader: Reader) -> Q:
    labels, values = _labels(reader)
    sql = CONTAINS.format(labels=labels, part=part)
    return _true(sql, [*values, json.dumps(wanted)])


def _of_type(name: str, reader: Reader) -> Q:
    return _contains("graph->'entities'", [{"type": name}], reader)


def _flagged(flag: str, reader: Reader) -> Q:
    return _contains("flags", [flag], reader)


def _by(username: str, reader: Reader) -> Q:
    if username == OWN:
        return _true(AUTHORED.format(who="u.id = %s"), [reader.user_id])
    if not reader.sees_all and username != reader.username:
        raise ForbiddenError("This needs the role reviewer", needed=Role.REVIEWER.label)
    return _true(AUTHORED.format(who="u.username = %s"), [username])


def _commented(is_wanted: bool, reader: Reader) -> Q:  # noqa: ARG001, FBT001 - one form for all
    found = _true(f"{COMMENTS} > 0", [])
    return found if is_wanted else ~found


def _suggested(is_wanted: bool, reader: Reader) -> Q:  # noqa: ARG001, FBT001 - one form for all
    return Q(is_suggested=is_wanted)


def _at_least(bound: float, reader: Reader) -> Q:  # noqa: ARG001 - one form for all
    return Q(score__gte=bound)


def _at_most(bound: float, reader: Reader) -> Q:  # noqa: ARG001 - one form for all
    return Q(score__lte=bound)


CONDITIONS: Mapping[str, Any] = {
    "type": _of_type,
    "flag": _flagged,
    "annotator": _by,
    "commented": _commented,
    "suggested": _suggested,
    "min_score": _at_least,
    "max_score": _at_most,
}


def _told(reader: Reader, sentence: str) -> QuerySet[Suggestion]:
    """Return the active version's suggestion of a sentence unless chance hides it from the reader.

    Filters ask what this annotates, so they cannot find what a row does not tell.
    """
    hiding = Slot.objects.exclude(state=SlotState.DONE).filter(
        sentence=OuterRef("sentence"), holder=reader.user_id, is_blind=True
    )
    return Suggestion.objects.filter(
        ~Exists(hiding), sentence=OuterRef(sentence), model_version=reader.active_id or 0
    )


def beside(reader: Reader, sentence: str = "pk") -> dict[str, Any]:
    """Return what a list shows beside a sentence; `sentence` names it from the row of the list."""
    labels, values = _labels(reader)
    own = "" if reader.sees_all else "AND u.id = %s"
    suggestion = _told(reader, sentence)
    return {
        "is_suggested": Exists(suggestion),
        "flags": _raw(FLAGS.format(labels=labels), values, JSONField()),
        "annotators": _raw(AUTHORS.format(own=own), values, JSONField()),
        "comment_count": _raw(COMMENTS, [], IntegerField()),
        "score": Subquery(suggestion.values("score")[:1], output_field=FloatField()),
    }
