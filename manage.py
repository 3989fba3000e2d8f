#!/usr/bin/env python
"""The command line of the web application; starts the embedded engines when none are configured."""

from __future__ import annotations

import os
import sys
from pathlib import Path

OFFLINE_COMMANDS = frozenset({"help", "version", "--help", "--version", "spectacular"})


def main() -> None:
    """Run a management command with a database behind it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    engines = None
    if len(sys.argv) > 1 and sys.argv[1] not in OFFLINE_COMMANDS:
        engines = start_engines()
    try:
        execute_from_command_line(sys.argv)
    finally:
        if engines is not None:
            engines.stop()


def start_engines() -> object | None:
    """Attach to, or start, PostgreSQL and Redis in RELATA_HOME unless both are configured."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return None
    from launch.engines import ensure  # noqa: PLC0415

    return ensure(Path(os.environ.get("RELATA_HOME", "var")))


if __name__ == "__main__":
    main()
