"""Says in words why a sentence is shown: the least sure statement of the model, with its ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from annotator.labelling.states import Reason

LONGEST_SURFACE = 24
RIVAL = 0.1  # a second type less likely than this is no rival

Json = dict[str, Any]
Words = dict[str, str]
Labels = Mapping[str, str]
Span = tuple[int, int]

DOUBTS = frozenset({Reason.UNCERTAIN, Reason.DIVERSE, Reason.RARE_TYPE})

PLAIN: Mapping[Reason, Words] = {
    Reason.UNCERTAIN: {
        "zh": "模型对这个句子最没有把握",
        "en": "The model is unsure of this sentence",
    },
    Reason.DIVERSE: {
        "zh": "模型没有把握,且与其他待标句子不同",
        "en": "The model is unsure of it, and it is unlike the others of this batch",
    },
    Reason.RARE_TYPE: {
        "zh": "可能含有标注还很少的关系类型",
        "en": "May hold a relation type that has few labels yet",
    },
    Reason.TYPICAL: {
        "zh": "一组相似句子中的代表,还没有模型时从这里开始",
        "en": "Stands for many like it: a start before there is a model",
    },
    Reason.RANDOM: {
        "zh": "随机抽取的句子，用来如实衡量进展",
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


@dataclass(frozen=True, slots=True)
class Weighed:
    """A relation type that the model gives a pair, said or not."""

    ends: frozenset[Span]
    type: str
    chance: float
    is_said: bool


def why(reason: Reason, text: str, suggestion: Mapping[str, Any] | None, labels: Labels) -> Json:
    """Return the reason and its sentence in both languages; `labels` are those of the types."""
    words = PLAIN[reason]
    if reason in DOUBTS and suggestion is not None:
        worst = max(doubts(text, suggestion, labels), key=lambda one: one.doubt, default=None)
        if worst is not None:
            said = {"zh": worst.zh, "en": worst.en}
            words = said if reason is Reason.UNCERTAIN else _joined(words, said)
    return {"reason": reason.value, "text": words}


def _joined(first: Words, second: Words) -> Words:
    return {"zh": f"{first['zh']}。{second['zh']}", "en": f"{first['en']}. {second['en']}"}


def doubts(text: str, suggestion: Mapping[str, Any], labels: Labels) -> Iterator[Doubt]:
    """Yield first the pairs between two types, then what the model said or nearly said."""
    yield from _undecided(text, suggestion, labels)
    spans = {e["id"]: (e["start"], e["end"]) for e in suggestion["entities"]}
    for entity in suggestion["entities"]:
        named, sure = _surface(text, spans[entity["id"]]), entity["confidence"]
        kind = labels.get(entity["type"], entity["type"])
        yield Doubt(
            f"模型对“{named}”是{kind}只有 {_percent(sure)} 的把握",
            f"The model is only {_percent(sure)} sure that “{named}” is {kind}",
            1.0 - sure,
        )
    for relation in suggestion["relations"]:
        head, tail = (_surface(text, spans[relation[end]]) for end in ("head", "tail"))
        kind, sure = labels.get(relation["type"], relation["type"]), relation["confidence"]
        yield Doubt(
            f"模型对“{head}”与“{tail}”之间的{kind}只有 {_percent(sure)} 的把握",
            f"The model is only {_percent(sure)} sure of {kind} from “{head}” to “{tail}”",
            1.0 - sure,
        )
    for candidate in suggestion.get("refused", ()):
        yield _nearly_said(text, candidate, labels)


def _undecided(text: str, suggestion: Mapping[str, Any], labels: Labels) -> Iterator[Doubt]:
    """Yield the pairs for which two types compete: not both said, and the weaker one likely."""
    by_ends: dict[frozenset[Span], dict[str, Weighed]] = {}
    for one in _weighed(suggestion):
        types = by_ends.setdefault(one.ends, {})
        if one.type not in types or types[one.type].chance < one.chance:
            types[one.type] = one
    for ends, types in by_ends.items():
        likely = [each for each in types.values() if each.chance >= RIVAL]
        two = sorted(likely, key=lambda each: -each.chance)[:2]
        if len(likely) <= 1 or all(each.is_said for each in two):
            continue
        left, right = (_surface(text, span) for span in sorted(ends))
        first, second = (labels.get(each.type, each.type) for each in two)
        chances = " / ".join(f"{each.chance:.2f}" for each in two)
        yield Doubt(
            f"最没有把握:“{left}”与“{right}”之间是{first}还是{second}({chances})",
            f"Least sure: {first} or {second} between “{left}” and “{right}” ({chances})",
            max(1.0 - each.chance if each.is_said else each.chance for each in two),
        )


def _weighed(suggestion: Mapping[str, Any]) -> Iterator[Weighed]:
    spans = {e["id"]: (e["start"], e["end"]) for e in suggestion["entities"]}
    for said in suggestion["relations"]:
        ends = frozenset((spans[said["head"]], spans[said["tail"]]))
        yield Weighed(ends, said["type"], said["confidence"], is_said=True)
    for one in (*suggestion.get("alternatives", ()), *suggestion.get("refused", ())):
        if one["kind"] == "relation":
            ends = frozenset(((one["start"], one["end"]), (one["tail_start"], one["tail_end"])))
            yield Weighed(ends, one["type"], one["confidence"], is_said=False)


def _nearly_said(text: str, candidate: Mapping[str, Any], labels: Labels) -> Doubt:
    head = _surface(text, (candidate["start"], candidate["end"]))
    kind, chance = labels.get(candidate["type"], candidate["type"]), candidate["confidence"]
    if candidate["kind"] == "entity":
        return Doubt(
            f"模型可能漏掉了{kind}“{head}”({_percent(chance)})",
            f"The model may have missed {kind} “{head}” ({_percent(chance)})",
            chance,
        )
    tail = _surface(text, (candidate["tail_start"], candidate["tail_end"]))
    return Doubt(
        f"模型可能漏掉了“{head}”与“{tail}”之间的{kind}({_percent(chance)})",
        f"The model may have missed {kind} from “{head}” to “{tail}” ({_percent(chance)})",
        chance,
    )


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"


def _surface(text: str, span: Span) -> str:
    surface = text[slice(*span)]
    return surface if len(surface) <= LONGEST_SURFACE else surface[: LONGEST_SURFACE - 1] + "…"
