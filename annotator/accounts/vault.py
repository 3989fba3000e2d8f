"""Small secrets in the database: encrypted with a key that only the program has."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "annotator.accounts.vault"


def lock(secret: str) -> str:
    """Return the secret as it is stored."""
    return _cipher().encrypt(secret.encode()).decode("ascii")


def unlock(stored: str) -> str | None:
    """Return the secret; None when it was stored under another RELATA_SECRET_KEY."""
    try:
        return _cipher().decrypt(stored.encode("ascii")).decode()
    except InvalidToken:
        return None


def fingerprint(secret: str) -> str:
    """Return what is stored of a secret that is only ever compared."""
    return salted_hmac(SALT, secret, algorithm="sha256").hexdigest()


def _cipher() -> Fernet:
    key = hashlib.sha256(f"{SALT}:{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
