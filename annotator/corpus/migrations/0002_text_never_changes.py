"""A trigger refuses any change of a sentence's text."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION corpus_keep_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the text of sentence % never changes', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'sentence_text_never_changes';
END $$;
CREATE TRIGGER sentence_text_never_changes BEFORE UPDATE OF text ON corpus_sentence
    FOR EACH ROW WHEN (OLD.text IS DISTINCT FROM NEW.text) EXECUTE FUNCTION corpus_keep_text();
"""
BACKWARD = """
DROP TRIGGER sentence_text_never_changes ON corpus_sentence;
DROP FUNCTION corpus_keep_text();
"""


class Migration(migrations.Migration):
    dependencies = [("corpus", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
