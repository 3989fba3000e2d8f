"""Several models trained on the same labels with the same seed, to be held side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from annotator.accounts.models import User
from annotator.core.errors import ConflictError, DomainError, InvalidError
from annotator.core.room import refuse_without_room
from annotator.learning.models import Comparison, Run
from annotator.learning.selectors.choices import Choice, choose
from annotator.learning.selectors.snapshots import freeze_labels
from annotator.learning.services.runs import NewRun, draw_seed, enter_run
from annotator.projects.models import Project


class AlreadyComparingError(ConflictError):
    """The runs of an earlier comparison are not through yet."""

    code = "already_comparing"


class TooFewToCompareError(ConflictError):
    """All labels are needed for training, so that nothing is left to measure on."""

    code = "too_few_to_compare"


@transaction.atomic
def request_comparison(
    *,
    project: Project,
    actor: User | None,
    given: Sequence[Mapping[str, Any]],
    seed: int | None = None,
) -> Comparison:
    """Freeze labels and seed once, and have all choices trained on them, one after the other."""
    refuse_without_room()
    locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    choices = list(_choices(locked, given))
    under_way = Run.objects.filter(
        project=locked, comparison__isnull=False, finished_at__isnull=True
    ).first()
    if under_way is not None:
        raise AlreadyComparingError(
            "A comparison is under way already", comparison=under_way.comparison_id
        )
    snapshot = freeze_labels(locked)
    if snapshot.measured_on == "training":
        raise TooFewToCompareError("Label more sentences: there are none to compare on yet")
    shared = draw_seed() if seed is None else seed
    comparison = Comparison.objects.create(project=locked, requested_by=actor)
    for choice in choices:
        enter_run(locked, actor, NewRun(choice, snapshot, shared, comparison=comparison))
    return comparison


def _choices(project: Project, given: Sequence[Mapping[str, Any]]) -> Iterator[Choice]:
    """Yield the checked choices; an error says which of them is meant."""
    seen: list[Choice] = []
    for place, one in enumerate(given):
        try:
            choice = choose(project, one)
        except DomainError as error:
            error.context["choice"] = place
            raise
        if choice in seen:
            raise InvalidError("The same choice stands twice", field="choices", choice=place)
        seen.append(choice)
        yield choice
