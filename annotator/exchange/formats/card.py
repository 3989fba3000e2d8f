"""The dataset card: what is labelled, how much, how far people agree, and the files' hashes.

The same data gives the same bytes; there is no hour in it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from annotator.exchange.formats import ch_ddi, native
from annotator.exchange.formats.writing import About, Lines, Origin, Pages, Record
from extraction.types import Graph

COMPANIONS = {"native": Lines(native.spell), "ch-ddi": Lines(ch_ddi.spell)}


@dataclass(slots=True)
class Tally:
    """What the pages came to."""

    about: About
    sentences: int = 0
    characters: int = 0
    with_triples: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    hashes: dict[str, "hashlib._Hash"] = field(default_factory=dict)  # noqa: UP037 - no such name at run time
    entities: "Overlap" = field(default_factory=lambda: Overlap())  # noqa: PLW0108, UP037
    triples: "Overlap" = field(default_factory=lambda: Overlap())  # noqa: PLW0108, UP037

    def take(self, record: Record) -> None:
        """Count one sentence."""
        graph, origin = record.example.graph, record.origin or Origin("")
        self.sentences += 1
        self.characters += len(record.example.text)
        self.with_triples += bool(graph.relations)
        self._count("state", [origin.state])
        self._count("split", [origin.split])
        self._count("gold", [origin.gold_origin] if origin.gold_version else [])
        self._count("source", [*origin.entity_sources, *origin.relation_sources])
        self._count("entity", (one.type for one in graph.entities))
        self._count("relation", (one.type for one in graph.relations))
        for one, other in combinations(origin.submissions, 2):
            self.entities.add(_spans(one), _spans(other))
            self.triples.add(self._triples(one), self._triples(other))

    def _count(self, what: str, names: Iterable[str]) -> None:
        self.counts.setdefault(what, Counter()).update(names)

    def _triples(self, graph: Graph) -> frozenset[object]:
        spans = [(one.start, one.end, one.type) for one in graph.entities]
        found = set()
        for one in graph.relations:
            ends = spans[one.head], spans[one.tail]
            found.add((tuple(sorted(ends)) if one.type in self.about.symmetric else ends, one.type))
        return frozenset(found)


@dataclass(slots=True)
class Overlap:
    """Statements of two people at the same sentences, over all pairs of people."""

    pairs: int = 0
    shared: int = 0
    said: int = 0

    def add(self, one: frozenset[object], other: frozenset[object]) -> None:
        """Add a pair's statements about one sentence."""
        self.pairs += 1
        self.shared += len(one & other)
        self.said += len(one) + len(other)

    @property
    def f1(self) -> str:
        """Return the micro F1 as it is printed; two who say nothing agree."""
        return f"{2 * self.shared / self.said if self.said else 1.0:.3f}"


def _spans(graph: Graph) -> frozenset[object]:
    return frozenset((one.start, one.end, one.type) for one in graph.entities)


def write(pages: Pages, about: About) -> Iterator[bytes]:
    """Count every page, hash the companion files on the way, and print the card."""
    tally = Tally(about, hashes={name: hashlib.sha256() for name in COMPANIONS})
    sizes = Counter[str]()
    for page in pages:
        for name, lines in COMPANIONS.items():
            for block in lines([page], about):
                tally.hashes[name].update(block)
                sizes[name] += len(block)
        for record in page:
            tally.take(record)
    yield "\n".join([*_head(tally), *_tables(tally), *_files(tally, sizes), ""]).encode()


def _head(tally: Tally) -> Iterator[str]:
    yield f"# {tally.about.project or 'Dataset'}"
    yield ""
    yield f"Language: {tally.about.language}. Licence: to be filled in by whoever publishes it."
    yield ""
    yield (
        f"{tally.sentences:,} sentences of {tally.characters:,} characters, "
        f"{tally.with_triples:,} of them with triples."
    )
    yield ""
    if tally.triples.pairs:
        yield (
            f"Agreement of people who submitted the same sentences ({tally.triples.pairs:,} pairs, "
            f"strict, micro F1): entities {tally.entities.f1}, triples {tally.triples.f1}."
        )
    else:
        yield "Agreement: no sentence of this export was submitted by two people."
    yield ""


def _tables(tally: Tally) -> Iterator[str]:
    schema = tally.about.schema
    rows = [(one, tally.counts.get("entity", Counter())[one]) for one in schema.entity_types]
    yield from _table("Entity types", ("type", "entities"), rows)
    yield from _table(
        "Relation types",
        ("type", "direction", "legal between", "triples"),
        [
            (
                rule.name,
                "none" if rule.symmetric else "head to tail",
                ", ".join(f"{head} → {tail}" for head, tail in rule.pairs) or "any types",
                tally.counts.get("relation", Counter())[rule.name],
            )
            for rule in schema.relations
        ],
    )
    titles = {
        "state": "Sentences by state",
        "split": "Sentences by split",
        "gold": "How gold became gold",
        "source": "Where labels come from",
    }
    for what, title in titles.items():
        counted = sorted((one or "not said", n) for one, n in tally.counts.get(what, {}).items())
        yield from _table(title, (what, "count"), counted)


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        cells = (f"{one:,}" if isinstance(one, int) else _cell(str(one)) for one in row)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _files(tally: Tally, sizes: Counter[str]) -> Iterator[str]:
    rows = [(name, sizes[name], f"`{tally.hashes[name].hexdigest()}`") for name in COMPANIONS]
    yield from _table("Files of the same export", ("format", "bytes", "SHA-256"), rows)
    yield (
        "Made by Relata. Offsets are half-open code points; `provenance` says where each label "
        "comes from."
    )
