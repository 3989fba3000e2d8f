"""Everything installed and built, nothing started: `make setup`."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from launch import environment, frontend
from launch.checks import check_python
from launch.environment import Venv
from launch.options import Options
from launch.steps import Toolbox


def run(options: Options) -> None:
    """Have the environment for developers ready."""
    check_python()
    tools = Toolbox()
    try:
        prepare(options.environment, tools)
    finally:
        tools.stop()


def prepare(variables: Mapping[str, str], tools: Toolbox) -> Venv:
    """Install packages for running and for testing, and build the front end meanwhile."""
    with environment.one_at_a_time():
        venv = environment.prepare(variables, tools)
        with ThreadPoolExecutor(max_workers=1) as pool:
            page = pool.submit(frontend.build, venv)
            try:
                venv.install("requirements-dev.txt")
            except BaseException:
                tools.stop()
                raise
            page.result()
    return venv
