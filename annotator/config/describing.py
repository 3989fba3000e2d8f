"""How the API describes itself: by rooms, with a summary, every refusal and examples.

A view of several methods says in its docstring one clause for each, in the order of METHODS:
`List the members; let somebody into the project.`
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema

from annotator.config.answers import (
    EVERYWHERE,
    GUARDED,
    MEANINGS,
    REFUSALS,
    WITH_BODY,
    Json,
    refusal,
)
from annotator.config.examples import ANSWERS, REQUESTS

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Described(AutoSchema):
    """Describes an operation; what every operation shares is worked out, not repeated."""

    def get_tags(self) -> list[str]:
        """Return the room."""
        return [type(self.view).__module__.split(".")[1]]

    def get_summary(self) -> str:
        """Return the first sentence of the docstring, or the clause of this method."""
        return self._words()[0]

    def get_description(self) -> str:  # type: ignore[override]
        """Return what the docstring says beyond that."""
        return self._words()[1]

    def _words(self) -> tuple[str, str]:
        docstring: str = super().get_description()
        first, _, rest = docstring.partition("\n")
        first = first.removesuffix(".")
        methods = [one for one in METHODS if one in self.view.allowed_methods]
        clauses = first.split("; ")
        if len(methods) == 1:
            sentence, _, more = first.partition(". ")
            return sentence, "\n".join(part for part in (more, rest.strip()) if part)
        said = clauses[methods.index(self.method)] if len(clauses) == len(methods) else first
        return said[:1].upper() + said[1:], rest.strip()

    def get_operation(self, *where: Any) -> Json | None:
        """Describe the operation, and add its refusals and examples."""
        operation: Json | None = super().get_operation(*where)
        if operation is None:
            return None
        name = operation["operationId"]
        answers = operation["responses"]
        if any(one["name"] == "If-Match" for one in operation.get("parameters", [])):
            answers["200"]["headers"] = {"ETag": {"$ref": "#/components/headers/ETag"}}
        for status in sorted(self._statuses(operation)):
            more = REFUSALS.get(name, {}).get(status)
            component, about = MEANINGS[status]
            shared = {"$ref": f"#/components/responses/{component}"}
            answers[str(status)] = refusal(status, about, more) if more else shared
        _show(operation, name)
        return operation

    def _statuses(self, operation: Json) -> Iterator[int]:
        """Yield the statuses of the refusals that this operation knows."""
        yield from EVERYWHERE
        if operation.get("security"):
            yield from (401, 403)
        if "{" in self.path:
            yield 404
        if "requestBody" in operation:
            yield from WITH_BODY
        if any(one["name"] == "If-Match" for one in operation.get("parameters", [])):
            yield from GUARDED
        if getattr(self.view, "throttle_classes", []):
            yield 429
        yield from REFUSALS.get(operation["operationId"], {})


def _show(operation: Json, name: str) -> None:
    """Put the examples of an operation beside the bodies they are examples of."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if name in REQUESTS:
            media["examples"] = _named(REQUESTS[name])
    for status, examples in ANSWERS.get(name, {}).items():
        answer = operation["responses"][str(status)]
        if "$ref" in answer:
            answer = refusal(status, MEANINGS[status][1])
            operation["responses"][str(status)] = answer
        for media in answer.get("content", {}).values():
            media["examples"] = _named(examples)


def _named(examples: Mapping[str, Any]) -> Json:
    return {
        f"example{number}": {"summary": about, "value": value}
        for number, (about, value) in enumerate(examples.items(), 1)
    }
