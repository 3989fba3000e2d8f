"""The door to the embedded engines: their addresses, and having them run."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from launch import postgres, redis
from launch.places import PASSABLE, PRIVATE, Places, make_home, make_private, places


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two engines of a home listen, running or not."""

    database_url: str
    redis_url: str


@dataclass(slots=True)
class Engines:
    """Running engines; `started` are those that belong to us and end with us."""

    places: Places
    database_url: str
    redis_url: str
    postgres: subprocess.Popen[bytes] | None = None
    redis: subprocess.Popen[bytes] | None = None
    _is_stopped: bool = field(default=False, repr=False)

    @property
    def started(self) -> list[subprocess.Popen[bytes]]:
        """The servers this program started; those it only found are not among them."""
        return [server for server in (self.postgres, self.redis) if server is not None]

    def stop(self) -> None:
        """End what was started here; saying it twice changes nothing."""
        if self._is_stopped:
            return
        self._is_stopped = True
        if self.redis is not None:
            redis.stop(self.redis)
        if self.postgres is not None:
            postgres.stop(self.postgres)
        _forget_sockets(self.places)


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
    addresses = urls(home)
    running = Engines(
        found,
        environment.get("DATABASE_URL") or addresses.database_url,
        environment.get("REDIS_URL") or addresses.redis_url,
    )
    make_home(found.home)
    found.logs.mkdir(mode=PRIVATE, exist_ok=True)
    make_private(found.sockets, mode=PASSABLE if os.geteuid() == 0 else PRIVATE)
    with _one_at_a_time(found):
        if not environment.get("DATABASE_URL"):
            running.postgres = postgres.ensure(found, is_throwaway=is_throwaway)
        try:
            if not environment.get("REDIS_URL"):
                running.redis = redis.ensure(found, is_throwaway=is_throwaway)
        except BaseException:
            running.stop()
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
