"""The loop in the Django admin and on the command line."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from annotator.accounts.models import User
from annotator.learning.models import Run
from annotator.projects.models import Project
from tests.annotator.conftest import PASSWORD, AddSentences
from tests.annotator.learning.conftest import GOLD, Train, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def site_admin(make_user: Callable[[str], User]) -> Client:
    """A superuser's browser."""
    user = make_user("root")
    user.is_staff = user.is_superuser = True
    user.save()
    client = Client()
    assert client.login(username="root", password=PASSWORD)
    return client


def press_retrain(client: Client, project: Project) -> str:
    answer = client.post(
        "/admin/projects/project/",
        {"action": "retrain", "_selected_action": [project.pk]},
        follow=True,
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_retrain_is_an_action_on_projects_and_says_what_came_of_it(
    project: Project, site_admin: Client, add_sentences: AddSentences
) -> None:
    assert "No sentence of the pool is labelled yet" in press_retrain(site_admin, project)
    add_sentences(project, texts(2), gold={0: GOLD})
    assert "waits for a worker" in press_retrain(site_admin, project)
    run = Run.objects.get()
    assert run.requested_by is not None
    assert run.requested_by.username == "root"
    assert "A run waits already" in press_retrain(site_admin, project)


def test_runs_and_versions_can_be_looked_at_but_not_changed(
    project: Project, site_admin: Client, add_sentences: AddSentences, train: Train
) -> None:
    add_sentences(project, texts(2), gold={0: GOLD})
    version = train(project)
    for page in (f"run/{version.run_id}", f"modelversion/{version.pk}"):
        assert site_admin.get(f"/admin/learning/{page}/change/").status_code == 200
        assert site_admin.post(f"/admin/learning/{page}/change/", {}).status_code == 403
        assert site_admin.post(f"/admin/learning/{page}/delete/", {}).status_code == 403


def test_a_manager_who_is_no_site_admin_does_not_get_in(project: Project, manager: User) -> None:
    client = Client()
    assert client.login(username=manager.username, password=PASSWORD)
    assert client.get("/admin/projects/project/").status_code == 302


def test_the_command_asks_for_a_run(project: Project, add_sentences: AddSentences) -> None:
    add_sentences(project, texts(2), gold={0: GOLD})
    said = StringIO()
    call_command("retrain", str(project.pk), stdout=said)
    run = Run.objects.get()
    assert said.getvalue() == f"run {run.pk}: 1 sentences, 0 held out\n"
    with pytest.raises(CommandError, match="already_queued"):
        call_command("retrain", str(project.pk), stdout=said)
    with pytest.raises(CommandError, match="no project"):
        call_command("retrain", "999999", stdout=said)
