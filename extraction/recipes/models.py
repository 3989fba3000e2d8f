"""What can be chosen: the catalogue as plain values, without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extraction.active.strategies import DEFAULT_STRATEGY, STRATEGIES
from extraction.catalogue import CATALOGUE, DEFAULT_ENCODER, DEFAULT_MODEL, ENCODERS


def catalogue(encoder_home: Path | None = None) -> dict[str, Any]:
    """Models with their settings, encoders with what is installed, strategies."""
    return {
        "models": [
            {
                "name": spec.name,
                "title": spec.title,
                "paper": spec.paper,
                "nested": spec.nested,
                "directed": spec.directed,
                "given_entities": spec.given_entities,
                "settings": spec.settings,
            }
            for spec in CATALOGUE.values()
        ],
        "encoders": [
            *({"name": spec.name, "title": spec.title} for spec in ENCODERS.values()),
            *({"name": name, "title": name} for name in _installed(encoder_home)),
        ],
        "strategies": list(STRATEGIES),
        "defaults": {
            "model": DEFAULT_MODEL,
            "encoder": DEFAULT_ENCODER,
            "strategy": DEFAULT_STRATEGY,
        },
    }


def _installed(home: Path | None) -> list[str]:
    if home is None or not home.is_dir():
        return []
    return sorted(one.name for one in home.iterdir() if (one / "config.json").is_file())
