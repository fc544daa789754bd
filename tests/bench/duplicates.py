"""From analysis to edge and story, with 10,000 and with 300,000 stored articles, a third of what arrives being copies.

    python tests/bench/duplicates.py [--store memory|embedded] [--small] [--articles N] [--folder DIR] [--no-datasketch]

Texts are drawn from a vocabulary with natural frequencies, 150 to 650 words; copies keep 30 to 100 % of an original of
the last two days and change up to a tenth of its words. The analysis (fingerprint included) is prepared beforehand;
what is timed is matching, alignment and, with a store, reading and committing, on one core. Exit code 1 when a bound is
missed.
The table compares with MinHashLSH of datasketch on the same articles, where that is installed.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import random
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from monitor.duplicates import Lookup, Matcher, MemoryLookup, Placed, fingerprint, plain_document
from monitor.records import Changes, Document, Revision, Story

MOST_GROWTH = 1.5  # cost per article at the larger size against the smaller
LEAST_SPEED = 500  # articles/s at the larger size
MOST_BYTES = 2000  # of fingerprints per article
COPIES = 0.3
BATCH = 50
FILL_BATCH = 500
WARM = 6000  # stored articles that are matched, so that what is learnt of the sites is there when timing begins
PER_DAY = 16_000  # articles: 300,000 are 19 days
START = datetime(2024, 5, 1, tzinfo=UTC)
SITES = 200
SYLLABLES = ["ba", "ne", "ri", "so", "ta", "ul", "ver", "mo", "ken", "dar", "li", "sch", "ei", "gan", "fü", "stö", "al"]


@dataclass(frozen=True, slots=True)
class Made:
    document: Document
    original: str  # id of what it is a copy of; its own otherwise


class Texts:
    """Articles in order of time, always the same ones for a seed."""

    def __init__(self, seed: int) -> None:
        self._rng, self._draw = random.Random(seed), np.random.default_rng(seed)
        self._words = np.array([self._word() for _ in range(40_000)])
        weights = 1 / np.arange(10, 40_010)
        self._cumulated = np.cumsum(weights / weights.sum())
        self._recent: list[tuple[str, str, str]] = []
        self._count = 0

    def _word(self) -> str:
        return "".join(self._rng.choices(SYLLABLES, k=self._rng.choice([1, 2, 2, 3, 3, 4])))

    def words(self, count: int) -> list[str]:
        return list(self._words[np.searchsorted(self._cumulated, self._draw.random(count))])

    def make(self, count: int) -> Iterator[Made]:
        for _ in range(count):
            yield self._copy() if self._recent and self._rng.random() < COPIES else self._original()

    def _original(self) -> Made:
        text = _in_paragraphs(self.words(self._rng.randrange(150, 650)))
        title = " ".join(self.words(8))
        document = self._document(title, text)
        self._recent.append((document.id, title, text))
        del self._recent[: -2 * PER_DAY]
        return Made(document, document.id)

    def _copy(self) -> Made:
        rng = self._rng
        id, title, text = self._recent[-1 - int(rng.random() ** 2 * len(self._recent))]
        words = text.split()
        kept = max(60, int(len(words) * rng.uniform(0.3, 1.0)))
        start = rng.randrange(len(words) - kept + 1) if kept < len(words) else 0
        words = words[start : start + kept]
        for at, word in zip(rng.sample(range(kept), k=int(kept * rng.uniform(0, 0.1))), self.words(kept), strict=False):
            words[at] = word
        if rng.random() < 0.3:
            words = self.words(25) + words
        return Made(self._document(title if rng.random() < 0.5 else " ".join(self.words(8)), _in_paragraphs(words)), id)

    def _document(self, title: str, text: str) -> Document:
        self._count += 1
        at = START + timedelta(days=self._count / PER_DAY)
        id, site = f"a{self._count:07}", f"site{self._rng.randrange(SITES)}.example"
        return plain_document(id, text, title=title, at=at, site=site, language="de", url=f"https://{site}/{id}")


def _in_paragraphs(words: Sequence[str]) -> str:
    return "\n\n".join(" ".join(words[at : at + 60]) for at in range(0, len(words), 60))


class Target(Protocol):
    """Where what was placed is kept."""

    lookup: Lookup

    def file(self, placed: Placed) -> None: ...

    def fingerprint_bytes(self) -> int | None:
        """Of all articles; None where it isn't known."""
        ...


