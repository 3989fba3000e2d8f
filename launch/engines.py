"""The door to the embedded engines: their addresses, and having them run."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from launch import postgres, redis
from launch.places import PASSABLE, PRIVATE, Places, make_home, make_private, places


class Kind(Protocol):
    """What the modules of both engines offer."""

    NAME: str
    POLITE: signal.Signals

    def ensure(
        self, places: Places, *, is_throwaway: bool = False
    ) -> subprocess.Popen[bytes] | None:
        """Return a server that was started, or None when one was running."""

    def is_ready(self, places: Places) -> bool:
        """Say whether a server answers."""

    def stop(self, server: subprocess.Popen[bytes]) -> None:
        """Shut a server down in good order."""


KINDS: Mapping[str, Kind] = {"DATABASE_URL": postgres, "REDIS_URL": redis}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two engines of a home listen, running or not."""

    database_url: str
    redis_url: str


@dataclass(slots=True)
class Server:
    """An engine that answers; the process is None when somebody else started it."""

    kind: Kind
    process: subprocess.Popen[bytes] | None

    def is_well(self, found: Places) -> bool:
        """Say whether it still runs (ours) or still answers (somebody else's)."""
        if self.process is not None:
            return self.process.poll() is None
        return self.kind.is_ready(found)


@dataclass(slots=True)
class Engines:
    """Running engines; `started` are the processes that belong to us and end with us."""

    database_url: str
    redis_url: str
    places: Places
    is_throwaway: bool = False
    servers: list[Server] = field(default_factory=list)

    @property
    def started(self) -> list[subprocess.Popen[bytes]]:
        """The servers this program started; those it only found are not among them."""
        return [server.process for server in self.servers if server.process is not None]

    def revive(self) -> list[Server]:
        """Start again what has died or was taken away, and return that."""
        revived = []
        for server in self.servers:
            if not server.is_well(self.places):
                with _one_at_a_time(self.places):
                    server.process = server.kind.ensure(self.places, is_throwaway=self.is_throwaway)
                revived.append(server)
        return revived

    def stop(self) -> None:
        """End what was started here; saying it twice changes nothing."""
        for server in reversed(self.servers):
            if server.process is not None:
                server.kind.stop(server.process)
        if self.started:
            _forget_sockets(self.places)
        self.servers.clear()


def urls(home: Path) -> Addresses:
    """Compute both addresses of a home; nothing is started, nothing is touched."""
    found = places(home)
    return Addresses(postgres.url(found), redis.url(found))


def ensure(
    home: Path, *, is_throwaway: bool = False, environment: Mapping[str, str] = os.environ
) -> Engines:
    """Have both engines run: find those of this home, or start them from our main thread.

    What DATABASE_URL or REDIS_URL name is somebody else's and is left alone.
    `is_throwaway` trades safety against a power cut for speed, for tests.
    """
    found = places(home)
    own = urls(home)
    running = Engines(
        database_url=environment.get("DATABASE_URL") or own.database_url,
        redis_url=environment.get("REDIS_URL") or own.redis_url,
        places=found,
        is_throwaway=is_throwaway,
    )
    wanted = [kind for variable, kind in KINDS.items() if not environment.get(variable)]
    if not wanted:
        return running
    make_home(found.home)
    found.logs.mkdir(mode=PRIVATE, exist_ok=True)
    with _one_at_a_time(found):
        make_private(found.sockets, mode=PASSABLE if os.geteuid() == 0 else PRIVATE)
        try:
            for kind in wanted:
                process = kind.ensure(found, is_throwaway=is_throwaway)
                running.servers.append(Server(kind, process))
        except BaseException:
            for server in running.servers:
                if server.process is not None:
                    server.kind.stop(server.process)
            raise
    return running


def _forget_sockets(found: Places) -> None:
    """Remove the folders of the sockets, unless somebody is listening there."""
    with suppress(OSError), _one_at_a_time(found):
        found.postgres_sockets.rmdir()
        found.sockets.rmdir()


@contextmanager
def _one_at_a_time(found: Places) -> Iterator[None]:
    """Let only one program at a time look for the engines of a home and start them."""
    with (found.home / "engines.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
