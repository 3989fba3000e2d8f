"""What is done while the program breaks, and what must be so at any moment and in the end."""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from annotator.accounts.models import User
from annotator.config.backups import check_backup
from annotator.core import jobs
from annotator.core.models import AuditEntry, Event, Job
from annotator.core.states import JobState
from annotator.corpus.models import Sentence
from annotator.exchange.models import ImportJob
from annotator.exchange.states import ENDED
from annotator.labelling.graphs import from_example
from annotator.labelling.models import Annotation, GoldRevision, Revision
from annotator.labelling.services import Save, save_annotation
from annotator.labelling.services.saving import Action
from annotator.learning import services
from annotator.learning.models import ModelVersion, Run, Suggestion
from annotator.projects.models import Project, SchemaChange
from annotator.projects.services import create_project
from extraction.types import Entity, Graph, Relation
from tests.annotator.conftest import AddSentences, entity, relation
from tests.safety.harness.workshop import Given
from worker import artefacts

TEXT = "甲药与乙药合用"
GOLD = Graph((Entity(0, 2, "药物"), Entity(3, 5, "药物")), (Relation(0, 1, "协同"),))
SAID = {
    "entities": [entity("e1", 0, 2), entity("e2", 3, 5)],
    "relations": [relation("e1", "e2")],
}
LINE = {
    "entities": [{"start": one.start, "end": one.end, "type": one.type} for one in GOLD.entities],
    "relations": [{"head": 0, "tail": 1, "type": "协同"}],
}
LABELLED, OPEN = 2, 4


class Scene(ABC):
    """One project in which something is done, what may be seen of it at any time, and its end."""

    def __init__(self, way: str, project: Project, given: Given) -> None:
        self.way, self.project, self.given = way, project, {"project": project.pk, **given}

    @abstractmethod
    def is_whole(self) -> None:
        """Hold what must be so at any moment."""

    def again(self) -> None:  # noqa: B027 - most have nothing to do
        """Do what a person or the program does before it is tried once more."""

    @abstractmethod
    def is_done(self) -> None:
        """Hold what must be so when all is over."""


class SaveLabels(Scene):
    def is_whole(self) -> None:
        found = Annotation.objects.filter(sentence__project=self.project).count()
        assert found in {0, 1}
        assert Revision.objects.filter(annotation__sentence__project=self.project).count() == found
        assert entries(self.project, "annotation.submit") == found
        saved = Event.objects.filter(project_id=self.project.pk, kind="sentence.saved")
        assert saved.count() == found

    def is_done(self) -> None:
        self.is_whole()
        annotation = Annotation.objects.get(sentence__project=self.project)
        assert (annotation.version, annotation.state) == (1, "submitted")
        assert GoldRevision.objects.filter(sentence__project=self.project).count() == 1


class Import(Scene):
    def is_whole(self) -> None:
        assert Sentence.objects.filter(project=self.project).count() in {0, 3}
        gold = GoldRevision.objects.filter(sentence__project=self.project)
        assert gold.count() == Sentence.objects.filter(project=self.project).count()

    def is_done(self) -> None:
        assert Sentence.objects.filter(project=self.project).count() == 3
        assert GoldRevision.objects.filter(sentence__project=self.project).count() == 3
        imports = ImportJob.objects.filter(project=self.project)
        assert set(imports.values_list("state", flat=True)) <= set(ENDED)
        assert sum(imports.values_list("accepted", flat=True)) == 3
        kept = {path.name for path in settings.UPLOAD_FOLDER.iterdir()}
        known = {name.hex for name in imports.values_list("stored_name", flat=True)}
        assert not kept & known, "the file of an import that is over is still there"


class Train(Scene):
    def is_whole(self) -> None:
        for version in ModelVersion.objects.filter(project=self.project):
            assert artefacts.is_whole(artefacts.find(version.digest))

    def again(self) -> None:
        states = Run.objects.filter(project=self.project).values_list("state", flat=True)
        if set(states) <= {"failed"}:
            services.request_run(project=self.project, actor=None, given={})

    def is_done(self) -> None:
        self.is_whole()
        version = ModelVersion.objects.get(project=self.project)
        assert (version.number, version.state) == (1, "active")
        assert entries(self.project, "model.registered") == 1
        assert [path.name for path in settings.MODEL_FOLDER.iterdir()] == [version.digest]


class Suggest(Scene):
    def is_whole(self) -> None:
        version = ModelVersion.objects.get(project=self.project)
        assert Suggestion.objects.filter(model_version=version).count() == version.suggested_done

    def again(self) -> None:
        services.suggest_for_new(self.project.pk)

    def is_done(self) -> None:
        self.is_whole()
        version = ModelVersion.objects.get(project=self.project)
        assert version.suggested_done == version.suggested_total == OPEN


