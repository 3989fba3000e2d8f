"""G22: labels go through the newest migrations unharmed, as when `./run` meets older data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from annotator.accounts.models import User
from annotator.config.management.commands.verify_integrity import findings
from annotator.projects.models import Project
from tests.annotator.conftest import AddSentences, entity, relation
from tests.safety.test_g22_migrations import OURS

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Record = Callable[[str, object], None]
Api = Callable[[User | None], Any]
SENTENCES = 12
TEXT = "甲药与乙药合用"
LABELS = {
    "entities": [entity("e1", 0, 2), entity("e2", 3, 5)],
    "relations": [relation("e1", "e2")],
    "action": "submit",
}
KEPT = """
SELECT s.id, s.text, a.id, a.version, r.id, r.version, r.graph::text
  FROM corpus_sentence s
  JOIN labelling_annotation a ON a.sentence_id = s.id
  JOIN labelling_revision r ON r.annotation_id = a.id
 ORDER BY r.id
"""


def steps() -> dict[str, str]:
    """Return the newest migration of each app, and the one before it."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationLoader(None).disk_migrations):
        found.setdefault(app, []).append(name)
    return {app: found[app][-2] for app in OURS if len(found[app]) > 1}


@pytest.fixture
def newest() -> Iterator[None]:
    """Whatever happens here, the tables of the tests after it are those of now."""
    yield
    call_command("migrate", verbosity=0)


def kept() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(KEPT)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def newest_of(app: str) -> str:
    """Return which migration of an app the database has."""
    return max(
        name for one, name in MigrationRecorder(connection).applied_migrations() if one == app
    )


@pytest.mark.parametrize(("app", "before"), steps().items())
def test_labels_of_the_schema_before_are_all_there_afterwards(  # noqa: PLR0917 - fixtures
    project: Project,
    add_sentences: AddSentences,
    api: Api,
    ana: User,
    put: Callable[..., Any],
    newest: None,
    app: str,
    before: str,
    record_property: Record,
) -> None:
    sentences = add_sentences(project, [f"{TEXT}{number}" for number in range(SENTENCES)])
    client = api(ana)
    for one in sentences:
        assert put(client, one, **LABELS).status_code == 200
    labels = kept()
    assert len(labels) == SENTENCES
    call_command("migrate", app, before, verbosity=0)
    assert newest_of(app) == before
    assert kept() == labels
    call_command("migrate", verbosity=0)
    assert kept() == labels
    assert not list(findings(project.pk))
    assert put(client, sentences[0], version=1, **LABELS).status_code == 200
    assert not list(findings(project.pk))
    record_property("safety", f"G22: {SENTENCES} labels through what follows {app}.{before}")