class InMemory:
    """No storage at all: the cost of matching alone."""

    def __init__(self) -> None:
        self._memory = MemoryLookup()
        self.lookup: Lookup = self._memory

    def file(self, placed: Placed) -> None:
        self._memory.file(placed)

    def fingerprint_bytes(self) -> int | None:
        return None


class InStore:
    """Any store of the port, committed batch by batch."""

    def __init__(self, store: Any, folder: Path) -> None:
        self._store, self._folder = store, folder
        self.lookup: Lookup = store

    def file(self, placed: Placed) -> None:
        self._store.file(
            Changes(
                revisions=tuple(_revision(document) for document in placed.documents),
                documents=placed.documents,
                edges=placed.edges,
                stories=placed.stories,
                furniture=placed.furniture,
            )
        )

    def fingerprint_bytes(self) -> int | None:
        import sqlite3

        total = 0
        for path in self._folder.rglob("*.sqlite*"):
            if path.suffix in (".sqlite", ".sqlite3"):
                with sqlite3.connect(path) as connection:
                    (size,) = connection.execute("SELECT coalesce(sum(length(data)), 0) FROM fingerprints").fetchone()
                    total += int(size)
        return total or None


def _revision(document: Document) -> Revision:
    article = document.article
    return Revision(document.id, document.revision, article.title, article.text, document.text_hash, article.fetched_at)


def fill(target: Target, matcher: Matcher, texts: Texts, count: int) -> None:
    """Store articles: most without matching them, each a story of its own; the last WARM ones are matched."""
    done = 0
    while done < count:
        cold = count - done > WARM
        made = [one.document for one in texts.make(min(count - done, FILL_BATCH if cold else BATCH))]
        if cold:
            target.file(Placed(documents=tuple(made), stories=tuple(_alone(document) for document in made)))
        else:
            target.file(matcher.place(target.lookup, made))
        done += len(made)


def _alone(document: Document) -> Story:
    at = document.story_time
    return Story(document.story, document.id, 1, at, at, (document.article.site,), title=document.article.title)


def measure(target: Target, matcher: Matcher, made: Sequence[Made]) -> tuple[float, list[float]]:
    """Milliseconds of processor time per article, in the mean and by batch."""
    spent = []
    gc.collect()
    gc.freeze()
    for at in range(0, len(made), BATCH):
        documents = [one.document for one in made[at : at + BATCH]]
        started = time.process_time()
        target.file(matcher.place(target.lookup, documents))
        spent.append((time.process_time() - started) * 1000 / len(documents))
    gc.unfreeze()
    return statistics.fmean(spent), spent


def found(target: Target, made: Sequence[Made]) -> tuple[float, int]:
    """Share of the copies in their original's story; articles in a story with a stranger."""
    ids = {one.document.id for one in made} | {one.original for one in made}
    stories = {id: document.story for id, document in target.lookup.documents(ids).items()}
    copies = [one for one in made if one.original != one.document.id]
    hits = sum(stories[one.document.id] == stories[one.original] for one in copies)
    by_story: dict[str, set[str]] = {}
    for one in made:
        by_story.setdefault(stories[one.document.id], set()).add(one.original)
    return hits / len(copies), sum(len(originals) - 1 for originals in by_story.values())


