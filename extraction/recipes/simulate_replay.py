"""One replay: labels are uncovered batch by batch, as a strategy asks for them.

The scores, the choice and the costs are those of the queue (`extraction.active`); a person is
replaced by the labels that are there already.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from extraction.active.costs import DEFAULT_COSTS
from extraction.active.rarity import rarity_weights
from extraction.active.scores import SCORES, Known
from extraction.active.strategies import STRATEGIES, Pool, choose
from extraction.data.files import write_text_atomically
from extraction.data.native import read_native
from extraction.data.schema_file import read_schema, schema_of, schema_record
from extraction.evaluation.match import key_pairs
from extraction.recipes import predict, train
from extraction.recipes.benchmark_sets import DataSet, first_lines
from extraction.recipes.simulate_request import SimulateRequest
from extraction.types import Example, Graph, Prediction, Schema

Point = dict[str, float]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A data set in memory: what can be labelled, line by line as it stands in the file."""

    name: str
    examples: Sequence[Example]
    lines: Sequence[str]
    dev: Path
    schema: Schema
    groups: Sequence[int]


def open_corpus(one: DataSet, limit: int | None) -> Corpus:
    """Read a set; sentences that differ in blanks, digits and case alone are near duplicates."""
    lines = [line for line in first_lines(one.train, limit) if line.strip()]
    examples = read_native(one.train)[:limit]
    schema = read_schema(one.schema) if one.schema else schema_of(examples)
    groups: dict[str, int] = {}
    cores = ["".join(c for c in e.text.lower() if c.isalpha()) or e.text for e in examples]
    return Corpus(
        one.name,
        examples,
        lines,
        one.dev,
        schema,
        [groups.setdefault(core, len(groups)) for core in cores],
    )


class Replay:
    """A project of one strategy and seed, from its first label to the last budget."""

    def __init__(
        self, corpus: Corpus, strategy: str, seed: int, request: SimulateRequest, stop: Stop
    ) -> None:
        self.corpus, self.request, self.stop, self.seed = corpus, request, stop, seed
        self.strategy = STRATEGIES[strategy]
        self.is_random = strategy == "random.v1"
        self.rng = np.random.default_rng([seed, 7])
        self.chance = random.Random(seed)  # noqa: S311 - a replay must be repeatable
        self.labelled: list[int] = []
        self.seconds = 0.0
        self.said: Mapping[int, Prediction] = {}
        self.earlier: Mapping[int, Prediction] = {}

    def run(self, tell: Callable[[Point], None]) -> list[Point]:
        """Label, train and measure up to the last budget; tell each point as it is known."""
        points: list[Point] = []
        for budget in budgets_of(self.request, len(self.corpus.examples)):
            self._label(budget - len(self.labelled))
            points.append({**self._learn(), "labels": budget, "seconds": round(self.seconds, 1)})
            tell(points[-1])
        return points

    def _label(self, count: int) -> None:
        """Choose a batch, a share of it by chance, and uncover its labels."""
        by_chance = 0 if self.is_random else round(count * self.request.control_share)
        drawn = self._draw(by_chance)
        rest = self._rest(drawn)
        pool = self._pool(rest)
        chosen = choose(self.strategy, pool, count - by_chance, self.rng)
        batch = [*drawn, *(rest[one.place] for one in chosen)]
        batch += self._draw(count - len(batch), batch)  # all that is left is near duplicates
        self.seconds += sum(self._cost(place) for place in batch)
        self.labelled += batch

    def _draw(self, count: int, besides: Sequence[int] = ()) -> list[int]:
        return self.chance.sample(self._rest(besides), count)

    def _rest(self, besides: Sequence[int] = ()) -> list[int]:
        """The places that nobody has labelled."""
        done = {*self.labelled, *besides}
        return [place for place in range(len(self.corpus.examples)) if place not in done]

    def _pool(self, rest: Sequence[int]) -> Pool:
        texts = [self.corpus.examples[place].text for place in rest]
        groups = [self.corpus.groups[place] for place in rest]
        taken = frozenset(self.corpus.groups[place] for place in self.labelled)
        if not self.said:
            return Pool(texts, groups, taken=taken)
        score, weights = SCORES[self.strategy.score], self._weights()
        known = [
            Known(len(text), DEFAULT_COSTS, weights, self.earlier.get(place))
            for place, text in zip(rest, texts, strict=True)
        ]
        said = [self.said[place] for place in rest]
        return Pool(
            texts,
            groups,
            [score(one, each) for one, each in zip(said, known, strict=True)],
            taken,
        )

    def _weights(self) -> dict[str, float]:
        counts = {rule.name: 0 for rule in self.corpus.schema.relations}
        for place in self.labelled:
            for relation in self.corpus.examples[place].graph.relations:
                counts[relation.type] += 1
        return rarity_weights(counts)

    def _cost(self, place: int) -> float:
        """What the sentence would cost a person: the suggestion corrected, or done without it."""
        example = self.corpus.examples[place]
        said = self.said[place].graph() if place in self.said else Graph()
        ways = [(0, self._errors(example, Graph()))]
        ways.append((len(said.entities) + len(said.relations), self._errors(example, said)))
        length = len(example.text)
        return min(
            DEFAULT_COSTS.seconds(characters=length, items=items, errors=errors)
            for items, errors in ways
        )

    def _errors(self, example: Example, said: Graph) -> int:
        """Statements to add and to take away."""
        pairs = key_pairs([example], [said], self.corpus.schema.symmetric)
        return sum(
            len(gold ^ guess) for name in ("ner_strict", "re_strict") for gold, guess in pairs[name]
        )

    def _learn(self) -> Point:
        """Train on what is labelled, measure, and look at all that is not."""
        with tempfile.TemporaryDirectory(prefix="relata-simulate-") as name:
            model, metrics = fit(
                self.corpus, self.labelled, self.seed, self.request, Path(name), self.stop
            )
            rest = self._rest()
            texts = [self.corpus.examples[place].text for place in rest]
            said = model.predict(texts, schema=self.corpus.schema)
            self.earlier, self.said = self.said, dict(zip(rest, said, strict=True))
        return {name: metrics[name] for name in ("entity_f1", "triple_f1")}


def fit(
    corpus: Corpus,
    places: Sequence[int],
    seed: int,
    request: SimulateRequest,
    folder: Path,
    stop: Stop,
) -> tuple[predict.Predictor, Mapping[str, Any]]:
    """Train a model on some of the sentences; returns it and its metrics on the dev set."""
    data, schema, out = folder / "train.jsonl", folder / "schema.json", folder / "model"
    write_text_atomically(data, [corpus.lines[place].rstrip("\n") + "\n" for place in places])
    write_text_atomically(schema, [json.dumps(schema_record(corpus.schema), ensure_ascii=False)])
    metrics = train.run(
        train.TrainRequest(
            model=request.model,
            train=data,
            dev=corpus.dev,
            out=out,
            encoder=request.encoder,
            schema=schema,
            speed=request.speed,
            seed=seed,
            settings={"dev_checks": 0, **request.settings},
            device=request.device,
            encoder_home=request.encoder_home,
        ),
        lambda _: None,
        stop,
    )
    return predict.load(out, device=request.device), metrics


def budgets_of(request: SimulateRequest, available: int) -> list[int]:
    """The numbers of labels after which a model is trained, within what there is."""
    return sorted({min(one, available) for one in request.budgets})
