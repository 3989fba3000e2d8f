"""Trouble that goes by: the job is put back and tried again."""

from __future__ import annotations


class TransientError(Exception):
    """Something that may be over in a while."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
