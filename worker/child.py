"""The engine in a process of its own: killed with us, stopped on demand, heard line by line."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from annotator.config.env import ROOT
from launch.processes import dying_with_parent

GRACE_SECONDS = 15.0
KEPT_OF_STDERR = 4000
SECRETS = ("RELATA_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "RELATA_METRICS_TOKEN")
SECRETS_OF_OTHERS = ("AWS_", "RELATA_OIDC_")

Event = Mapping[str, Any]


class Child:
    """`python -m extraction …`. A graphics card is freed for certain only by the end of a process.

    The kernel kills the child when the thread that started it ends, so it never outlives us.
    """

    def __init__(self, arguments: Sequence[str], *, folder: Path) -> None:
        self.errors = folder / "stderr"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(  # noqa: S603 - our own engine, no shell
                [sys.executable, "-m", "extraction", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
                env=offline_environment(),
                start_new_session=True,
                preexec_fn=dying_with_parent(signal.SIGKILL),  # noqa: PLW1509 - as in launch
            )
        self._heard: queue.Queue[Event | None] = queue.Queue()
        self._ear = threading.Thread(target=self._listen, name="ear", daemon=True)
        self._ear.start()
        self.is_silent = False

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def hear(self, *, seconds: float) -> Event | None:
        """Return the next event, or None when none came in time or none will come any more."""
        try:
            event = self._heard.get(timeout=seconds)
        except queue.Empty:
            return None
        self.is_silent = event is None
        return event

    def stop(self) -> None:
        """Ask the child to end with its state kept; kill it when it does not."""
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the child and whatever it started at once."""
        self._signal(signal.SIGKILL)
        self.process.wait()

    def status(self) -> int:
        """Wait for the end and return the exit status; negative for a signal."""
        try:
            return self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.wait()

    def traces(self) -> str:
        """Return where the child broke down, without messages, which may hold text."""
        with self.errors.open("rb") as said:
            said.seek(max(0, self.errors.stat().st_size - KEPT_OF_STDERR))
            lines = said.read().decode(errors="replace").splitlines()
        return "\n".join(line for line in lines if line.lstrip().startswith("File "))

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            if self.process.poll() is None:
                os.killpg(self.process.pid, number)

    def _listen(self) -> None:
        out: IO[bytes] | None = self.process.stdout
        if out is not None:
            with out:
                for line in out:
                    event = read_event(line)
                    if event is not None:
                        self._heard.put(event)
        self._heard.put(None)


def read_event(line: bytes) -> Event | None:
    """Return the event of a line; libraries may print something else between."""
    try:
        event = json.loads(line, parse_constant=lambda _name: None)  # no NaN goes further
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def offline_environment() -> dict[str, str]:
    """Return our environment without secrets and without a way to the internet."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in SECRETS and not name.startswith(SECRETS_OF_OTHERS)
    }
    return {**plain, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
