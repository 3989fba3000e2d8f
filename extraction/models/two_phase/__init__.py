"""Two-phase extraction (Ji and others 2022): first whether, then which."""
