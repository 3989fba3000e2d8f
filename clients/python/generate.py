"""Write `relata_client.generated` from the API's description: `make client`.

Does nothing when what is there was made from the same description in the same way. In a build the
generator is at hand; elsewhere it gets an environment of its own, `.venv-client`, because it wants
other versions of packages than the product has. Needs nothing but Python, and `uv` for that.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CONTRACTS = (HERE / "openapi.json", ROOT / "frontend" / "openapi.json")  # the first in a package
TARGET = HERE / "src" / "relata_client" / "generated"
LOCK = HERE / "generator.lock"
OPTIONS = HERE / "generator.yml"
TOOLS = ROOT / ".venv-client"
STAMP = "made_from.txt"


class GeneratorError(Exception):
    """The client could not be made; the message says why."""


def contract() -> Path:
    """Return where the description is."""
    return next(path for path in CONTRACTS if path.is_file())


def wanted_stamp() -> str:
    """Return a digest of everything that the generated code depends on."""
    digest = hashlib.sha256()
    for path in (contract(), LOCK, OPTIONS, Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_fresh() -> bool:
    """Tell whether the generated code belongs to the description as it is now."""
    stamp = TARGET / STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii") == wanted_stamp()


def ensure() -> bool:
    """Generate if need be; tell whether there was a need."""
    if is_fresh():
        return False
    with tempfile.TemporaryDirectory() as folder:
        described, made = Path(folder) / "openapi.json", Path(folder) / "generated"
        described.write_text(json.dumps(_spelled(contract())), encoding="utf-8")
        _run(
            [
                _python(), "-m", "openapi_python_client", "generate", "--path", described,
                "--meta", "none", "--output-path", made, "--config", OPTIONS, "--fail-on-warning",
            ]
        )  # fmt: skip
        (made / STAMP).write_text(wanted_stamp(), encoding="ascii")
        shutil.rmtree(TARGET, ignore_errors=True)
        shutil.copytree(made, TARGET)
    return True


def _spelled(path: Path) -> Any:
    """Read the description; a header is text, and the generator would send a UUID as it is."""
    described = json.loads(path.read_text(encoding="utf-8"))
    for methods in described["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "header":
                    parameter["schema"].pop("format", None)
    return described


def _python() -> Path:
    """Return an interpreter that has the generator."""
    if importlib.util.find_spec("openapi_python_client"):
        return Path(sys.executable)
    python, stamp = TOOLS / "bin" / "python", TOOLS / "stamp"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not (stamp.is_file() and stamp.read_text(encoding="ascii") == digest):
        uv = Path(sys.executable).parent / "uv"
        _run([uv, "venv", "-q", "--clear", "--python", sys.executable, TOOLS])
        _run([uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", LOCK])
        stamp.write_text(digest, encoding="ascii")
    return python


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GeneratorError(f"{command[0]}: {(done.stdout + done.stderr).strip()[-2000:]}")


if __name__ == "__main__":
    print("The client is made anew" if ensure() else "The client is as the API describes it")
