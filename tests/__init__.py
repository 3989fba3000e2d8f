"""The tests: one folder a room, promises about the whole, and the browser."""
