"""Pages for the benchmarks: real ones where they lie beside the project, else generated ones of like size."""

from __future__ import annotations

import gzip
import json
import os
import random
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "da",
    "de",
    "di",
    "du",
    "fa",
    "ge",
    "gi",
    "ha",
    "ka",
    "ke",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "na",
    "ne",
    "no",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "si",
    "ta",
    "te",
    "ti",
    "to",
    "un",
    "ver",
    "zu",
]
_COMMON = [
    "der",
    "die",
    "das",
    "und",
    "in",
    "von",
    "mit",
    "ist",
    "im",
    "den",
    "auf",
    "für",
    "nicht",
    "ein",
    "eine",
    "als",
    "auch",
    "es",
    "an",
    "werden",
    "aus",
    "er",
    "hat",
    "dass",
    "sie",
    "nach",
    "wird",
    "bei",
]


@dataclass(frozen=True)
class Saved:
    """One page: its HTML, and a title for feeds."""

    html: bytes
    title: str
    language: str


def pages(limit: int = 206) -> tuple[str, list[Saved]]:
    """Where they are from ("real" or "generated"), and the pages."""
    folder = Path(os.environ.get("MONITOR_SHARED") or ROOT.parent / "shared") / "pages"
    if (folder / "manifest.jsonl").is_file():
        lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()[:limit]
        found = [json.loads(line) for line in lines]
        return "real", [
            Saved(gzip.decompress((folder / one["file"]).read_bytes()), one["title"], one["lang"]) for one in found
        ]
    rng = random.Random(7)
    return "generated", [_generated(rng, number) for number in range(limit)]


def _word(rng: random.Random) -> str:
    return (
        rng.choice(_COMMON)
        if rng.random() < 0.45
        else "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 4)))
    )


def _sentence(rng: random.Random) -> str:
    words = [_word(rng) for _ in range(rng.randint(8, 22))]
    return " ".join(words).capitalize() + "."


def _generated(rng: random.Random, number: int) -> Saved:
    title = _sentence(rng)[:80]
    body = "".join(
        f"<p>{' '.join(_sentence(rng) for _ in range(rng.randint(2, 5)))}</p>" for _ in range(rng.randint(6, 20))
    )
    menu = "".join(f'<li class="menu-item"><a href="/rubrik/{i}">{_word(rng)}</a></li>' for i in range(200))
    teasers = "".join(
        f'<div class="teaser"><a href="/a/{i}"><img src="/i/{i}.jpg" alt=""><h3>{_sentence(rng)}</h3></a></div>'
        for i in range(60)
    )
    script = "<script>" + "var d=" + json.dumps([_word(rng) for _ in range(8000)]) + "</script>"
    html = (
        f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{title} | Blatt</title>'
        f'<meta property="article:published_time" content="2024-05-{1 + number % 28:02}T10:00:00+02:00">{script}</head>'
        f"<body><nav><ul>{menu}</ul></nav><main><article><h1>{title}</h1>{body}</article></main><aside>{teasers}</aside></body></html>"
    )
    return Saved(html.encode(), title, "de")
