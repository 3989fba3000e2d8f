"""Slots: who may work at a sentence, and what happens to the place when they are through."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from annotator.accounts.models import User
from annotator.corpus.models import Sentence
from annotator.labelling.models import Slot
from annotator.labelling.states import SlotState

LOCK_SPACE = 0x5EA8  # keeps these advisory locks apart from those of events


def lock_places(user_id: int) -> None:
    """Let one person take or end places one request at a time, to the end of the transaction.

    Two requests of theirs that do not see one another could take two places at one sentence.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, user_id % 2**31])


def leave_slot(*, sentence: Sentence, author: User) -> None:
    """Close the author's place: the work is done."""
    _end_slot(sentence, author, SlotState.DONE)


def skip_slot(*, sentence: Sentence, author: User) -> None:
    """Close the author's place without labels."""
    _end_slot(sentence, author, SlotState.SKIPPED)


def keep_slot(*, sentence: Sentence, author: User) -> None:
    """Open a skipped place again when its holder goes on with the sentence after all."""
    Slot.objects.filter(sentence=sentence, holder=author, state=SlotState.SKIPPED).update(
        state=SlotState.OPEN
    )


def _end_slot(sentence: Sentence, author: User, state: SlotState) -> None:
    """End the place the author holds, else a free one."""
    lock_places(author.pk)
    slot = _slots(sentence).filter(holder=author).first() or (
        _slots(sentence)
        .filter(Q(holder=None) | Q(lease_until=None) | Q(lease_until__lt=Now()))
        .filter(state=SlotState.OPEN)
        .first()
    )
    if slot is None:  # somebody else holds the only place; the labels are kept all the same
        return
    if slot.holder_id != author.pk:
        slot.is_blind = None
    slot.holder = author
    slot.state = state
    slot.lease_until = None
    slot.save(update_fields=["holder", "state", "lease_until", "is_blind"])


def _slots(sentence: Sentence) -> QuerySet[Slot]:
    return Slot.objects.select_for_update().filter(sentence=sentence).order_by("number")
