"""Writing and searching 10,000 and 200,000 articles, beside bare tantivy with the same ones in the same run.

    python tests/bench/store.py [--small] [--articles N] [--folder DIR] [--seed N]

Writing goes through `file` in batches of 200, the search index included: projected every 2,000 articles as the filer
does, its merging waited for. Searching goes through `search`: 20 documents loaded and highlighted. Exit code 1 when
a bound is missed; the last line says so.
"""

from __future__ import annotations

import argparse
import gc
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy
import tantivy

from monitor.query import Bool, Node, Phrase, Range, Term
from monitor.records import Article, Changes, Document, Fingerprint, Language, Revision, Story
from monitor.store.embedded import EmbeddedStore, open_store
from monitor.store.port import SearchRequest
from monitor.text import digest, text_hash

SEARCH_P95 = 25.0  # ms at the end, through the adapter: what still feels immediate
WRITING = 400.0  # articles/s over the whole run: nine crawls at the speed of page crawling
GROWTH = 1.5  # cost of the last 10,000 against that of the first: no scan may hide in it
STEP = 10_000
BATCH = 200
PROJECT_EVERY = 2_000
QUERIES = 60  # of each kind
RUNS = 3
FUNCTION_WORDS = 20  # "the", "of", "and", ...
START = datetime(2024, 1, 1, tzinfo=UTC)
SYLLABLES = {
    "de": "ber lin gen schaft ung mün chen straß häu ser vor stand ver trag ge richt kom mu nal wah len ös ter reich",
    "en": "the lon don gov ern ment re port ing coun cil min is ter elec tion trade mar ket sta tion wa ter ship",
    "tr": "is tan bul ışık lar cum hur baş kan ı seç im şeh ir gün dem hü kü met eği tim çalış ma yıl dı rım",
}
WORDS = 30_000  # of one language
ZIPF = 1.07  # exponent measured on news text


class Newsroom:
    """Makes articles of invented words whose frequencies fall as those of a language do."""

    def __init__(self, seed: int) -> None:
        self.random = numpy.random.default_rng(seed)
        self.words = {language: self._vocabulary(text.split()) for language, text in SYLLABLES.items()}
        weights = 1.0 / numpy.arange(1, WORDS + 1) ** ZIPF
        self.cumulated = numpy.cumsum(weights / weights.sum())
        self.made = 0

    def _vocabulary(self, syllables: Sequence[str]) -> list[str]:
        words: dict[str, None] = {}
        while len(words) < WORDS:
            picked = self.random.integers(0, len(syllables), int(self.random.integers(2, 5)))
            words["".join(syllables[number] for number in picked)] = None
        return list(words)

    def text(self, language: str, count: int) -> list[str]:
        ranks = numpy.searchsorted(self.cumulated, self.random.random(count))
        vocabulary = self.words[language]
        return [vocabulary[min(rank, WORDS - 1)] for rank in ranks.tolist()]

    def document(self) -> Document:
        number = self.made
        self.made += 1
        language = ("de", "en", "tr")[number % 3]
        site = f"site{int(self.random.integers(0, 60)):02d}"
        at = START + timedelta(seconds=45 * number + int(self.random.integers(0, 40)))
        words = self.text(language, int(self.random.integers(200, 501)))
        title, text = " ".join(self.text(language, 9)).capitalize(), _written(words)
        article = Article(
            id=digest("article", str(number)),
            url=f"https://{site}.example/{at:%Y/%m/%d}/{words[0]}-{words[1]}-{number}",
            site=site,
            title=title,
            text=text,
            fetched_at=at,
            authors=(f"{words[2].capitalize()} {words[3].capitalize()}",),
            published_at=at - timedelta(minutes=5),
            words=len(words),
        )
        hashes = self.random.integers(0, 2**64, 90, dtype=numpy.uint64)
        return Document(
            article=article,
            language=Language(language, 0.99, "text"),
            text_hash=text_hash(title, text),
            story=digest("story", article.id),
            first_seen=at,
            story_time=at - timedelta(minutes=5),
            last_seen=at,
            fingerprint=Fingerprint(digest(text), tuple(hashes.tolist())),
        )


