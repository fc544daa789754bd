"""Made reuse over real texts: `python tests/quality/reuse.py [../shared/pages]`. Exit code 1 below a floor.

Originals of 150 to 800 words from a folder of pages (or the texts written for the project), with fixed seeds, in one
stream with bulletins, lone articles and leaking furniture; then the same stream arriving up to 6 h and 24 h off.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from monitor.errors import MonitorError
from monitor.extract import extract
from monitor.records import Page
from tests.quality.republishing import Source, World, jittered
from tests.quality.reuse_scores import Scores, matched, partition, same_stories, score
from tests.quality.reuse_texts import own_sources, strangers

SEEDS = (1, 2, 3)
SAME_STORIES = 0.98


def page_sources(folder: Path) -> list[Source]:
    """Texts of 150 to 800 words; longer ones are cut at a paragraph."""
    found: list[Source] = []
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        body = gzip.decompress((folder / entry["file"]).read_bytes())
        page = Page(
            f"https://{entry['site']}.example{entry['path']}", entry["site"], body, datetime(2024, 5, 13, tzinfo=UTC)
        )
        try:
            article = extract(page)
        except MonitorError:
            continue
        text = ""
        for paragraph in article.text.split("\n\n"):
            if len(f"{text} {paragraph}".split()) > 800:
                break
            text = f"{text}\n\n{paragraph}".strip()
        found.append(Source(article.title, text, entry.get("lang") or "en"))
    return strangers(found, 150)


def floors(scores: Scores, jitter: float) -> list[str]:
    """What is below its floor."""
    wanted = [("pair precision", scores.precision, 0.98 if jitter else 0.99)]
    if not jitter:
        wanted += [
            ("pair recall", scores.recall, 0.97),
            ("origin", scores.origin, 0.98),
            ("late origin", scores.late_origin, 0.95),
            ("found at 30 % and more", scores.found.get("30 % and more", 1.0), 0.99),
            ("found at 15 %", scores.found.get("15 %", 1.0), 0.97),
            ("bulletins apart", 1 - scores.false_per_bulletin, 1 - 1 / 200),
        ]
    return [f"{name} {value:.4f} is below {floor}" for name, value, floor in wanted if value < floor]


def run(seed: int, sources: list[Source], *, verbose: bool) -> list[str]:
    """One stream, three orders of arrival; what was below its floor."""
    items = World(seed, sources).stream()
    straight: dict[str, str] = {}
    failed: list[str] = []
    for jitter in (0.0, 6.0, 24.0):
        arriving = jittered(items, jitter, seed) if jitter else items
        started = time.process_time()
        lookup = matched(arriving)
        seconds = time.process_time() - started
        scores = score(arriving, lookup)
        straight = straight or partition(lookup)
        same = same_stories(straight, partition(lookup))
        print(f"seed {seed}, arriving up to {jitter:.0f} h off: {len(items)} articles, {len(items) / seconds:.0f}/s")
        print(f"   pair precision {scores.precision:.4f}, recall {scores.recall:.4f}, same stories {same:.4f}")
        print(f"   origin {scores.origin:.4f}, arrived late {scores.late_origin:.4f}, merged {scores.merged_right:.4f}")
        print("   found: " + ", ".join(f"{name} {value:.4f}" for name, value in scores.found.items()))
        print(f"   false pairs per 200 bulletins {200 * scores.false_per_bulletin:.2f}")
        below = floors(scores, jitter)
        if same < SAME_STORIES:
            below.append(f"same stories {same:.4f} is below {SAME_STORIES}")
        failed += [f"seed {seed}, {jitter:.0f} h: {line}" for line in below]
        for one, other in scores.wrong if verbose else ():
            print(f"   {one.id} {one.kind} of {one.main} with {other.id} {other.kind} of {other.main}: {other.title}")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pages", type=Path, nargs="?", help="folder of pages; else texts written for the project")
    parser.add_argument("--verbose", action="store_true", help="name wrong pairs")
    parser.add_argument("--seeds", type=int, nargs="*", default=SEEDS)
    options = parser.parse_args()
    sources = page_sources(options.pages) if options.pages else own_sources()
    print(f"{len(sources)} texts")
    failed = [line for seed in options.seeds for line in run(seed, sources, verbose=options.verbose)]
    print("\n".join(failed) or "all floors kept")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
