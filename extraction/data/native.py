"""Reading and writing native JSONL; every refusal names file, line, field and remedy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from extraction.data.files import write_text_atomically
from extraction.errors import ExtractionError
from extraction.types import (
    Candidate,
    Entity,
    Example,
    Graph,
    Prediction,
    Relation,
    ScoredEntity,
    ScoredRelation,
)

TEXT_LIMIT = 20_000  # code points
LINE_LIMIT = 16 * 1024 * 1024  # bytes; a longer line is no sentence
PROBLEMS_TOLD = 20


class LineError(ValueError):
    """One line is wrong: which field, what is wrong, and what to do about it."""

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"{field}: {problem}; {remedy}")
        self.field = field


def read_native(path: Path, *, may_repeat_ids: bool = False) -> list[Example]:
    """Read all examples of a file, or say what is wrong with its lines, the first ones by name."""
    examples: list[Example] = []
    problems: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for number, raw in _numbered_lines(path):
        try:
            example = parse_line(raw, default_id=str(number))
            _refuse_repeated(example, {} if may_repeat_ids else seen)
        except LineError as error:
            problems.append({"line": number, "field": error.field, "message": str(error)})
            continue
        seen[example.id] = number
        examples.append(example)
    if problems:
        raise _refusal(path, problems)
    return examples


def parse_line(raw: bytes, *, default_id: str) -> Example:
    """Turn one line into an example, or raise LineError."""
    plain = _parse_object(raw)
    text = _parse_text(plain)
    entities = tuple(
        _parse_entity(one, text, f"entities[{i}]") for i, one in _listed(plain, "entities")
    )
    relations = tuple(
        _parse_relation(one, len(entities), f"relations[{i}]")
        for i, one in _listed(plain, "relations")
    )
    negatives = tuple(
        _parse_ends(one, len(entities), f"negatives[{i}]") for i, one in _listed(plain, "negatives")
    )
    meta = plain.get("meta")
    return Example(
        id=_parse_id(plain.get("id", default_id)),
        text=text,
        graph=Graph(entities, relations, negatives),
        meta=meta if isinstance(meta, Mapping) else {},
    )


def write_predictions(
    path: Path,
    examples: Iterable[Example],
    predictions: Iterable[Prediction],
    scores: Iterable[float],
    *,
    is_whole: bool = False,
) -> None:
    """Write native lines with confidence and score; the file appears whole or not at all.

    A whole record also holds what the model weighed and did not say, for `read_predictions`.
    """
    lines = (
        json.dumps(
            {**prediction_record(example, said, score), **(_weighed(said) if is_whole else {})},
            ensure_ascii=False,
            allow_nan=False,
        )
        for example, said, score in zip(examples, predictions, scores, strict=True)
    )
    write_text_atomically(path, (line + "\n" for line in lines))


def read_predictions(path: Path) -> Iterator[tuple[str, Prediction]]:
    """Yield what `write_predictions` wrote: the id of each sentence and what is said of it."""
    for _, raw in _numbered_lines(path):
        plain = _parse_object(raw)
        yield (
            plain["id"],
            Prediction(
                tuple(
                    ScoredEntity(e["start"], e["end"], e["type"], e["confidence"])
                    for e in plain["entities"]
                ),
                tuple(
                    ScoredRelation(r["head"], r["tail"], r["type"], r["confidence"])
                    for r in plain["relations"]
                ),
                tuple(map(_candidate, plain.get("refused", ()))),
                tuple(map(_candidate, plain.get("alternatives", ()))),
            ),
        )


def _weighed(said: Prediction) -> dict[str, Any]:
    def records(candidates: Iterable[Candidate]) -> list[dict[str, Any]]:
        return [
            {
                "kind": one.kind,
                "type": one.type,
                "confidence": round(one.confidence, 6),
                "span": one.span,
                "tail": one.tail,
            }
            for one in candidates
        ]

    return {"refused": records(said.refused), "alternatives": records(said.alternatives)}


def _candidate(plain: Mapping[str, Any]) -> Candidate:
    start, end = plain["span"]
    tail = plain["tail"]
    return Candidate(
        kind=plain["kind"],
        type=plain["type"],
        confidence=plain["confidence"],
        span=(start, end),
        tail=None if tail is None else (tail[0], tail[1]),
    )


def prediction_record(example: Example, said: Prediction, score: float) -> dict[str, Any]:
    """The native line of a prediction."""
    record: dict[str, Any] = {
        "id": example.id,
        "text": example.text,
        "entities": [
            {"start": e.start, "end": e.end, "type": e.type, "confidence": round(e.confidence, 6)}
            for e in said.entities
        ],
        "relations": [
            {"head": r.head, "tail": r.tail, "type": r.type, "confidence": round(r.confidence, 6)}
            for r in said.relations
        ],
        "score": round(score, 6),
    }
    if example.meta:
        record["meta"] = dict(example.meta)
    return record


def _numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as lines:
            for number, raw in enumerate(lines, start=1):
                line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
                if line.strip():
                    yield number, line
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise ExtractionError(
            "unreadable_file",
            f"{path} cannot be read ({reason}); name a JSONL file that exists",
            {"file": str(path)},
        ) from error


def _refusal(path: Path, problems: list[dict[str, Any]]) -> ExtractionError:
    first = problems[0]
    more = f" (and {len(problems) - 1} more such lines)" if len(problems) > 1 else ""
    return ExtractionError(
        "bad_data",
        f"{path}, line {first['line']}, {first['message']}{more}",
        {"file": str(path), "count": len(problems), "problems": problems[:PROBLEMS_TOLD]},
    )


def _parse_object(raw: bytes) -> dict[str, Any]:
    if len(raw) > LINE_LIMIT:
        raise LineError("line", f"is {len(raw)} bytes long", "write one sentence a line")
    try:
        plain = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique_keys)
    except UnicodeDecodeError as error:
        raise LineError(
            "line", f"is not UTF-8 at byte {error.start}", "save it as UTF-8"
        ) from error
    except RecursionError as error:
        raise LineError("line", "is nested too deeply", "write plain native objects") from error
    except json.JSONDecodeError as error:
        reason = f"is not JSON ({error.msg} at character {error.pos})"
        raise LineError("line", reason, "write one whole JSON object a line") from error
    if not isinstance(plain, dict):
        raise LineError("line", "is no object", 'write {"id", "text", "entities", "relations"}')
    return plain


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) < len(pairs):
        raise LineError("line", "says a key twice", "say each key once")
    return plain


def _parse_id(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise LineError("id", f"is {value!r}", "use a text or a number, or leave it out")
    return str(value)


def _refuse_repeated(example: Example, seen: Mapping[str, int]) -> None:
    if example.id in seen:
        reason = f"{example.id!r} was used in line {seen[example.id]} already"
        raise LineError("id", reason, "give every sentence its own id")


def _parse_text(plain: Mapping[str, Any]) -> str:
    text = plain.get("text")
    if not isinstance(text, str) or not text.strip():
        reason = (
            "is missing" if text is None else "is empty" if isinstance(text, str) else "is no text"
        )
        raise LineError("text", reason, "give every line the sentence it is about")
    if len(text) > TEXT_LIMIT:
        reason = f"has {len(text)} characters, more than {TEXT_LIMIT}"
        raise LineError("text", reason, "cut it into sentences")
    for position, character in enumerate(text):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            what = "NUL" if character == "\0" else "half a surrogate pair"
            raise LineError("text", f"holds {what} at {position}", "remove that character")
    return text


def _listed(plain: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    values = plain.get(name)
    if values is None:
        return
    if not isinstance(values, list):
        raise LineError(name, "is no list", "write a list, empty if there is none")
    for index, value in enumerate(values):
        if not isinstance(value, dict):
            raise LineError(f"{name}[{index}]", "is no object", "write an object")
        yield index, value


def _parse_entity(one: Mapping[str, Any], text: str, at: str) -> Entity:
    start, end = _parse_int(one, "start", at), _parse_int(one, "end", at)
    if not 0 <= start < end <= len(text):
        reason = f"[{start}, {end}) does not lie inside the text of {len(text)} characters"
        raise LineError(at, reason, "use code points, end exclusive")
    return Entity(start, end, _parse_type(one, at))


def _parse_relation(one: Mapping[str, Any], count: int, at: str) -> Relation:
    head, tail = _parse_ends(one, count, at)
    return Relation(head, tail, _parse_type(one, at))


def _parse_ends(one: Mapping[str, Any], count: int, at: str) -> tuple[int, int]:
    head, tail = _parse_int(one, "head", at), _parse_int(one, "tail", at)
    for name, end in (("head", head), ("tail", tail)):
        if not 0 <= end < count:
            reason = f"is {end}, but there are {count} entities"
            raise LineError(f"{at}.{name}", reason, "use an index into entities, from 0")
    if head == tail:
        raise LineError(at, "joins an entity with itself", "join two entities or remove it")
    return head, tail


def _parse_int(one: Mapping[str, Any], name: str, at: str) -> int:
    value = one.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        reason = "is missing" if value is None else f"is {value!r}"
        raise LineError(f"{at}.{name}", reason, "write a whole number")
    return value


def _parse_type(one: Mapping[str, Any], at: str) -> str:
    value = one.get("type")
    if not isinstance(value, str) or not value.strip():
        reason = "is missing" if value is None else f"is {value!r}"
        raise LineError(f"{at}.type", reason, "name the type")
    return value
