"""The demo: four people and two projects in mid-life, from the corpora written for this project."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from annotator.accounts.models import User
from annotator.config.env import ROOT
from annotator.core import jobs
from annotator.corpus.models import Sentence
from annotator.exchange.services.running import run_import
from annotator.exchange.services.uploads import Wish, request_import
from annotator.exchange.states import LabelPolicy
from annotator.labelling.graphs import check_graph, from_example
from annotator.labelling.services import Save, save_annotation
from annotator.labelling.services.saving import Action
from annotator.learning.services import request_run
from annotator.projects.models import Membership, Project, Role
from annotator.projects.selectors import schema_of
from annotator.projects.services import add_member, create_project
from extraction.types import Entity, Graph, Relation

FOLDER = ROOT / "demo"
SEED = 20
GOLD_SHARE = 0.75  # of the labelled sentences; the others are left for people to label
SUBMITTED = 24  # sentences that the two annotators have labelled so far
PASSWORD_BYTES = 9

PEOPLE = (
    ("manager", "Mei (manager)", Role.MANAGER),
    ("reviewer", "Rui (reviewer)", Role.REVIEWER),
    ("ana", "Ana", Role.ANNOTATOR),
    ("bo", "Bo", Role.ANNOTATOR),
)


@dataclass(frozen=True, slots=True)
class Login:
    """An account that was made just now, with the only sight of its password."""

    username: str
    password: str
    role: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """A demo project and the files it is made from."""

    name: str
    template: str
    labelled: Path
    unlabelled: Path


CORPORA = (
    Corpus(
        "药物相互作用 · Drug interactions",
        "ch-ddi",
        FOLDER / "chddi.labelled.jsonl",
        FOLDER / "chddi.unlabelled.txt",
    ),
    Corpus(
        "糖尿病 · Diabetes",
        "diabetes",
        FOLDER / "diabetes.labelled.jsonl",
        FOLDER / "diabetes.unlabelled.txt",
    ),
)


def make_people() -> list[Login]:
    """Make the accounts that do not exist yet; the manager is also the site's admin."""
    made = []
    for username, shown, role in PEOPLE:
        if User.objects.filter(username=username).exists():
            continue
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        make = User.objects.create_superuser if role == Role.MANAGER else User.objects.create_user
        make(username=username, password=password, display_name=shown)
        made.append(Login(username, password, role.label))
    return made


def make_projects() -> Iterator[Project]:
    """Make the demo projects that do not exist yet, each with labels, people and a first run."""
    manager = User.objects.get(username="manager")
    for corpus in CORPORA:
        if Membership.objects.filter(user=manager, project__name=corpus.name).exists():
            continue
        project = create_project(
            name=corpus.name, template=corpus.template, language="zh", owner=manager, seed=SEED
        ).project
        for username, _, role in PEOPLE[1:]:
            add_member(project=project, username=username, role=role, actor=manager)
        _fill(project, corpus, manager)
        request_run(project=project, actor=manager, given={}, seed=SEED)
        yield project


def _fill(project: Project, corpus: Corpus, manager: User) -> None:
    """Import the corpus: a part as gold, the rest to be labelled, of which people did some."""
    rng = random.Random(SEED)  # noqa: S311 - a demo that looks the same everywhere
    lines = corpus.labelled.read_text(encoding="utf-8").splitlines()
    rng.shuffle(lines)
    known = int(len(lines) * GOLD_SHARE)
    left = lines[known:]
    _bring(project, manager, corpus.labelled.name, lines[:known], labels=LabelPolicy.GOLD)
    _bring(project, manager, corpus.labelled.name, left, labels=LabelPolicy.IGNORE)
    plain = corpus.unlabelled.read_text(encoding="utf-8").splitlines()
    _bring(project, manager, corpus.unlabelled.name, plain, labels=LabelPolicy.IGNORE)
    people = list(User.objects.filter(username__in=["ana", "bo"]).order_by("username"))
    for number, line in enumerate(left[:SUBMITTED]):
        _submit(project, people[number % len(people)], line, rng)


def _bring(
    project: Project, manager: User, name: str, lines: Sequence[str], *, labels: LabelPolicy
) -> None:
    content = "".join(f"{line}\n" for line in lines).encode()
    wish = Wish(filename=name, labels=labels)
    _, job_id = request_import(project=project, actor=manager, wish=wish, chunks=[content])
    held = jobs.claim(job_id=job_id, worker="demo")
    if held is not None:  # else a worker was quicker, which comes to the same
        run_import(held)


def _submit(project: Project, author: User, line: str, rng: random.Random) -> None:
    """Label a sentence as its author would have done through the page."""
    labelled = json.loads(line)
    sentence = Sentence.objects.get(project=project, text=labelled["text"])
    graph = Graph(
        entities=tuple(Entity(e["start"], e["end"], e["type"]) for e in labelled["entities"]),
        relations=tuple(Relation(r["head"], r["tail"], r["type"]) for r in labelled["relations"]),
    )
    stored = from_example(graph, source="human")
    save = Save(
        graph=check_graph(stored, text=sentence.text, schema=schema_of(project)),
        flags=[],
        comment="",
        action=Action.SUBMIT,
        seconds=round(rng.uniform(9.0, 45.0), 1),
    )
    save_annotation(sentence=sentence, author=author, base_version=0, key=uuid4(), save=save)
