"""What the contract says of every answer: the rooms, the refusals and what they mean.

It needs nothing of the framework, for the settings read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotator.core.errors import PreconditionRequiredError, VersionConflictError

Json = dict[str, Any]

ABOUT = (
    "Sentences, labels, models and the loop between them. Offsets are half-open code points; lists"
    " are pages that `next` leads through; what is not known, a field or a parameter, is refused."
    " Errors are always `code`, `message` and `context`. Recipes and a Python client are in the"
    " folders `docs/howto` and `clients/python`."
)

ROOMS: Mapping[str, str] = {
    "accounts": "Log-in for browsers and programs, second factor, how a person likes the pages",
    "projects": "Projects, their members, their schema and their guidelines",
    "exchange": "Files in, labels out",
    "labelling": "The labels of a sentence, their history, comments, the document around it",
    "learning": "The queue, suggestions, trainings, model versions and what they are worth",
    "knowledge": "The triples of a project as one graph, and its contradictions",
    "live": "What changed since one looked",
}
TAGS = [{"name": name, "description": about} for name, about in ROOMS.items()]

# What a status means wherever it is answered; what an operation adds stands in REFUSALS.
MEANINGS: Mapping[int, tuple[str, str]] = {
    400: ("Invalid", "`invalid` and others: a field, a parameter or a header is not as described"),
    401: ("Unknown", "`not_authenticated`, `authentication_failed`: no token, or no good one"),
    403: ("Forbidden", "`forbidden`: a member whose role is too low; `permission_denied`: no CSRF"),
    404: ("NotFound", "`not_found`: there is no such thing, or the caller is no member"),
    409: ("Conflict", "The present state does not allow this"),
    412: (
        "VersionConflict",
        "`version_conflict`: saved elsewhere meanwhile, see `context.current`",
    ),
    413: ("TooLarge", "`too_large`: `context.limit_bytes` says how much is taken"),
    415: ("WrongMedia", "`unsupported_media_type`: another Content-Type than described"),
    422: ("AgainstRules", "Well-formed, but against a rule of the project"),
    428: ("HeaderMissing", "`precondition_required`: `context.header` names the header"),
    429: ("TooMany", "`throttled`: too many in a row"),
    503: ("Unavailable", "`unavailable`: nothing was stored, the same request may work in a while"),
    507: ("DiskFull", "`disk_full`: nothing was stored"),
}
WAITS = frozenset({429, 503, 507})
EVERYWHERE = frozenset({400, 503})
WITH_BODY = frozenset({413, 415, 507})
GUARDED = frozenset({int(VersionConflictError.status), int(PreconditionRequiredError.status)})

REFUSALS: Mapping[str, Mapping[int, str]] = {
    "auth_session_create": {403: "`permission_denied`, `second_factor_setup`"},
    "auth_session_destroy": {403: "`permission_denied`"},
    "auth_token_create": {403: "`second_factor_setup`"},
    "auth_second_factor_create": {409: "`already_enrolled`"},
    "auth_second_factor_update": {409: "`already_enrolled`"},
    "auth_second_factor_destroy": {409: "`second_factor_required`"},
    "projects_export_retrieve": {422: "`labels_do_not_fit`"},
    "projects_guidelines_update": {422: "`unknown_type`"},
    "projects_imports_cancel_create": {409: "`already_over`"},
    "projects_imports_preview_create": {422: "`unreadable_file`"},
    "projects_members_create": {409: "`already_member`"},
    "projects_members_partial_update": {409: "`last_manager`"},
    "projects_members_destroy": {409: "`last_manager`"},
    "projects_schema_update": {409: "`type_in_use`, `pair_in_use`"},
    "projects_schema_changes_create": {409: "`preview_outdated`, `change_makes_illegal`"},
    "projects_runs_create": {409: "`already_queued`, `nothing_to_learn`, `submitted_only`"},
    "projects_runs_several_create": {
        409: "`already_comparing`, `too_few_to_compare`, `nothing_to_learn`, `submitted_only`"
    },
    "projects_runs_cancel_create": {409: "`run_is_over`"},
    "runs_cancel_create": {409: "`run_is_over`"},
    "projects_models_rollback_create": {409: "`nothing_to_roll_back`"},
    "projects_models_measure_create": {409: "`nothing_to_measure`, `already_queued`"},
    "projects_models_errors_retrieve": {409: "`not_judged`"},
    "projects_models_errors_sentences_retrieve": {409: "`not_judged`"},
    "sentences_lease_create": {409: "`held_by_another`"},
    "sentences_annotation_update": {
        422: "`span_outside_text`, `unknown_type`, `illegal_relation`, `unknown_end`, "
        "`duplicate_entity`, `duplicate_relation`, `illegal_graph`, `key_reused`"
    },
}

ERROR: Json = {
    "type": "object",
    "description": "Why a request was refused: `code` is for programs and stays, `message` is for"
    " people, `context` names the place: a field, a header, an id, a limit.",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "context": {"type": "object", "additionalProperties": True},
    },
    "required": ["code", "message", "context"],
}


def refusal(status: int, about: str, more: str = "") -> Json:
    """Describe an error answer."""
    content: Json = {"schema": {"$ref": "#/components/schemas/Error"}}
    described: Json = {
        "description": f"{about}: {more}" if more else about,
        "content": {"application/json": content},
    }
    if status in WAITS:
        described["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return described


COMPONENTS: Json = {
    "schemas": {"Error": ERROR},
    "headers": {
        "Retry-After": {"schema": {"type": "integer"}, "description": "seconds to wait"},
        "ETag": {"schema": {"type": "string"}, "description": 'the version, like `"3"`'},
    },
    "responses": {name: refusal(code, about) for code, (name, about) in MEANINGS.items()},
}
