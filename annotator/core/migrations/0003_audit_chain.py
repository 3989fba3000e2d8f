"""Entries of the audit trail follow one another: each hash holds the one before it.

A trigger writes the chain, whichever door a row came through. It takes the number of the row under
the project's lock (the one that orders events), so that numbers rise in the order of the chain.
"""

from django.db import migrations, models

HASH = """
CREATE FUNCTION core_audit_hash(entry core_auditentry) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(json_build_array(
    entry.prev_hash, entry.id, to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    entry.actor_id, entry.project_id, entry.action, entry.object_kind, entry.object_id,
    entry.before_version, entry.after_version, entry.content_hash,
    entry.request, entry.session, entry.address
  )::text, 'UTF8')), 'hex')
$$;
"""

CHAIN = """
CREATE FUNCTION core_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(24231, (COALESCE(NEW.project_id, 0) % 2147483648)::int);
  NEW.id := nextval(pg_get_serial_sequence('core_auditentry', 'id'));
  SELECT last.hash INTO NEW.prev_hash FROM core_auditentry AS last
   WHERE last.project_id IS NOT DISTINCT FROM NEW.project_id ORDER BY last.id DESC LIMIT 1;
  NEW.prev_hash := COALESCE(NEW.prev_hash, '');
  NEW.hash := core_audit_hash(NEW);
  RETURN NEW;
END
$$;
CREATE TRIGGER audit_chain BEFORE INSERT ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION core_audit_chain();
"""

# Entries from before there was a chain get theirs as they are; the trigger that lets nobody change
# them is there when the app `labelling` is, and rests meanwhile.
OLD = """
DO $$
DECLARE
  entry core_auditentry;
  before text;
  chain bigint;
  is_guarded boolean;
BEGIN
  is_guarded := EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'audit_append_only');
  IF is_guarded THEN
    ALTER TABLE core_auditentry DISABLE TRIGGER audit_append_only;
  END IF;
  chain := NULL;
  FOR entry IN SELECT * FROM core_auditentry ORDER BY project_id NULLS FIRST, id LOOP
    IF before IS NULL OR entry.project_id IS DISTINCT FROM chain THEN
      before := '';
      chain := entry.project_id;
    END IF;
    entry.prev_hash := before;
    before := core_audit_hash(entry);
    UPDATE core_auditentry SET prev_hash = entry.prev_hash, hash = before WHERE id = entry.id;
  END LOOP;
  IF is_guarded THEN
    ALTER TABLE core_auditentry ENABLE TRIGGER audit_append_only;
  END IF;
END
$$;
"""
BACKWARD = """
DROP TRIGGER audit_chain ON core_auditentry;
DROP FUNCTION core_audit_chain();
DROP FUNCTION core_audit_hash(core_auditentry);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_worker'),
    ]

    operations = [
        migrations.AddField(
            model_name='auditentry',
            name='address',
            field=models.CharField(blank=True, db_default='', max_length=16),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='hash',
            field=models.CharField(db_default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='prev_hash',
            field=models.CharField(db_default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='request',
            field=models.CharField(blank=True, db_default='', max_length=32),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='session',
            field=models.CharField(blank=True, db_default='', max_length=16),
        ),
        migrations.RunSQL(HASH, migrations.RunSQL.noop),
        migrations.RunSQL(OLD, migrations.RunSQL.noop),
        migrations.RunSQL(CHAIN, BACKWARD),
    ]
