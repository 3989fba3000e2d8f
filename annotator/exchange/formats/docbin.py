"""spaCy's DocBin, made by the engine in a process of its own: spaCy takes torch with it."""

from __future__ import annotations

import subprocess  # nosec B404 - our own program, no shell
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from annotator.exchange.formats import native
from annotator.exchange.formats.writing import About, Lines, Pages

BLOCK_BYTES = 1 << 18


def write(pages: Pages, about: About) -> Iterator[bytes]:
    """Write the sentences down, let the engine turn them, and send what it made."""
    with tempfile.TemporaryDirectory(prefix="relata-docbin-") as folder:
        lines, made = Path(folder) / "lines.jsonl", Path(folder) / "docbin.zip"
        with lines.open("wb") as file:
            file.writelines(Lines(native.spell)(pages, about))
        words = ["docbin", "--data", str(lines), "--out", str(made), "--language", about.language]
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "extraction", *words], check=True, stdout=subprocess.DEVNULL
        )
        with made.open("rb") as file:
            yield from iter(lambda: file.read(BLOCK_BYTES), b"")
