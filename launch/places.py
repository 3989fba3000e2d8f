"""Where things lie: the checkout, RELATA_HOME and the short private folder of the sockets."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from launch.errors import LaunchError

ROOT = Path(__file__).resolve().parent.parent
SOCKET_PARENT = Path("/tmp")  # noqa: S108 - always the same, whatever TMPDIR says; see `sockets`
PRIVATE = 0o700
PASSABLE = 0o711


@dataclass(frozen=True, slots=True)
class Places:
    """Every path below one RELATA_HOME, computed without touching the disk."""

    home: Path

    @property
    def sockets(self) -> Path:
        """A short folder: a socket's path may have 107 bytes, RELATA_HOME may be longer.

        It depends on nothing but RELATA_HOME, so that a program started from another
        shell, by cron or over ssh finds the same engines.
        """
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        return SOCKET_PARENT / f"relata-{name}"

    @property
    def postgres_sockets(self) -> Path:
        """A folder of its own, because as root PostgreSQL runs as somebody else."""
        return self.sockets / "pg"

    @property
    def redis_socket(self) -> Path:
        """Where Redis listens."""
        return self.sockets / "redis.sock"

    @property
    def postgres(self) -> Path:
        """The cluster's data."""
        return self.home / "pg"

    @property
    def redis(self) -> Path:
        """The append-only file of Redis."""
        return self.home / "redis"

    @property
    def logs(self) -> Path:
        """What the engines write."""
        return self.home / "log"


def places(home: Path) -> Places:
    """Return the paths of one RELATA_HOME (made absolute, links resolved)."""
    return Places(home.expanduser().resolve())


def make_home(home: Path) -> None:
    """Make RELATA_HOME, or say why it cannot be used."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=PASSABLE)
        probe = home / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise LaunchError(
            f"RELATA_HOME {home} is not writable ({error.strerror}); "
            "set RELATA_HOME to a folder of yours, for example RELATA_HOME=$HOME/relata ./run"
        ) from error


def make_private(folder: Path, *, mode: int = PRIVATE, owner: int | None = None) -> None:
    """Make a folder nobody else can have prepared: a real one, owned by us, closed to others."""
    owner = os.geteuid() if owner is None else owner
    folder.mkdir(mode=mode, exist_ok=True) if not folder.is_symlink() else None
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner}:
        raise LaunchError(
            f"{folder} exists and does not belong to this user; remove it, "
            "or set RELATA_HOME to another folder (its sockets then lie elsewhere)"
        )
    if found.st_uid != owner:
        os.chown(folder, owner, -1, follow_symlinks=False)
    folder.chmod(mode)
