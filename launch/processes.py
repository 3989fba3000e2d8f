"""Processes: starting them so that they die with us, looking at them, ending them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from launch.marks import unmarked
from launch.person import Person

PROC = Path("/proc")
PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.02

_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def spawn(
    command: Sequence[str],
    *,
    death_signal: signal.Signals,
    output: int | IO[bytes],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    person: Person | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that gets `death_signal` when our thread dies.

    The kernel ties that signal to the thread, so only a thread that lives as long as the
    program (the main one) may start something that is to stay.
    """
    return subprocess.Popen(
        [*(person.prefix if person else ()), *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if environment is None else dict(environment),
        cwd=folder,
        start_new_session=True,
        user=person.plain_uid if person else None,
        group=person.plain_gid if person else None,
        extra_groups=[] if person and not person.prefix else None,
        preexec_fn=dying_with_parent(death_signal),  # noqa: PLW1509 - two system calls, no locks
    )


def dying_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child does between fork and exec so that it does not outlive us."""
    parent = os.getpid()

    def prepare() -> None:
        if _prctl is not None:
            _prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:  # it died before the line above
                os._exit(1)

    return prepare


def run(command: Sequence[str], *, person: Person | None, text: str = "") -> tuple[int, str]:
    """Run a tool to its end as that person; return its exit status and all it said."""
    done = subprocess.run(
        [*(person.prefix if person else ()), *command],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env=in_english(),
        user=person.plain_uid if person else None,
        group=person.plain_gid if person else None,
        extra_groups=[] if person and not person.prefix else None,
    )
    return done.returncode, done.stdout


def in_english() -> dict[str, str]:
    """Return variables for an engine: messages in one language, whatever the user's."""
    return {**unmarked(os.environ), "LC_ALL": "C"}


def last_line(text: str) -> str:
    """Return what a program said last; that is mostly the reason why it stopped."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def is_alive(pid: int) -> bool:
    """Say whether there is such a process (a zombie is none)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return not PROC.is_dir()


def works_in(pid: int, folder: Path) -> bool:
    """Say whether a process lives and has this very folder as its working directory.

    Both engines change into their data folder, so this tells a server of these data
    from a stranger who was given the number of a dead one.
    """
    if not is_alive(pid):
        return False
    if PROC.is_dir():
        try:
            return (PROC / str(pid) / "cwd").samefile(folder)
        except OSError:
            return False
    told = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return str(folder) in told.stdout


def workers_in(folder: Path) -> Iterator[int]:
    """Yield the processes whose working directory is this folder."""
    for entry in PROC.glob("[0-9]*"):
        if works_in(int(entry.name), folder):
            yield int(entry.name)


def wait_until(is_so: Callable[[], bool], *, seconds: float) -> bool:
    """Look again and again until something is so; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end(process: subprocess.Popen[bytes], polite: signal.Signals, *, seconds: float) -> None:
    """Ask a child to stop, wait, and kill its whole session when it does not."""
    if process.poll() is None:
        process.send_signal(polite)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            process.wait()


def kill_group(pid: int) -> None:
    """Kill a child's whole process group; nothing happens when it is gone."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
