"""`python -m launch run|setup|test`: what ./run and ./test hand over to."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from launch import setup, start, suite
from launch.errors import LaunchError
from launch.options import read_options
from launch.steps import say


def main(arguments: Sequence[str]) -> int:
    """Do what was asked; a LaunchError becomes its sentence and exit status 1."""
    try:
        options = read_options()
        match arguments:
            case ["run"]:
                start.run(options)
            case ["setup"]:
                setup.run(options)
            case ["test", *rest]:
                return suite.run(options, rest)
            case _:
                say("usage: ./run | ./test [pytest arguments] | make setup")
                return 2
    except LaunchError as error:
        for line in error.said:
            say(f"    {line}")
        say(f"relata: {error}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
