"""What every test may rely on; fixtures live in the nearest folder that needs them."""

from __future__ import annotations

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures of the safety tests: how much was tried, and what came of it."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
    figures = [
        str(value)
        for one in reports
        if isinstance(one, pytest.TestReport) and one.when == "call"
        for name, value in one.user_properties
        if name == "safety"
    ]
    if figures:
        terminalreporter.section("safety")
        for line in sorted(figures):
            terminalreporter.line(line)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let browser tests use the database: sync Playwright keeps an event loop running."""
    if any(item.get_closest_marker("e2e") for item in session.items):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
