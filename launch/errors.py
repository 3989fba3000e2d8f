"""What the launcher says when it cannot go on: one clear sentence, with the remedy."""

from __future__ import annotations


class LaunchError(Exception):
    """Something on this machine prevents a start; the message names the remedy."""
