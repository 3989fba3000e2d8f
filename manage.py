#!/usr/bin/env python
"""The command line of the web application; starts the embedded engines when none are configured."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from launch import engines
from launch.errors import LaunchError
from launch.places import ROOT

OFFLINE_COMMANDS = frozenset({"help", "version", "--help", "--version", "spectacular"})


def main() -> None:
    """Run a management command with a database behind it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    running = None
    if len(sys.argv) > 1 and sys.argv[1] not in OFFLINE_COMMANDS:
        running = start_engines()
    try:
        execute_from_command_line(sys.argv)
    finally:
        if running is not None:
            running.stop()


def start_engines() -> engines.Engines:
    """Find or start PostgreSQL and Redis in RELATA_HOME, as far as none are configured."""
    try:
        return engines.ensure(Path(os.environ.get("RELATA_HOME") or ROOT / "var"))
    except LaunchError as error:
        sys.exit(f"relata: {error}.")


if __name__ == "__main__":
    main()
