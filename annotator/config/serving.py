"""How this process is reached: by this machine alone, or by others."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
ADDRESS_OPTIONS = frozenset({"--host", "--bind", "-b"})
SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne"})


@dataclass(frozen=True, slots=True)
class Serving:
    """The address that is listened on, and whether a proxy in front speaks HTTPS."""

    host: str
    is_behind_tls: bool

    @property
    def is_open(self) -> bool:
        """Say whether other machines reach the address itself."""
        return not is_loopback(self.host)

    @property
    def is_for_others(self) -> bool:
        """Say whether other people reach this program, directly or through a proxy."""
        return self.is_open or self.is_behind_tls


def listening_host(arguments: Sequence[str], variables: Mapping[str, str]) -> str:
    """Return the address of a server's command line, else that of RELATA_HOST."""
    program = set(Path(arguments[0]).parts) if arguments else set()
    given = _named(arguments) if program & SERVERS else None
    if "manage.py" in program and "runserver" in arguments:
        given = next((each for each in arguments if each.rpartition(":")[0]), None)
    return given or variables.get("RELATA_HOST") or LOOPBACK


def _named(arguments: Sequence[str]) -> str | None:
    """Return the value of --host X, --host=X, --bind X or -b X."""
    for position, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in ADDRESS_OPTIONS:
            return value if equals else next(iter(arguments[position + 1 :]), "")
    return None


def is_loopback(host: str) -> bool:
    """Say whether an address (of a host, or with its port) is of this machine alone."""
    if host.startswith(("/", "unix:")):
        return True
    name = host.rpartition(":")[0] if host.count(":") == 1 or "]:" in host else host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
