"""Log lines without text: for people as a line, for machines as a JSON object with fixed fields.

The message of an exception can hold a sentence (PostgreSQL quotes the row that it refuses), so of
an exception only its kind and the places that it went through are written, along all its causes.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType

from annotator.core.origin import present_origin

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class TextFreeFormatter(logging.Formatter):
    """A line for people; of exceptions it tells where they came from and not what they say."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the library's name
        """Return kinds and places of an exception and of what it came from."""
        return "\n".join(places_of(ei[1])) if ei[1] is not None else ""


class JsonFormatter(TextFreeFormatter):
    """One JSON object a line: time, level, logger, message, request, and error with its places."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; fields that a caller adds are not taken over."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request := present_origin().request:
            line["request"] = request
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line |= {"error": type(error).__name__, "places": self.formatException(record.exc_info)}  # type: ignore[arg-type]
        return json.dumps(line, ensure_ascii=False)


class WithoutWords(logging.Filter):
    """Takes the words of an exception out of records that carry them among their arguments.

    Celery formats what a task raised into its message (`exc`, `traceback`).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without those words."""
        if isinstance(record.args, dict):
            spoken = {"exc", "traceback", "return_value"} & record.args.keys()
            record.args = {**record.args, **dict.fromkeys(spoken, "…")}
        return True


def places_of(error: BaseException) -> Iterator[str]:
    """Yield kind and places of an exception, and of each one that it came from."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield type(one).__name__
        for frame in traceback.extract_tb(one.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} {frame.name}"
        one = one.__cause__ or one.__context__
