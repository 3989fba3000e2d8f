"""G11, HTTP: whatever a request holds, it is answered or refused by name, within two seconds."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from annotator.accounts.models import User
from annotator.accounts.services import issue_token
from annotator.projects.models import Project
from tests.safety import test_g09_access as access
from tests.safety.hostile_requests import (
    BODIES,
    CURSORS,
    HEADERS,
    IDS,
    JSON_TYPE,
    QUERIES,
    SAMPLES,
    WORDS,
    spelled,
    with_each_value,
)
from tests.safety.tiers import IS_LONG
from tests.safety.wire import Answer, Wire, send

pytestmark = pytest.mark.django_db

SLOWEST = 2.0  # seconds of processor time
LONGEST = 20_000  # bytes of a refusal
CODE = re.compile(r"^[a-z][a-z_]+$")
PLACELESS = frozenset({"bad_credentials", "bad_code"})  # they must not say which part was wrong
LIBRARY = ("/api/v1/schema/", "/api/v1/docs/")  # errors there have the library's form
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
ANY = frozenset(range(100, 500))
INVALID, NOT_THERE, NO_METHOD = frozenset({400}), frozenset({404}), frozenset({405})
FREE = frozenset({"schema/", "docs/", "auth/provider/callback/"})  # a library's, a provider's
FREE_PATHS = frozenset(f"/api/v1/{route}" for route in FREE)
FEWEST = 27
Record = Callable[[str, object], None]
Header = tuple[bytes, bytes]
build = access.build


@dataclass(frozen=True)
class Try:
    """Something odd, and the statuses of which one must come."""

    about: str
    wire: Wire
    wanted: frozenset[int] = ANY


@dataclass
class Caller:
    """Somebody who may reach everything, and what came of what they tried."""

    world: access.World
    key: str

    def __post_init__(self) -> None:
        self.said: Counter[int] = Counter()
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.slowest = 0.0

    def headers(self, *others: Header) -> list[Header]:
        """What an honest request carries, but for what is given instead."""
        usual = {
            b"host": b"localhost",
            b"authorization": f"Token {self.key}".encode(),
            b"if-match": b'"0"',
            b"idempotency-key": str(UUID(int=11)).encode(),
            b"content-type": JSON_TYPE,
        }
        given = {name for name, _ in others}
        return [one for one in usual.items() if one[0] not in given] + list(others)

    def send(self, each: Try) -> None:
        """Send, and note what is wrong with the answer."""
        answer = send(each.wire)
        self.slowest = max(self.slowest, answer.seconds)
        self.said[answer.status] += 1
        where = f"{each.wire.method} {each.wire.target[:80]}: {each.about[:80]}"
        for fault in faults_of(each.wire, answer):
            self.faults[fault].append(where)
        if answer.status not in each.wanted:
            self.faults[f"{answer.status} {answer.content[:60]!r}"].append(where)


def faults_of(wire: Wire, answer: Answer) -> Iterator[str]:
    """Say what is wrong with an answer, whatever was asked."""
    if answer.seconds > SLOWEST:
        yield f"it took {answer.seconds:.2f} s"
    if answer.status >= 400 and wire.method != "HEAD" and not wire.target.startswith(LIBRARY):
        yield from faults_of_refusal(answer)


def faults_of_refusal(answer: Answer) -> Iterator[str]:
    """Say what a refusal lacks: the shape of ours, a place, brevity."""
    if len(answer.content) > LONGEST:
        yield f"a refusal of {len(answer.content)} bytes"
    if answer.headers.get("content-type", "") != "application/json":
        yield f"{answer.status} as {answer.headers.get('content-type')}"
        return
    said = json.loads(answer.content)
    if set(said) != {"code", "message", "context"} or not CODE.match(said["code"]):
        yield f"not the shape of an error: {answer.content[:99]!r}"
    elif answer.status == 400 and not said["context"] and said["code"] not in PLACELESS:
        yield f"it names no place: {answer.content[:99]!r}"
    elif not said["message"]:
        yield "it says nothing"


@pytest.fixture
def mei(project: Project, manager: User, ana: User, build: access.Build, settings: Any) -> Caller:
    """Mei manages a project that has one of everything."""
    settings.RATES = dict.fromkeys(settings.RATES, "none")
    world = build(project, manager, ana, first=0)
    return Caller(world, issue_token(user=manager))


def doors() -> Iterator[tuple[str, str]]:
    """Every route with every method that it has."""
    for route, row in access.table().items():
        for method in row:
            yield route, method


def sample(route: str, method: str) -> bytes:
    """A body that is right for a route."""
    return b"" if method in SAFE else json.dumps(SAMPLES.get(route, {})).encode()


def length(body: bytes) -> Header:
    return b"content-length", str(len(body)).encode()


def bodies(mei: Caller) -> Iterator[Try]:
    """Each odd body at each door."""
    for route, method in doors():
        for name, (kind, body) in BODIES.items():
            headers = mei.headers((b"content-type", kind), length(body))
            yield Try(name, Wire(method, mei.world.address(route), headers, body))


def headers(mei: Caller) -> Iterator[Try]:
    """Each odd header at each door, with a body that is right."""
    for route, method in doors():
        body = sample(route, method)
        for name, odd in HEADERS.items():
            lengths = [] if b"content-length" in dict(odd) else [length(body)]
            whole = mei.headers(*odd, *lengths)
            yield Try(name, Wire(method, mei.world.address(route), whole, body))


def closed_doors(mei: Caller) -> Iterator[Try]:
    """Methods that a route has not, each with one of the bodies."""
    names = itertools.cycle(BODIES.items())
    for route, row in access.table().items():
        for method in sorted(set(access.METHODS) - set(row)):
            name, (kind, body) = next(names)
            whole = mei.headers((b"content-type", kind), length(body))
            yield Try(name, Wire(method, mei.world.address(route), whole, body), NO_METHOD)


def ids(mei: Caller) -> Iterator[Try]:
    """What is no id, in each place of each address."""
    for route, method in doors():
        body = sample(route, method)
        for name, ident in itertools.product(re.findall(r"{(\w+)}", route), IDS):
            address = "/api/v1/" + route.format(**{**mei.world.ids, name: ident})
            wire = Wire(method, address, mei.headers(length(body)), body)
            yield Try(f"{name}={ident[:20]}", wire, NOT_THERE)


def unknown_parameters(mei: Caller) -> Iterator[Try]:
    """Parameters that the route does not read."""
    for route, method in doors():
        if route in FREE:
            continue
        body = sample(route, method)
        for name, query in QUERIES.items():
            address = f"{mei.world.address(route)}?{query}"
            yield Try(name, Wire(method, address, mei.headers(length(body)), body), INVALID)


def parameters() -> Iterator[tuple[str, str]]:
    """Every route with each query parameter that the contract has for it."""
    contract = json.loads(access.CONTRACT.read_text(encoding="utf-8"))
    for path, methods in contract["paths"].items():
        for one in methods.get("get", {}).get("parameters", []):
            if one["in"] == "query":
                yield path.removeprefix("/api/v1/"), one["name"]


def values_of_parameters(mei: Caller) -> Iterator[Try]:
    """Odd values of parameters that the route does read."""
    for route, name in parameters():
        is_queue = name == "cursor" and route.endswith("}/sentences/")  # it has cursors of its own
        asked = [f"{name}=", f"order=priority&{name}="] if is_queue else [f"{name}="]
        for start, word in itertools.product(asked, CURSORS if name == "cursor" else WORDS):
            address = f"{mei.world.address(route)}?{start}{spelled(word)}"
            yield Try(f"{name}={word[:20]!r}", Wire("GET", address, mei.headers()))


def parameters_twice(mei: Caller) -> Iterator[Try]:
    """A parameter that occurs twice, though either were right."""
    for route, name in parameters():
        address = f"{mei.world.address(route)}?{name}=1&{name}=1"
        yield Try("twice", Wire("GET", address, mei.headers()), INVALID)


def values_in_bodies(mei: Caller) -> Iterator[Try]:
    """Odd values in each field of each body that is right but for that."""
    for route, method in doors():
        if method in SAFE or route not in SAMPLES:
            continue
        for place, body in with_each_value(SAMPLES[route]):
            wire = Wire(method, mei.world.address(route), mei.headers(length(body)), body)
            yield Try(f"{place} in {body[:60]!r}", wire)


# Every run takes each so-and-so-manieth of them: at least 27 at each door, each at several doors.
FAMILIES: Mapping[Callable[[Caller], Iterator[Try]], int] = {
    bodies: 3,
    headers: 3,
    closed_doors: 3,
    ids: 6,
    unknown_parameters: 3,
    values_of_parameters: 7,
    parameters_twice: 1,
    values_in_bodies: 11,
}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_whatever_a_request_holds_it_is_answered_or_refused(
    mei: Caller, family: Callable[[Caller], Iterator[Try]], record_property: Record
) -> None:
    step = 1 if IS_LONG else FAMILIES[family]
    for each in itertools.islice(family(mei), 0, None, step):
        mei.send(each)
    faults = [f"{fault} ({len(where)} ×) {where[:3]}" for fault, where in mei.faults.items()]
    assert not faults, f"{len(faults)} kinds of faults\n" + "\n".join(faults[:60])
    spread = ", ".join(f"{count:,} × {status}" for status, count in sorted(mei.said.items()))
    figures = f"{mei.said.total():,}, slowest {mei.slowest:.2f} s ({spread})"
    record_property("safety", f"G11: {family.__name__.replace('_', ' ')}: {figures}")


def test_each_body_that_is_read_has_a_sample() -> None:
    taking = {route for route, _, _ in access.bodies()}
    assert set(SAMPLES) == taking | {"projects/{project_id}/suggestions/refusals/"}


def test_each_door_gets_enough(mei: Caller) -> None:
    """The thinning of every run leaves no door with fewer than 27 odd requests."""
    count: Counter[tuple[str, str]] = Counter()
    for family in (bodies, headers, unknown_parameters):
        for each in itertools.islice(family(mei), 0, None, FAMILIES[family]):
            count[each.wire.method, each.wire.target.partition("?")[0]] += 1
    assert len(count) == len(set(doors()))
    assert min(n for (_, path), n in count.items() if path not in FREE_PATHS) >= FEWEST
