"""Scores that say what a person should see next; needs no torch."""
