"""G11, HTTP: Schemathesis makes requests from the published contract, right ones and wrong ones."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.transport.requests import REQUESTS_TRANSPORT

from annotator.accounts.models import User
from annotator.accounts.services import issue_token
from annotator.projects.models import Project
from tests.safety import test_g09_access as access
from tests.safety.tiers import IS_LONG, size
from tests.safety.wire import Answer, Wire, send

pytestmark = pytest.mark.django_db

REQUESTS = size(450, 6_000, 100_000)
SLOWEST = 2.0  # seconds of processor time
FEWEST_TAKEN = 0.1  # of all requests, or the contract's own examples never reach the program
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
BASE = "http://localhost"
Record = Callable[[str, object], None]
build = access.build


def operations() -> list[Any]:
    """Every route and method of the contract."""
    contract = json.loads(access.CONTRACT.read_text(encoding="utf-8"))
    schema = schemathesis.openapi.from_dict(contract)
    found: list[Any] = list(schema.get_all_operations())
    return [one.ok() for one in found]


def cases(operation: Any, ids: Mapping[str, int]) -> st.SearchStrategy[Case[Any]]:
    """Requests that fit the contract, and requests that do not, where any can be made.

    They are about things that are there; ids that are none are the other file's.
    """
    here = {name: ids[name] for name in re.findall(r"{(\w+)}", operation.path)}
    modes = [GenerationMode.POSITIVE]
    if operation.body or operation.query or operation.headers:
        modes.append(GenerationMode.NEGATIVE)
    drawn = (operation.as_strategy(mode, path_parameters=here or None) for mode in modes)
    return st.one_of(*drawn)


class Asker:
    """Somebody who may reach everything, and the figures."""

    def __init__(self, world: access.World, key: str) -> None:
        self.world = world
        self.key = key
        self.said: Counter[int] = Counter()
        self.slowest = 0.0

    def ask(self, case: Case[Any], *, is_fresh: bool) -> None:
        """Send a request that was made and check the answer."""
        prepared = self._prepared(case, is_fresh=is_fresh)
        answer = send(wire_of(prepared))
        self.said[answer.status] += 1
        self.slowest = max(self.slowest, answer.seconds)
        assert answer.seconds < SLOWEST
        case.validate_response(response_of(answer, prepared), checks=CHECKS)
        if answer.status >= 400:
            assert set(json.loads(answer.content)) == {"code", "message", "context"}

    def _prepared(self, case: Case[Any], *, is_fresh: bool) -> requests.PreparedRequest:
        whole = REQUESTS_TRANSPORT.serialize_case(case, base_url=BASE)
        known = {"method", "url", "headers", "files", "data", "params", "cookies", "json"}
        request = requests.Request(**{key: value for key, value in whole.items() if key in known})
        prepared = request.prepare()
        prepared.headers["Authorization"] = f"Token {self.key}"
        if is_fresh and "If-Match" in prepared.headers:
            prepared.headers["If-Match"] = '"0"'
            prepared.headers["Idempotency-Key"] = str(uuid4())
        return prepared


def wire_of(prepared: requests.PreparedRequest) -> Wire:
    """Spell a request of the library as the server hands it on."""
    body = prepared.body or b""
    headers = {"Host": "localhost", **prepared.headers}
    return Wire(
        str(prepared.method),
        str(prepared.url).removeprefix(BASE),
        [(_bytes(name).lower(), _bytes(value)) for name, value in headers.items()],
        _bytes(body),
    )


def _bytes(text: Any) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode("utf-8", "surrogatepass")


def response_of(answer: Answer, prepared: requests.PreparedRequest) -> Response:
    """Spell an answer as the library knows one."""
    return Response(
        status_code=answer.status,
        headers={name: [value] for name, value in answer.headers.items()},
        content=answer.content,
        request=prepared,
        elapsed=answer.seconds,
        verify=False,
    )


@pytest.fixture
def mei(project: Project, manager: User, ana: User, build: access.Build, settings: Any) -> Asker:
    """Mei manages a project that has one of everything."""
    settings.RATES = dict.fromkeys(settings.RATES, "none")
    return Asker(build(project, manager, ana, first=0), issue_token(user=manager))


def test_requests_from_the_contract_are_answered_as_it_says(
    mei: Asker, record_property: Record
) -> None:
    every = operations()
    for position, operation in enumerate(every):
        left = REQUESTS - mei.said.total()
        put(mei, operation, -(-left // (len(every) - position)))
    total = mei.said.total()
    taken = sum(count for status, count in mei.said.items() if status < 400)
    assert total >= REQUESTS * 0.9
    assert taken > total * FEWEST_TAKEN
    spread = ", ".join(f"{count:,} × {status}" for status, count in sorted(mei.said.items()))
    record_property(
        "safety",
        f"G11: contract: {total:,} requests of {len(every)} operations, slowest"
        f" {mei.slowest:.2f} s ({spread})",
    )


def put(mei: Asker, operation: Any, count: int) -> None:
    """Send that many requests of one operation."""

    @settings(
        max_examples=count,
        derandomize=not IS_LONG,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation, mei.world.ids), is_fresh=st.booleans())
    def ask(case: Case[Any], is_fresh: bool) -> None:  # noqa: FBT001 - drawn
        mei.ask(case, is_fresh=is_fresh)

    ask()
