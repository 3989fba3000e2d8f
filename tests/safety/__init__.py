"""Promises about safety: each test names the goal that it holds."""
