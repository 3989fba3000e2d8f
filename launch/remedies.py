"""Turns the last words of a failed tool into one sentence with its remedy."""

from __future__ import annotations

import re
from dataclasses import dataclass

from launch.errors import LaunchError

SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class Remedy:
    """What tools say when something is the matter, and the sentence that helps."""

    sentence: str
    signs: tuple[str, ...]

    def fits(self, said: str) -> bool:
        """Say whether one of the signs is in a tool's output."""
        return any(re.search(sign, said) for sign in self.signs)


NOT_AS_LOCKED = "not the one that was locked"

# The first that fits decides.
REMEDIES = (
    Remedy(
        f"a downloaded package is {NOT_AS_LOCKED} (its SHA-256 differs); the lines above name it: "
        "try another mirror, and if it stays so, ask who runs it",
        ("[Hh]ash mismatch", "DO NOT MATCH THE HASHES"),
    ),
    Remedy(
        "the disk is full; free at least 2 GB, or set RELATA_HOME to another disk",
        ("No space left on device", "ENOSPC", "Disk quota exceeded"),
    ),
    Remedy(
        "this Python has no venv module; install it (apt-get install python3-venv), "
        "or set PYTHON to another one",
        ("ensurepip is not available", r"No module named '?(?:ensurepip|venv)"),
    ),
    Remedy(
        "a package has no ready-made wheel for this Python and machine, and compiling it "
        "failed; use Python 3.11 or 3.12, or install a compiler "
        "(apt-get install build-essential python3-dev)",
        (
            r"command '[^']*(?:cc|clang|\+\+)[^']*' failed",
            r"unable to execute '[^']*cc'",
            r"[Nn]o C(?:\+\+)? compiler",
            r"cc: (?:not found|No such file)",
            r"Python\.h: No such file",
            r"[Ff]ailed to build",
            r"can't find Rust compiler",
        ),
    ),
    Remedy(
        "a pinned package does not exist for this Python and machine; use Python 3.11 or 3.12 "
        "on 64-bit Linux or macOS",
        (
            "No matching distribution found",
            "has no wheels with a matching",
            r"no wheels (?:with|are)",
        ),
    ),
    Remedy(
        "the package registry could not be reached; check the network or the proxy "
        "(HTTPS_PROXY), or name a mirror (PIP_INDEX_URL, npm config set registry)",
        (
            r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET|ENOTCACHED",
            "Temporary failure in name resolution|dns error|Network is unreachable",
            "Failed to fetch|Could not connect|error sending request|tcp connect error",
            "Failed to establish a new connection|Connection refused|network timeout",
        ),
    ),
    Remedy(
        "the registry's certificate is not trusted here; set SSL_CERT_FILE and "
        "NODE_EXTRA_CA_CERTS to your certificates",
        ("CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "UNABLE_TO_(?:GET|VERIFY)"),
    ),
    Remedy(
        "package.json and package-lock.json disagree; run npm install in frontend/ and keep both",
        (r"can only install packages when your package\.json and package-lock\.json",),
    ),
    Remedy(
        "a file may not be written; the checkout must belong to the user who starts it",
        ("EACCES", "Permission denied", "Read-only file system", "EROFS"),
    ),
    Remedy(
        "there was not enough memory; 2 GB must be free",
        ("heap out of memory", "Cannot allocate memory", "MemoryError"),
    ),
)


def explain(what: str, said: str) -> LaunchError:
    """Return the error to raise: what failed, what helps, and the tool's last lines."""
    remedy = remedy_for(said) or "the lines above say why"
    lines = [line.rstrip() for line in said.splitlines() if line.strip()][-SHOWN_LINES:]
    return LaunchError(f"{what} failed: {remedy}", said=lines)


def remedy_for(said: str) -> str | None:
    """Return the sentence for a tool's output, or None when nothing in it is known."""
    return next((remedy.sentence for remedy in REMEDIES if remedy.fits(said)), None)
