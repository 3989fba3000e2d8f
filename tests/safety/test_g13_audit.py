"""G13: every accepted write is in the audit trail once, and nobody can change it unseen."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core import audit
from annotator.core.models import AuditEntry
from annotator.corpus.models import Sentence
from annotator.labelling.models import GoldRevision, Revision
from annotator.projects.models import Project
from launch.postgres import SERVING_ROLE
from tests.annotator.conftest import AddSentences, entity

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]
Record = Callable[[str, object], None]
ENTRIES = 1000
TAMPERED = 60
ROLE = SERVING_ROLE
TEXT = "利血平@与单胺氧化酶抑制剂合用可引起高血压，第{}例"


def texts(count: int) -> list[str]:
    return [TEXT.format(number) for number in range(count)]


def verify(*options: str) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit status of the command, and its findings."""
    out = StringIO()
    try:
        call_command("verify_integrity", "--json", *options, stdout=out, stderr=StringIO())
    except SystemExit as end:
        return int(end.code or 0), [json.loads(line) for line in out.getvalue().splitlines()]
    return 0, [json.loads(line) for line in out.getvalue().splitlines()]


GUARDED = (
    "core_auditentry",
    "labelling_revision",
    "labelling_goldrevision",
    "labelling_annotation",
    "corpus_sentence",
)


