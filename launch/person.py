"""Who PostgreSQL runs as: it refuses to be root, so as root somebody else has to be found."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from launch.errors import LaunchError

CANDIDATES = ("postgres", "nobody", "daemon")
# Either lets an ordinary user pass through folders that are closed to it (linux/capability.h).
PASSES = {"dac_read_search": 2, "dac_override": 1}


@dataclass(frozen=True, slots=True)
class Person:
    """An unprivileged user; `prefix` is the command to become it where setuid is too little."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    @property
    def plain_uid(self) -> int | None:
        """The user to set directly, or None when the prefix does it."""
        return None if self.prefix else self.uid

    @property
    def plain_gid(self) -> int | None:
        """The group to set directly, or None when the prefix does it."""
        return None if self.prefix else self.gid


def owner_for(data: Path) -> tuple[int, int] | None:
    """Return the user and group the data must belong to, or None when that is simply us."""
    if os.geteuid() != 0:
        _check_name(os.geteuid())
        return None
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid, data.stat().st_gid
    for name in CANDIDATES:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise LaunchError(
        "PostgreSQL refuses to run as root and this machine has no user postgres or nobody; "
        "start as an ordinary user, or set DATABASE_URL"
    )


def person_for(data: Path, programs: Path) -> Person | None:
    """Return whom to become so that both the data and the programs can be reached."""
    owner = owner_for(data)
    if owner is None:
        return None
    uid, gid = owner
    if all(may_pass(path, uid, gid) for path in (data.parent, programs)):
        return Person(uid, gid)
    return Person(uid, gid, _passing_prefix(uid, gid, data))


def may_pass(folder: Path, uid: int, gid: int) -> bool:
    """Say whether that user may enter this folder and every one above it."""
    return all(_may_enter(part.stat(), uid, gid) for part in (folder, *folder.parents))


def _may_enter(found: os.stat_result, uid: int, gid: int) -> bool:
    if found.st_uid == uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _passing_prefix(uid: int, gid: int, data: Path) -> tuple[str, ...]:
    """Keep just the capability to pass through folders, for a home below, say, /root."""
    setpriv = shutil.which("setpriv")
    ability = next((name for name, bit in PASSES.items() if _has_capability(bit)), None)
    if setpriv is None or ability is None:
        raise LaunchError(
            f"PostgreSQL refuses to run as root, and user {uid} cannot enter {data.parent}; "
            "start as an ordinary user, or set RELATA_HOME to a folder below one that all may enter"
        )
    return (
        setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups",
        f"--inh-caps=+{ability}", f"--ambient-caps=+{ability}", "--pdeathsig=INT", "--",
    )  # fmt: skip


def _has_capability(bit: int) -> bool:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    held = next((line for line in status.splitlines() if line.startswith("CapEff:")), "CapEff: 0")
    return bool(int(held.split()[1], 16) >> bit & 1)


def _check_name(uid: int) -> None:
    """PostgreSQL's initdb wants its user to have a name."""
    try:
        pwd.getpwuid(uid)
    except KeyError as error:
        raise LaunchError(
            f"User {uid} has no name on this machine, which PostgreSQL needs; "
            "add a line for it to /etc/passwd, or set DATABASE_URL"
        ) from error
