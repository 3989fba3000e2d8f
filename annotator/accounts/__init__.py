"""People: users, log-in, API tokens."""