def as_owner(sql: str, *values: Any) -> None:
    """Change the tables as somebody does who owns them: with the guards put to sleep."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_every_accepted_write_is_recorded_once_with_where_it_came_from(
    project: Project,
    ana: User,
    api: Api,
    add_sentences: AddSentences,
    put: Callable[..., Any],
    record_property: Record,
) -> None:
    client = api(ana)
    sentences = add_sentences(project, texts(20))
    accepted = 0
    for number, sentence in enumerate(sentences):
        for version in range(number % 3 + 1):
            spans = [entity("e1", 0, version + 1)]
            answer = put(client, sentence, version=version, entities=spans)
            assert answer.status_code == 200
            assert answer.headers["X-Request-ID"]
            accepted += 1
        stale = put(client, sentence, version=7, entities=[])
        assert stale.status_code == 412
    saved = AuditEntry.objects.filter(action="annotation.save")
    assert saved.count() == accepted == Revision.objects.count()
    assert saved.filter(request="").count() == 0
    assert saved.values("request").distinct().count() == accepted
    assert saved.values("session", "address").distinct().count() == 1
    assert verify() == (0, [])
    record_property("safety", f"G13: {accepted} accepted writes, {saved.count()} entries")


def test_a_retried_save_is_recorded_once(
    project: Project, ana: User, api: Api, add_sentences: AddSentences, put: Callable[..., Any]
) -> None:
    (sentence,) = add_sentences(project, texts(1))
    key = "11111111-1111-4111-8111-111111111111"
    for _ in range(3):
        answer = put(api(ana), sentence, entities=[entity("e1", 0, 3)], key=key)
        assert answer.status_code == 200
    assert AuditEntry.objects.filter(action="annotation.save").count() == 1


@pytest.fixture
def trail(project: Project, ana: User) -> list[int]:
    """A thousand entries, some of another project in between."""
    for number in range(ENTRIES):
        change = audit.Change("annotation.save", "thing", number, number, number + 1, "a" * 64)
        audit.record(change, actor_id=ana.pk, project_id=project.pk)
        if number % 10 == 0:
            audit.record(change, actor_id=None, project_id=project.pk + 1)
    mine = AuditEntry.objects.filter(project_id=project.pk, object_kind="thing")
    return list(mine.order_by("pk").values_list("pk", flat=True))


CHANGES = {
    "actor_id": "NULL",
    "action": "'annotation.submit'",
    "object_kind": "'sentence'",
    "object_id": "object_id + 1",
    "before_version": "before_version + 1",
    "after_version": "NULL",
    "content_hash": "repeat('b', 64)",
    "at": "at + interval '1 microsecond'",
    "request": "'f'",
    "session": "'f'",
    "address": "'f'",
    "hash": "repeat('0', 64)",
    "prev_hash": "repeat('0', 64)",
    "project_id": "project_id + 1",
}


def test_whatever_is_changed_in_any_of_a_thousand_entries_is_found(
    project: Project, trail: list[int], record_property: Record
) -> None:
    assert list(audit.broken_entries(project.pk)) == []
    chance = random.Random(13)
    places = [trail[0], trail[-1], *chance.sample(trail, TAMPERED - 2)]
    found = 0
    for number, pk in enumerate(places):
        column, value = list(CHANGES.items())[number % len(CHANGES)]
        with transaction.atomic():
            as_owner(f"UPDATE core_auditentry SET {column} = {value} WHERE id = %s", pk)
            chains = (project.pk, project.pk + 1)
            broken = [one for chain in chains for one in audit.broken_entries(chain)]
            assert broken, f"{column} of entry {pk} was changed and nobody noticed"
            if column != "project_id":
                assert broken[0].entry_id == pk
            found += 1
            transaction.set_rollback(True)
    for pk in chance.sample(trail[:-1], 10):
        with transaction.atomic():
            as_owner("DELETE FROM core_auditentry WHERE id = %s", pk)
            assert next(audit.broken_entries(project.pk)).entry_id > pk
            found += 1
            transaction.set_rollback(True)
    record_property("safety", f"G13: {found} of {found} tamperings found in {len(trail)} entries")


def test_an_end_that_is_cut_off_is_missed(
    project: Project, trail: list[int], settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    assert verify("--keep-heads") == (0, [])
    as_owner("DELETE FROM core_auditentry WHERE id = %s", trail[-1])
    assert list(audit.broken_entries(project.pk)) == []
    status, found = verify()
    assert status == 1
    assert [one["rule"] for one in found] == ["audit_head"]
    assert str(trail[-1]) in found[0]["place"]


def test_what_somebody_does_to_labels_in_the_database_is_found(
    project: Project, ana: User, api: Api, add_sentences: AddSentences, put: Callable[..., Any]
) -> None:
    one, other = add_sentences(project, texts(2))
    for sentence in (one, other):
        put(api(ana), sentence, entities=[entity("e1", 0, 3)], action="submit")
    revision = Revision.objects.get(annotation__sentence=one)
    moved = """jsonb_set(graph, '{entities,0,end}', '%s')"""
    tamperings = {
        "content_hash": (
            f"UPDATE labelling_revision SET graph = {moved % 2} WHERE id = %s",
            revision.pk,
        ),
        "graph_is_legal": (
            f"UPDATE labelling_goldrevision SET graph = {moved % 999} WHERE sentence_id = %s",
            one.pk,
        ),
        "newest_revision": (
            "UPDATE labelling_annotation SET comment = 'x' WHERE sentence_id = %s",
            one.pk,
        ),
        "revision_chain": (
            "UPDATE labelling_annotation SET version = 2 WHERE sentence_id = %s",
            one.pk,
        ),
        "gold_chain": ("UPDATE corpus_sentence SET gold_version = 3 WHERE id = %s", one.pk),
        "save_is_recorded": (
            "DELETE FROM core_auditentry WHERE object_kind = 'annotation' AND object_id = %s",
            revision.annotation_id,
        ),
        "record_has_its_save": (
            "UPDATE labelling_revision SET version = 9 WHERE id = %s",
            revision.pk,
        ),
        "holdout_is_apart": (
            "UPDATE corpus_sentence SET split = 'holdout', \"group\" = 1 WHERE id = %s",
            one.pk,
        ),
    }
    assert verify() == (0, [])
    for rule, (sql, pk) in tamperings.items():
        with transaction.atomic():
            as_owner(sql, pk)
            status, found = verify()
            assert status == 1
            assert rule in {finding["rule"] for finding in found}, (rule, found)
            assert all(finding["place"] and finding["remedy"] for finding in found)
            transaction.set_rollback(True)
    assert verify() == (0, [])


def test_a_schema_change_records_what_it_rewrites(
    project: Project, manager: User, ana: User, api: Api, add_sentences: AddSentences, put: Any
) -> None:
    (sentence,) = add_sentences(project, texts(1))
    put(api(ana), sentence, entities=[entity("e1", 0, 3)], action="submit")
    change = {"kind": "rename", "of": "entity", "from": ["药物"], "into": "药品"}
    where = f"/api/v1/projects/{project.pk}/schema/changes/"
    client = api(manager)
    seen = client.post(where, change).json()
    done = client.post(where, {**change, "token": seen["token"]})
    assert done.status_code < 300, done.content
    assert AuditEntry.objects.filter(action="annotation.rewritten").count() == 1
    assert verify() == (0, [])


@pytest.fixture
def serving_role(transactional_db: None) -> Iterator[Any]:
    """A connection of a role that may serve, and nothing else."""
    call_command("harden_database", ROLE, stdout=StringIO())
    values = connection.get_connection_params()
    link = psycopg2.connect(
        host=values.get("host"),
        port=values.get("port"),
        dbname=connection.settings_dict["NAME"],
        user=ROLE,
    )
    yield link
    link.close()


FORBIDDEN = (
    "UPDATE {} SET id = id",
    "DELETE FROM {}",
    "TRUNCATE {} CASCADE",
    "ALTER TABLE {} DISABLE TRIGGER ALL",
    "DROP TABLE {} CASCADE",
)


@pytest.mark.django_db(transaction=True)
def test_the_role_that_serves_can_only_add(  # noqa: PLR0917 - fixtures
    serving_role: Any,
    project: Project,
    ana: User,
    api: Api,
    add_sentences: AddSentences,
    put: Any,
    record_property: Record,
) -> None:
    (sentence,) = add_sentences(project, texts(1))
    put(api(ana), sentence, entities=[entity("e1", 0, 3)], action="submit")
    counts = [table.objects.count() for table in (AuditEntry, Revision, GoldRevision)]
    refused = 0
    for table in ("core_auditentry", "labelling_revision", "labelling_goldrevision"):
        for statement in FORBIDDEN:
            with serving_role.cursor() as cursor, pytest.raises(psycopg2.Error) as error:
                cursor.execute(statement.format(table))
            assert error.value.pgcode == "42501", statement  # insufficient privilege
            serving_role.rollback()
            refused += 1
    with serving_role.cursor() as cursor, pytest.raises(psycopg2.Error):
        cursor.execute("SET session_replication_role = replica")
    serving_role.rollback()
    with serving_role.cursor() as cursor:
        cursor.execute("UPDATE corpus_sentence SET state = 'pending' WHERE id = %s", [sentence.pk])
        cursor.execute(
            "INSERT INTO core_auditentry (action, object_kind, object_id, content_hash, project_id)"
            " VALUES ('probe', 'probe', 1, '', %s) RETURNING hash",
            [project.pk],
        )
        assert len(cursor.fetchone()[0]) == 64
    serving_role.rollback()
    assert counts == [table.objects.count() for table in (AuditEntry, Revision, GoldRevision)]
    record_property(
        "safety", f"G13: {refused} of {refused} statements refused to the role that serves"
    )


@pytest.mark.django_db(transaction=True)
def test_the_product_works_as_the_role_that_serves(
    serving_role: Any, project: Project, ana: User, api: Api, add_sentences: AddSentences, put: Any
) -> None:
    (sentence,) = add_sentences(project, texts(1))
    client = api(ana)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLE}")
    try:
        given = client.post(f"/api/v1/projects/{project.pk}/next/", {"count": 1})
        assert given.status_code == 200, given.content
        saved = put(client, sentence, entities=[entity("e1", 0, 3)], action="submit")
        assert saved.status_code == 200, saved.content
        with pytest.raises(DatabaseError):
            Revision.objects.update(comment="x")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
    assert verify() == (0, [])
    assert Sentence.objects.get().state == "gold"


def test_a_role_that_cannot_be_held_back_is_refused(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (owner,) = cursor.fetchone()
    with pytest.raises(CommandError, match=r"superuser|owns"):
        call_command("harden_database", owner)
    with pytest.raises(CommandError, match="no role"):
        call_command("harden_database", "nobody_here")
