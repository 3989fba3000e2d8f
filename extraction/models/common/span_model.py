"""The way of all models that classify spans: judge every span, choose, judge the pairs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import torch

from extraction.models.common.decode import (
    Arrows,
    PairVerdict,
    Rules,
    SpanVerdict,
    Weighed,
    choose_spans,
    judge_pairs,
    pairs_to_try,
    predictions,
    rules_of,
    weigh,
)
from extraction.models.common.encoder import Features
from extraction.models.common.gold import Item
from extraction.models.common.model import PaperModel, unit_counts
from extraction.models.common.settings import SpanSettings
from extraction.models.common.spans import EverySpan, every_span
from extraction.types import Prediction, Schema

Ints = np.ndarray[Any, np.dtype[np.int64]]

SpanSettingsT = TypeVar("SpanSettingsT", bound=SpanSettings)


class SpanModel(PaperModel[SpanSettingsT]):
    """Entities are classified spans, relations classified pairs of the chosen spans."""

    @abstractmethod
    def judge_spans(self, features: Features, every: EverySpan, rules: Rules) -> SpanVerdict:
        """Weigh all spans of width 1..W of a batch, in the order of `every`."""

    @abstractmethod
    def judge_relations(
        self, features: Features, chosen: Weighed, ends: tuple[Ints, Ints], rules: Rules
    ) -> PairVerdict:
        """Weigh ordered pairs (heads, tails) of chosen spans, by their positions.

        The second half of the pairs is the first half turned round.
        """

    def predict(self, items: Sequence[Item], schema: Schema | None) -> list[Prediction]:
        """Entities, relations and the strongest refused candidates of a batch."""
        rules = rules_of(self.labels, schema or self.schema)
        self.network.eval()
        counts = unit_counts(items)
        every = every_span(counts, self.settings.widest)
        if not len(every.spans):
            return [Prediction() for _ in items]
        with torch.inference_mode():
            features = self.features(items)
            weighed = weigh(every.spans, self.judge_spans(features, every, rules))
            chosen = choose_spans(weighed, may_overlap=self.settings.overlaps != "drop")
            arrows = self._arrows(features, chosen, rules)
        units = [item.tokens.units for item in items]
        return predictions(units, every.spans.borders[:-1], chosen, arrows, self.labels)

    def _arrows(self, features: Features, chosen: Weighed, rules: Rules) -> Arrows | None:
        """Judge the pairs of what was chosen, both ways round."""
        pairs = pairs_to_try(chosen) if self.labels.relations else None
        if pairs is None or not len(pairs):
            return None
        heads = np.concatenate((pairs.first, pairs.second))
        tails = np.concatenate((pairs.second, pairs.first))
        verdict = self.judge_relations(features, chosen, (heads, tails), rules)
        return judge_pairs(chosen, heads, tails, verdict, rules)
