"""Pair precision and recall over a labelled stream: `python tests/quality/stream.py ../shared/stream [--direct]`.

A stream is `wire.jsonl.gz` (records as `monitor import` takes them) and `pairs.jsonl` (a, b, label, weight). It goes
through `monitor import` and `monitor export` in a folder of its own, with --direct through the matcher alone. A pair
counts by its weight, and is joined when both articles end in one story. Exit code 1 below the floors.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.duplicates import Matcher, MemoryLookup, plain_document
from monitor.records import Document

MIN_PRECISION, MIN_RECALL = 0.97, 0.94
BATCH = 50

Stories = Callable[[str], str]  # article id -> story id


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float
    wrong: tuple[tuple[str, dict[str, Any]], ...] = ()


def document(record: dict[str, Any]) -> Document:
    """A record as the filer has it before it is matched."""
    return plain_document(
        record["id"],
        record["text"],
        title=record.get("title", ""),
        at=datetime.fromisoformat(record["published_at"]),
        site=record["site"],
        language=record.get("lang", ""),
    )


def through_matcher(records: Path) -> Stories:
    """Place the records batch by batch, without a store."""
    matcher, lookup = Matcher(), MemoryLookup()
    with gzip.open(records, "rt", encoding="utf-8") as lines:
        documents = [document(json.loads(line)) for line in lines]
    started = time.process_time()
    for at in range(0, len(documents), BATCH):
        lookup.file(matcher.place(lookup, documents[at : at + BATCH]))
    seconds = time.process_time() - started
    stories = lookup.all_stories()
    print(f"{len(documents)} articles, {len(stories)} stories, {len(documents) / seconds:.0f} articles/s matched")
    print("largest stories:", *sorted((story.copies for story in stories), reverse=True)[:10])
    by_id = {one.id: one.story for one in lookup.all()}
    return by_id.__getitem__


def through_import(records: Path) -> Stories:
    """The whole program on a store that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        for arguments in (["init"], ["import", str(records.resolve())]):
            subprocess.run([sys.executable, "-m", "monitor", *arguments], cwd=folder, check=True)
        print(f"imported in {time.perf_counter() - started:.0f} s")
        export = [sys.executable, "-m", "monitor", "export", "--format", "jsonl"]
        lines = subprocess.run(export, cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()
    by_id = {record["id"]: record["cluster_id"] for record in map(json.loads, lines)}
    print(f"{len(by_id)} articles, {len(set(by_id.values()))} stories")
    return by_id.__getitem__


def score(pairs: Iterable[dict[str, Any]], story: Stories) -> Score:
    true = false = missed = 0.0
    wrong = []
    for pair in pairs:
        joined, copy = story(pair["a"]) == story(pair["b"]), pair["label"] == "copy"
        weight = pair.get("weight", 1.0)
        true += weight * (joined and copy)
        false += weight * (joined and not copy)
        missed += weight * (copy and not joined)
        if joined != copy:
            wrong.append(("missed" if copy else "false", pair))
    return Score(true / (true + false or 1), true / (true + missed or 1), tuple(wrong))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--direct", action="store_true", help="through the matcher alone")
    options = parser.parse_args()
    folder: Path = options.folder
    pairs = [json.loads(line) for line in (folder / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    records = folder / "wire.jsonl.gz"
    result = score(pairs, through_matcher(records) if options.direct else through_import(records))
    for what, pair in result.wrong:
        print(f"{what:7}{pair['a']:>8}{pair['b']:>8}  weight {pair['weight']:<8}{pair['label']:10}{pair['reason']}")
    print(f"pair precision {result.precision:.3f} (floor {MIN_PRECISION}), recall {result.recall:.3f} ({MIN_RECALL})")
    return int(result.precision < MIN_PRECISION or result.recall < MIN_RECALL)


if __name__ == "__main__":
    sys.exit(main())
