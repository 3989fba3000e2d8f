"""An embedded Redis on a Unix socket: started, found again, cleaned up after a crash."""

from __future__ import annotations

import os
import signal
import subprocess

from launch.binaries import find_redis
from launch.errors import LaunchError
from launch.places import Places, make_private
from launch.processes import (
    end,
    in_english,
    is_alive,
    kill_group,
    last_line,
    spawn,
    wait_until,
    works_in,
)
from launch.sockets import connect, peer_of

NAME = "Redis"
POLITE = signal.SIGTERM
START_SECONDS = 60.0
STOP_SECONDS = 10.0


def url(places: Places) -> str:
    """Return the address redis-py, channels and Django's cache understand."""
    return f"unix://{places.redis_socket}"


def is_ready(places: Places) -> bool:
    """Say whether this home's server is ready to serve."""
    line = connect(places.redis_socket)
    if line is None:
        return False
    try:
        with line:
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
    except (TimeoutError, ConnectionError):
        return False


def ensure(places: Places, *, is_throwaway: bool = False) -> subprocess.Popen[bytes] | None:
    """Return the server this call started, or None when one was running already."""
    if _is_running(places):
        return None
    places.redis_socket.unlink(missing_ok=True)
    make_private(places.redis)
    program = find_redis()
    log = places.logs / "redis.log"
    with log.open("ab") as output:
        server = spawn(
            [str(program), *_options(places, is_throwaway=is_throwaway)],
            death_signal=POLITE,
            output=output,
            environment=in_english(),
            folder=places.redis,
        )
    wait_until(lambda: server.poll() is not None or is_ready(places), seconds=START_SECONDS)
    if server.poll() is None and is_ready(places):
        return server
    stop(server)
    raise LaunchError(
        f"Redis does not start: {last_line(log.read_text(errors='replace'))}; see {log}"
    )


def stop(server: subprocess.Popen[bytes]) -> None:
    """Shut a server down after it has written its file."""
    end(server, POLITE, seconds=STOP_SECONDS)


def _is_running(places: Places) -> bool:
    """Say whether this home's server answers; one whose data were deleted is ended."""
    pid = peer_of(places.redis_socket)
    if pid is not None and not works_in(pid, places.redis):
        os.kill(pid, signal.SIGKILL)
        if not wait_until(lambda: not is_alive(pid), seconds=STOP_SECONDS):
            kill_group(pid)
        return False
    if pid is not None:  # it may still be reading its file
        wait_until(lambda: not is_alive(pid) or is_ready(places), seconds=START_SECONDS)
    return is_ready(places)


def _options(places: Places, *, is_throwaway: bool) -> list[str]:
    """Say all on the command line: no TCP, nothing evicted, at most a second lost."""
    settings = {
        "port": "0",
        "unixsocket": str(places.redis_socket),
        "unixsocketperm": "700",
        "dir": str(places.redis),
        "appendonly": "no" if is_throwaway else "yes",
        "appendfsync": "everysec",
        "aof-load-truncated": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "notice",
    }
    return [part for name, value in settings.items() for part in (f"--{name}", value)]
