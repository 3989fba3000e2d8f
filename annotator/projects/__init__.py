"""Projects, their members and roles, and their schema; `access` is the one door."""
