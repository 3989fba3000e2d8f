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
BEGIN
    SELECT char_length(s.text), s.project_id INTO length, project
      FROM corpus_sentence s WHERE s.id = NEW.sentence_id;

    SELECT e->>'id' INTO bad
      FROM jsonb_array_elements(NEW.graph->'entities') e
      LEFT JOIN projects_entitytype t ON t.project_id = project AND t.name = e->>'type'
     WHERE (e->>'id') IS NULL OR t.id IS NULL
        OR NOT COALESCE((e->>'start')::int >= 0 AND (e->>'start')::int < (e->>'end')::int
                        AND (e->>'end')::int <= length, FALSE)
     LIMIT 1;
    IF FOUND THEN
        PERFORM labelling_refuse(NEW.sentence_id, 'entity ' || COALESCE(bad, '?')
            || ' lies outside the text or has an unknown type', 'graph_entity_is_legal');
    END IF;

    IF EXISTS (SELECT 1 FROM jsonb_array_elements(NEW.graph->'entities') e
                GROUP BY e->>'id' HAVING count(*) > 1)
       OR EXISTS (SELECT 1 FROM jsonb_array_elements(NEW.graph->'entities') e
                GROUP BY e->>'start', e->>'end', e->>'type' HAVING count(*) > 1) THEN
        PERFORM labelling_refuse(NEW.sentence_id, 'an entity occurs twice', 'graph_entity_once');
    END IF;

    IF jsonb_array_length(NEW.graph->'relations') > 0 THEN
        SELECT r->>'type' INTO bad
          FROM jsonb_array_elements(NEW.graph->'relations') r
          LEFT JOIN jsonb_array_elements(NEW.graph->'entities') h ON h->>'id' = r->>'head'
          LEFT JOIN jsonb_array_elements(NEW.graph->'entities') t ON t->>'id' = r->>'tail'
          LEFT JOIN projects_relationtype k ON k.project_id = project AND k.name = r->>'type'
         WHERE h IS NULL OR t IS NULL OR k.id IS NULL OR r->>'head' = r->>'tail'
            OR (EXISTS (SELECT 1 FROM projects_legalpair p WHERE p.relation_type_id = k.id)
                AND NOT EXISTS (
                    SELECT 1 FROM projects_legalpair p
                      JOIN projects_entitytype ph ON ph.id = p.head_id
                      JOIN projects_entitytype pt ON pt.id = p.tail_id
                     WHERE p.relation_type_id = k.id
                       AND ((ph.name = h->>'type' AND pt.name = t->>'type')
                            OR (k.is_symmetric
                                AND ph.name = t->>'type' AND pt.name = h->>'type'))))
         LIMIT 1;
        IF FOUND THEN
            PERFORM labelling_refuse(NEW.sentence_id, 'relation ' || COALESCE(bad, '?')
                || ' is not legal between these ends', 'graph_relation_is_legal');
        END IF;

        IF EXISTS (SELECT 1 FROM jsonb_array_elements(NEW.graph->'relations') r
                    GROUP BY r->>'head', r->>'tail', r->>'type' HAVING count(*) > 1) THEN
            PERFORM labelling_refuse(NEW.sentence_id, 'a relation occurs twice',
                                     'graph_relation_once');
        END IF;
    END IF;

    IF EXISTS (SELECT 1 FROM jsonb_array_elements(COALESCE(NEW.graph->'negatives', '[]')) n
                WHERE n->>'head' = n->>'tail'
                   OR NOT EXISTS (SELECT 1 FROM jsonb_array_elements(NEW.graph->'entities') e
                                   WHERE e->>'id' = n->>'head')
                   OR NOT EXISTS (SELECT 1 FROM jsonb_array_elements(NEW.graph->'entities') e
                                   WHERE e->>'id' = n->>'tail')) THEN
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
