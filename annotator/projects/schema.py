"""Writing the schema: replaced as a whole, but a type that labels use cannot be dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction

from annotator.accounts.models import User
from annotator.core import audit, events
from annotator.core.errors import ConflictError, InvalidError
from annotator.projects.models import EntityType, LegalPair, Project, RelationType

Json = Mapping[str, Any]


class TypeInUseError(ConflictError):
    """Labels use this type; dropping it would make them illegal."""

    code = "type_in_use"


class PairInUseError(ConflictError):
    """Labels use this pair of types under this relation."""

    code = "pair_in_use"


@transaction.atomic
def replace_schema(*, project: Project, wanted: Json, actor: User) -> None:
    """Bring the project's schema to the wanted form, keeping everything that labels use legal."""
    locked = Project.objects.select_for_update().get(pk=project.pk)
    check_schema(wanted)
    _keep_types_in_use(locked, wanted)
    write_schema(locked, wanted)
    _keep_graphs_legal(locked)
    locked.schema_version += 1
    locked.save(update_fields=["schema_version"])
    project.schema_version = locked.schema_version
    change = audit.Change(
        action="schema.changed",
        object_kind="project",
        object_id=project.pk,
        after_version=locked.schema_version,
    )
    audit.record(change, actor_id=actor.pk, project_id=project.pk)
    events.publish(project.pk, "schema.changed", version=locked.schema_version)


def check_schema(wanted: Json) -> None:
    """Refuse doubled names or keys and pairs of unknown types."""
    entities = [kind["name"] for kind in wanted["entity_types"]]
    relations = [kind["name"] for kind in wanted["relation_types"]]
    _refuse_twins("entity_types.name", entities)
    _refuse_twins("relation_types.name", relations)
    _refuse_twins("entity_types.key", [k["key"] for k in wanted["entity_types"] if k["key"]])
    _refuse_twins("relation_types.key", [k["key"] for k in wanted["relation_types"] if k["key"]])
    for kind in wanted["relation_types"]:
        for pair in kind["pairs"]:
            unknown = [name for name in pair if name not in entities]
            if unknown:
                raise InvalidError(
                    "A legal pair names an unknown entity type",
                    relation=kind["name"],
                    unknown=unknown,
                )


def _refuse_twins(field: str, values: list[str]) -> None:
    twins = sorted({value for value in values if values.count(value) > 1})
    if twins:
        raise InvalidError("The same name or key occurs twice", field=field, twins=twins)


def write_schema(project: Project, wanted: Json) -> None:
    """Write types and legal pairs as wanted; types not named are removed."""
    project.entity_types.exclude(name__in=[k["name"] for k in wanted["entity_types"]]).delete()
    project.relation_types.exclude(name__in=[k["name"] for k in wanted["relation_types"]]).delete()
    entities = {
        kind["name"]: EntityType.objects.update_or_create(
            project=project, name=kind["name"], defaults=_looks(kind, position)
        )[0]
        for position, kind in enumerate(wanted["entity_types"])
    }
    for position, kind in enumerate(wanted["relation_types"]):
        relation, _ = RelationType.objects.update_or_create(
            project=project,
            name=kind["name"],
            defaults={**_looks(kind, position), "is_symmetric": kind["symmetric"]},
        )
        relation.pairs.all().delete()
        LegalPair.objects.bulk_create(
            LegalPair(relation_type=relation, head=entities[head], tail=entities[tail])
            for head, tail in dict.fromkeys(map(tuple, kind["pairs"]))
        )


def _looks(kind: Json, position: int) -> dict[str, Any]:
    return {
        "label": kind["label"],
        "color": kind["color"],
        "key": kind["key"],
        "position": position,
    }


# Labels live in a higher room; the rule is asked of the database by table name. Gold that is no
# longer in force is history: it may name types that are gone.
ENTITY_TYPES_IN_USE = """
SELECT DISTINCT e->>'type' FROM corpus_sentence s
  JOIN (SELECT sentence_id, graph FROM labelling_annotation
        UNION ALL
        SELECT sentence_id, graph FROM labelling_goldrevision o
         WHERE o.version = (SELECT gold_version FROM corpus_sentence WHERE id = o.sentence_id)
       ) g ON g.sentence_id = s.id
  CROSS JOIN LATERAL jsonb_array_elements(g.graph->%s) e
 WHERE s.project_id = %s
"""
ILLEGAL_RELATIONS = """
SELECT DISTINCT r->>'type' FROM corpus_sentence s
  JOIN (SELECT sentence_id, graph FROM labelling_annotation
        UNION ALL
        SELECT sentence_id, graph FROM labelling_goldrevision o
         WHERE o.version = (SELECT gold_version FROM corpus_sentence WHERE id = o.sentence_id)
       ) g ON g.sentence_id = s.id
  CROSS JOIN LATERAL jsonb_array_elements(g.graph->'relations') r
  JOIN LATERAL jsonb_array_elements(g.graph->'entities') h ON h->>'id' = r->>'head'
  JOIN LATERAL jsonb_array_elements(g.graph->'entities') t ON t->>'id' = r->>'tail'
  JOIN projects_relationtype k ON k.project_id = s.project_id AND k.name = r->>'type'
 WHERE s.project_id = %s
   AND EXISTS (SELECT 1 FROM projects_legalpair p WHERE p.relation_type_id = k.id)
   AND NOT EXISTS (
       SELECT 1 FROM projects_legalpair p
         JOIN projects_entitytype ph ON ph.id = p.head_id
         JOIN projects_entitytype pt ON pt.id = p.tail_id
        WHERE p.relation_type_id = k.id
          AND ((ph.name = h->>'type' AND pt.name = t->>'type')
               OR (k.is_symmetric AND ph.name = t->>'type' AND pt.name = h->>'type')))
"""


def _keep_types_in_use(project: Project, wanted: Json) -> None:
    for part, kinds in (("entities", "entity_types"), ("relations", "relation_types")):
        kept = {kind["name"] for kind in wanted[kinds]}
        dropped = {kind.name for kind in getattr(project, kinds).all()} - kept
        used = sorted(dropped & set(_column(ENTITY_TYPES_IN_USE, [part, project.pk])))
        if dropped and used:
            raise TypeInUseError(
                "Labels use a type that the new schema lacks; keep it", field=kinds, types=used
            )


def _keep_graphs_legal(project: Project) -> None:
    broken = sorted(_column(ILLEGAL_RELATIONS, [project.pk]))
    if broken:
        raise PairInUseError(
            "Labels use a pair of types that the new schema forbids", relations=broken
        )


def _column(query: str, values: list[Any]) -> Iterable[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row[0] for row in cursor.fetchall()]
