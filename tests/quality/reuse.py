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

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from monitor.duplicates import fingerprint
from monitor.errors import MonitorError
from monitor.extract import extract
from monitor.records import Page
from tests.quality.republishing import Source, World, jittered
from tests.quality.reuse_scores import Scores, matched, partition, same_stories, score
from tests.quality.reuse_texts import own_sources

SEEDS = (1, 2, 3)
STRANGERS = (
    5  # shared hashes from which two pages are not taken for different reports: parts of one, or one in two places
)


def page_sources(folder: Path) -> list[Source]:
    """Texts of 150 to 800 words; longer ones are cut at a paragraph."""
    found: list[Source] = []
    seen: set[int] = set()
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
        hashes = set(fingerprint("", text).hashes)
        if len(text.split()) >= 150 and len(hashes & seen) < STRANGERS:
            seen |= hashes
            found.append(Source(article.title, text, entry.get("lang", "en")))
    return found


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


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pages", type=Path, nargs="?")
    parser.add_argument("--verbose", action="store_true", help="name wrong pairs")
    parser.add_argument("--seeds", type=int, nargs="*", default=SEEDS)
    options = parser.parse_args()
    sources = page_sources(options.pages) if options.pages else own_sources()
    print(f"{len(sources)} texts")
    failed: list[str] = []
    for seed in options.seeds:
        items = World(seed, sources).stream()
        straight = None
        for jitter in (0.0, 6.0, 24.0):
            arriving = jittered(items, jitter, seed) if jitter else items
            started = time.process_time()
            lookup = matched(arriving)
            seconds = time.process_time() - started
            scores = score(arriving, lookup)
            now = partition(lookup)
            straight = straight or now
            same = same_stories(straight, now)
            print(
                f"seed {seed} jitter {jitter:2.0f} h: {len(items)} articles, {len(items) / seconds:.0f}/s, pairs precision "
                f"{scores.precision:.4f} recall {scores.recall:.4f}, origin {scores.origin:.4f} late {scores.late_origin:.4f}, "
                + ", ".join(f"{name}: {value:.4f}" for name, value in scores.found.items())
                + f", false per 200 bulletins {200 * scores.false_per_bulletin:.2f}, merged right {scores.merged_right:.3f}, "
                f"same stories {same:.4f}"
            )
            failed += floors(scores, jitter)
            if jitter and same < 0.98:
                failed.append(f"same stories {same:.4f} is below 0.98 at {jitter} h")
            if options.verbose:
                for one, other in scores.wrong:
                    print(
                        f"   {one.id} {one.kind} {one.main} | {other.id} {other.kind} {other.main}: {other.title[:60]}"
                    )
    for line in failed:
        print(line)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
