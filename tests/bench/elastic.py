"""The store on an engine beside the bare client on the same engine, in the same run.

    python tests/bench/elastic.py [--small] [--engine KIND] [--first N] [--articles N] [--runs N] [--folder DIR]

The engine is the one at MONITOR_TEST_ENGINE_URL, else one that is started for this run, with 1 GB of heap, as
`tests/engines` does. What is bare: `streaming_bulk` of the same documents, made before; an msearch and a search of the
same bodies with the engine's own highlighter. Bare and ours take turns, so that what else the machine does meets both,
and each begins with a portion, or some crawls, that are not counted: an engine that has just been started is still
compiling itself, for half a minute of one core in crawls alone, and who comes first would pay for all.
Exit code 1 when a bound is missed; the last line says so. Where there is no engine, it says why and ends with 0.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).parent)]
os.environ.setdefault("MONITOR_TEST_ENGINE_HEAP", "1g")
os.environ.setdefault("MONITOR_TEST_ENGINE_JAVA_OPTIONS", "")

try:
    import pytest
except ImportError:
    print('left out: engines are found and started by the tests; pip install "media-monitor[dev]"')
    print("OK: nothing measured, there is no engine")
    sys.exit(0)

import pipeline
from corpus import pages
from elasticsearch.helpers import streaming_bulk
from store import Newsroom, changes

from monitor.query import Bool, Term
from monitor.records import Changes, Document, Probe
from monitor.store.asked import ask
from monitor.store.elastic import candidates
from monitor.store.elastic.documents import (
    ARTICLE_PARTS,
    article_document,
    key,
    revision_document,
    revision_key,
    story_document,
)
from monitor.store.elastic.mapping import Names
from monitor.store.elastic.query import translate
from monitor.store.elastic.store import ElasticStore, open_store
from monitor.store.port import SearchRequest
from tests.engines.engine import Engine
from tests.engines.running import KINDS, running

WRITING = 0.7  # of what the bare client writes
LOOKUP = 1.5  # times the bare msearch
LOOKUP_GROWTH = 1.6  # times, with ten times as many articles
SEARCH = 1.5  # times the bare search, p95
WARMING = 3  # crawls that are not counted; the third takes 1.1 times what the sixth does, the first 1.4 times
PIPELINE = 0.7  # of the pages per second on the embedded store
BATCH = 200  # articles of one `file`
PORTION = 2_000  # articles between two refreshes, as the filer does it
PROBES = 20  # of one look-up
WINDOW = timedelta(hours=72)
FACETS = ("site", "lang", "agency", "day")
PREFERRED = ("given", "opensearch-3", "opensearch-2.19", "elasticsearch-8.19")

Action = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One comparison. `bound`: what the value may at least, or with `most` at most, be."""

    name: str
    ours: float
    bare: float
    value: float
    bound: float
    most: bool = False

    @property
    def kept(self) -> bool:
        return self.value <= self.bound if self.most else self.value >= self.bound


@dataclass(frozen=True)
class Side:
    """A store and the client that it has; `names`: of its indices."""

    store: ElasticStore
    names: Names

    @property
    def client(self) -> Any:
        return self.store._connection.client


# --- writing ---------------------------------------------------------------------------------------------------------


def write_ours(side: Side, documents: Sequence[Document]) -> float:
    """Seconds for one portion."""
    batches = [changes(documents[at : at + BATCH]) for at in range(0, len(documents), BATCH)]
    began = time.perf_counter()
    for batch in batches:
        side.store.file(batch)
    side.store.refresh()
    return time.perf_counter() - began


def write_bare(side: Side, documents: Sequence[Document]) -> float:
    """Seconds; into the indices of another store, which then holds the same."""
    batches = [list(actions(side, changes(documents[at : at + BATCH]))) for at in range(0, len(documents), BATCH)]
    began = time.perf_counter()
    for batch in batches:
        for good, _ in streaming_bulk(side.client, batch):
            assert good
    side.client.indices.refresh(index=",".join(map(side.names.read, ("articles", "revisions", "stories"))))
    return time.perf_counter() - began


