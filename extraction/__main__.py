"""`python -m extraction`: the engine without the web."""

from __future__ import annotations

import sys

from extraction.recipes.cli import main

sys.exit(main())
