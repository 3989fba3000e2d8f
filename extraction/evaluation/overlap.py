"""Which gold triples of a sentence share entities: the classes Normal, SEO and EPO."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from extraction.evaluation.match import Key, KeyPair

CLASSES = ("normal", "seo", "epo")


def overlap_classes(triples: Key) -> frozenset[str]:
    """The classes of a sentence with these strict gold triples; none if it has no triple.

    The split of Zeng et al. 2018 in the form in which CasRel (Wei et al. 2020) reports by
    it. An entity is a span with its type, a pair is unordered, equal triples count once:

    * `epo` (entity pair overlap): two triples join the same pair, by another relation or in
      the other direction.
    * `seo` (single entity overlap): two triples share one entity and no more, that is, some
      entity stands in two different pairs.
    * `normal`: there is a triple, and neither of these.

    A sentence can be both `epo` and `seo`. The programs of that line take pairs as ordered,
    so that (a, b) beside (b, a) is SEO there and EPO here; the papers speak of pairs only.
    """
    if not triples:
        return frozenset()
    pairs = Counter(frozenset(ends) for _, ends in triples)
    entities = Counter(entity for pair in pairs for entity in pair)
    found = {"epo"} if max(pairs.values()) > 1 else set()
    if max(entities.values()) > 1:
        found.add("seo")
    return frozenset(found or {"normal"})


def by_class(pairs: Iterable[KeyPair]) -> dict[str, list[KeyPair]]:
    """The sentences of each class, by their gold; each is a pair of strict triple sets."""
    found: dict[str, list[KeyPair]] = {name: [] for name in CLASSES}
    for gold, said in pairs:
        for name in overlap_classes(gold):
            found[name].append((gold, said))
    return found
