"""The audit trail: one function writes it, nothing changes it."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.core.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to one object."""

    action: str
    object_kind: str
    object_id: int
    before_version: int | None = None
    after_version: int | None = None
    content_hash: str = ""


def record(change: Change, *, actor_id: int | None, project_id: int | None) -> None:
    """Write down who changed what, in the transaction of the change."""
    AuditEntry.objects.create(
        actor_id=actor_id,
        project_id=project_id,
        action=change.action,
        object_kind=change.object_kind,
        object_id=change.object_id,
        before_version=change.before_version,
        after_version=change.after_version,
        content_hash=change.content_hash,
    )
