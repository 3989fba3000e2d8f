"""Kinds of arguments that several commands take."""

from __future__ import annotations

import argparse


def names(words: str) -> tuple[str, ...]:
    """Read `a,b`: at least one name, each once."""
    found = tuple(dict.fromkeys(word.strip() for word in words.split(",") if word.strip()))
    if not found:
        raise argparse.ArgumentTypeError("it is empty; name at least one, such as a,b")
    return found


def count(word: str) -> int:
    """Read a whole number from 1 on."""
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is no whole number from 1 on")
    return int(word)


def counts(words: str) -> tuple[int, ...]:
    """Read `50,100`: whole numbers from 1 on, in order and each once."""
    return tuple(sorted({count(word) for word in names(words)}))
