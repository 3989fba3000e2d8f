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
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

GOALS = {"import plain": 10_000, "import labelled": 4_000, "export labelled": 10_000}
GOAL_MEMORY = 150.0
TYPES = ("拮抗", "抑制", "协同", "禁忌", "无关", "促进", "相加")


@dataclass(frozen=True)
class Bench:
    """Where the engines live, and how many sentences a file has."""

    home: Path
    count: int


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


class Busy:
    """Processor time of this process and of the database since it was made.

    Beside the wall clock, because a benchmark seldom has a machine to itself.
    """

    def __init__(self, home: Path) -> None:
        self.postmaster = int(next(home.rglob("postmaster.pid")).read_text().split()[0])
        self.begun = (time.process_time(), self._database())

    def spent(self, count: int) -> dict[str, float]:
        """Return microseconds a sentence."""
        own, database = time.process_time() - self.begun[0], self._database() - self.begun[1]
        return {
            "python_us": round(own / count * 1e6, 1),
            "postgresql_us": round(database / count * 1e6, 1),
        }

    def _database(self) -> float:
        """Return the seconds of the server, its living children and those it has buried."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                pid, rest = int(stat.parent.name), stat.read_text().rsplit(")", 1)[1].split()
                if pid == self.postmaster:
                    ticks += sum(map(int, rest[11:15]))
                elif int(rest[1]) == self.postmaster:
                    ticks += sum(map(int, rest[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")


def measured(name: str, bench: Bench, work: Callable[[], Any]) -> dict[str, Any]:
    """Do the work once; return how fast and how large it was."""
    peak, busy, begun = Peak(), Busy(bench.home), time.perf_counter()
    work()
    seconds = time.perf_counter() - begun
    return {
        "what": name,
        "sentences": bench.count,
        "seconds": round(seconds, 2),
        "per_second": round(bench.count / seconds),
        "goal": GOALS.get(name),
        "memory_mb": peak.above_idle(),
        "goal_memory_mb": GOAL_MEMORY,
        **busy.spent(bench.count),
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
    bench = Bench(home, count)
    return [
        measured("import plain", bench, lambda: take(plain)),
        measured("import labelled", bench, lambda: take(labelled)),
        measured("import of what is there", bench, lambda: again(project, plain)),
        measured("export labelled", bench, lambda: give("ch-ddi")),
        measured("export native", bench, lambda: give("native")),
        measured("export over ASGI", bench, lambda: asyncio.run(download(address, token))),
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
    columns = ("per_second", "goal", "memory_mb", "python_us", "postgresql_us")
    print(f"{'':24}" + "".join(f"{name:>14}" for name in columns))
    for row in rows:
        cells = ("" if row[name] is None else row[name] for name in columns)
        print(f"{row['what']:24}" + "".join(f"{cell:>14}" for cell in cells))


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

    load = os.getloadavg()[0]
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
        "load_before": load,
        "rows": rows,
    }
    asked.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
