"""G24, at night: the product on a disk of its own that fills up and is emptied again.

It mounts a small file system, which takes root, so it belongs to `make nightly` alone; what every
run holds is in test_g24_disk_clock.py.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from launch import trial
from tests.safety.harness.history import Stored, violations
from tests.safety.test_g01_saves import COLLECT, PREPARE, Client, Shared, manage
from tests.safety.tiers import IS_LONG

pytestmark = pytest.mark.slow

Record = Callable[[str, object], None]
DISK = "700m"
BEFORE, AFTER = 200, 600
FULL_SECONDS = 15.0


class Witness(Client):
    """An annotator who remembers what was answered."""

    said: Counter[int]

    def _put(self, sentence: int, key: str, body: Any) -> tuple[int, Any]:
        status, answer = super()._put(sentence, key, body)
        self.said[status] += 1
        return status, answer


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of its own, where trials put their home; PostgreSQL's user may pass through."""
    place = Path(tempfile.mkdtemp(prefix="relata-small-"))
    mount = ["/bin/mount", "-t", "tmpfs", "-o", f"size={DISK},mode=1777", "relata", str(place)]
    subprocess.run(mount, check=True)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    try:
        yield place
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(place)], check=True)
        place.rmdir()


def fill(disk: Path) -> Path:
    """Write until there is no room."""
    filler = disk / "filler"
    piece = b"\0" * 65536
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(piece)
        except OSError:
            return filler


def until(what: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)


def fills_up_and_is_emptied_again(small_disk: Path, record_property: Record) -> None:
    """Saves are refused while it is full, and all of them arrive when it is not."""
    Witness.said = Counter()
    with trial.running(RELATA_MIN_FREE_BYTES="0") as product:
        made = json.loads(manage(product, "shell", "--no-imports", "-c", PREPARE).splitlines()[-1])
        shared = Shared(product.address, AFTER)
        clients = [
            Witness(shared, name, token, made["sentences"])
            for name, token in list(made["tokens"].items())[:8]
        ]
        for one in clients:
            one.start()
        until(lambda: shared.acknowledged >= BEFORE, 120)
        filler = fill(small_disk)
        until(lambda: sum(Witness.said.values()) > Witness.said[200], 60)
        time.sleep(FULL_SECONDS)
        while_full = Counter(Witness.said)
        filler.unlink()
        freed = time.monotonic()
        for one in clients:
            one.join(120)
        spent = time.monotonic() - freed
        assert [one.error for one in clients if one.error] == []
        found = json.loads(manage(product, "shell", "--no-imports", "-c", COLLECT).splitlines()[-1])
        wrong = list(violations(shared.seen, [Stored(*row) for row in found["stored"]]))
        assert not wrong, "\n".join(wrong[:20])
        assert "finding" not in manage(product, "verify_integrity")
    assert set(Witness.said) <= {0, 200, 503, 507}, Witness.said
    assert while_full[507] + while_full[503] > 0
    spread = ", ".join(f"{count} x {status}" for status, count in sorted(Witness.said.items()))
    record_property(
        "safety",
        f"G24: a disk of {DISK} full for {FULL_SECONDS:.0f} s: {shared.acknowledged} saves"
        f" acknowledged, none lost or doubled, all there {spent:.0f} s after there was room"
        f" ({spread}; 0 is no answer)",
    )


if IS_LONG:
    test_a_disk_fills_up_and_is_emptied_again = fills_up_and_is_emptied_again
