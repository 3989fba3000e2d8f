"""Reading for the loop: sentences with suggestions, runs, models, progress, the catalogue."""
