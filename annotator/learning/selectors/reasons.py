"""Says in words why a sentence is shown: the least sure statement of the model, with its ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from annotator.labelling.states import Reason

LONGEST_SURFACE = 24

Json = dict[str, Any]
Words = dict[str, str]

PLAIN: Mapping[Reason, Words] = {
    Reason.UNCERTAIN: {
        "zh": "模型对这个句子最没有把握",
        "en": "The model is unsure of this sentence",
    },
    Reason.RANDOM: {
        "zh": "随机抽取的句子,用来如实衡量进展",
        "en": "Chosen at random, so that progress is measured honestly",
    },
    Reason.IN_ORDER: {
        "zh": "按语料的顺序",
        "en": "Next in the order of the corpus",
    },
    Reason.CHOSEN: {
        "zh": "由您自己打开",
        "en": "Opened by you",
    },
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One statement of the model and how much it is in doubt."""

    zh: str
    en: str
    doubt: float


def why(reason: Reason, text: str, suggestion: Mapping[str, Any] | None) -> Json:
    """Return the reason and its sentence in both languages."""
    words = PLAIN[reason]
    if reason is Reason.UNCERTAIN and suggestion is not None:
        worst = max(doubts(text, suggestion), key=lambda one: one.doubt, default=None)
        if worst is not None:
            words = {"zh": worst.zh, "en": worst.en}
    return {"reason": reason.value, "text": words}


def doubts(text: str, suggestion: Mapping[str, Any]) -> Iterator[Doubt]:
    """Yield what the model said with doubts, and what it nearly said."""
    surface = {e["id"]: _shorten(text[e["start"] : e["end"]]) for e in suggestion["entities"]}
    for entity in suggestion["entities"]:
        named, sure = surface[entity["id"]], entity["confidence"]
        yield Doubt(
            f"模型对“{named}”是{entity['type']}只有 {_percent(sure)} 的把握",
            f"The model is only {_percent(sure)} sure that “{named}” is {entity['type']}",
            1.0 - sure,
        )
    for relation in suggestion["relations"]:
        head, tail, sure = (
            surface[relation["head"]],
            surface[relation["tail"]],
            relation["confidence"],
        )
        yield Doubt(
            f"模型对“{head}”与“{tail}”之间的{relation['type']}只有 {_percent(sure)} 的把握",
            f"The model is only {_percent(sure)} sure of {relation['type']}"
            f" from “{head}” to “{tail}”",
            1.0 - sure,
        )
    for candidate in suggestion.get("refused", ()):
        yield _nearly_said(text, candidate)


def _nearly_said(text: str, candidate: Mapping[str, Any]) -> Doubt:
    head = _shorten(text[candidate["start"] : candidate["end"]])
    kind, chance = candidate["type"], candidate["confidence"]
    if candidate["kind"] == "entity":
        return Doubt(
            f"模型可能漏掉了{kind}“{head}”({_percent(chance)})",
            f"The model may have missed {kind} “{head}” ({_percent(chance)})",
            chance,
        )
    tail = _shorten(text[candidate["tail_start"] : candidate["tail_end"]])
    return Doubt(
        f"模型可能漏掉了“{head}”与“{tail}”之间的{kind}({_percent(chance)})",
        f"The model may have missed {kind} from “{head}” to “{tail}” ({_percent(chance)})",
        chance,
    )


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"


def _shorten(surface: str) -> str:
    return surface if len(surface) <= LONGEST_SURFACE else surface[: LONGEST_SURFACE - 1] + "…"
