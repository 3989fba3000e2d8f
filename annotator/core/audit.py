"""The audit trail: one function writes it, nothing changes it, and a chain of hashes proves it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings

from annotator.core.models import AuditEntry
from annotator.core.origin import present_origin

BATCH = 1000
DIGEST_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to one object."""

    action: str
    object_kind: str
    object_id: int
    before_version: int | None = None
    after_version: int | None = None
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry whose hash is not that of its fields, or that does not follow the one before it."""

    entry_id: int
    project_id: int | None
    fault: str


def digest(value: str) -> str:
    """Return a keyed digest: equal for equal values, and no way back."""
    if not value:
        return ""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:DIGEST_LENGTH]


def record(change: Change, *, actor_id: int | None, project_id: int | None) -> None:
    """Write down who changed what, in the transaction of the change, as one of its last acts.

    From here to the commit the project's chain is held, so that entries follow one another.
    """
    _entry(change, actor_id, project_id).save(force_insert=True)


def record_all(changes: Sequence[Change], *, actor_id: int | None, project_id: int | None) -> None:
    """Write down many changes of one transaction, in their order."""
    rows = [_entry(change, actor_id, project_id) for change in changes]
    AuditEntry.objects.bulk_create(rows, batch_size=BATCH)


def _entry(change: Change, actor_id: int | None, project_id: int | None) -> AuditEntry:
    origin = present_origin()
    return AuditEntry(
        actor_id=actor_id,
        project_id=project_id,
        action=change.action,
        object_kind=change.object_kind,
        object_id=change.object_id,
        before_version=change.before_version,
        after_version=change.after_version,
        content_hash=change.content_hash,
        request=origin.request,
        session=origin.session,
        address=origin.address,
    )


def hash_of(entry: AuditEntry, before: str) -> str:
    """Return the hash that an entry must have behind `before`; the trigger computes the same."""
    fields = [
        before,
        entry.pk,
        f"{entry.at:%Y-%m-%dT%H:%M:%S.%f}",
        entry.actor_id,
        entry.project_id,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.before_version,
        entry.after_version,
        entry.content_hash,
        entry.request,
        entry.session,
        entry.address,
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()


def broken_entries(project_id: int | None) -> Iterator[Broken]:
    """Walk a project's chain in flat memory and yield every entry that cannot be as it was."""
    before = ""
    chain = AuditEntry.objects.filter(project_id=project_id).order_by("pk")
    for entry in chain.iterator(chunk_size=BATCH):
        if entry.prev_hash != before:
            yield Broken(entry.pk, project_id, "the entry before it is missing or was changed")
        elif entry.hash != hash_of(entry, before):
            yield Broken(entry.pk, project_id, "its fields are not those that were recorded")
        before = entry.hash


def chains() -> list[int | None]:
    """Return the projects that have an audit trail; None stands for what belongs to no project."""
    found = AuditEntry.objects.values_list("project_id", flat=True).distinct()
    return sorted(found, key=lambda one: (one is None, one or 0))
