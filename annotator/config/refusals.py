"""What a start is refused for: each check names the setting and what to do instead.

A program that holds patients' sentences must not come up half closed. These checks run while
the settings are read, so that web, workers and commands refuse alike, with one line each.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from annotator.config.serving import Serving, is_loopback
from annotator.core.buckets import ADDRESS as STORE

SHORTEST_KEY = 32
FEWEST_LETTERS = 8  # different ones; 32 random hexadecimal digits have about 14
PLACEHOLDERS = ("change", "secret", "insecure", "example", "default", "placeholder")
DEFAULT_PASSWORDS = frozenset(
    {"", "postgres", "password", "passw0rd", "relata", "redis", "admin", "root", "secret"}
    | {"changeme", "change-me", "change_me", "example", "test", "demo", "123456", "12345678"}
)
OLDEST_TORCH = (2, 6)  # before it, a weights file could run code (CVE-2025-32434)
MOST_LOGINS_A_MINUTE = 60
LONGEST_IDLE = 720  # minutes: a session ends after twelve hours anyway
NEW_KEY = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
# They serve nobody, and they are what some of the remedies name.
REMEDIES = frozenset({"changepassword", "createsuperuser", "help", "spectacular"})


class UnsafeStartError(SystemExit):
    """Ends the process with the reasons, before it listens or reads a row."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is known when the settings are read."""

    serving: Serving
    home: Path
    given_key: str
    is_debug: bool
    is_embedded: bool
    has_admin: bool
    has_second_factor: bool
    hosts: Sequence[str]
    origins: Sequence[str]
    rates: Mapping[str, str]
    variables: Mapping[str, str]

    def says(self, name: str) -> str:
        """Return a variable of the environment in small letters."""
        return self.variables.get(name, "").strip().lower()


def secret_key(start: Start) -> Iterator[str]:
    """A key that can be guessed lets anybody sign a session."""
    key = start.given_key
    if not key:
        return
    if len(key) < SHORTEST_KEY:
        yield (
            f"RELATA_SECRET_KEY is shorter than {SHORTEST_KEY} characters; make one with: {NEW_KEY}"
        )
        return
    is_poor = start.serving.is_for_others and len(set(key)) < FEWEST_LETTERS
    if is_poor or any(word in key.lower() for word in PLACEHOLDERS):
        yield f"RELATA_SECRET_KEY is a placeholder, not a secret; make one with: {NEW_KEY}"


def debug(start: Start) -> Iterator[str]:
    """Debug pages show settings, rows and local variables."""
    if start.is_debug and start.serving.is_for_others:
        yield (
            "RELATA_DEBUG is on where others can reach the page; unset it "
            "(it is for 127.0.0.1 without RELATA_TLS only)"
        )


def hosts(start: Start) -> Iterator[str]:
    """Links are built from the Host header; any header would do with a star."""
    if any(host.strip() in {"*", ""} for host in start.hosts):
        yield (
            "RELATA_ALLOWED_HOSTS=* trusts every Host header; name the host that people type, "
            "like labels.example.org"
        )


def origins(start: Start) -> Iterator[str]:
    """A trusted origin may write with a person's session."""
    for origin in start.origins:
        if "*" in origin:
            yield (
                f"RELATA_TRUSTED_ORIGINS={origin} trusts every page below it; name whole origins, "
                "like https://labels.example.org"
            )
        elif start.serving.is_behind_tls and not origin.startswith("https://"):
            yield (
                f"RELATA_TRUSTED_ORIGINS={origin} trusts pages that came without TLS; "
                "write it with https://"
            )


def plain_http(start: Start) -> Iterator[str]:
    """Passwords and sentences would cross the network readable."""
    is_accepted = start.says("RELATA_ALLOW_PLAIN_HTTP") in {"1", "true", "yes", "on"}
    if start.serving.is_open and not start.serving.is_behind_tls and not is_accepted:
        yield (
            f"RELATA_HOST {start.serving.host} is reached by others and RELATA_TLS is off; put a "
            "proxy with HTTPS in front and set RELATA_TLS=true, or, on a network where everybody "
            "may read everything, set RELATA_ALLOW_PLAIN_HTTP=true"
        )


def demo(start: Start) -> Iterator[str]:
    """The demo's passwords are printed and kept in a file."""
    if not start.serving.is_for_others:
        return
    if start.is_embedded and start.says("RELATA_DEMO") != "off":
        yield "RELATA_DEMO makes accounts with known passwords; set RELATA_DEMO=off"
    kept = start.home / "demo-passwords.json"
    if kept.exists():
        yield (
            f"The demo's accounts may still have the passwords of {kept}; give each a new one "
            "(manage.py changepassword NAME) and delete that file"
        )


def admin(start: Start) -> Iterator[str]:
    """The admin site opens everything; a password alone is not enough there."""
    if start.has_admin and start.serving.is_for_others and not start.has_second_factor:
        yield (
            "RELATA_ADMIN is on where others can reach it without a second factor; "
            "set RELATA_ADMIN=false, or RELATA_REQUIRE_TOTP=true"
        )


def rates(start: Start) -> Iterator[str]:
    """Without a limit, passwords can be guessed as fast as the machine computes."""
    for scope, text in start.rates.items():
        name = f"RELATA_{scope.upper()}_RATE"
        if scope != "login" and text == "none":
            continue
        count, _, period = text.partition("/")
        is_number = count.isascii() and count.isdigit() and int(count) > 0
        if not is_number or period[:1] not in {"s", "m", "h", "d"}:
            yield f"{name}={text} is no rate; write it like 10/min"
        elif scope == "login" and start.serving.is_for_others and _is_fast(int(count), period):
            yield (
                f"{name}={text} lets passwords be guessed; "
                f"at most {MOST_LOGINS_A_MINUTE}/min where others can reach the page"
            )


