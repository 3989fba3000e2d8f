"""Generates the client's typed half while the package is built."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

import generate  # found beside this file


class Generating(BuildHookInterface[Any]):
    """Runs before anything is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make `relata_client.generated`; a source package carries the description instead."""
        if self.target_name == "wheel":
            generate.ensure()