def lsh_row(made: Sequence[Made], threshold: float) -> tuple[str, float, int, float, float]:
    """(name, recall, false merges, articles/s, MB) of datasketch: 5-word shingles, 128 permutations."""
    from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]

    tracemalloc.start()
    started = time.process_time()
    lsh = MinHashLSH(threshold=threshold, num_perm=128)
    group: dict[str, str] = {}
    for one in made:
        words = one.document.article.text.lower().split()
        sketch = MinHash(num_perm=128)
        sketch.update_batch([" ".join(words[at : at + 5]).encode() for at in range(max(1, len(words) - 4))])
        matches = sorted(lsh.query(sketch))
        group[one.document.id] = group[matches[0]] if matches else one.document.id
        lsh.insert(one.document.id, sketch)
    seconds = time.process_time() - started
    memory = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    inside = [one for one in made if one.original in group and one.original != one.document.id]
    recall = sum(group[one.document.id] == group[one.original] for one in inside) / len(inside)
    by_group: dict[str, set[str]] = {}
    for one in made:
        by_group.setdefault(group[one.document.id], set()).add(one.original)
    false = sum(len(originals) - 1 for originals in by_group.values())
    return f"MinHashLSH {threshold}", recall, false, len(made) / seconds, memory


def own_row(made: Sequence[Made]) -> tuple[str, float, int, float, float]:
    """The same of ours, in memory."""
    target = InMemory()
    tracemalloc.start()
    started = time.process_time()
    matcher = Matcher()
    for at in range(0, len(made), BATCH):
        documents = [one.document for one in made[at : at + BATCH]]
        for document in documents:
            fingerprint(document.article.title, document.article.text, "de")  # theirs is made in the run as well
        target.file(matcher.place(target.lookup, documents))
    seconds = time.process_time() - started
    memory = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    ids = {one.document.id for one in made}
    recall, false = found(target, [one for one in made if one.original in ids])
    return "this", recall, false, len(made) / seconds, memory


def opened(kind: str, folder: Path) -> Target:
    if kind == "memory":
        return InMemory()
    from monitor.store.embedded import open_store

    return InStore(open_store(folder), folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--store", choices=("memory", "embedded"), default="memory")
    parser.add_argument("--small", action="store_true", help="8,000 and 24,000 stored articles; bounds are not judged")
    parser.add_argument("--articles", type=int, default=4000, help="that arrive and are timed")
    parser.add_argument("--sizes", type=int, nargs=2, default=(10_000, 300_000))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--no-datasketch", action="store_true")
    options = parser.parse_args()
    sizes = (8000, 24_000) if options.small else tuple(options.sizes)
    costs, missed = [], []
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            target, matcher, texts = opened(options.store, Path(folder)), Matcher(), Texts(seed=7)
            fill(target, matcher, texts, size)
            made = list(texts.make(options.articles))
            cost, batches = measure(target, matcher, made)
            recall, false = found(target, made)
            costs.append(cost)
            slow = statistics.quantiles(batches, n=20)[-1]
            print(f"{size:>7} stored: {cost:.2f} ms/article ({1000 / cost:.0f}/s), slowest twentieth {slow:.2f} ms")
            print(f"        copies found {recall:.4f}, strangers merged {false}")
            used = target.fingerprint_bytes()
            if used is not None:
                each = used / (size + len(made))
                print(f"        fingerprints {each:.0f} bytes per article")
                missed += [f"{each:.0f} bytes per article"] if each > MOST_BYTES else []
    growth = costs[1] / costs[0]
    print(f"growth {growth:.2f} (at most {MOST_GROWTH}), {1000 / costs[1]:.0f} articles/s (at least {LEAST_SPEED})")
    missed += [f"growth {growth:.2f}"] if growth > MOST_GROWTH else []
    missed += [f"{1000 / costs[1]:.0f} articles/s"] if 1000 / costs[1] < LEAST_SPEED else []
    if not options.no_datasketch and importlib.util.find_spec("datasketch"):
        print(
            f"{'':16}{'recall':>8}{'false':>7}{'art./s':>8}{'MB':>8}   (5,000 articles, memory traced: all are slower)"
        )
        made = list(Texts(seed=8).make(5000))
        for name, recall, false, speed, memory in (own_row(made), lsh_row(made, 0.5), lsh_row(made, 0.8)):
            print(f"{name:16}{recall:8.3f}{false:7}{speed:8.0f}{memory:8.0f}")
    print("missed: " + ", ".join(missed) if missed else "all bounds kept")
    return int(bool(missed) and not options.small)


if __name__ == "__main__":
    sys.exit(main())