def idle(start: Start) -> Iterator[str]:
    """A session that never ends is open to whoever comes by."""
    given = start.says("RELATA_IDLE_MINUTES")
    if given and not (given.isascii() and given.isdigit() and 0 < int(given) <= LONGEST_IDLE):
        yield (
            f"RELATA_IDLE_MINUTES={given} is no time after which a session ends; "
            f"write 1 to {LONGEST_IDLE}"
        )


def log_format(start: Start) -> Iterator[str]:
    """A collector that expects the one and gets the other loses what it is for."""
    given = start.says("RELATA_LOG_FORMAT")
    if given not in {"", "line", "json"}:
        yield f"RELATA_LOG_FORMAT={given} is no way to log; write line or json"


def database(start: Start) -> Iterator[str]:
    """A database on the network with a default password is open."""
    address = _address(start, "DATABASE_URL")
    if address.hostname and not is_loopback(address.hostname) and _has_default_password(address):
        yield (
            f"DATABASE_URL has no password or a default one for {address.hostname}; "
            "give the role one of its own"
        )


def redis(start: Start) -> Iterator[str]:
    """Whoever reaches Redis can send jobs and log others out."""
    address = _address(start, "REDIS_URL")
    if address.hostname and not is_loopback(address.hostname) and _has_default_password(address):
        yield (
            f"REDIS_URL has no password or a default one for {address.hostname}; set requirepass "
            "there and write redis://:PASSWORD@host:6379/0"
        )


def sign_on(start: Start) -> Iterator[str]:
    """Whoever can answer in the provider's place can be anybody."""
    issuer = start.variables.get("RELATA_OIDC_ISSUER", "")
    if not issuer:
        return
    address = urlsplit(issuer)
    if address.scheme != "https" and not is_loopback(address.hostname or ""):
        yield f"RELATA_OIDC_ISSUER={issuer} is asked without TLS; write it with https://"
    for name in ("RELATA_OIDC_CLIENT_ID", "RELATA_OIDC_CLIENT_SECRET"):
        if not start.variables.get(name):
            yield f"{name} is missing; the provider gives it out for RELATA_OIDC_ISSUER"


def model_store(start: Start) -> Iterator[str]:
    """A training whose model finds no place has worked for nothing."""
    address = start.variables.get("RELATA_MODEL_STORE", "")
    if not address:
        return
    if not STORE.fullmatch(address):
        yield f"RELATA_MODEL_STORE={address} is no address of a store; write s3://bucket/prefix"
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    missing = [name for name in keys if not start.variables.get(name)]
    if len(missing) == 1:  # without both, they come from a role or a profile
        yield f"{missing[0]} is missing; the model store gives it out together with the other key"


def metrics(start: Start) -> Iterator[str]:
    """What is counted tells when people work, so its token must not be guessed."""
    token = start.variables.get("RELATA_METRICS_TOKEN", "")
    if token and len(token) < SHORTEST_KEY:
        yield (
            f"RELATA_METRICS_TOKEN is shorter than {SHORTEST_KEY} characters; make one with: "
            f"{NEW_KEY}"
        )


def secret_files(start: Start) -> Iterator[str]:
    """What signs sessions must be readable by its owner only."""
    for name in ("secret_key", "demo-passwords.json"):
        path = start.home / name
        if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield (
                f"{path} can be read by others on this machine; make it yours alone: "
                f"chmod 600 {path}; and a key that was readable should be made anew: delete it"
            )


def home(start: Start) -> Iterator[str]:
    """Whoever can write here can put a model in the place of another."""
    if start.home.exists() and start.home.stat().st_mode & stat.S_IWOTH:
        yield (
            f"RELATA_HOME {start.home} can be written by everybody; close it: "
            f"chmod o-w {start.home}"
        )


def torch(_: Start) -> Iterator[str]:
    """Asked of the package's label: the web process never imports it."""
    try:
        found = metadata.version("torch")
    except metadata.PackageNotFoundError:
        return
    major, minor = (int(part) for part in found.split(".")[:2])
    if (major, minor) < OLDEST_TORCH:
        yield (
            f"torch {found} can be made to run code by a file of weights (CVE-2025-32434); "
            "install the one of requirements.txt"
        )


CHECKS: tuple[Callable[[Start], Iterator[str]], ...] = (
    secret_key,
    debug,
    hosts,
    origins,
    plain_http,
    demo,
    admin,
    rates,
    idle,
    log_format,
    database,
    redis,
    sign_on,
    model_store,
    metrics,
    secret_files,
    home,
    torch,
)


def refuse_if_unsafe(start: Start, *, command: str = "") -> None:
    """End the process if anything is unsafe, saying all of it at once."""
    if command in REMEDIES:
        return
    reasons = [reason for check in CHECKS for reason in check(start)]
    if reasons:
        raise UnsafeStartError("\n".join(f"relata: {reason}." for reason in reasons))


def _is_fast(count: int, period: str) -> bool:
    return period[0] == "s" or (period[0] == "m" and count > MOST_LOGINS_A_MINUTE)


def _address(start: Start, name: str) -> SplitResult:
    return urlsplit(start.variables.get(name, ""))


def _has_default_password(address: SplitResult) -> bool:
    return unquote(address.password or "").lower() in DEFAULT_PASSWORDS
