"""./test: environment, engines of its own, and then every test, the browser's last."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from launch import browser, frontend, setup
from launch.environment import Venv
from launch.guard import Guard
from launch.house import House
from launch.interrupts import stoppable
from launch.marks import VARIABLE
from launch.options import Options
from launch.places import ROOT, places
from launch.processes import dying_with_parent, end
from launch.steps import Toolbox, say, seconds_since_start

WIDTH = 78
WITHOUT_BROWSER = "not e2e and not gpu"
STOP_SECONDS = 10.0


def run(options: Options, arguments: Sequence[str]) -> int:
    """Run all tests, or those the arguments name; return an exit status."""
    home = Path(tempfile.mkdtemp(prefix="relata-test-"))
    mark = places(home).sockets.name
    tools = Toolbox()
    status = 1
    with stoppable(), Guard(mark) as guard:
        house = House(home, guard, mark)
        try:
            venv = setup.prepare(variables_for(options, home, mark), tools)
            house.start_engines(options.environment, is_throwaway=True)
            suite = Suite(options, venv, tools)
            status = suite.run_some(arguments) if arguments else suite.run_all()
        finally:
            tools.stop()
            house.stop()
            shutil.rmtree(home, ignore_errors=True)
    return status


def variables_for(options: Options, home: Path, mark: str) -> dict[str, str]:
    """Return the variables of the tests: none of the settings this machine serves with."""
    kept = {
        name: value
        for name, value in options.environment.items()
        if not name.startswith(("RELATA_", "DJANGO_"))
    }
    return {**kept, "RELATA_HOME": str(home), VARIABLE: mark}


class Suite:
    """The tests of all rooms, one kind after the other."""

    def __init__(self, options: Options, venv: Venv, tools: Toolbox) -> None:
        self.options = options
        self.venv = venv
        self.tools = tools
        self.variables = dict(venv.environment)

    def run_some(self, arguments: Sequence[str]) -> int:
        """Run just what was named, in one pytest."""
        chosen = browser.find(self.variables)
        if chosen is not None:
            self.variables["CHROMIUM"] = str(chosen)
        return self._pytest(*arguments)

    def run_all(self) -> int:
        """Run everything; what fails does not keep the rest from being tried."""
        chosen = browser.require(self.options, self.variables, self.tools)
        node = frontend.with_node(self.venv)
        outcomes = {
            "the front end's tests": self._show(
                "Front end", ["npm", "test", "--silent"], ROOT / "frontend", node
            ),
            "the tests without a browser": self._pytest("-n", "2", "-m", WITHOUT_BROWSER),
        }
        if chosen is not None:
            self.variables["CHROMIUM"] = str(chosen)
            outcomes["the tests with a browser"] = self._pytest("-m", "e2e")
        failed = [name for name, status in outcomes.items() if status]
        if failed:
            say(f"\nrelata: failed: {', '.join(failed)}.")
        if chosen is None:
            shout(f"NO BROWSER: the tests that need one were NOT run. Remedy: {browser.HINT}.")
        return 1 if failed else 0

    def _pytest(self, *arguments: str) -> int:
        command = [str(self.venv.python), "-m", "pytest", *arguments]
        return self._show(f"pytest {' '.join(arguments)}", command, ROOT, self.variables)

    def _show(
        self, what: str, command: Sequence[str], folder: Path, variables: Mapping[str, str]
    ) -> int:
        """Run a program in sight of the reader; it gets Ctrl-C when we do."""
        say(f"\n-- {what} (after {seconds_since_start():.0f} s) ".ljust(WIDTH, "-"))
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGKILL),  # noqa: PLW1509 - two system calls
        )
        try:
            return process.wait()
        finally:
            end(process, signal.SIGINT, seconds=STOP_SECONDS)


def shout(text: str) -> None:
    """Say something nobody can overlook."""
    say(f"\n{'!' * WIDTH}\n{text}\n{'!' * WIDTH}")