def _written(words: Sequence[str]) -> str:
    """Sentences of 14 words, paragraphs of four sentences."""
    sentences = [" ".join(words[at : at + 14]).capitalize() + "." for at in range(0, len(words), 14)]
    return "\n\n".join(" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4))


def changes(documents: Sequence[Document]) -> Changes:
    return Changes(
        revisions=tuple(
            Revision(d.id, 1, d.article.title, d.article.text, d.text_hash, d.article.fetched_at) for d in documents
        ),
        documents=tuple(documents),
        stories=tuple(Story(d.story, d.id, 1, d.story_time, d.story_time, (d.article.site,)) for d in documents),
    )


@dataclass(frozen=True)
class Question:
    kind: str
    node: Node
    words: tuple[str, ...]
    since: datetime | None = None

    def request(self) -> SearchRequest:
        if self.kind == "boolean":
            return SearchRequest(self.node, sort="newest", facets=("site", "lang", "day"))
        return SearchRequest(self.node)


def questions(newsroom: Newsroom, documents: Sequence[Document]) -> list[Question]:
    """Words taken from articles, so that common ones are asked often.

    A phrase has one word that is not among the most frequent: nobody quotes "of the" alone, and bare tantivy itself
    needs 10 to 25 ms for such a pair in 200,000 articles.
    """
    asked = []
    for number in range(QUERIES):
        document = documents[number * len(documents) // QUERIES]
        words = document.article.text.replace(".", "").split()
        function_words = set(newsroom.words[document.language.code][:FUNCTION_WORDS])
        at = int(newsroom.random.integers(0, len(words) - 3))
        while {word.lower() for word in words[at : at + 2]} <= function_words:
            at = int(newsroom.random.integers(0, len(words) - 3))
        one, two, three = words[at : at + 3]
        since = document.story_time - timedelta(days=30)
        asked.append(Question("term", Term(None, one), (one,)))
        asked.append(Question("phrase", Phrase(None, f"{one} {two}"), (one, two)))
        clauses = Bool(should=(Term(None, one), Bool(must=(Term(None, two), Term(None, three)))))
        node = Bool(must=(clauses, Range("published", since, None)), must_not=(Term("site", "site07"),))
        asked.append(Question("boolean", node, (one, two, three), since))
    return asked


class Bare:
    """tantivy alone: default tokenizer, no stored text, nothing loaded, nothing highlighted."""

    def __init__(self, folder: Path) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_text_field("title")
        builder.add_text_field("text")
        for name in ("site", "lang"):
            builder.add_text_field(name, tokenizer_name="raw", fast=True)
        for name in ("published", "day"):
            builder.add_integer_field(name, fast=True)
        self.schema = builder.build()
        folder.mkdir()
        self.index = tantivy.Index(self.schema, str(folder))
        self.writer = self.index.writer(64_000_000, 1)

    def write(self, documents: Sequence[Document]) -> None:
        for document in documents:
            entry = tantivy.Document()
            article, at = document.article, int(document.story_time.timestamp())
            entry.add_text("id", article.id)
            entry.add_text("title", article.title)
            entry.add_text("text", article.text)
            entry.add_text("site", article.site)
            entry.add_text("lang", document.language.code)
            entry.add_integer("published", at)
            entry.add_integer("day", at // 86_400)
            self.writer.add_document(entry)

    def commit(self) -> None:
        self.writer.commit()

    def rest(self) -> None:
        self.writer.wait_merging_threads()
        self.writer = self.index.writer(64_000_000, 1)
        self.index.reload()

    def word(self, word: str) -> tantivy.Query:
        names = ("title", "text")
        either = [(tantivy.Occur.Should, tantivy.Query.term_query(self.schema, name, word.lower())) for name in names]
        return tantivy.Query.boolean_query(either)

    def search(self, question: Question) -> None:
        searcher, words = self.index.searcher(), question.words
        must, should, without = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
        both = tantivy.Query.boolean_query
        if question.kind == "term":
            query = self.word(words[0])
        elif question.kind == "phrase":
            query = tantivy.Query.phrase_query(self.schema, "text", [word.lower() for word in words])
        else:
            assert question.since is not None
            either = both([(should, self.word(words[0])), (should, both([(must, self.word(w)) for w in words[1:]]))])
            since = int(question.since.timestamp())
            dates = tantivy.Query.range_query(self.schema, "published", tantivy.FieldType.Integer, since, 2**62)
            site = tantivy.Query.term_query(self.schema, "site", "site07")
            query = both([(must, either), (must, dates), (without, site)])
            terms = {name: {"terms": {"field": name, "size": 1000}} for name in ("site", "lang", "day")}
            searcher.aggregate(query, terms)
        found = searcher.search(query, 20)
        for _, place in found.hits:
            searcher.doc(place)


def timed(work: Iterator[None]) -> list[float]:
    """Milliseconds of each step."""
    times = []
    while True:
        began = time.perf_counter()
        if next(work, "end") == "end":
            return times
        times.append((time.perf_counter() - began) * 1000)


def search_times(store: EmbeddedStore, bare: Bare, asked: Sequence[Question]) -> dict[str, dict[str, float]]:
    """p50 and p95 by kind, each the median of three runs; the bare index's beside."""
    kinds = ("term", "phrase", "boolean")
    gc.collect()
    gc.freeze()  # the made-up articles are this program's burden, not the store's
    runs: dict[str, list[tuple[float, float]]] = {f"{who} {kind}": [] for who in ("store", "bare") for kind in kinds}
    for _ in range(RUNS):
        for kind in kinds:
            chosen = [question for question in asked if question.kind == kind]
            ours = timed(None for question in chosen if store.search(question.request()) is not None)
            theirs = timed(None for question in chosen if bare.search(question) is None)
            for who, times in (("store", ours), ("bare", theirs)):
                ordered = sorted(times)
                runs[f"{who} {kind}"].append((statistics.median(ordered), ordered[int(len(ordered) * 0.95)]))
    return {
        name: {"p50": statistics.median(r[0] for r in found), "p95": statistics.median(r[1] for r in found)}
        for name, found in runs.items()
    }


def write(store: EmbeddedStore, documents: Sequence[Document]) -> float:
    """Seconds for one projection's worth of batches."""
    began = time.perf_counter()
    for at in range(0, len(documents), BATCH):
        store.file(changes(documents[at : at + BATCH]))
    store.refresh()
    return time.perf_counter() - began


def finish(store: EmbeddedStore | Bare) -> float:
    """Seconds that the index still needs to merge."""
    began = time.perf_counter()
    store.rest()
    return time.perf_counter() - began


def write_bare(bare: Bare, documents: Sequence[Document]) -> float:
    began = time.perf_counter()
    bare.write(documents)
    bare.commit()
    return time.perf_counter() - began


def write_all(stores: Sequence[EmbeddedStore], bare: Bare, documents: Sequence[Document]) -> list[float]:
    """Seconds of each store and of the bare index, taking turns: what else the machine does meets them alike."""
    spent = [0.0] * (len(stores) + 1)
    for at in range(0, len(documents), PROJECT_EVERY):
        portion = documents[at : at + PROJECT_EVERY]
        for number, store in enumerate(stores):
            spent[number] += write(store, portion)
        spent[-1] += write_bare(bare, portion)
    for number, one in enumerate((*stores, bare)):
        spent[number] += finish(one)
    return spent


def run(folder: Path, articles: int, step: int, seed: int) -> dict[str, object]:
    newsroom = Newsroom(seed)
    store, bare, fresh = open_store(folder / "store"), Bare(folder / "bare"), open_store(folder / "fresh")
    searched: dict[str, dict[str, dict[str, float]]] = {}
    sample: list[Document] = []
    total = bare_total = growth = 0.0
    for done in range(step, articles + 1, step):
        documents = [newsroom.document() for _ in range(step)]
        sample += documents[:: max(1, step // 200)]
        # The last step goes into an empty store as well: the cost of the first articles, under the same conditions.
        stores = [store, fresh] if done == articles else [store]
        seconds, *others, bare_seconds = write_all(stores, bare, documents)
        total, bare_total = total + seconds, bare_total + bare_seconds
        growth = seconds / others[0] if others else growth
        print(f"{done:>8} articles   store {step / seconds:7.0f}/s   bare {step / bare_seconds:7.0f}/s", flush=True)
        if done in (step, articles):
            searched[str(done)] = search_times(store, bare, questions(newsroom, sample))
    store.close()
    fresh.close()
    return {
        "articles": articles,
        "writing_per_second": articles / total,
        "bare_writing_per_second": articles / bare_total,
        "growth": growth,
        "bytes_per_article": {
            "database": sum(f.stat().st_size for f in (folder / "store").glob("monitor.db*")) / articles,
            "index": sum(f.stat().st_size for f in (folder / "store" / "index").rglob("*") if f.is_file()) / articles,
        },
        "search_ms": searched,
    }


def verdict(result: dict[str, object], articles: int) -> list[str]:
    """What was missed."""
    searched = result["search_ms"]
    assert isinstance(searched, dict)
    missed = [
        f"{name.removeprefix('store ')} search p95 {times['p95']:.1f} ms, at most {SEARCH_P95:.0f}"
        for name, times in searched[str(articles)].items()
        if name.startswith("store") and times["p95"] >= SEARCH_P95
    ]
    if float(str(result["writing_per_second"])) < WRITING:
        missed.append(f"writing {result['writing_per_second']:.0f} articles/s, at least {WRITING:.0f}")
    if float(str(result["growth"])) > GROWTH:
        missed.append(f"cost per article grew {result['growth']:.2f} times, at most {GROWTH}")
    return missed


def show(result: dict[str, object]) -> None:
    searched = result["search_ms"]
    assert isinstance(searched, dict)
    print(f"\n{'search, ms':<18}" + "".join(f"{count:>10} p50{'p95':>8}" for count in searched))
    for name in next(iter(searched.values())):
        cells = "".join(f"{times[name]['p50']:>14.2f}{times[name]['p95']:>8.2f}" for times in searched.values())
        print(f"{name:<18}{cells}")
    print(
        f"\nwriting {result['writing_per_second']:.0f}/s (bare tantivy {result['bare_writing_per_second']:.0f}/s), "
        f"the last {STEP} cost {result['growth']:.2f} times what they cost an empty store"
    )
    print(json.dumps(result))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--small", action="store_true", help="4,000 articles: a try-out")
    arguments.add_argument("--articles", type=int, default=200_000)
    arguments.add_argument("--folder", type=Path, help="on the disk to be measured; default: a temporary one")
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    articles, step = (4_000, 2_000) if asked.small else (asked.articles, STEP)
    folder = Path(tempfile.mkdtemp(prefix="bench-store-", dir=asked.folder))
    try:
        result = run(folder, articles, step, asked.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(result)
    missed = verdict(result, articles)
    print(f"MISSED: {'; '.join(missed)}" if missed else "OK: every bound is kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