class Promote(Scene):
    def is_whole(self) -> None:
        versions = ModelVersion.objects.filter(project=self.project)
        active = versions.get(state="active")
        assert entries(self.project, "model.promoted") == int(active.pk == self.given["version"])

    def is_done(self) -> None:
        self.is_whole()
        assert ModelVersion.objects.get(pk=self.given["version"]).state == "active"


class ChangeSchema(Scene):
    def is_whole(self) -> None:
        changed = SchemaChange.objects.filter(project=self.project).count()
        assert changed in {0, 1}
        annotation = Annotation.objects.get(sentence__project=self.project)
        said = {one["type"] for one in annotation.graph["relations"]}
        assert said == ({"增强"} if changed else {"协同"})
        assert annotation.version == 1 + changed
        assert annotation.revisions.count() == 1 + changed
        assert entries(self.project, "schema.rename") == changed

    def is_done(self) -> None:
        self.is_whole()
        assert SchemaChange.objects.filter(project=self.project).count() == 1


class Backup(Scene):
    def is_whole(self) -> None:
        target = Path(self.given["target"])
        if target.exists():
            check_backup(target)

    def is_done(self) -> None:
        check_backup(Path(self.given["target"]))


SCENES: Mapping[str, type[Scene]] = {
    "save": SaveLabels,
    "import": Import,
    "train": Train,
    "suggest": Suggest,
    "promote": Promote,
    "schema": ChangeSchema,
    "backup": Backup,
}


def entries(project: Project, action: str) -> int:
    return AuditEntry.objects.filter(project_id=project.pk, action=action).count()


@dataclass
class Stage:
    """Makes a fresh scene each time."""

    manager: User
    token: str
    checkpoint: Path
    folder: Path
    add: AddSentences

    def scene(self, way: str) -> Scene:
        project = create_project(
            name=way, template="ch-ddi", language="zh", owner=self.manager, seed=1
        ).project
        given = {"token": self.token, **getattr(self, f"_{way}")(project)}
        return SCENES[way](way, project, given)

    def _save(self, project: Project) -> Given:
        sentence = self.add(project, [TEXT])[0]
        body = {**SAID, "action": "submit"}
        return {"sentence": sentence.pk, "key": str(uuid4()), "body": body}

    def _import(self, project: Project) -> Given:
        lines = [{"text": f"{TEXT}{number}", **LINE} for number in range(3)]
        return {"lines": "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)}

    def _train(self, project: Project) -> Given:
        shutil.rmtree(settings.MODEL_FOLDER, ignore_errors=True)  # that it is copied again
        self._fill(project)
        services.request_run(project=project, actor=self.manager, given={})
        return {"checkpoint": str(self.checkpoint)}

    def _suggest(self, project: Project) -> Given:
        self._version(project, 0.5)
        return {"length": len(TEXT) + 1}

    def _promote(self, project: Project) -> Given:
        self._version(project, 0.5)
        return {"version": self._version(project, 0.1).pk}

    def _schema(self, project: Project) -> Given:
        sentence = self.add(project, [TEXT])[0]
        graph = from_example(GOLD, source="human")
        said = Save(graph=graph, flags=[], comment="", action=Action.SUBMIT, seconds=1.0)
        save_annotation(
            sentence=sentence, author=self.manager, base_version=0, key=uuid4(), save=said
        )
        change = {"kind": "rename", "of": "relation", "from": ["协同"], "into": "增强"}
        return {"change": change}

    def _backup(self, project: Project) -> Given:
        return {"target": str(self.folder / f"backup-{project.pk}")}

    def _fill(self, project: Project) -> None:
        texts = [f"{TEXT}{number}" for number in range(LABELLED + OPEN)]
        if not project.sentences.exists():
            self.add(project, texts, gold=dict.fromkeys(range(LABELLED), GOLD))

    def _version(self, project: Project, f1: float) -> ModelVersion:
        """Enter a version as a worker does after training; the first one becomes active."""
        self._fill(project)
        services.request_run(project=project, actor=self.manager, given={})
        job = Job.objects.get(kind="train", project_id=project.pk, state=JobState.QUEUED)
        held = jobs.claim(job_id=job.pk, worker="stage")
        assert held is not None
        services.begin_run(held)
        active = ModelVersion.objects.filter(project=project, state="active").first()
        figures = {"triple_f1": f1, "entity_f1": f1, "measured_on": "holdout"}
        rival = (active.pk, active.metrics) if active else (None, None)
        digest = artefacts.keep(self.checkpoint)
        return services.register_version(held, services.Measured(digest, figures, *rival))
