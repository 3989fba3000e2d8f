"""Writing for the loop: runs, versions, suggestions."""

from annotator.learning.services.runs import (
    Progress,
    begin_run,
    cancel_held_run,
    cancel_run,
    fail_run,
    move_run,
    pause_run,
    record_progress,
    request_run,
)
from annotator.learning.services.suggestions import (
    Suggested,
    store_suggestions,
    suggest_for_new,
)
from annotator.learning.services.versions import (
    Measured,
    promote_version,
    register_version,
    roll_back,
)

__all__ = [
    "Measured",
    "Progress",
    "Suggested",
    "begin_run",
    "cancel_held_run",
    "cancel_run",
    "fail_run",
    "move_run",
    "pause_run",
    "promote_version",
    "record_progress",
    "register_version",
    "request_run",
    "roll_back",
    "store_suggestions",
    "suggest_for_new",
]
