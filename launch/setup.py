"""Everything installed and built, nothing started: `make setup`."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from launch import environment, frontend
from launch.checks import check_python
from launch.environment import Venv
from launch.interrupts import stoppable
from launch.options import Options
from launch.steps import Toolbox


def run(options: Options) -> None:
    """Have the environment for developers ready."""
    check_python()
    tools = Toolbox()
    with stoppable():
        prepare(options.environment, tools)


def prepare(variables: Mapping[str, str], tools: Toolbox) -> Venv:
    """Install packages for running and for testing, and build the front end meanwhile."""
    with environment.one_at_a_time():
        venv = environment.prepare(variables, tools)
        with ThreadPoolExecutor(max_workers=1) as pool:
            try:
                page = pool.submit(frontend.build, venv)
                venv.install("requirements-dev.txt")
                page.result()
            except BaseException:
                tools.stop()
                raise
    return venv
