"""A start with small programs in the place of web and workers: `python stand_in.py HOME`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from launch.checks import only_start
from launch.children import Program
from launch.errors import LaunchError
from launch.guard import Guard
from launch.house import House
from launch.interrupts import StopAskedError, stoppable
from launch.marks import VARIABLE, kill_marked
from launch.places import make_home, places
from launch.steps import say

# A child with a child of its own, in another session, that nobody can ask to stop.
FAMILY = """
import signal, subprocess, sys, time
if "stubborn" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
print("at work", flush=True)
time.sleep(300)
"""


def main(home: Path, *words: str) -> None:
    """Run the engines and two families until asked to stop."""
    make_home(home)
    mark = places(home).sockets.name
    programs = [
        Program("first", [sys.executable, "-c", FAMILY]),
        Program("second", [sys.executable, "-c", FAMILY, *words]),
    ]
    with stoppable(), only_start(home):
        kill_marked(mark)
        with Guard(mark) as guard:
            house = House(home, guard, mark, grace=1.0 if "hasty" in words else 10.0)
            try:
                house.start_engines({}, is_throwaway=True)
                house.open(programs, {**os.environ, VARIABLE: mark})
                house.keep(lambda: None)
            except StopAskedError:
                say("stopping")
            finally:
                house.stop()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), *sys.argv[2:])
    except LaunchError as error:
        sys.exit(str(error))
