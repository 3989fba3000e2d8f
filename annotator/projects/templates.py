"""Schemas and guidelines to begin with: CH-DDI, diabetes, CoNLL04, ADE, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Json = dict[str, Any]

# Colours of the palette, chosen to keep contrast against both themes.
PALETTE = (
    "#2f6fab", "#b3541e", "#2e7d5b", "#8e44ad", "#a83250", "#5d6d1e", "#00728f", "#7a5c00",
    "#4b5bb5", "#a0408a", "#3d7a2a", "#8c4a3c", "#1f7a7a", "#6a4fa3", "#94600f", "#52606d",
    "#b02a37", "#35618e", "#5b7f00",
)  # fmt: skip
KEYS = "qwtyuiopsdfghjk"


def _entity(name: str, label: str, color: str, key: str) -> Json:
    return {"name": name, "label": label, "color": color, "key": key}


def _relation(
    name: str, label: str, look: tuple[str, str], pairs: list[list[str]], *, symmetric: bool = False
) -> Json:
    color, key = look
    return {
        "name": name,
        "label": label,
        "color": color,
        "key": key,
        "symmetric": symmetric,
        "pairs": pairs,
    }


def _ch_ddi() -> Json:
    drugs = [["药物", "药物"]]
    relations = (
        ("拮抗", "拮抗 antagonism", "#b02a37", "k"),
        ("抑制", "抑制 inhibition", "#8e44ad", "y"),
        ("协同", "协同 synergy", "#2e7d5b", "t"),
        ("禁忌", "禁忌 taboo", "#94600f", "j"),
        ("无关", "无关 irrelevance", "#52606d", "w"),
        ("促进", "促进 promotion", "#00728f", "c"),
        ("相加", "相加 addition", "#4b5bb5", "p"),
    )
    return {
        "entity_types": [_entity("药物", "药物 drug", "#2f6fab", "d")],
        "relation_types": [
            _relation(name, label, (color, key), drugs) for name, label, color, key in relations
        ],
    }


DIABETES_ENTITIES: Mapping[str, str] = {
    "Disease": "疾病", "Class": "分型", "Reason": "病因", "Pathogenesis": "发病机制",
    "Symptom": "临床表现", "Test": "检查方法", "Test_items": "检查指标", "Test_Value": "检查值",
    "Drug": "药物", "Frequency": "用药频率", "Amount": "用药剂量", "Method": "用药方法",
    "Treatment": "非药治疗", "Operation": "手术", "ADE": "不良反应", "Anatomy": "部位",
    "Level": "程度", "Duration": "持续时间", "Food": "食物",
}  # fmt: skip
DIABETES_RELATIONS = (
    "Test_Disease", "Anatomy_Disease", "Drug_Disease", "Method_Drug", "Treatment_Disease",
    "Frequency_Drug", "Reason_Disease", "Class_Disease", "Amount_Drug", "Duration_Drug",
    "Operation_Disease", "Symptom_Disease", "Test_items_Disease", "ADE_Drug",
    "Pathogenesis_Disease",
)  # fmt: skip


def _diabetes() -> Json:
    entities = [
        _entity(name, f"{label} {name}", color, key)
        for (name, label), color, key in zip(
            DIABETES_ENTITIES.items(), PALETTE, "dlopysivgfqhtujwzcb", strict=True
        )
    ]
    relations = []
    for index, name in enumerate(DIABETES_RELATIONS):
        head, _, tail = name.rpartition("_")
        label = f"{DIABETES_ENTITIES[head]}→{DIABETES_ENTITIES[tail]}"
        look = (PALETTE[index % len(PALETTE)], KEYS[index])
        relations.append(_relation(name, label, look, [[head, tail]]))
    food = [["Food", "Disease"]]
    relations.append(_relation("宜吃", "宜吃 advisable", ("#3d7a2a", "z"), food))
    relations.append(_relation("忌吃", "忌吃 inadvisable", ("#b02a37", "v"), food))
    return {"entity_types": entities, "relation_types": relations}


def _conll04() -> Json:
    relations = {
        "Work_For": [["Peop", "Org"]],
        "Kill": [["Peop", "Peop"]],
        "OrgBased_In": [["Org", "Loc"]],
        "Live_In": [["Peop", "Loc"]],
        "Located_In": [["Loc", "Loc"]],
    }
    names = ("Peop", "Org", "Loc", "Other")
    return {
        "entity_types": [
            _entity(name, name, color, key)
            for name, color, key in zip(names, PALETTE[:4], "pglo", strict=True)
        ],
        "relation_types": [
            _relation(name, name, (PALETTE[index + 4], key), pairs)
            for index, ((name, pairs), key) in enumerate(
                zip(relations.items(), "wkbvt", strict=True)
            )
        ],
    }


def _ade() -> Json:
    return {
        "entity_types": [
            _entity("Adverse-Effect", "Adverse-Effect", PALETTE[1], "v"),
            _entity("Drug", "Drug", PALETTE[0], "d"),
        ],
        "relation_types": [
            _relation(
                "Adverse-Effect", "Adverse-Effect", (PALETTE[4], "c"), [["Adverse-Effect", "Drug"]]
            )
        ],
    }


TEMPLATES: Mapping[str, Json] = {
    "ch-ddi": _ch_ddi(),
    "diabetes": _diabetes(),
    "conll04": _conll04(),
    "ade": _ade(),
    "empty": {"entity_types": [], "relation_types": []},
}

TYPE_HEADING = re.compile(r"^# (.+)$\n?", re.MULTILINE)


def starting_guidelines(template: str) -> tuple[str, dict[str, str]] | None:
    """Return the general text and those of the types; None where a template brings none.

    In the file every `# name` begins what is said of that type; before it stands the general part.
    """
    path = Path(__file__).parent / "guidelines" / f"{template}.md"
    if not path.exists():
        return None
    general, *parts = TYPE_HEADING.split(path.read_text(encoding="utf-8"))
    types = {name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}
    return general.strip(), types
