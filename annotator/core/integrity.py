"""What an integrity check finds, and the checks of what belongs to no app: audit trail and jobs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from annotator.core import audit
from annotator.core.models import AuditEntry

HEADS = "audit-heads.jsonl"

# A running job whose worker was silent for ten minutes and that no sweep took back.
LOST_JOBS = """
SELECT id, kind FROM core_job
 WHERE state = 'running' AND lease_until < clock_timestamp() - interval '10 minutes'
   AND (%(project)s::bigint IS NULL OR project_id = %(project)s)
 ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that cannot be: where it is, what is wrong, and what to do."""

    rule: str
    place: str
    fault: str
    remedy: str


def audit_findings(project_id: int | None) -> Iterator[Finding]:
    """Check the chains of the audit trail, and that the heads once written down are still in it."""
    chains = audit.chains() if project_id is None else [project_id]
    for chain in chains:
        for broken in audit.broken_entries(chain):
            yield Finding(
                rule="audit_chain",
                place=f"audit entry {broken.entry_id} of project {chain}",
                fault=broken.fault,
                remedy="compare with a backup: somebody changed the audit trail in the database",
            )
    yield from _head_findings(project_id)


def job_findings(project_id: int | None) -> Iterator[Finding]:
    """Check that whatever is running is held by somebody."""
    for job, kind in rows(LOST_JOBS, project=project_id):
        yield Finding(
            rule="job_is_held",
            place=f"job {job} ({kind})",
            fault="it is running, and no worker has held it for ten minutes",
            remedy="start a worker: its sweep gives the job to another",
        )


def keep_heads() -> int:
    """Write the newest entry of every chain to a file beside the database; return how many."""
    path = settings.HOME / HEADS
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for chain in audit.chains():
        newest = AuditEntry.objects.filter(project_id=chain).order_by("-pk").first()
        if newest is not None:
            line = {"project": chain, "id": newest.pk, "hash": newest.hash}
            lines.append(json.dumps({**line, "at": newest.at.isoformat()}))
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    path.chmod(0o600)
    return len(lines)


def rows(sql: str, **values: Any) -> Iterator[Sequence[Any]]:
    """Run a query of a check and yield its rows, a thousand at a time."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while batch := cursor.fetchmany(1000):
            yield from batch


def _head_findings(project_id: int | None) -> Iterator[Finding]:
    for head in _heads(settings.HOME / HEADS):
        if project_id not in (None, head["project"]):
            continue
        entry = AuditEntry.objects.filter(pk=head["id"], hash=head["hash"])
        if not entry.exists():
            yield Finding(
                rule="audit_head",
                place=f"audit entry {head['id']} of project {head['project']}",
                fault=f"it was the newest one on {head['at']} and is not there as it was",
                remedy=f"compare with a backup; {HEADS} beside the models holds its hash",
            )


def _heads(path: Path) -> Iterator[Mapping[str, Any]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
