"""Matching from the analysis to the committed edge and story, beside datasketch's MinHashLSH on the same stream.

    python tests/bench/duplicates.py [--stored 10000 300000] [--stream 4000] [--small] [--folder DIR]

A store is filled with articles of invented words (frequencies as a language's, 45 s apart), then a stream with 30 %
copies (15 to 100 % kept, words changed, titles changed) goes through the filer's batches: inbox, candidates, alignment,
stories, traces, one SQLite transaction each. The search index is left out. One core. Exit code 1 when a bound is
missed; the last line says so. datasketch (128 permutations, 5-word shingles) is compared where it is installed.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from store import Newsroom, changes

from monitor.duplicates import fingerprint
from monitor.filing import Desk, file_batch
from monitor.records import Analysis, Article, Document, Language, Outcome, Status, UrlState
from monitor.store.embedded import EmbeddedStore, open_store
from monitor.text import text_hash

RATE = 500.0  # articles/s on one core at the largest store
GROWTH = 1.5  # cost per article at the largest store against that at the smallest
BYTES = 2000.0  # of fingerprints per stored article
COPIES = 0.3
BATCH = 200
SPACING = timedelta(seconds=45)


@dataclass(frozen=True)
class Made:
    """A stream of analyses, and of each copy the id of its original."""

    analyses: list[Analysis]
    original: dict[str, str]


def analysis(id: str, title: str, text: str, site: str, language: str, at: datetime) -> Analysis:
    article = Article(id, f"https://{site}.example/{id}", site, title, text, at, published_at=at, words=text.count(" "))
    return Analysis(
        article, Language(language, 0.99, "text"), text_hash(title, text), fingerprint(title, text, language), run="b"
    )


def stream(newsroom: Newsroom, count: int, seed: int, start: datetime) -> Made:
    """Copies come up to 12 h after an original of the stream, so that both stand among everything stored."""
    dice = random.Random(seed)
    made: list[tuple[datetime, Analysis]] = []
    originals: list[Document] = []
    of: dict[str, str] = {}
    for number in range(count):
        if originals and dice.random() < COPIES:
            source = dice.choice(originals[-400:])
            at = source.story_time + timedelta(minutes=dice.randint(1, 700))
            title, text = copied(newsroom, source, dice)
            one = analysis(f"c{number}", title, text, f"site{dice.randrange(60):02d}", source.language.code, at)
            of[one.article.id] = source.id
        else:
            document = newsroom.document()
            at = start + number * SPACING
            article = document.article
            document = replace(document, article=replace(article, id=f"o{number}"), story_time=at)
            originals.append(document)
            one = analysis(f"o{number}", article.title, article.text, article.site, document.language.code, at)
        made.append((at, one))
    made.sort(key=lambda pair: (pair[0], pair[1].article.id))
    return Made([one for _, one in made], of)


def copied(newsroom: Newsroom, source: Document, dice: random.Random) -> tuple[str, str]:
    words = source.article.text.split(" ")
    kept = max(40, round(len(words) * dice.choice((0.15, 0.3, 0.5, 0.75, 1.0, 1.0))))
    start = dice.choice((0, 0, 0, max(0, (len(words) - kept) // 2)))
    words = words[start : start + kept]
    changed = dice.choice((0.0, 0.0, 0.05, 0.1))
    fresh = newsroom.text(source.language.code, len(words))
    words = [new if dice.random() < changed else old for old, new in zip(words, fresh, strict=True)]
    title = " ".join(newsroom.text(source.language.code, 8)) if dice.random() < 0.5 else source.article.title
    return title, " ".join(words)


def fill(store: EmbeddedStore, newsroom: Newsroom, count: int) -> None:
    """Stored articles with fingerprints as the analysis makes them; nothing is matched."""
    while newsroom.made < count:
        documents = []
        for _ in range(min(1000, count - newsroom.made)):
            document = newsroom.document()
            article = document.article
            documents.append(
                replace(document, fingerprint=fingerprint(article.title, article.text, document.language.code))
            )
        store.file(changes(documents))


def gather(store: EmbeddedStore, made: Made) -> None:
    outcomes = [
        Outcome(UrlState("b", one.article.url, Status.STORED, article_id=one.article.id), one, "b")
        for one in made.analyses
    ]
    for at in range(0, len(outcomes), 500):
        store.settle(outcomes[at : at + 500])


def file_all(store: EmbeddedStore, desk: Desk) -> float:
    """CPU seconds of filing what waits."""
    began = time.process_time()
    while file_batch(store, BATCH, "", desk).all:
        continue
    return time.process_time() - began


def judged(store: EmbeddedStore, made: Made) -> tuple[float, float]:
    """Recall of the copies (in the story of their original) and share of joined pairs that are wrong."""
    ids = [one.article.id for one in made.analyses]
    documents = store.documents(ids)
    found = sum(documents[copy].story == documents[source].story for copy, source in made.original.items())
    stories: dict[str, list[str]] = {}
    for id in ids:
        stories.setdefault(documents[id].story, []).append(made.original.get(id, id))
    pairs = wrong = 0
    for members in stories.values():
        joined = len(members) * (len(members) - 1) // 2
        right = sum(n * (n - 1) // 2 for n in (members.count(root) for root in set(members)))
        pairs, wrong = pairs + joined, wrong + joined - right
    return found / max(1, len(made.original)), wrong / max(1, pairs)


def fingerprint_bytes(store: EmbeddedStore) -> float:
    with store._database.reading() as connection:
        runs, articles = connection.execute(
            "SELECT (SELECT sum(length(data)) FROM fingerprints), (SELECT count(*) FROM articles)"
        ).fetchone()
    return float(runs or 0) / max(1, articles)


def memory() -> float:
    """MB at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- datasketch ------------------------------------------------------------------------------------------------------


