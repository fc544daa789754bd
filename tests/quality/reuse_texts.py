"""Natural texts written for the project, to make reuse from."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.quality.republishing import Source

ROOT = Path(__file__).resolve().parents[2]
MIN_WORDS = 80


def own_sources() -> list[Source]:
    """The demo's articles, one of each report, and the pages written for extraction."""
    found: list[Source] = []
    for path in sorted((ROOT / "monitor" / "demo" / "content").glob("*/*.md")):
        _, head, text = path.read_text(encoding="utf-8").split("---\n", 2)
        meta = yaml.safe_load(head)
        if isinstance(meta, dict) and len(text.split()) >= MIN_WORDS and "copy_of" not in meta:
            found.append(Source(str(meta.get("title", "")), text.strip(), str(meta.get("language", "en"))))
    return found
