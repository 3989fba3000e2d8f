"""Writing: imports from the request to the last batch; exports as streams."""

from annotator.exchange.services.exporting import Download, check_export, start_export
from annotator.exchange.services.foreground import import_now
from annotator.exchange.services.running import Outcome, end_import, fail_import, run_import
from annotator.exchange.services.taking import ImportedSuggestion, StoreSuggestions
from annotator.exchange.services.uploads import Wish, cancel_import, clear_uploads, request_import

__all__ = [
    "Download",
    "ImportedSuggestion",
    "Outcome",
    "StoreSuggestions",
    "Wish",
    "cancel_import",
    "check_export",
    "clear_uploads",
    "end_import",
    "fail_import",
    "import_now",
    "request_import",
    "run_import",
    "start_export",
]
