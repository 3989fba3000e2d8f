"""Taking a batch in: sentences, slots, labels and the report, all or nothing, once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction

from annotator.core import jobs
from annotator.core.errors import ConflictError
from annotator.core.failpoints import failpoint
from annotator.corpus.services import Draw, Placed, Stored, Verdict, add_sentences
from annotator.corpus.states import SentenceState, Split
from annotator.exchange.formats.drafts import Confidences, Draft
from annotator.exchange.models import ImportJob
from annotator.exchange.services.reading import Batch, Problem, Ready
from annotator.exchange.services.uploads import tell
from annotator.exchange.states import ImportState, LabelPolicy, SplitPolicy
from annotator.labelling.graphs import Json
from annotator.labelling.services import add_imported_gold, open_slots
from annotator.projects.models import Project

MOST_PROBLEMS = 1000
MOST_NAMES = 1000
MORE_PROGRESS = 0.999  # until it is really over


class SchemaChangedError(ConflictError):
    """The schema changed after the batch was checked; it must be read again."""

    code = "schema_changed"


@dataclass(frozen=True, slots=True)
class ImportedSuggestion:
    """What a file suggests for a stored sentence: a graph with a confidence on every statement."""

    sentence: Stored
    graph: Json
    score: float | None


StoreSuggestions = Callable[[Sequence[ImportedSuggestion]], None]


@dataclass(slots=True)
class Tally:
    """What became of the lines of a batch."""

    accepted: int = 0
    duplicates: int = 0
    refused: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    golds: dict[int, tuple[Stored, Json]] = field(default_factory=dict)
    suggestions: dict[int, ImportedSuggestion] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """A committed batch: how many sentences are new, and whether somebody asked to stop."""

    new_sentences: int
    standing: jobs.Standing


@dataclass(frozen=True, slots=True)
class Taking:
    """The conditions under which the batches of one import are taken in."""

    claim: jobs.Claim
    schema_version: int
    store_suggestions: StoreSuggestions | None = None

    def take(self, batch: Batch, *, is_told: bool) -> Taken:
        """Store a batch and how far it reaches."""
        with transaction.atomic():
            _commit_lazily()
            wanted = ImportJob.objects.select_for_update().get(pk=self.claim.subject_id)
            project = Project.objects.select_for_update(no_key=True).get(pk=wanted.project_id)
            if project.schema_version != self.schema_version:
                raise SchemaChangedError("The schema changed during the import")
            added = add_sentences(
                project=project,
                incoming=[one.incoming for one in batch.ready],
                draw=draw_of(wanted, project),
            )
            tally = _sort(batch, added.placed, wanted)
            self._store(project, added.new, tally)
            _advance(wanted, batch, tally, added.groups)
            standing = jobs.heartbeat(self.claim)
            if standing is jobs.Standing.LOST:
                raise jobs.JobLostError("Another worker took this job over")
            if is_told:
                tell(wanted)
            failpoint("import.before_commit")
        failpoint("import.batch_committed")
        return Taken(len(added.new), standing)

    def _store(self, project: Project, new: list[Stored], tally: Tally) -> None:
        if new:
            rng = random.Random(f"{project.seed}:{new[0].position}")  # noqa: S311 - no secret
            open_slots(sentences=new, rng=rng)
        add_imported_gold(golds=list(tally.golds.values()))
        if tally.suggestions and self.store_suggestions is not None:
            self.store_suggestions(list(tally.suggestions.values()))


def _commit_lazily() -> None:
    """Do not wait for the disk at this commit: the effect and how far it reaches are lost or kept
    together, and the commit that ends the import waits for all before it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def draw_of(wanted: ImportJob, project: Project) -> Draw:
    """Return how the next new groups of an import are split."""
    is_forced = wanted.split != SplitPolicy.AUTO
    return Draw(
        share=wanted.holdout_share or 0.0,
        key=f"{project.seed}:{wanted.first_position}",
        first=wanted.new_groups,
        forced=Split(wanted.split) if is_forced else None,
    )


