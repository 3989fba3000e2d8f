"""Writing for the loop: runs, versions, suggestions."""

from annotator.learning.services.arrangement import (
    arrange_missing,
    store_arrangement,
)
from annotator.learning.services.batches import BATCH, Batch, Chosen, request_arrangement
from annotator.learning.services.comparing import request_comparison
from annotator.learning.services.measuring import (
    end_measurement,
    request_measurement,
    store_measurement,
)
from annotator.learning.services.policy import consider, set_policy, start_due_runs
from annotator.learning.services.refusals import forget_refusals, refuse_suggestions
from annotator.learning.services.runs import (
    Progress,
    begin_run,
    cancel_held_run,
    cancel_run,
    evaluate_run,
    fail_run,
    move_run,
    record_progress,
    request_run,
)
from annotator.learning.services.suggestions import (
    Suggested,
    drop_chunk,
    store_imported_suggestions,
    store_suggestions,
    suggest_for_new,
    suggest_missing,
)
from annotator.learning.services.versions import (
    Measured,
    promote_version,
    register_version,
    roll_back,
)

__all__ = [
    "BATCH",
    "Batch",
    "Chosen",
    "Measured",
    "Progress",
    "Suggested",
    "arrange_missing",
    "begin_run",
    "cancel_held_run",
    "cancel_run",
    "consider",
    "drop_chunk",
    "end_measurement",
    "evaluate_run",
    "fail_run",
    "forget_refusals",
    "move_run",
    "promote_version",
    "record_progress",
    "refuse_suggestions",
    "register_version",
    "request_arrangement",
    "request_comparison",
    "request_measurement",
    "request_run",
    "roll_back",
    "set_policy",
    "start_due_runs",
    "store_arrangement",
    "store_imported_suggestions",
    "store_measurement",
    "store_suggestions",
    "suggest_for_new",
    "suggest_missing",
]
