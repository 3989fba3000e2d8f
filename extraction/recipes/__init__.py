"""Thin scripts that compose: train, evaluate, predict, models."""
