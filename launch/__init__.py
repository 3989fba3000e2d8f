"""Starts everything on one machine: environment, front end, engines, children (stdlib only)."""
