"""Speed and memory of import and export: 100,000 sentences in and out, plain and labelled.

    python bench/import_export.py [--sentences N] [--out bench/results/import_export.json]

Starts engines of its own in a throwaway home. The sentences are made here from invented words.
Memory is the peak resident size of this process, which does what worker and web would do, above
what it held before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GOALS = {"import plain": 10_000, "import labelled": 4_000, "export labelled": 10_000}
GOAL_MEMORY = 150.0
TYPES = ("拮抗", "抑制", "协同", "禁忌", "无关", "促进", "相加")


class Peak:
    """The highest resident size since it was made, above that of then, in MB."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        self.idle = self._read("VmRSS")

    def above_idle(self) -> float:
        """Return the megabytes."""
        return round((self._read("VmHWM") - self.idle) / 1024, 1)

    def _read(self, name: str) -> int:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1])


def words(rng: random.Random, count: int) -> list[str]:
    """Invent words of two to four everyday characters."""
    return [
        "".join(chr(rng.randrange(0x4E00, 0x62FF)) for _ in range(rng.randint(2, 4)))
        for _ in range(count)
    ]


def sentences(count: int, *, seed: int) -> Iterator[dict[str, Any]]:
    """Make labelled sentences of about 45 characters: some drugs, their relations, other words."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, no secret
    drugs, others = words(rng, 3000), words(rng, 20_000)
    for number in range(count):
        named = rng.sample(drugs, rng.choice((1, 2, 2, 2, 3, 4)))
        text, entities = f"{named[0]}@", [{"start": 0, "end": len(named[0]), "type": "药物"}]
        for drug in named[1:]:
            text += "".join(rng.choices(others, k=3))
            entities.append({"start": len(text), "end": len(text) + len(drug), "type": "药物"})
            text += drug
        text += "，" + "".join(rng.choices(others, k=max(2, 11 - 4 * len(named)))) + "。"
        relations = [
            {"head": place, "tail": 0, "type": rng.choice(TYPES)} for place in range(1, len(named))
        ]
        yield {"id": f"{seed}-{number}", "text": text, "entities": entities, "relations": relations}


def write_files(folder: Path, count: int) -> tuple[Path, Path]:
    """Write the plain and the labelled file; they share no sentence."""
    plain, labelled = folder / "plain.txt", folder / "labelled.jsonl"
    with plain.open("w", encoding="utf-8") as file:
        file.writelines(one["text"] + "\n" for one in sentences(count, seed=1))
    with labelled.open("w", encoding="utf-8") as file:
        file.writelines(
            json.dumps(one, ensure_ascii=False) + "\n" for one in sentences(count, seed=2)
        )
    return plain, labelled


def measured(name: str, count: int, work: Callable[[], Any]) -> dict[str, Any]:
    """Do the work once; return how fast and how large it was."""
    peak, begun = Peak(), time.perf_counter()
    work()
    seconds = time.perf_counter() - begun
    return {
        "what": name,
        "sentences": count,
        "seconds": round(seconds, 2),
        "per_second": round(count / seconds),
        "goal": GOALS.get(name),
        "memory_mb": peak.above_idle(),
        "goal_memory_mb": GOAL_MEMORY,
    }


def run(home: Path, count: int) -> list[dict[str, Any]]:
    """Measure everything in one project."""
    import django  # noqa: PLC0415 - settings need the engines

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from annotator.accounts.models import User  # noqa: PLC0415
    from annotator.accounts.services import issue_token  # noqa: PLC0415
    from annotator.exchange.selectors import Wanted  # noqa: PLC0415
    from annotator.exchange.services import Wish, import_now, start_export  # noqa: PLC0415
    from annotator.projects.services import create_project  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    owner = User.objects.create_user(username="bench", password=os.urandom(16).hex())
    project = create_project(
        name="bench", template="ch-ddi", language="zh", owner=owner, seed=7
    ).project
    plain, labelled = write_files(home, count)

    def take(path: Path) -> None:
        ended = import_now(project=project, path=path, wish=Wish(filename=path.name))
        if (ended.state, ended.accepted) != ("done", count):
            raise SystemExit(f"{path.name}: {ended.state}, {ended.accepted} accepted")

    def give(format_name: str) -> None:
        download = start_export(
            project=project, format_name=format_name, wanted=Wanted.GOLD, actor=owner
        )
        for chunk in download.chunks:
            len(chunk)

    address = f"/api/v1/projects/{project.pk}/export/"
    token = issue_token(user=owner)
    return [
        measured("import plain", count, lambda: take(plain)),
        measured("import labelled", count, lambda: take(labelled)),
        measured("import of what is there", count, lambda: again(project, plain)),
        measured("export labelled", count, lambda: give("ch-ddi")),
        measured("export native", count, lambda: give("native")),
        measured("export over ASGI", count, lambda: asyncio.run(download(address, token))),
    ]


def again(project: Any, path: Path) -> None:
    """Import a file whose sentences are all stored already."""
    from annotator.exchange.services import Wish, import_now  # noqa: PLC0415

    import_now(project=project, path=path, wish=Wish(filename=path.name))


async def download(address: str, token: str) -> int:
    """Ask the ASGI application for the export and throw the bytes away."""
    from annotator.config.asgi import http  # noqa: PLC0415

    size = 0
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": address,
        "raw_path": address.encode(),
        "query_string": b"format=ch-ddi&state=gold",
        "headers": [(b"host", b"localhost"), (b"authorization", f"Token {token}".encode())],
    }
    is_asked = False

    async def receive() -> dict[str, Any]:
        nonlocal is_asked
        if is_asked:
            await asyncio.sleep(3600)
        is_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal size
        if message["type"] == "http.response.start" and message["status"] != 200:  # noqa: PLR2004
            raise SystemExit(f"export answered {message['status']}")
        size += len(message.get("body", b""))

    await http(scope, receive, send)
    return size


def show(rows: list[dict[str, Any]]) -> None:
    """Print a table."""
    print(f"{'what':26} {'per second':>11} {'goal':>8} {'MB above idle':>14}")
    for row in rows:
        goal = row["goal"] or ""
        print(f"{row['what']:26} {row['per_second']:>11,} {goal:>8} {row['memory_mb']:>14}")


def main() -> None:
    """Measure in a throwaway home, print, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sentences", type=int, default=100_000)
    parser.add_argument(
        "--out", type=Path, default=ROOT / "bench" / "results" / "import_export.json"
    )
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="relata-bench-"))
    os.environ.update(
        RELATA_HOME=str(home),
        DJANGO_SETTINGS_MODULE="annotator.config.settings",
        RELATA_LOG_LEVEL="WARNING",
    )
    from launch import engines  # noqa: PLC0415

    running = engines.ensure(home, is_throwaway=False)
    try:
        rows = run(home, asked.sentences)
    finally:
        running.stop()
        shutil.rmtree(home, ignore_errors=True)
    show(rows)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "cpu": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "rows": rows,
    }
    asked.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
