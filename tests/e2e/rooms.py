"""The pages of the product, in one list; a test says when one is missing here."""

from __future__ import annotations

import re
from pathlib import Path

TABLE = Path(__file__).parents[2] / "frontend" / "src" / "app" / "pages.tsx"

# Addresses as the front end's table has them, each with the name of its pictures.
PAGES = {
    "/projects": "projects",
    "/settings": "settings",
    "/projects/:id": "home",
    "/projects/:id/annotate": "annotate",
    "/projects/:id/sentences": "sentences",
    "/projects/:id/suggestions": "suggestions",
    "/projects/:id/training": "training",
    "/projects/:id/curves": "curves",
    "/projects/:id/models": "models",
    "/projects/:id/schema": "schema",
    "/projects/:id/guidelines": "guidelines",
    "/projects/:id/import": "import",
    "/projects/:id/export": "export",
    "/projects/:id/graph": "graph",
}
# They show what another address shows, lead there, or are looked at by a test of their own.
SAME = {
    "/",
    "/projects/:id/annotate/:sentenceId",
    "/projects/:id/models/compare/:a/:b",
    "/projects/:id/models/:version/errors",
    "/projects/:id/models/:version/calibration",
}


def addresses() -> set[str]:
    """Return every address of the front end's own table."""
    return set(re.findall(r'pattern: "([^"]+)"', TABLE.read_text(encoding="utf-8")))
