"""What tests of import and export share: a folder for uploads, and whole imports in one call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.core import jobs
from annotator.core.models import Job
from annotator.exchange.services import run_import
from annotator.projects.models import Project

Api = Callable[..., APIClient]
Bring = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Path:
    """Keep uploaded files of a test to itself."""
    settings.UPLOAD_FOLDER = tmp_path / "uploads"
    return tmp_path / "uploads"


def upload(client: APIClient, project: Project, content: bytes | str, **form: str) -> Any:
    """Post a file as a browser would."""
    raw = content if isinstance(content, bytes) else content.encode()
    file = SimpleUploadedFile(form.pop("name", "file.txt"), raw)
    return client.post(
        f"/api/v1/projects/{project.pk}/imports/", {"file": file, **form}, format="multipart"
    )


def claim_of(import_id: int) -> jobs.Claim:
    """Take the job of an import as a worker does."""
    job = Job.objects.get(kind="import", subject_id=import_id)
    held = jobs.claim(job_id=job.pk, worker="test")
    assert held is not None
    return held


def lines_of(answer: Any) -> bytes:
    """Return the body of a streamed answer."""
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


@pytest.fixture
def bring(api: Api, manager: User) -> Bring:
    """Return a function that uploads a file, lets a worker import it, and returns the report."""

    def whole(project: Project, content: bytes | str, **form: str) -> dict[str, Any]:
        client = api(manager)
        answer = upload(client, project, content, **form)
        assert answer.status_code == 202, answer.json()
        number = answer.json()["id"]
        run_import(claim_of(number))
        report: dict[str, Any] = client.get(
            f"/api/v1/projects/{project.pk}/imports/{number}/"
        ).json()
        return report

    return whole


@pytest.fixture
def export(api: Api, reviewer: User) -> Callable[..., bytes]:
    """Return a function that downloads an export as the reviewer."""

    def download(project: Project, format_name: str = "native", state: str = "gold") -> bytes:
        address = f"/api/v1/projects/{project.pk}/export/"
        return lines_of(api(reviewer).get(f"{address}?format={format_name}&state={state}"))

    return download
