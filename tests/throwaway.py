"""Gives every test run a RELATA_HOME of its own, with engines that live as long as the run.

A plugin and not a conftest, because Django's settings are read before any conftest is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from launch import engines

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
made_home = pytest.StashKey[Path]()
running_engines = pytest.StashKey[engines.Engines]()


@pytest.hookimpl(wrapper=True)  # a wrapper comes before pytest-django, which reads the settings
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Choose the home before anybody asks for it; xdist's workers inherit the choice."""
    if "RELATA_HOME" not in os.environ:
        home = Path(tempfile.mkdtemp(prefix="relata-test-"))
        os.environ["RELATA_HOME"] = str(home)
        early_config.stash[made_home] = home
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Have PostgreSQL and Redis run before the first test."""
    if not IS_WORKER:
        home = Path(os.environ["RELATA_HOME"])
        config.stash[running_engines] = engines.ensure(home, is_throwaway=True)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started and remove what was made for this run."""
    if running_engines in config.stash:
        config.stash[running_engines].stop()
    if made_home in config.stash:
        shutil.rmtree(config.stash[made_home], ignore_errors=True)
