"""Natural texts written for the project, to make reuse from."""

from __future__ import annotations

from pathlib import Path

import yaml

from monitor.duplicates import fingerprint
from tests.extract.making import fixture, fixtures
from tests.quality.republishing import Source

ROOT = Path(__file__).resolve().parents[2]
MIN_WORDS = 120
STRANGERS = 5  # shared hashes from which two of them are not taken for different reports


def own_sources() -> list[Source]:
    """The demo's articles, one of each report, and the pages written for extraction: eight languages and more."""
    found: list[Source] = []
    for path in sorted((ROOT / "monitor" / "demo" / "content").glob("*/*.md")):
        _, head, text = path.read_text(encoding="utf-8").split("---\n", 2)
        meta = yaml.safe_load(head)
        found.append(Source(str(meta.get("title", "")), text.strip(), str(meta.get("language", "en"))))
    for name in fixtures():
        _, expected = fixture(name)
        found.append(Source(expected["title"], "\n\n".join(expected["text"]), expected["lang"]))
    return strangers(found, MIN_WORDS)


def strangers(sources: list[Source], min_words: int) -> list[Source]:
    """Those long enough that share next to nothing with an earlier one."""
    kept: list[Source] = []
    seen: set[int] = set()
    for one in sources:
        hashes = set(fingerprint("", one.text).hashes)
        if len(one.text.split()) >= min_words and len(hashes & seen) < STRANGERS:
            seen |= hashes
            kept.append(one)
    return kept
