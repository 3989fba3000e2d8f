"""An embedded PostgreSQL on a Unix socket: made, started, found again, mended after a crash."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path

from launch.binaries import find_postgres, postgres_version
from launch.errors import LaunchError
from launch.person import Person, owner_for, person_for
from launch.places import PRIVATE, Places, make_private
from launch.processes import (
    end,
    in_english,
    is_alive,
    kill_group,
    last_line,
    run,
    spawn,
    wait_until,
    workers_in,
    works_in,
)
from launch.sockets import connect, peer_of

NAME = "PostgreSQL"
POLITE = signal.SIGINT  # cuts the sessions, then stops in good order
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
ROLE = "relata"
SERVING_ROLE = "relata_serves"  # owns nothing; see manage.py harden_database
PROTOCOL = 196608  # 3.0
CANNOT_CONNECT_NOW = b"C57P03\0"
START_SECONDS = 120.0  # recovery after a crash may take a while
STOP_SECONDS = 15.0
BUILTIN_LOCALE_SINCE = 17

# No statement, parameter or row ever reaches the log: they hold sentences of patients.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
    "logging_collector": "off",
    "log_min_messages": "log",  # above ERROR, whose first line may quote a value
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}
THROWAWAY: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
FIRST_STATEMENTS = (
    f"CREATE ROLE {ROLE} LOGIN CREATEDB;",
    f"CREATE ROLE {SERVING_ROLE} LOGIN;",
    f"GRANT {SERVING_ROLE} TO {ROLE};",
    f"CREATE DATABASE {ROLE} OWNER {ROLE};",
)


class State(Enum):
    """What happens when somebody knocks."""

    ABSENT = "nobody listens"
    BUSY = "starting up or shutting down"
    READY = "answers"


def url(places: Places) -> str:
    """Return the address in the form django-environ reads as HOST = the socket's folder."""
    return f"postgres://{ROLE}@/{places.postgres_sockets}/{ROLE}"


def knock(folder: Path) -> State:
    """Begin a session on the socket in `folder` and see how the server takes it."""
    line = connect(folder / SOCKET)
    if line is None:
        return State.ABSENT
    hello = struct.pack("!i", PROTOCOL) + f"user\0{ROLE}\0database\0{ROLE}\0\0".encode()
    try:
        with line:
            line.sendall(struct.pack("!i", len(hello) + 4) + hello)
            answer = line.recv(4096)
            if answer[:1] == b"R":
                line.sendall(b"X\0\0\0\4")  # good-bye, so that nothing is logged
    except (TimeoutError, ConnectionError):
        return State.BUSY
    return State.BUSY if not answer or CANNOT_CONNECT_NOW in answer else State.READY


def is_ready(places: Places) -> bool:
    """Say whether this home's server takes sessions."""
    return knock(places.postgres_sockets) is State.READY


def ensure(places: Places, *, is_throwaway: bool = False) -> subprocess.Popen[bytes] | None:
    """Return the server this call started, or None when one was running already."""
    owner = owner_for(places.postgres)
    make_private(places.postgres_sockets, owner=owner[0] if owner else None)
    if _is_running(places):
        return None
    programs = find_postgres(version=_version_of(places.postgres))
    person = person_for(places.postgres, programs)
    if not (places.postgres / "PG_VERSION").exists():
        _create(places.postgres, programs, person, is_throwaway=is_throwaway)
    _clear_locks(places)
    return _start(places, programs, person, is_throwaway=is_throwaway)


def stop(server: subprocess.Popen[bytes]) -> None:
    """Shut a server down: sessions are cut, what was committed is written."""
    end(server, POLITE, seconds=STOP_SECONDS)


def _is_running(places: Places) -> bool:
    """Say whether this home's server answers; one whose data were deleted is ended."""
    folder = places.postgres_sockets
    wait_until(lambda: knock(folder) is not State.BUSY, seconds=START_SECONDS)
    if knock(folder) is not State.READY:
        return False
    pid = peer_of(folder / SOCKET)
    if pid is None or works_in(pid, places.postgres):
        return True
    os.kill(pid, signal.SIGQUIT)
    if not wait_until(lambda: not is_alive(pid), seconds=STOP_SECONDS):
        kill_group(pid)
    return False


def _version_of(data: Path) -> int | None:
    """Read which PostgreSQL made these data."""
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def _create(data: Path, programs: Path, person: Person | None, *, is_throwaway: bool) -> None:
    """Make a cluster beside its place and move it there whole, so that no half one stays."""
    fresh = data.with_name(data.name + ".new")
    for leftover in (fresh, data):
        if leftover.exists():
            shutil.rmtree(leftover)
    fresh.mkdir(mode=PRIVATE)
    if person:
        os.chown(fresh, person.uid, person.gid)
    is_builtin = (postgres_version(programs) or 0) >= BUILTIN_LOCALE_SINCE
    locale = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if is_builtin
        else ["--locale=C.UTF-8"]
    )
    initdb = [str(programs / "initdb"), f"--pgdata={fresh}", "--username=postgres"]
    hasty = ["--no-sync"] if is_throwaway else []
    _run([*initdb, "--encoding=UTF8", "--auth=trust", *locale, *hasty], person)
    (fresh / "pg_hba.conf").write_text(f"local all {ROLE},{SERVING_ROLE} trust\n", encoding="ascii")
    statements = "".join(f"{statement}\n" for statement in FIRST_STATEMENTS)
    single = [str(programs / "postgres"), "--single", *(["-F"] if is_throwaway else [])]
    _run([*single, "-D", str(fresh), "postgres"], person, statements)
    fresh.rename(data)


def _run(command: Sequence[str], person: Person | None, text: str = "") -> None:
    status, said = run(command, person=person, text=text)
    if status or "ERROR:" in said or "FATAL:" in said:
        raise LaunchError(f"PostgreSQL's data could not be made: {last_line(said)}")


def _clear_locks(places: Places) -> None:
    """Remove what a killed server left, once it is certain that nobody uses the data."""
    lock = places.postgres / "postmaster.pid"
    if not wait_until(lambda: not any(workers_in(places.postgres)), seconds=STOP_SECONDS):
        raise LaunchError(
            f"Process {next(workers_in(places.postgres), '?')} still uses {places.postgres}; "
            "end it, then start again"
        )
    lock.unlink(missing_ok=True)
    (places.postgres_sockets / SOCKET).unlink(missing_ok=True)
    (places.postgres_sockets / f"{SOCKET}.lock").unlink(missing_ok=True)


def _start(
    places: Places, programs: Path, person: Person | None, *, is_throwaway: bool
) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers."""
    settings = {**SETTINGS, **(THROWAWAY if is_throwaway else {})}
    settings["unix_socket_directories"] = str(places.postgres_sockets)
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = places.logs / "postgres.log"
    with log.open("ab") as output:
        server = spawn(
            [str(programs / "postgres"), "-D", str(places.postgres), *options],
            death_signal=POLITE,
            output=output,
            environment=in_english(),
            folder=Path("/"),
            person=person,
        )
    wait_until(
        lambda: server.poll() is not None or is_ready(places),
        seconds=START_SECONDS,
    )
    if server.poll() is None and is_ready(places):
        return server
    stop(server)
    raise LaunchError(
        f"PostgreSQL does not start: {last_line(log.read_text(errors='replace'))}; see {log}"
    )