def actions(side: Side, made: Changes) -> Iterator[Action]:
    """The documents that the store writes."""
    for revision in made.revisions:
        yield _action(
            side, "revisions", revision_key(revision.article_id, revision.number), revision_document(revision)
        )
    for document in made.documents:
        source = article_document(document, stemming=side.store.stemming)
        yield _action(side, "articles", key(document.id), source)
    for story in made.stories:
        yield _action(side, "stories", key(story.id), story_document(story))


def _action(side: Side, kind: str, id: str, source: Mapping[str, Any]) -> Action:
    return {"_op_type": "index", "_index": side.names.write(kind), "_id": id, "_source": source}


def writing(ours: Side, bare: Side, newsroom: Newsroom, articles: int, sample: list[Document]) -> Row:
    """Both write them all, portion by portion; the first portion is not counted."""
    spent: list[tuple[float, float]] = []
    for number in range(0, articles, PORTION):
        documents = [newsroom.document() for _ in range(min(PORTION, articles - number))]
        sample += documents[:: max(1, PORTION // 50)]
        if number // PORTION % 2:  # each side goes first in turn
            theirs = write_bare(bare, documents)
            mine = write_ours(ours, documents)
        else:
            mine = write_ours(ours, documents)
            theirs = write_bare(bare, documents)
        if number:
            spent.append((mine, theirs))
        rates = (len(documents) / mine, len(documents) / theirs)
        print(f"{newsroom.made:>8} articles   ours {rates[0]:6.0f}/s   bare {rates[1]:6.0f}/s", flush=True)
    mine, theirs = (sum(times) for times in zip(*spent, strict=True))
    counted = articles - PORTION
    return Row("writing, articles/s", counted / mine, counted / theirs, theirs / mine, WRITING)


# --- looking up ------------------------------------------------------------------------------------------------------


def probes(documents: Sequence[Document], dice: random.Random) -> list[Probe]:
    """Of articles that have half of a stored one's hashes."""
    made = []
    for document in dice.sample(list(documents), PROBES):
        hashes = document.fingerprint.hashes
        kept = dice.sample(hashes, len(hashes) // 2) + [dice.getrandbits(64) for _ in hashes[len(hashes) // 2 :]]
        made.append(Probe(tuple(kept), document.story_time - WINDOW, document.story_time + WINDOW))
    return made


def bare_lookup(side: Side, bodies: Sequence[Mapping[str, Any]]) -> None:
    header = {"index": side.names.read("articles")}
    searches = [line for body in bodies for line in (header, body)]
    answer = side.client.msearch(searches=searches, filter_path=f"responses.error,{candidates._ONLY}")
    assert all("error" not in one for one in answer["responses"])


def lookups(ours: Side, documents: Sequence[Document], runs: int) -> tuple[float, float]:
    """Milliseconds of one look-up: ours, bare."""
    dice = random.Random(3)
    asked = [probes(documents, dice) for _ in range(runs)]
    bodies = [[lookup_body(probe) for probe in batch] for batch in asked]
    return taking_turns(
        [lambda batch=batch: ours.store.candidates(batch) for batch in asked],
        [lambda batch=batch: bare_lookup(ours, batch) for batch in bodies],
    )


def lookup_body(probe: Probe) -> dict[str, Any]:
    """The body that the store sends."""
    return candidates._search(candidates._Asked(candidates._reduced(probe), probe.limit + candidates._SPARE))


# --- searching -------------------------------------------------------------------------------------------------------


def searches(ours: Side, documents: Sequence[Document], runs: int) -> tuple[float, float]:
    """p95 in milliseconds: ours, bare."""
    dice = random.Random(4)
    asked = [two_words(dice.choice(documents), dice) for _ in range(runs)]
    index = ours.names.read("articles")
    bodies = [search_body(node, words, ours.store) for node, words in asked]
    return taking_turns(
        [lambda node=node: ours.store.search(request(node)) for node, _ in asked],
        [lambda body=body: ours.client.search(index=index, **body) for body in bodies],
        share=0.95,
    )


def two_words(document: Document, dice: random.Random) -> tuple[Bool, str]:
    words = document.article.text.replace(".", "").lower().split()
    at = dice.randrange(len(words) - 1)
    return Bool(must=(Term(None, words[at]), Term(None, words[at + 1]))), f"{words[at]} {words[at + 1]}"


def request(node: Bool) -> SearchRequest:
    return SearchRequest(node, facets=FACETS, stories=True)


def search_body(node: Bool, words: str, store: ElasticStore) -> dict[str, Any]:
    """The same question with the engine's own time line and highlighter."""
    terms = {name: {"terms": {"field": name, "size": 20}} for name in ("site", "lang", "agency")}
    days = {"date_histogram": {"field": "published", "calendar_interval": "day", "min_doc_count": 1}}
    stories = {"cardinality": {"field": "story", "precision_threshold": 40_000}}
    shown = {
        "fields": {"text": {}, "title": {}},
        "highlight_query": {"multi_match": {"query": words, "fields": ["text", "title"]}},
    }
    return {
        "query": translate(ask(node), store._spoken(), ("article",)),
        "size": 20,
        "sort": ["_score", {"id": "asc"}],
        "source": list(ARTICLE_PARTS),
        "track_total_hits": True,
        "collapse": {"field": "story"},
        "aggs": {**terms, "day": days, "stories": stories},
        "highlight": shown,
    }


# --- the crawl -------------------------------------------------------------------------------------------------------


def crawls(engine: Engine, articles: int, runs: int) -> Row:
    """`monitor crawl` of saved pages, with each store in turn."""
    _, saved = pages()
    contents = ["" for _ in saved]
    rates: list[tuple[float, float]] = []
    for number in range(1 - WARMING, runs + 1):
        prefix = f"b{uuid.uuid4().hex[:12]}"
        away = {
            "MONITOR_STORE__KIND": "elasticsearch",
            "MONITOR_STORE__URL": engine.url,
            "MONITOR_STORE__USER": engine.user,
            "MONITOR_STORE__PASSWORD": engine.password,
            "MONITOR_STORE__INDEX_PREFIX": prefix,
        }
        order = [away, {}] if number % 2 else [{}, away]
        rate = {bool(one): crawl_rate(saved, contents, articles, one) for one in order}
        engine.remove(prefix)
        if number > 0:
            rates.append((rate[True], rate[False]))
        name = f"crawl {number}" if number > 0 else "crawl, not counted"
        print(f"{name}: engine {rate[True]:.1f} pages/s, embedded {rate[False]:.1f} pages/s", flush=True)
    mine, theirs = (statistics.median(column) for column in zip(*rates, strict=True))
    return Row("crawl, pages/s (beside: embedded)", mine, theirs, mine / theirs, PIPELINE)


def crawl_rate(saved: Any, contents: Any, articles: int, settings: Mapping[str, str]) -> float:
    kept = dict(os.environ)
    for name in [name for name in kept if name.startswith("MONITOR_TEST_")]:
        del os.environ[name]  # they are the tests', not the program's
    os.environ.update({name: value for name, value in settings.items() if value})
    try:
        return pipeline.crawl(saved, contents, articles, "pages").rate
    finally:
        os.environ.clear()
        os.environ.update(kept)


# --- the run ---------------------------------------------------------------------------------------------------------


def taking_turns(
    ours: Sequence[Callable[[], object]], bare: Sequence[Callable[[], object]], share: float = 0.5
) -> tuple[float, float]:
    """Milliseconds at this share of all calls (0.5: the median). The first ones warm up and are asked again."""
    for one in (*ours[:5], *bare[:5]):
        one()
    times: tuple[list[float], list[float]] = ([], [])
    for number, pair in enumerate(zip(ours, bare, strict=True)):
        for which in ((0, 1), (1, 0))[number % 2]:  # what comes second finds its data in memory
            began = time.perf_counter()
            pair[which]()
            times[which].append((time.perf_counter() - began) * 1000)
    mine, theirs = (sorted(one)[int(len(one) * share)] for one in times)
    return mine, theirs


def engine_to_use(wanted: str) -> Engine | None:
    """The wanted one, or the first that there is; None, having said why, where there is none."""
    kinds = [wanted] if wanted else [kind for kind in PREFERRED if kind in KINDS]
    for kind in kinds:
        try:
            return running(kind)
        except pytest.skip.Exception as reason:
            print(f"left out: {reason}")
    return None


def run(engine: Engine, options: argparse.Namespace, folder: Path) -> list[Row]:
    prefixes = [f"b{uuid.uuid4().hex[:12]}" for _ in range(2)]
    sides = [
        Side(open_store(engine.settings(index_prefix=prefix, request_timeout=120), folder), Names(prefix))
        for prefix in prefixes
    ]
    try:
        return list(_rows(engine, options, *sides))
    finally:
        for side, prefix in zip(sides, prefixes, strict=True):
            side.store.close()
            engine.remove(prefix)


def _rows(engine: Engine, options: argparse.Namespace, large: Side, small: Side) -> Iterator[Row]:
    newsroom = Newsroom(options.seed)
    sample: list[Document] = []
    yield writing(large, small, newsroom, options.first, sample)
    early = list(sample)
    while newsroom.made < options.articles:
        documents = [newsroom.document() for _ in range(min(PORTION, options.articles - newsroom.made))]
        sample += documents[:: max(1, PORTION // 50)]
        write_ours(large, documents)
        if newsroom.made % (10 * PORTION) == 0:
            print(f"{newsroom.made:>8} articles", flush=True)
    mine, theirs = lookups(large, sample, options.questions)
    yield Row(f"look-up of {PROBES}, ms", mine, theirs, mine / theirs, LOOKUP, most=True)
    dice = random.Random(5)
    many = [probes(sample, dice) for _ in range(options.questions)]
    few = [probes(early, dice) for _ in range(options.questions)]
    grown, before = taking_turns(
        [lambda batch=batch: large.store.candidates(batch) for batch in many],
        [lambda batch=batch: small.store.candidates(batch) for batch in few],
    )
    name = f"look-up at {options.articles}, ms (beside: at {options.first})"
    yield Row(name, grown, before, grown / before, LOOKUP_GROWTH, most=True)
    mine, theirs = searches(large, sample, options.questions * 2)
    yield Row("search p95, ms", mine, theirs, mine / theirs, SEARCH, most=True)
    if options.pages:
        yield crawls(engine, options.pages, options.runs)


def report(engine: Engine, options: argparse.Namespace, rows: Sequence[Row]) -> int:
    print(f"\n{engine.kind}\n{'':<42}{'ours':>10}{'bare':>10}{'ratio':>8}{'bound':>9}")
    for row in rows:
        sign = "<=" if row.most else ">="
        verdict = "ok" if row.kept else "MISSED"
        print(f"{row.name:<42}{row.ours:>10.1f}{row.bare:>10.1f}{row.value:>8.2f}  {sign} {row.bound:<5}{verdict}")
    missed = [row.name for row in rows if not row.kept]
    values = {row.name: {"ours": row.ours, "bare": row.bare, "ratio": row.value, "bound": row.bound} for row in rows}
    print(json.dumps({"engine": engine.kind, "articles": options.articles, "rows": values, "missed": missed}))
    print(f"MISSED: {', '.join(missed)}" if missed else "OK: all bounds kept")
    return 1 if missed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=KINDS, default="", help="default: the first that there is")
    parser.add_argument("--first", type=int, default=30_000, help="articles that both write")
    parser.add_argument("--articles", type=int, default=300_000, help="articles at the end")
    parser.add_argument("--questions", type=int, default=100, help="look-ups; twice as many searches")
    parser.add_argument("--pages", type=int, default=824, help="of one crawl; 0 leaves the crawls out")
    parser.add_argument("--runs", type=int, default=3, help="crawls with each store")
    parser.add_argument("--folder", type=Path, default=os.environ.get("BENCH_DIR"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="a quick look")
    options = parser.parse_args()
    if options.small:
        options.first, options.articles, options.questions, options.pages, options.runs = 4_000, 8_000, 20, 206, 1
    if options.first <= PORTION:
        parser.error(f"--first: more than {PORTION}, which are not counted")
    logging.disable(logging.WARNING)
    engine = engine_to_use(options.engine)
    if engine is None:
        print("OK: nothing measured, there is no engine")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="bench-elastic-", dir=options.folder))
    try:
        return report(engine, options, run(engine, options, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
