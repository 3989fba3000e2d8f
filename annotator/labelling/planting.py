"""Whether a graph holds a wrong triple that was put among its suggestions as a check. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def holds_plant(graph: Json, triple: Json, *, any_type: bool = False) -> bool:
    """Say whether a relation stands between the planted ends, either way round.

    Ends count as the same where they overlap, so that moving a boundary hides nothing;
    `any_type` is for triples that are older than the present schema, whose types may have moved.
    """
    places = {one["id"]: one for one in graph["entities"]}
    wanted = triple["head"], triple["tail"]
    for relation in graph["relations"]:
        if relation["type"] != triple["type"] and not any_type:
            continue
        head, tail = places[relation["head"]], places[relation["tail"]]
        if _meet((head, tail), wanted) or _meet((tail, head), wanted):
            return True
    return False


def _meet(ends: tuple[Json, Json], wanted: tuple[Json, Json]) -> bool:
    return all(
        one["start"] < other["end"] and other["start"] < one["end"]
        for one, other in zip(ends, wanted, strict=True)
    )