def shingles(text: str) -> Iterator[bytes]:
    words = text.lower().split()
    for at in range(max(1, len(words) - 4)):
        yield " ".join(words[at : at + 5]).encode()


def minhash(made: Made, threshold: float) -> dict[str, float] | None:
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        return None
    before, began = memory(), time.process_time()
    index = MinHashLSH(threshold=threshold, num_perm=128)
    found, wrong, joined = 0, 0, 0
    for one in made.analyses:
        sketch = MinHash(num_perm=128)
        sketch.update_batch(list(shingles(one.article.text)))
        root = made.original.get(one.article.id, one.article.id)
        hits = index.query(sketch)
        roots = [made.original.get(hit, hit) for hit in hits]
        found += one.article.id in made.original and root in roots
        joined, wrong = joined + len(roots), wrong + sum(other != root for other in roots)
        index.insert(one.article.id, sketch)
    return {
        "recall": found / max(1, len(made.original)),
        "false": wrong / max(1, joined),
        "rate": len(made.analyses) / (time.process_time() - began),
        "memory": memory() - before,
    }


# --- the run ---------------------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", type=int, nargs="+", default=[10_000, 300_000])
    parser.add_argument("--stream", type=int, default=4_000, help="articles of one measured stream")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=os.environ.get("BENCH_DIR"))
    parser.add_argument("--small", action="store_true", help="a quick look")
    options = parser.parse_args()
    if options.small:
        options.stored, options.stream, options.runs = [1_000, 5_000], 1_000, 1
    logging.disable(logging.WARNING)
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        return _run(options, folder)
    finally:
        shutil.rmtree(folder)


def _run(options: argparse.Namespace, folder: Path) -> int:
    newsroom, store, desk = Newsroom(1), open_store(folder / "store"), Desk()
    rows, made = [], None
    for stored in sorted(options.stored):
        fill(store, newsroom, stored)
        size = fingerprint_bytes(store)
        rates, recalls, wrongs = [], [], []
        for run in range(options.runs):
            made = stream(newsroom, options.stream, 100 * stored + run, newsroom.document().story_time)
            named = {one.article.id: f"{stored}-{run}-{one.article.id}" for one in made.analyses}
            made = Made(
                [
                    replace(one, article=replace(one.article, id=named[one.article.id], url=f"{one.article.url}{run}"))
                    for one in made.analyses
                ],
                {named[copy]: named[source] for copy, source in made.original.items()},
            )
            gather(store, made)
            rates.append(len(made.analyses) / file_all(store, desk))
            recall, wrong = judged(store, made)
            recalls.append(recall)
            wrongs.append(wrong)
        row = {
            "stored": stored,
            "rate": statistics.median(rates),
            "recall": statistics.mean(recalls),
            "false": statistics.mean(wrongs),
            "bytes": size,
            "memory": memory(),
        }
        rows.append(row)
        print(
            f"{stored:>8} stored  {row['rate']:7.0f} articles/s  recall {row['recall']:.3f}  "
            f"false pairs {row['false']:.4f}  {size:5.0f} B of fingerprints each  {row['memory']:.0f} MB",
            flush=True,
        )
    assert made is not None
    sketches = {f"datasketch {limit}": minhash(made, limit) for limit in (0.5, 0.8)}
    return _report(rows, sketches)


def _report(rows: Sequence[dict[str, float]], sketches: dict[str, dict[str, float] | None]) -> int:
    print(f"\n{'':<18}{'recall':>8}{'false':>8}{'articles/s':>12}{'MB':>8}")
    last = rows[-1]
    print(f"{'monitor':<18}{last['recall']:8.3f}{last['false']:8.4f}{last['rate']:12.0f}{last['memory']:8.0f}")
    for name, found in sketches.items():
        if found is None:
            print(f"{name:<18}not installed, left out (pip install datasketch)")
        else:
            print(f"{name:<18}{found['recall']:8.3f}{found['false']:8.4f}{found['rate']:12.0f}{found['memory']:8.0f}")
    growth = rows[0]["rate"] / last["rate"]
    bounds = [
        (f"articles/s at {last['stored']:.0f}", last["rate"], last["rate"] >= RATE),
        ("growth of the cost", growth, growth <= GROWTH),
        ("bytes of fingerprints", last["bytes"], last["bytes"] <= BYTES),
    ]
    for name, value, good in bounds:
        print(f"{name:<32}{value:9.2f}  {'ok' if good else 'MISSED'}")
    missed = [name for name, _, good in bounds if not good]
    print(json.dumps({"rows": rows, "datasketch": sketches, "growth": growth}))
    print(f"MISSED: {', '.join(missed)}" if missed else "OK: all bounds kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
