"""`manage.py retrain PROJECT`: ask for a training, and wait for its end if told to."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.core.errors import DomainError
from annotator.learning.models import Run
from annotator.learning.services import request_run
from annotator.learning.states import RUN_MOVES, RunState
from annotator.projects.models import Project, Speed

LOOK_SECONDS = 0.5


class Command(BaseCommand):
    """Asks for a run."""

    help = "Train the model of a project on its present gold. A worker must be running."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the arguments; what is left out is as the project has it."""
        parser.add_argument("project", type=int)
        parser.add_argument("--model")
        parser.add_argument("--encoder")
        parser.add_argument("--speed", choices=Speed.values)
        parser.add_argument("--wait", action="store_true", help="until the run is over")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask; print the run's number, and with --wait its progress."""
        project = Project.objects.filter(pk=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']}")
        chosen = {name: options[name] for name in ("model", "encoder", "speed") if options[name]}
        try:
            run = request_run(project=project, actor=None, given=chosen)
        except DomainError as error:
            raise CommandError(f"{error.message} ({error.code})") from error
        self.stdout.write(f"run {run.pk}: {run.gold_count} sentences, {run.holdout_count} held out")
        if options["wait"]:
            self.wait(run)

    def wait(self, run: Run) -> None:
        """Tell how the run goes until it is over."""
        told = ""
        while RUN_MOVES[RunState(run.state)]:
            time.sleep(LOOK_SECONDS)
            run.refresh_from_db()
            line = f"run {run.pk}: {run.state} {run.phase} {run.progress:.0%}"
            if line != told:
                self.stdout.write(line)
                told = line
        if run.state != RunState.DONE:
            raise CommandError(f"{run.error_message or run.state} ({run.error_code or run.state})")
        self.stdout.write(f"run {run.pk}: {run.model_version.gate['reason']}")
