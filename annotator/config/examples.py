"""Examples of the main operations, by operation: what is sent, and what comes back by status.

The sentences are invented. A test holds every example against the schema it stands beside, and
every offset against its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
Examples = Mapping[str, Any]

TEXT = "利福平可诱导肝药酶，加快华法林的代谢，使其抗凝作用减弱。"
DAY = "2026-03-02T08:{:02}:00Z"

ENTITIES: list[Json] = [
    {"id": "e1", "start": 0, "end": 3, "type": "药物", "source": "human"},
    {"id": "e2", "start": 12, "end": 15, "type": "药物", "source": "accepted"},
]
RELATIONS: list[Json] = [{"head": "e1", "tail": "e2", "type": "拮抗", "source": "human"}]
ANNOTATION: Json = {
    "version": 3,
    "entities": ENTITIES,
    "relations": RELATIONS,
    "negatives": [],
    "flags": [],
    "comment": "",
}
SAVE: Json = {
    "entities": ENTITIES,
    "relations": RELATIONS,
    "negatives": [],
    "flags": ["unclear"],
    "comment": "“其”指华法林",
    "action": "submit",
    "seconds": 21.5,
}
SUGGESTION: Json = {
    "model_version": 4,
    "score": 0.37,
    "confidence": 0.81,
    "stale": False,
    "entities": [
        {"id": "s1", "start": 0, "end": 3, "type": "药物", "confidence": 0.99},
        {"id": "s2", "start": 12, "end": 15, "type": "药物", "confidence": 0.98},
    ],
    "relations": [{"head": "s1", "tail": "s2", "type": "拮抗", "confidence": 0.81}],
    "refused": [],
    "alternatives": [
        {
            "kind": "relation",
            "type": "抑制",
            "confidence": 0.12,
            "start": 0,
            "end": 3,
            "tail_start": 12,
            "tail_end": 15,
        }
    ],
}
SENTENCE: Json = {
    "id": 42,
    "text": TEXT,
    "state": "pending",
    "priority": 0.37,
    "position": 17,
    "external_id": "利福平-3",
    "document": {"id": 5, "name": "利福平胶囊", "section": "药物相互作用"},
    "previous_gold": False,
    "annotation": None,
    "suggestion": SUGGESTION,
    "blind": False,
    "why": {
        "reason": "uncertain",
        "text": {
            "zh": "模型对这个句子最没有把握",
            "en": "The model is least sure of this sentence",
        },
    },
    "lease_until": DAY.format(30),
}
LISTED: Json = {
    "id": 42,
    "text": TEXT,
    "state": "pending",
    "split": "pool",
    "priority": 0.37,
    "position": 17,
    "external_id": "利福平-3",
    "gold": False,
    "suggested": True,
    "score": 0.37,
    "flags": [],
    "annotators": [],
    "comments": 0,
}
PROJECT: Json = {
    "id": 7,
    "name": "说明书中的相互作用",
    "template": "ch-ddi",
    "language": "zh",
    "role": "manager",
    "model": "spert.v1",
    "encoder": "chars-tiny",
    "speed": "quick",
    "strategy": "hybrid.v1",
    "control_share": 0.1,
    "holdout_share": 0.15,
    "blind_share": 0.05,
    "planted_share": 0.0,
    "gate_tolerance": 0.01,
    "schema_version": 1,
    "created_at": DAY.format(0),
}
SCHEMA: Json = {
    "entity_types": [{"name": "药物", "label": "药物 drug", "color": "#2f6fab", "key": "d"}],
    "relation_types": [
        {
            "name": "拮抗",
            "label": "拮抗 antagonism",
            "color": "#b02a37",
            "key": "k",
            "symmetric": False,
            "pairs": [["药物", "药物"]],
        },
        {
            "name": "协同",
            "label": "协同 synergy",
            "color": "#2e7d5b",
            "key": "t",
            "symmetric": True,
            "pairs": [["药物", "药物"]],
        },
    ],
}
IMPORT: Json = {
    "id": 12,
    "state": "done",
    "filename": "相互作用.jsonl",
    "format": "native",
    "labels": "gold",
    "split": "auto",
    "accepted": 118,
    "refused": 1,
    "duplicates": 1,
    "rules": {},
    "summary": {},
    "progress": 1.0,
    "problems": [
        {
            "line": 57,
            "code": "span_outside_text",
            "message": "entities[1] [31, 34) does not lie inside the text of 30 characters; "
            "count code points from 0, the end not included",
        }
    ],
    "error": None,
    "created_at": DAY.format(1),
    "finished_at": DAY.format(2),
}
QUEUED: Json = {
    **IMPORT,
    "state": "queued",
    "accepted": 0,
    "refused": 0,
    "duplicates": 0,
    "progress": 0.0,
    "problems": [],
    "finished_at": None,
}
RUN: Json = {
    "id": 9,
    "state": "running",
    "phase": "training",
    "progress": 0.4,
    "epoch": 8,
    "epochs": 20,
    "loss": 0.62,
    "dev_f1": 0.58,
    "eta_seconds": 45.0,
    "model": "spert.v1",
    "encoder": "chars-tiny",
    "speed": "quick",
    "settings": {},
    "measured_on": "holdout",
    "origin": None,
    "seed": 7,
    "gold_count": 120,
    "holdout_count": 50,
    "metrics": None,
    "history": [{"epoch": 7, "loss": 0.7, "dev_f1": 0.55}],
    "model_version": None,
    "comparison": None,
    "error": None,
    "requested_by": "mei",
    "created_at": DAY.format(10),
    "started_at": DAY.format(11),
    "finished_at": None,
}
MODEL: Json = {
    "id": 4,
    "number": 2,
    "model": "spert.v1",
    "encoder": "chars-tiny",
    "state": "active",
    "metrics": {"entity_f1": 0.91, "triple_f1": 0.74},
    "gate": {"passed": True, "code": "compared", "reason": "0.74 triple F1 against 0.69"},
    "run": 8,
    "created_at": DAY.format(5),
    "promoted_at": DAY.format(6),
    "suggested": {"done": 500, "total": 500},
}
PROGRESS: Json = {
    "total": 620,
    "pending": 480,
    "in_progress": 4,
    "leased": 2,
    "submitted": 10,
    "gold": 120,
    "skipped": 6,
    "suggested": 480,
    "stale": 0,
    "holdout": 50,
    "by_relation_type": [{"type": "拮抗", "count": 61}, {"type": "协同", "count": 88}],
    "by_person": [{"username": "ana", "display_name": "Ana", "submitted": 70, "seconds": 1890.0}],
}


def _refused(code: str, message: str, **context: Any) -> Json:
    return {"code": code, "message": message, "context": context}


def _page(row: Json) -> Json:
    return {"results": [row], "next": None}


REQUESTS: Mapping[str, Examples] = {
    "auth_token_create": {"A program logs in": {"username": "ana", "password": "…"}},
    "projects_create": {
        "A project of drug interactions": {
            "name": "说明书中的相互作用",
            "template": "ch-ddi",
            "language": "zh",
        }
    },
    "projects_members_create": {"Let Ana label": {"username": "ana", "role": "annotator"}},
    "projects_schema_update": {"Drugs, and two ways in which they act": SCHEMA},
    "projects_next_create": {
        "One sentence; one's own unfinished first": {"count": 1, "resume": True}
    },
    "projects_runs_create": {
        "As the project is set up": {},
        "Another model, in full": {"model": "onerel.v1", "speed": "full"},
    },
    "sentences_annotation_update": {
        "Submit": SAVE,
        "Keep a draft": {**SAVE, "action": "save"},
        "There is nothing in this sentence": {
            "entities": [],
            "relations": [],
            "action": "submit",
            "seconds": 4.0,
        },
    },
}

ANSWERS: Mapping[str, Mapping[int, Examples]] = {
    "auth_token_create": {
        200: {"A key for programs": {"token": "0f3c…"}},
        400: {"Wrong": _refused("bad_credentials", "User name or password is wrong")},
    },
    "projects_list": {200: {"One project": _page(PROJECT)}},
    "projects_create": {201: {"Made": PROJECT}},
    "projects_retrieve": {
        200: {"A project": PROJECT},
        404: {"Not for the caller": _refused("not_found", "No such project", project_id=7)},
    },
    "projects_schema_retrieve": {200: {"A schema": {"version": 1, **SCHEMA}}},
    "projects_schema_update": {
        200: {"Replaced": {"version": 2, **SCHEMA}},
        409: {
            "A type that labels have": _refused(
                "type_in_use", "The type is in use and cannot be dropped", type="拮抗"
            )
        },
    },
    "projects_imports_create": {202: {"Accepted, not read yet": QUEUED}},
    "projects_imports_retrieve": {200: {"Done, with one line refused": IMPORT}},
    "projects_next_create": {
        200: {
            "A sentence with a suggestion": {"sentences": [SENTENCE]},
            "Nothing is left for the caller": {"sentences": []},
        }
    },
    "projects_sentences_list": {200: {"Open sentences": _page(LISTED)}},
    "sentences_retrieve": {200: {"A sentence": SENTENCE}},
    "sentences_annotation_retrieve": {200: {"The caller's labels": ANNOTATION}},
    "sentences_annotation_update": {
        200: {
            "Submitted": {
                "version": 4,
                "state": "gold",
                "annotation": {
                    **ANNOTATION,
                    "version": 4,
                    "flags": ["unclear"],
                    "comment": "“其”指华法林",
                },
            }
        },
        412: {
            "Saved elsewhere": _refused(
                "version_conflict",
                "This sentence was saved elsewhere meanwhile",
                current=ANNOTATION,
                base=2,
            )
        },
        422: {
            "A span that is too long": _refused(
                "span_outside_text", "The span does not lie inside the text", entity="e2"
            )
        },
        428: {
            "Without a version": _refused(
                "precondition_required",
                'Send If-Match: "<version>" with the version you changed, "0" for none',
                header="If-Match",
            )
        },
    },
    "projects_runs_list": {200: {"A training": _page(RUN)}},
    "projects_runs_create": {
        202: {"Queued": {**RUN, "state": "queued", "phase": "", "progress": 0.0}},
        409: {"One is waiting": _refused("already_queued", "A training is already queued", run=9)},
    },
    "projects_runs_retrieve": {200: {"Under way": RUN}},
    "projects_models_list": {200: {"The active version": _page(MODEL)}},
    "projects_models_promote_create": {200: {"Active now": MODEL}},
    "projects_progress_retrieve": {200: {"How far": PROGRESS}},
}
