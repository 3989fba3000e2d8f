"""Writing: what contradicts what, and contradictions sent to review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from annotator.accounts.models import User
from annotator.core import audit
from annotator.core.errors import InvalidError, NotFoundError
from annotator.corpus.models import Sentence
from annotator.knowledge.models import Opposites
from annotator.knowledge.selectors import contradictions_of, sentences_of
from annotator.knowledge.states import Said
from annotator.labelling.models import Comment
from annotator.labelling.services.comments import add_comment
from annotator.projects.models import Project
from annotator.projects.selectors import schema_of

Node = tuple[str, str]


@transaction.atomic
def set_opposites(*, project: Project, pairs: Iterable[Sequence[str]], actor: User) -> None:
    """Say which relation types contradict one another; saying it twice changes nothing."""
    known = {rule.name for rule in schema_of(project).relations}
    wanted = sorted({tuple(sorted(pair)) for pair in pairs})
    for place, (one, other) in enumerate(wanted):
        if one not in known or other not in known or one == other:
            raise InvalidError(
                "Name two different relation types of the schema",
                field=f"pairs[{place}]",
                known=sorted(known),
            )
    Opposites.objects.update_or_create(
        project=project, defaults={"pairs": [list(pair) for pair in wanted]}
    )
    change = audit.Change(action="opposites.changed", object_kind="project", object_id=project.pk)
    audit.record(change, actor_id=actor.pk, project_id=project.pk)


@transaction.atomic
def review_contradiction(*, project: Project, ends: tuple[Node, Node], actor: User) -> int:
    """Open a comment at every gold sentence that takes part; return how many are new.

    A sentence at which the same is said already and not settled gets no second comment.
    """
    wanted = sorted(ends)
    clash = next(
        (one for one in contradictions_of(project, Said.GOLD) if _ends(one) == wanted), None
    )
    if clash is None:
        raise NotFoundError("Gold says nothing contradictory of these two")
    said = sorted({edge["type"] for edge in clash["edges"]})
    text = f"⚠ {wanted[0][0]} – {wanted[1][0]}: {' / '.join(said)}"
    rows: dict[int, Sentence] = {}
    for edge in clash["edges"]:
        two = [(edge[end]["name"], edge[end]["type"]) for end in ("head", "tail")]
        rows |= {one.pk: one for one in sentences_of(project, Said.GOLD, two, [edge["type"]])}
    open_ones = Comment.objects.filter(sentence__in=rows, text=text, resolved_at=None)
    has_it = set(open_ones.values_list("sentence_id", flat=True))
    fresh = [rows[pk] for pk in sorted(rows) if pk not in has_it]
    for sentence in fresh:
        add_comment(sentence=sentence, author=actor, text=text)
    return len(fresh)


def _ends(clash: dict[str, list[dict[str, str]]]) -> list[Node]:
    return [(node["name"], node["type"]) for node in clash["nodes"]]
