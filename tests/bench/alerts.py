"""Thousands of rules held against batches of articles: embedded, beside a plain loop; on an engine, beside the bare
percolate request.

    python tests/bench/alerts.py [--small] [--rules N] [--batches N] [--runs N] [--engine KIND] [--no-engine]

Rules of a fixed mix (40 % phrases, 30 % AND, 15 % OR with NOT, 10 % prefixes, 5 % fields alone or only NOT), their
words drawn by frequency from the articles; articles of 200 to 500 words, in batches of 100. One core: all is done in
one thread. Exit code 1 when a bound is missed; the last line says so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).parent)]
os.environ.setdefault("MONITOR_TEST_ENGINE_HEAP", "1g")
os.environ.setdefault("MONITOR_TEST_ENGINE_JAVA_OPTIONS", "")

from store import Newsroom

from monitor.query import Bool, Node, Phrase, Prefix, Term
from monitor.records import Document, Rule
from monitor.store.asked import ask
from monitor.store.embedded import open_store
from monitor.store.matching import holds
from monitor.store.port import Store
from monitor.store.stemming import stem

SPEED = 200.0  # articles/s with 10,000 rules
GROWTH = 3.0  # time per batch, from 1,000 rules to 10,000
PERCOLATOR = 0.6  # of the bare percolate request
LEAST_HITS = 5.0  # of an article, on the mean: fewer would be no work
BATCH = 100
FEW = 1_000
LOOPED = 50  # rules that the plain loop is measured with
PREFERRED = ("given", "opensearch-3", "opensearch-2.19")
RARE = 3_000  # rank in the language of a word from which it may stand alone in a rule


@dataclass(frozen=True)
class Row:
    """One measurement. `bound`: what the value may at least, or with `most` at most, be."""

    name: str
    value: float
    bound: float | None = None
    most: bool = False

    @property
    def kept(self) -> bool:
        if self.bound is None:
            return True
        return self.value <= self.bound if self.most else self.value >= self.bound


# --- rules -----------------------------------------------------------------------------------------------------------


class Rules:
    """Makes rules with words of articles."""

    def __init__(self, newsroom: Newsroom, documents: Sequence[Document], seed: int) -> None:
        self._dice = random.Random(seed)
        self._texts = [one.article.text.replace(".", "").lower().split() for one in documents]
        self._languages = [one.language.code for one in documents]
        self._rank = {
            language: {word: rank for rank, word in enumerate(words)} for language, words in newsroom.words.items()
        }

    def make(self, count: int) -> list[tuple[Rule, Node]]:
        return [(Rule(f"r{number:05}"), self._node(number / count)) for number in self._shuffled(count)]

    def _shuffled(self, count: int) -> list[int]:
        numbers = list(range(count))
        self._dice.shuffle(numbers)
        return numbers

    def _node(self, share: float) -> Node:
        text, at = self._place()
        if share < 0.40:
            return Phrase(None, " ".join(text[at : at + 2]))
        if share < 0.70:
            return Bool(must=(Term(None, text[at]), Term(None, self._rare())))
        if share < 0.85:
            either = Bool(should=(Term(None, self._rare()), Term(None, self._rare())))
            return Bool(must=(either,), must_not=(Term(None, text[at]),))
        if share < 0.95:
            word = self._rare()
            return Prefix(None, word[: max(5, len(word) - 2)])
        if share < 0.999:
            return Bool(must=(Term("site", f"site{self._dice.randrange(60):02d}"), Term("lang", self._rare_language())))
        return Bool(must_not=(Term(None, text[at]),))

    def _place(self) -> tuple[list[str], int]:
        text = self._dice.choice(self._texts)
        return text, self._dice.randrange(len(text) - 2)

    def _rare(self) -> str:
        """By frequency, but for the most frequent: nobody is told of "the"."""
        while True:
            number = self._dice.randrange(len(self._texts))
            word = self._dice.choice(self._texts[number])
            if self._rank[self._languages[number]].get(word, 0) >= RARE:
                return word

    def _rare_language(self) -> str:
        return self._dice.choice(("de", "en", "tr", "fr", "es", "it", "pl", "ru", "ar", "nl"))


# --- measuring -------------------------------------------------------------------------------------------------------


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def per_batch(store: Store, batches: Sequence[Sequence[Document]], runs: int) -> float:
    """Seconds of one batch: the median of the runs, each the mean over the batches. The first batch warms up."""
    store.match_rules(batches[0], {})
    return statistics.median(
        statistics.mean(seconds(lambda batch=batch: store.match_rules(batch, {})) for batch in batches)  # type: ignore[misc]
        for _ in range(runs)
    )


def plain_loop(rules: Sequence[tuple[Rule, Node]], batch: Sequence[Document]) -> float:
    """Articles/s of each rule held against each article, word by word; from a part of the rules."""
    asked = [ask(node) for _, node in rules[:LOOPED]]
    spent = seconds(lambda: [holds(one, document, stem) for one in asked for document in batch[:5]])
    return 5 / (spent * len(rules) / len(asked))


def embedded(many: int, batches: Sequence[Sequence[Document]], rules: Rules, runs: int) -> list[Row]:
    made = rules.make(many)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "store")
        try:
            few = rules.make(FEW)
            store.put_rules(few)
            spent_few = per_batch(store, batches, runs)
            store.remove_rules([rule.id for rule, _ in few])
            store.put_rules(made)
            hits = [len(store.match_rules(batch, {})) for batch in batches]
            spent = per_batch(store, batches, runs)
        finally:
            store.close()
    rate = BATCH / spent
    return [
        Row("hits per article", sum(hits) / sum(map(len, batches)), LEAST_HITS),
        Row(f"embedded, articles/s with {many} rules", rate, SPEED),
        Row(f"embedded, time per batch against {FEW} rules", spent / spent_few, GROWTH, most=True),
        Row("embedded, times as fast as a plain loop", rate / plain_loop(made, batches[0])),
    ]


def on_engine(kind: str, many: int, batches: Sequence[Sequence[Document]], rules: Rules, runs: int) -> list[Row]:
    """Bare: the same request, made before, to the same engine. They take turns."""
    from monitor.store.elastic.store import open_store as open_on_engine
    from tests.engines.running import running

    engine = running(kind)
    prefix = f"bench{uuid.uuid4().hex[:8]}"
    with tempfile.TemporaryDirectory() as folder:
        store = open_on_engine(engine.settings(index_prefix=prefix), Path(folder))
        try:
            if not store.percolating:
                print(f"left out: {kind} has no percolator")
                return []
            store.put_rules(rules.make(many))
            bodies = [_bare(store, batch) for batch in batches]
            ours, bare = [], []
            for batch, body in zip(batches, bodies, strict=True):  # warms up
                store.match_rules(batch, {})
                store._reader.search("rules", body)
            for _ in range(runs):
                for batch, body in zip(batches, bodies, strict=True):
                    ours.append(seconds(lambda batch=batch: store.match_rules(batch, {})))  # type: ignore[misc]
                    bare.append(
                        seconds(lambda body=body: store._connection.client.search(index=f"{prefix}-rules", **body))
                    )  # type: ignore[misc]
        finally:
            store.close()
            engine.remove(prefix)
    mine, theirs = statistics.mean(ours), statistics.mean(bare)
    return [
        Row(f"{kind}, articles/s with {many} rules", BATCH / mine),
        Row(f"{kind}, share of the bare percolate request", theirs / mine, PERCOLATOR),
    ]


def _bare(store: Any, batch: Sequence[Document]) -> Mapping[str, Any]:
    documents = [store._asked_document(document, None) for document in batch]
    asked = {"percolate": {"field": "query", "documents": documents}}
    return {"query": {"bool": {"filter": [asked]}}, "size": 10_000, "source": False, "docvalue_fields": ["id"]}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--small", action="store_true", help="2,000 rules, two batches, one run")
    options.add_argument("--rules", type=int, default=10_000)
    options.add_argument("--batches", type=int, default=10)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--engine", default="", help="kind of tests/engines; default: the first that is there")
    options.add_argument("--no-engine", action="store_true")
    given = options.parse_args()
    if given.small:
        given.rules, given.batches, given.runs = 2_000, 2, 1
    newsroom = Newsroom(7)
    documents = [newsroom.document() for _ in range(given.batches * BATCH)]
    batches = [documents[at : at + BATCH] for at in range(0, len(documents), BATCH)]
    rows = embedded(given.rules, batches, Rules(newsroom, documents, 11), given.runs)
    if not given.no_engine:
        rows += _engine_rows(given, batches, Rules(newsroom, documents, 12))
    for row in rows:
        bound = "" if row.bound is None else f"{'<=' if row.most else '>='} {row.bound:g}"
        print(f"{row.name:<58} {row.value:>10.2f}   {bound:<8} {'' if row.kept else 'MISSED'}".rstrip())
    print(json.dumps({row.name: round(row.value, 3) for row in rows}))
    missed = [row.name for row in rows if not row.kept]
    print(f"MISSED: {', '.join(missed)}" if missed else "OK")
    return 1 if missed else 0


def _engine_rows(given: argparse.Namespace, batches: Sequence[Sequence[Document]], rules: Rules) -> list[Row]:
    try:
        import pytest

        from tests.engines.running import KINDS
    except ImportError:
        print('left out: engines are found and started by the tests; pip install "media-monitor[dev]"')
        return []
    for kind in [given.engine] if given.engine else [kind for kind in PREFERRED if kind in KINDS]:
        try:
            return on_engine(kind, given.rules, batches, rules, given.runs)
        except pytest.skip.Exception as reason:
            print(f"left out: {reason}")
    return []


if __name__ == "__main__":
    sys.exit(main())
