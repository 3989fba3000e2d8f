"""The cast: a manager, a reviewer, two annotators, and an outsider, around one CH-DDI project."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from annotator.accounts.models import User
from annotator.accounts.services import issue_token
from annotator.corpus.models import Sentence
from annotator.labelling.graphs import from_example
from annotator.labelling.services import add_imported_gold, open_slots
from annotator.projects.models import Membership, Project, Role
from annotator.projects.services import create_project
from extraction.types import Graph

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _fast_passwords() -> Any:
    """Hash quickly: the strength of argon2 is not what these tests are about."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def make_user(db: None) -> Callable[[str], User]:
    """Return a function that makes a user of a name."""

    def make(name: str) -> User:
        return User.objects.create_user(username=name, password=PASSWORD, display_name=name.title())

    return make


@pytest.fixture
def manager(make_user: Callable[[str], User]) -> User:
    """Mei manages the project."""
    return make_user("mei")


@pytest.fixture
def project(manager: User) -> Project:
    """A CH-DDI project that Mei made; no suggestion is hidden in it."""
    made = create_project(
        name="DDI", template="ch-ddi", language="zh", owner=manager, seed=7
    ).project
    made.blind_share = 0.0
    made.save()
    return made


def join(project: Project, user: User, role: Role) -> User:
    """Let a user into the project."""
    Membership.objects.create(project=project, user=user, role=role)
    return user


@pytest.fixture
def reviewer(project: Project, make_user: Callable[[str], User]) -> User:
    """Rui reviews."""
    return join(project, make_user("rui"), Role.REVIEWER)


@pytest.fixture
def ana(project: Project, make_user: Callable[[str], User]) -> User:
    """Ana annotates."""
    return join(project, make_user("ana"), Role.ANNOTATOR)


@pytest.fixture
def bo(project: Project, make_user: Callable[[str], User]) -> User:
    """Bo annotates, too."""
    return join(project, make_user("bo"), Role.ANNOTATOR)


@pytest.fixture
def outsider(make_user: Callable[[str], User]) -> User:
    """Olga has an account, but does not belong to the project."""
    return make_user("olga")


@pytest.fixture
def api(db: None) -> Callable[[User | None], APIClient]:
    """Return a function that makes a client of a user, or of nobody."""

    def client(user: User | None = None) -> APIClient:
        made = APIClient(raise_request_exception=False)
        if user is not None:
            made.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user=user)}")
        return made

    return client


AddSentences = Callable[..., list[Sentence]]


@pytest.fixture
def add_sentences() -> AddSentences:
    """Return a function that puts sentences into a project, past the import, some with gold."""

    def add(
        project: Project,
        texts: Sequence[str],
        *,
        gold: Mapping[int, Graph] | None = None,
        split: str = "pool",
    ) -> list[Sentence]:
        first = Sentence.objects.filter(project=project).count()
        sentences = Sentence.objects.bulk_create(
            Sentence(
                project=project,
                position=first + index,
                text=text,
                text_hash=UUID(bytes=hashlib.sha256(text.encode()).digest()[:16]),
                group=first + index,
                split=split,
            )
            for index, text in enumerate(texts)
        )
        open_slots(sentences=sentences, rng=random.Random(project.seed))
        golds = [
            (sentences[index], from_example(graph, source="imported"))
            for index, graph in (gold or {}).items()
        ]
        add_imported_gold(golds=golds)
        return sentences

    return add


def entity(ident: str, start: int, end: int, kind: str = "药物") -> dict[str, Any]:
    """Return an entity as the API takes it."""
    return {"id": ident, "start": start, "end": end, "type": kind, "source": "human"}


def relation(head: str, tail: str, kind: str = "协同") -> dict[str, Any]:
    """Return a relation as the API takes it."""
    return {"head": head, "tail": tail, "type": kind, "source": "human"}


@pytest.fixture
def put() -> Callable[..., Any]:
    """Return a function that saves an annotation through the API."""

    def save(
        client: APIClient,
        sentence: Sentence,
        *,
        version: int = 0,
        key: UUID | None = None,
        **body: Any,
    ) -> Any:
        whole = {"entities": [], "relations": [], "action": "save", **body}
        return client.put(
            f"/api/v1/sentences/{sentence.pk}/annotation/",
            whole,
            format="json",
            headers={"If-Match": f'"{version}"', "Idempotency-Key": str(key or uuid4())},
        )

    return save
