"""Log lines tell kinds, places and numbers; never what an exception says."""

from __future__ import annotations

import http.client
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import path

from annotator.core.logs import JsonFormatter, TextFreeFormatter, WithoutWords
from tests.safety.starting import LISTENS, production, web

ROOT = Path(__file__).resolve().parents[3]
SENTENCE = "病人王某服用华法林"
Formatter = Callable[[], logging.Formatter]
FORMATTERS = pytest.mark.parametrize("formatter", [TextFreeFormatter, JsonFormatter])


def refuse(_: Any) -> Any:
    try:
        return {"": 0}[SENTENCE]
    except KeyError as error:
        raise ValueError(f"row ({SENTENCE}) is refused") from error


urlpatterns = [path("refuse/", refuse)]


def record_of(error: BaseException, **more: Any) -> logging.LogRecord:
    trace = (type(error), error, error.__traceback__)
    return logging.LogRecord("relata", logging.ERROR, "x.py", 1, "job %s failed", (7,), trace)


@FORMATTERS
def test_an_exception_is_told_by_kind_and_place_along_its_causes(formatter: Formatter) -> None:
    with pytest.raises(ValueError, match="refused") as caught:
        refuse(None)
    line = formatter().format(record_of(caught.value))
    assert SENTENCE not in line
    assert json.dumps(SENTENCE)[1:-1] not in line
    for word in ("job 7 failed", "ValueError", "KeyError", "test_logs.py", "refuse"):
        assert word in line


def test_the_json_line_is_one_object_of_known_fields() -> None:
    record = logging.LogRecord("relata", logging.INFO, "x.py", 1, "two\nlines", (), None)
    record.text = SENTENCE  # what a caller adds by `extra`
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line).keys() == {"time", "level", "logger", "message"}


def test_what_a_task_raised_is_not_in_its_message() -> None:
    said = {"name": "relata.work", "exc": SENTENCE, "traceback": SENTENCE}
    record = logging.LogRecord(
        "celery.app.trace", logging.ERROR, "x", 1, "%(name)s: %(exc)s\n%(traceback)s", (said,), None
    )
    assert WithoutWords().filter(record)
    assert record.getMessage() == "relata.work: …\n…"


@pytest.mark.urls(__name__)
def test_a_breakdown_names_its_request(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(JsonFormatter())
    answer = Client(raise_request_exception=False).get("/refuse/")
    assert answer.status_code == 500
    lines = [json.loads(line) for line in caplog.text.splitlines()]
    [line] = [line for line in lines if line["level"] == "ERROR"]
    assert line["error"] == "ValueError"
    assert line["request"] == answer["X-Request-ID"]
    assert SENTENCE not in caplog.text


@pytest.mark.parametrize("program", ["annotator.config.asgi", "worker.app"])
def test_every_program_logs_so(program: str, tmp_path: Path) -> None:
    """The libraries' own loggers too, which come with handlers of their own."""
    code = (
        f"import logging, uvicorn.config, {program}\n"
        "from celery.signals import setup_logging\n"
        "setup_logging.send(sender=None)\n"
        "for name in ('uvicorn.error', 'celery.worker', 'django.request', 'annotator'):\n"
        f"    try: raise ValueError({SENTENCE!r})\n"
        "    except ValueError: logging.getLogger(name).exception('broke')\n"
    )
    environment = {**os.environ, "RELATA_LOG_FORMAT": "json", "RELATA_HOME": str(tmp_path)}
    environment |= {"DATABASE_URL": "postgres:///x", "REDIS_URL": "redis://127.0.0.1:1/0"}
    environment["RELATA_SECRET_KEY"] = "a-key-of-a-test-that-is-long-enough-0123456789"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    said = done.stderr.decode()
    assert done.returncode == 0, said
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["logger"] for line in lines] == [
        "uvicorn.error", "celery.worker", "django.request", "annotator",
    ]  # fmt: skip
    assert {line["error"] for line in lines} == {"ValueError"}
    assert SENTENCE not in said


def test_nobody_logs_what_was_asked_for(tmp_path: Path) -> None:
    """Addresses hold what people search for; a server has no access log, whatever it is told."""
    tmp_path.chmod(0o700)
    with web(production(tmp_path), host="127.0.0.1") as process:
        assert process.stdout is not None
        said = next(line for line in process.stdout if LISTENS in line)
        port = re.search(r"127\.0\.0\.1:(\d+)", said)
        assert port is not None
        wire = http.client.HTTPConnection("127.0.0.1", int(port[1]), timeout=20)
        address = f"/healthz?q={quote(SENTENCE)}"
        wire.request("GET", address, headers={"Host": "labels.hospital.test"})
        assert wire.getresponse().read() == b'{"status": "ok"}'
        wire.close()
        process.terminate()
        more, _ = process.communicate(timeout=20)
    assert "Shutting down" in more
    assert "GET" not in more
    assert quote(SENTENCE) not in more