def _sort(batch: Batch, placed: Sequence[Placed], wanted: ImportJob) -> Tally:
    tally = Tally(refused=batch.refused, notes=batch.notes)
    for ready, one in zip(batch.ready, placed, strict=True):
        if one.verdict is Verdict.ID_TAKEN:
            tally.refused.append(_id_taken(ready))
            continue
        took_labels = _take_labels(ready, one, wanted, tally)
        if one.verdict is Verdict.NEW or took_labels:
            tally.accepted += 1
        else:
            tally.duplicates += 1
        if one.verdict is Verdict.NEW and wanted.split not in {
            SplitPolicy.AUTO,
            one.sentence.split,
        }:
            tally.notes.append(_joined(ready, one.sentence))
    tally.refused.sort(key=lambda one: one.line)
    tally.notes.sort(key=lambda one: one.line)
    return tally


def _take_labels(ready: Ready, one: Placed, wanted: ImportJob, tally: Tally) -> bool:
    """Note down the labels for storing, unless people or an earlier line were there first."""
    sentence, graph = one.sentence, ready.graph
    if graph is None or wanted.labels == LabelPolicy.IGNORE:
        return False
    is_new = one.verdict is Verdict.NEW
    if not is_new and sentence.state != SentenceState.PENDING:
        if sentence.state != SentenceState.GOLD:
            tally.notes.append(_labels_left(ready))
        return False
    if wanted.labels == LabelPolicy.GOLD:
        if sentence.pk in tally.golds:
            return False
        tally.golds[sentence.pk] = (sentence, graph)
        return True
    score = ready.draft.confidences.score if ready.draft.confidences else None
    tally.suggestions[sentence.pk] = ImportedSuggestion(sentence, suggested(ready.draft), score)
    return True


def suggested(draft: Draft) -> Json:
    """Spell the labels of a draft as a suggestion's graph."""
    graph = draft.graph
    if graph is None:
        return {"entities": [], "relations": [], "refused": []}
    sure = draft.confidences or Confidences(
        (1.0,) * len(graph.entities), (1.0,) * len(graph.relations)
    )
    ids = [f"s{number}" for number in range(1, len(graph.entities) + 1)]
    return {
        "entities": [
            {"id": ident, "start": e.start, "end": e.end, "type": e.type, "confidence": confidence}
            for ident, e, confidence in zip(ids, graph.entities, sure.entities, strict=True)
        ],
        "relations": [
            {"head": ids[r.head], "tail": ids[r.tail], "type": r.type, "confidence": confidence}
            for r, confidence in zip(graph.relations, sure.relations, strict=True)
        ],
        "refused": [],
    }


def _advance(wanted: ImportJob, batch: Batch, tally: Tally, groups: int) -> None:
    """Bring the report up to date; counts are exact, the lists keep the first thousand."""
    wanted.state = ImportState.RUNNING
    wanted.next_line = batch.last
    wanted.new_groups += groups
    wanted.accepted += tally.accepted
    wanted.duplicates += tally.duplicates
    wanted.refused += len(tally.refused)
    wanted.progress = min(MORE_PROGRESS, batch.offset / max(wanted.size, 1))
    changed = [
        "state", "next_line", "new_groups", "accepted", "duplicates", "refused", "progress",
    ]  # fmt: skip
    if batch.counts:
        wanted.summary = summed(wanted.summary, batch.counts)
        changed.append("summary")
    for name, found in (("problems", tally.refused), ("notes", tally.notes)):
        kept = getattr(wanted, name)
        if found and len(kept) < MOST_PROBLEMS:
            kept.extend(one.as_json() for one in found[: MOST_PROBLEMS - len(kept)])
            changed.append(name)
    wanted.save(update_fields=changed)


def summed(summary: Mapping[str, int], counts: Mapping[str, int]) -> dict[str, int]:
    """Add counts to a summary; names beyond the first thousand are counted together."""
    total = Counter(summary)
    for name, count in counts.items():
        kept = name if name in total or len(total) < MOST_NAMES else "further"
        total[kept] += count
    return dict(total)


def _id_taken(ready: Ready) -> Problem:
    message = (
        f"id: another sentence bears “{ready.draft.id}” already; give every sentence its own id"
    )
    return Problem(ready.line, "duplicate_id", message)


def _joined(ready: Ready, sentence: Stored) -> Problem:
    message = (
        f"The sentence is nearly the same as one in the {sentence.split} and went there, too: "
        "near duplicates are never split"
    )
    return Problem(ready.line, "joined_group", message)


def _labels_left(ready: Ready) -> Problem:
    message = "The sentence is stored already and people have worked at it; their labels stay"
    return Problem(ready.line, "labels_not_taken", message)
