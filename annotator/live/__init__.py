"""Websockets: hints that something changed, by id."""
