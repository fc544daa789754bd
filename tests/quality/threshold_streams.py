"""What matching makes of made streams, of forms and of a labelled wire stream, quickly and many times.

Alignments are remembered from one measurement to the next, as long as nothing that they hang on is changed.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from unittest.mock import patch

from monitor.duplicates import Matcher, MatchSettings, MemoryLookup, fingerprint, pairs
from monitor.duplicates.align import Alignment, align
from monitor.duplicates.evidence import Facts, facts
from monitor.duplicates.words import Words, read_words
from monitor.records import Document
from tests.quality import stream
from tests.quality.bulletins import KINDS
from tests.quality.republishing import BATCH, START, Item, Source, World, jittered
from tests.quality.reuse_scores import partition, same_stories, score

COLUMNS = {
    "precision": "pair precision",
    "recall": "pair recall",
    "origin": "origin right",
    "merged": "merged right",
    "bulletins": "false pairs per 200 bulletins",
    "forms": "false pairs of forms",
    "jitter": "same stories, 24 h",
    "wire_precision": "wire precision",
    "wire_recall": "wire recall",
    "quotes": "edges that are quotations",
    "compared": "pairs of articles that were compared",
}
# Modules on whose constants alignments or facts hang, and those on whose constants fingerprints do.
_ALIGNING = ("duplicates.align", "duplicates.words", "duplicates.evidence")
_READING = ("duplicates.words", "duplicates.fingerprint")
_FORMS = 16  # of each kind, 5 hours from one to the next


class Streams:
    """The streams, made once with fixed seeds."""

    def __init__(self, sources: Sequence[Source], wire: Path | None, seed: int = 2024) -> None:
        world = World(seed, sources, sites=12)
        self.items = world.stream(bulletins=150, late=0.15)
        self.late = jittered(self.items, 24, seed=5)
        self.forms = [list(_forms(world, number)) for number in range(len(KINDS))]
        self.documents = {item.id: item.document() for item in (*self.items, *(i for form in self.forms for i in form))}
        self.labels: list[dict[str, Any]] = []
        self.wire: list[Document] = []
        if wire is not None:
            self.labels = [json.loads(line) for line in (wire / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
            self.wire = _around(self.labels, wire / "wire.jsonl.gz")
        self._remembered = Remembered()

    def measure(self, settings: MatchSettings, module: str = "") -> dict[str, float]:
        """By COLUMNS. `module`: in which a constant has another value now."""
        documents, wire = self.documents, self.wire
        if module in _READING:
            documents = {id: _anew(document) for id, document in documents.items()}
            wire = [_anew(document) for document in wire]
        remembered = Remembered() if module in _ALIGNING else self._remembered
        before = remembered.compared
        with remembered.used():
            found = self._measured(settings, documents, wire)
        return found | {"compared": float(remembered.compared - before)}

    def _measured(
        self, settings: MatchSettings, documents: dict[str, Document], wire: Sequence[Document]
    ) -> dict[str, float]:
        def run(items: Sequence[Item]) -> MemoryLookup:
            return _placed([documents[item.id] for item in items], settings)

        straight = run(self.items)
        scores = score(self.items, straight)
        found = {
            "precision": scores.precision,
            "recall": scores.recall,
            "origin": scores.origin,
            "merged": scores.merged_right,
            "bulletins": 200 * scores.false_per_bulletin,
            "forms": float(sum(_joined(partition(run(form)).values()) for form in self.forms)),
            "jitter": same_stories(partition(straight), partition(run(self.late))),
        }
        if wire:
            placed_wire = _placed(wire, settings)
            result = stream.score(self.labels, partition(placed_wire).__getitem__)
            found |= {"wire_precision": result.precision, "wire_recall": result.recall}
        lookups = (straight, *([placed_wire] if wire else []))
        found["quotes"] = float(sum(_quotations(lookup) for lookup in lookups))
        return {name: round(value, 4) for name, value in found.items()}


def _quotations(lookup: MemoryLookup) -> int:
    edges = lookup.edges([one.id for one in lookup.all()]).values()
    return len({(edge.article, edge.other) for own in edges for edge in own if edge.kind == "quote"})


def _forms(world: World, number: int) -> Iterator[Item]:
    """Bulletins of one kind, of successive hours and days, each with all its facts changed."""
    for one in range(_FORMS):
        at = START + timedelta(hours=5 * one)
        title, text, language = KINDS[number](world.rng, at)
        yield Item(f"f{number}{one:02}", f"s{one}.example", title, text, language, at, "bulletin", arrives=at)


def _joined(stories: Any) -> int:
    return sum(count - 1 for count in Counter(stories).values())


def _placed(documents: Sequence[Document], settings: MatchSettings) -> MemoryLookup:
    matcher, lookup = Matcher(settings), MemoryLookup()
    for at in range(0, len(documents), BATCH):
        lookup.file(matcher.place(lookup, documents[at : at + BATCH]))
    return lookup


def _anew(document: Document) -> Document:
    """With the fingerprint that the present constants give it."""
    article = document.article
    return replace(document, fingerprint=fingerprint(article.title, article.text, document.language.code))


def _around(labels: Sequence[dict[str, Any]], records: Path) -> list[Document]:
    """The labelled articles, and every other one that shares two hashes with one of them within the window."""
    with gzip.open(records, "rt", encoding="utf-8") as lines:
        documents = [stream.document(json.loads(line)) for line in lines]
    labelled = {pair[side] for pair in labels for side in ("a", "b")}
    wanted = [document for document in documents if document.id in labelled]
    holders: dict[int, list[Document]] = defaultdict(list)
    hashes = {value for document in wanted for value in document.fingerprint.hashes}
    for document in documents:
        for value in hashes.intersection(document.fingerprint.hashes):
            holders[value].append(document)
    near = set(labelled)
    for document in wanted:
        shared = Counter(
            other.id
            for value in document.fingerprint.hashes
            for other in holders[value]
            if abs(other.story_time - document.story_time) <= MatchSettings().window
        )
        near |= {id for id, count in shared.items() if count >= 2}
    return [document for document in documents if document.id in near]


class Remembered:
    """Alignments and their facts, by the words that were compared."""

    def __init__(self) -> None:
        self._alignments: dict[tuple[bytes, bytes], Alignment] = {}
        self._facts: dict[tuple[bytes, bytes, str, str], Facts] = {}
        self._read: Callable[[str], Words] = cache(read_words)
        self.compared = 0  # how often facts were asked for

    @contextmanager
    def used(self) -> Iterator[None]:
        with (
            patch.object(pairs, "align", self._align),
            patch.object(pairs, "facts", self._judged),
            patch.object(pairs, "read_words", self._read),
        ):
            yield

    def _align(self, mine: Words, other: Words) -> Alignment:
        key = _name(mine), _name(other)
        if key not in self._alignments:
            self._alignments[key] = align(mine, other)
        return self._alignments[key]

    def _judged(self, alignment: Alignment, title: str, other_title: str) -> Facts:
        self.compared += 1
        key = _name(alignment.mine), _name(alignment.other), title, other_title
        if key not in self._facts:
            self._facts[key] = facts(alignment, title, other_title)
        return self._facts[key]


def _name(words: Words) -> bytes:
    return blake2b(words.codes.tobytes() + words.places.tobytes(), digest_size=16).digest()
