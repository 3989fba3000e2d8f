"""Import and export; `formats` are pure functions."""
