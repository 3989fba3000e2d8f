"""Speed and memory of every format: labelled sentences out of a project and into another.

    python -m bench.formats [--sentences N] [--only a,b] [--out bench/results/formats.json]

Each format is exported to a file, and that file is imported into a fresh project: the whole way,
database and checks included. `native` stands for the plain version that the others are compared
with in the same run. Memory as in bench/import_export.py.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.import_export import ROOT, Bench, measured, sentences


def formats(only: str | None) -> list[str]:
    """Return the formats that are both read and written, `native` first."""
    from annotator.exchange.formats import FORMATS  # noqa: PLC0415 - settings come first

    names = [one.name for one in FORMATS.values() if one.reading and one.writing]
    chosen = only.split(",") if only else names
    return ["native", *(name for name in names if name in chosen and name != "native")]


def run(home: Path, count: int, only: str | None) -> Iterator[dict[str, Any]]:
    """Measure one format after the other."""
    import django  # noqa: PLC0415 - settings need the engines

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from annotator.accounts.models import User  # noqa: PLC0415
    from annotator.exchange.selectors import Wanted  # noqa: PLC0415
    from annotator.exchange.services import Wish, import_now, start_export  # noqa: PLC0415
    from annotator.projects.services import create_project  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    owner = User.objects.create_user(username="bench", password=os.urandom(16).hex())

    def fresh(name: str) -> Any:
        return create_project(
            name=name, template="ch-ddi", language="zh", owner=owner, seed=7
        ).project

    def take(project: Any, path: Path, name: str) -> None:
        ended = import_now(project=project, path=path, wish=Wish(path.name, format=name))
        if (ended.state, ended.accepted) != ("done", count):
            raise SystemExit(
                f"{name}: {ended.state}, {ended.accepted} accepted: {ended.problems[:3]}"
            )

    def give(project: Any, name: str, path: Path) -> None:
        download = start_export(project=project, format_name=name, wanted=Wanted.GOLD, actor=owner)
        with path.open("wb") as file:
            file.writelines(download.chunks)

    first = home / "first.jsonl"
    with first.open("w", encoding="utf-8") as lines:
        lines.writelines(
            json.dumps(one, ensure_ascii=False) + "\n" for one in sentences(count, seed=2)
        )
    source = fresh("source")
    take(source, first, "native")
    bench = Bench(home, count)
    for name in formats(only):
        path = home / f"file.{name}"
        yield measured(f"{name} out", bench, partial(give, source, name, path))
        twin = fresh(name)
        yield measured(f"{name} in", bench, partial(take, twin, path, name))
        path.unlink()


def show(rows: list[dict[str, Any]]) -> None:
    """Print a table; the ratio is to `native` the same way."""
    plain = {row["what"].split()[1]: row["per_second"] for row in rows[:2]}
    print(f"{'':20}{'sentences/s':>12}{'to native':>11}{'memory MB':>11}")
    for row in rows:
        ratio = row["per_second"] / plain[row["what"].split()[1]]
        print(f"{row['what']:20}{row['per_second']:>12}{ratio:>11.2f}{row['memory_mb']:>11}")


def main() -> None:
    """Measure in a throwaway home, print, write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sentences", type=int, default=100_000)
    parser.add_argument("--only", help="some formats, separated by commas")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results" / "formats.json")
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="relata-bench-"))
    os.environ.update(
        RELATA_HOME=str(home),
        DJANGO_SETTINGS_MODULE="annotator.config.settings",
        RELATA_LOG_LEVEL="WARNING",
    )
    from launch import engines  # noqa: PLC0415

    running = engines.ensure(home, is_throwaway=False)
    rows: list[dict[str, Any]] = []
    try:
        for row in run(home, asked.sentences, asked.only):
            rows.append(row)
            sys.stderr.write(f"{row['what']}: {row['per_second']}/s, {row['memory_mb']} MB\n")
    finally:
        running.stop()
        shutil.rmtree(home, ignore_errors=True)
    show(rows)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
