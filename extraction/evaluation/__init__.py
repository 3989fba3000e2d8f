"""Matching predictions with gold; needs no torch."""
