"""What the launcher says when it cannot go on: one clear sentence, with the remedy."""

from __future__ import annotations

from collections.abc import Sequence


class LaunchError(Exception):
    """Something on this machine prevents a start; the message names the remedy."""

    def __init__(self, message: str, *, said: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.said = tuple(said)  # the last lines of the tool that failed
