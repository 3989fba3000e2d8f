"""Annotations, their revisions, gold, and who holds which sentence."""
