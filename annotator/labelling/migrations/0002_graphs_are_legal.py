"""Triggers: every stored graph obeys text and schema; revisions and gold are only ever added."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION labelling_refuse(place bigint, what text, rule text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sentence %: %', place, what
        USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

CREATE FUNCTION labelling_check_graph() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    length integer;
    project bigint;
    bad text;
    is_once boolean;
    types jsonb;
BEGIN
    SELECT char_length(s.text), s.project_id INTO length, project
      FROM corpus_sentence s WHERE s.id = NEW.sentence_id;

    SELECT min(COALESCE(e.id, '?')) FILTER (WHERE NOT COALESCE(
               e.id IS NOT NULL AND e.start >= 0 AND e.start < e."end" AND e."end" <= length
               AND EXISTS (SELECT 1 FROM projects_entitytype t
                            WHERE t.project_id = project AND t.name = e.type), FALSE)),
           count(*) = count(DISTINCT e.id)
               AND count(*) = count(DISTINCT (e.start, e."end", e.type)),
           jsonb_object_agg(e.id, e.type) FILTER (WHERE e.id IS NOT NULL)
      INTO bad, is_once, types
      FROM jsonb_to_recordset(NEW.graph->'entities')
           AS e(id text, start integer, "end" integer, type text);
    IF bad IS NOT NULL THEN
        PERFORM labelling_refuse(NEW.sentence_id, 'entity ' || bad
            || ' lies outside the text or has an unknown type', 'graph_entity_is_legal');
    END IF;
    IF NOT is_once THEN
        PERFORM labelling_refuse(NEW.sentence_id, 'an entity occurs twice', 'graph_entity_once');
    END IF;

    IF jsonb_array_length(NEW.graph->'relations') > 0 THEN
        SELECT min(COALESCE(r.type, '?')) FILTER (WHERE
                   r.head_type IS NULL OR r.tail_type IS NULL OR k.id IS NULL OR r.head = r.tail
                OR (EXISTS (SELECT 1 FROM projects_legalpair p WHERE p.relation_type_id = k.id)
                    AND NOT EXISTS (
                        SELECT 1 FROM projects_legalpair p
                          JOIN projects_entitytype ph ON ph.id = p.head_id
                          JOIN projects_entitytype pt ON pt.id = p.tail_id
                         WHERE p.relation_type_id = k.id
                           AND ((ph.name = r.head_type AND pt.name = r.tail_type)
                                OR (k.is_symmetric
                                    AND ph.name = r.tail_type AND pt.name = r.head_type))))),
               count(*) = count(DISTINCT (r.head, r.tail, r.type))
          INTO bad, is_once
          FROM (SELECT head, tail, type, types->>head AS head_type, types->>tail AS tail_type
                  FROM jsonb_to_recordset(NEW.graph->'relations')
                       AS given(head text, tail text, type text)) r
          LEFT JOIN projects_relationtype k ON k.project_id = project AND k.name = r.type;
        IF bad IS NOT NULL THEN
            PERFORM labelling_refuse(NEW.sentence_id, 'relation ' || bad
                || ' is not legal between these ends', 'graph_relation_is_legal');
        END IF;
        IF NOT is_once THEN
            PERFORM labelling_refuse(NEW.sentence_id, 'a relation occurs twice',
                                     'graph_relation_once');
        END IF;
    END IF;

    IF EXISTS (SELECT 1 FROM jsonb_to_recordset(COALESCE(NEW.graph->'negatives', '[]'))
                             AS n(head text, tail text)
                WHERE COALESCE(n.head = n.tail OR types->n.head IS NULL OR types->n.tail IS NULL,
                               TRUE)) THEN
        PERFORM labelling_refuse(NEW.sentence_id, 'a denied pair has no such end',
                                 'graph_negative_is_legal');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER annotation_graph_is_legal BEFORE INSERT OR UPDATE OF graph
    ON labelling_annotation FOR EACH ROW EXECUTE FUNCTION labelling_check_graph();
CREATE TRIGGER gold_graph_is_legal BEFORE INSERT
    ON labelling_goldrevision FOR EACH ROW EXECUTE FUNCTION labelling_check_graph();

CREATE FUNCTION labelling_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only';
END $$;
CREATE TRIGGER revision_append_only BEFORE UPDATE OR DELETE
    ON labelling_revision FOR EACH ROW EXECUTE FUNCTION labelling_only_added();
CREATE TRIGGER gold_append_only BEFORE UPDATE OR DELETE
    ON labelling_goldrevision FOR EACH ROW EXECUTE FUNCTION labelling_only_added();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE
    ON core_auditentry FOR EACH ROW EXECUTE FUNCTION labelling_only_added();
"""
BACKWARD = """
DROP TRIGGER audit_append_only ON core_auditentry;
DROP TRIGGER gold_append_only ON labelling_goldrevision;
DROP TRIGGER revision_append_only ON labelling_revision;
DROP TRIGGER gold_graph_is_legal ON labelling_goldrevision;
DROP TRIGGER annotation_graph_is_legal ON labelling_annotation;
DROP FUNCTION labelling_only_added();
DROP FUNCTION labelling_check_graph();
DROP FUNCTION labelling_refuse(bigint, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("labelling", "0001_initial"), ("core", "0001_initial"), ("projects", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
