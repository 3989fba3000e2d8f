"""How a benchmark shows people where it is: a bar on a terminal, a line a cell elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

BAR = 24  # characters
CLEAR = "\r\x1b[K"


class Clock:
    """How far all cells are, and how long the rest may take at the pace so far."""

    def __init__(self, cells: int, ready: int, now: Callable[[], float] = time.monotonic) -> None:
        self.cells, self.ready, self.now = cells, ready, now
        self.begun = now()
        self.run = 0

    @property
    def done(self) -> int:
        """Cells that are over."""
        return self.ready + self.run

    def state(self, fraction: float) -> dict[str, Any]:
        """Where the benchmark is when the running cell has come so far, from 0 to 1."""
        here = self.run + fraction
        rest = self.cells - self.ready - here
        pace = (self.now() - self.begun) / here if here else 0.0
        return {
            "cells_done": self.done,
            "cells": self.cells,
            "fraction": round((self.ready + here) / self.cells, 4),
            "eta_seconds": round(pace * rest, 1) if here else None,
        }


class Screen:
    """Turns events into what people see: progress on stderr, the tables on stdout."""

    def __init__(self, out: TextIO, errors: TextIO) -> None:
        self.out, self.errors = out, errors
        self.is_terminal = errors.isatty()

    def tell(self, event: Mapping[str, Any]) -> None:
        """Show an event."""
        kind = event["event"]
        if kind == "progress":
            if self.is_terminal:
                self._write(bar(event, shutil.get_terminal_size().columns - 1))
        elif kind == "done":
            self._clear()
            print(event["table"], file=self.out, end="")
        else:
            self._clear()
            print(line_of(event), file=self.errors, flush=True)

    def _clear(self) -> None:
        if self.is_terminal:
            self._write("")

    def _write(self, text: str) -> None:
        self.errors.write(CLEAR + text)
        self.errors.flush()


def bar(event: Mapping[str, Any], width: int) -> str:
    """One line: the bar, cells done, time left, the running cell; cut to the width."""
    full = round(BAR * event["fraction"])
    left = "" if event["eta_seconds"] is None else f", {duration(event['eta_seconds'])} left"
    text = (
        f"[{'#' * full}{'.' * (BAR - full)}] {event['cells_done']}/{event['cells']}{left}"
        f" · {event['cell']} · {event['phase']} {event['cell_fraction']:.0%}"
    )
    return text[:width]


def line_of(event: Mapping[str, Any]) -> str:
    """A line for a cell that is over, or for a note."""
    if event["event"] != "cell":
        return str(event["message"])
    place = f"{event['cells_done']}/{event['cells']} {event['cell']}: "
    if event["state"] == "failed":
        return place + f"failed. {event['error']['message']}"
    said = "measured before" if event["is_old"] else f"{event['train_seconds']:.1f} s"
    f1 = f"NER {100 * event['entity_f1']:.2f}, RE strict {100 * event['triple_f1']:.2f}"
    return place + f"{f1}, {said}"


def duration(seconds: float) -> str:
    """Hours, minutes and seconds, the hours only if there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def screen() -> Screen:
    """The screen of this process."""
    return Screen(sys.stdout, sys.stderr)
