"""The second factor: codes that a telephone computes (TOTP), and recovery codes on paper."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from dataclasses import dataclass

import pyotp
import segno
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from annotator.accounts import vault
from annotator.accounts.models import RecoveryCode, SecondFactor, User
from annotator.core.audit import Change, record
from annotator.core.errors import ConflictError, ForbiddenError, InvalidError

ISSUER = "Relata"
STEP_SECONDS = 30
DRIFT = (-1, 0, 1)  # steps: a telephone's clock is not exact
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
GROUP = 4


class CodeNeededError(InvalidError):
    """The password was right; the account also wants a code."""

    code = "second_factor_needed"


class BadCodeError(InvalidError):
    """The code is wrong, too old, or was used before."""

    code = "bad_code"


class SetupNeededError(ForbiddenError):
    """The password was right; this account may only enter with a second factor, and has none."""

    code = "second_factor_setup"


class AlreadyEnrolledError(ConflictError):
    """There is a second factor; it has to be removed before there can be another."""

    code = "already_enrolled"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a telephone needs to know; shown once."""

    secret: str
    uri: str
    qr: str


def is_required(user: User) -> bool:
    """Say whether this person may only enter with a second factor."""
    if not settings.REQUIRE_TOTP:
        return False
    is_manager: bool = import_string(settings.MANAGES_SOMETHING)(user)
    return user.is_staff or user.is_superuser or is_manager


def is_enrolled(user: User) -> bool:
    """Say whether this person has confirmed a second factor."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def codes_left(user: User) -> int:
    """Return how many recovery codes are not used yet."""
    return RecoveryCode.objects.filter(user=user).count()


def check_code(*, user: User, code: str) -> None:
    """Let a person pass who needs no code, or whose code is right; a code is good once."""
    if is_enrolled(user):
        if not code:
            raise CodeNeededError("A code of the second factor is needed")
        if not (_use_code(user, code) or _use_recovery_code(user, code)):
            raise BadCodeError("This code is wrong, or was used before")
    elif is_required(user):
        raise SetupNeededError("This account needs a second factor before it can be entered")


def begin_enrolment(*, user: User) -> Enrolment:
    """Make a secret; it counts from the moment its first code is confirmed."""
    if is_enrolled(user):
        raise AlreadyEnrolledError("There is a second factor already; remove it first")
    secret = pyotp.random_base32()
    SecondFactor.objects.update_or_create(
        user=user, defaults={"secret": vault.lock(secret), "confirmed_at": None, "last_step": 0}
    )
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER)
    picture = segno.make(uri, micro=False).svg_data_uri(scale=4, border=4, light="#fff")
    return Enrolment(secret=secret, uri=uri, qr=picture)


@transaction.atomic
def confirm_enrolment(*, user: User, code: str) -> list[str]:
    """Switch the second factor on; return the recovery codes, which are shown once."""
    if is_enrolled(user):
        raise AlreadyEnrolledError("There is a second factor already")
    if not _use_code(user, code):
        raise BadCodeError("This code is wrong; does the telephone's clock go right?")
    SecondFactor.objects.filter(user=user).update(confirmed_at=Now())
    RecoveryCode.objects.filter(user=user).delete()
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=vault.fingerprint(_plain(code))) for code in codes
    )
    _note("second_factor.enrolled", user, actor=user)
    return codes


@transaction.atomic
def remove_factor(*, user: User, actor: User | None) -> None:
    """Forget the second factor and its recovery codes."""
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    _note("second_factor.removed", user, actor=actor)


def _use_code(user: User, code: str) -> bool:
    """Say whether the code is of now, and take it: the same one is no good twice."""
    row = SecondFactor.objects.filter(user=user).first()
    secret = vault.unlock(row.secret) if row is not None else None
    if secret is None:
        return False
    counted, now = pyotp.TOTP(secret), int(time.time()) // STEP_SECONDS
    given = "".join(code.split()).encode()
    for step in (now + drift for drift in DRIFT):
        if hmac.compare_digest(counted.at(step * STEP_SECONDS).encode(), given):
            fresh = SecondFactor.objects.filter(Q(user=user) & Q(last_step__lt=step))
            return fresh.update(last_step=step) == 1
    return False


def _use_recovery_code(user: User, code: str) -> bool:
    digest = vault.fingerprint(_plain(code))
    is_used, _ = RecoveryCode.objects.filter(user=user, digest=digest).delete()
    if is_used:
        _note("second_factor.recovered", user, actor=user)
    return bool(is_used)


def _new_recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


def _plain(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())


def _note(action: str, user: User, *, actor: User | None) -> None:
    change = Change(action=action, object_kind="user", object_id=user.pk)
    record(change, actor_id=actor.pk if actor else None, project_id=None)
