"""Pages for the tests of extraction."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.records import Hint, Page

FETCHED = datetime(2026, 1, 1, tzinfo=UTC)
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "pages"
# Enough prose for an article, in sentences that no rule takes for anything else.
PROSE = (
    "The lighthouse keeper of Cape Merrow has retired after thirty-one winters on the rock, the harbour board said.",
    "She leaves behind a library of four hundred weather diaries, which the county museum will put on display in May.",
    "A solar lamp will take over her work, although two volunteers are to visit it once a month and clean the glass.",
)


def page(body: str | bytes, **fields: Any) -> Page:
    """A page of news.example that was fetched at the beginning of 2026."""
    given: dict[str, Any] = {"url": "https://news.example/a/story", "site": "news", "fetched_at": FETCHED, **fields}
    return Page(body=body if isinstance(body, bytes) else body.encode(), **given)


def html(body: str, head: str = "", lang: str = "en") -> str:
    return f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def story(before: str = "", after: str = "", head: str = "", title: str = "Keeper leaves Cape Merrow") -> str:
    """A plain article page with room before and after its three paragraphs."""
    prose = "".join(f"<p>{paragraph}</p>" for paragraph in PROSE)
    return html(f"<article><h1>{title}</h1>{before}<div class='article-body'>{prose}</div>{after}</article>", head)


def fragment(content: str, **hint: Any) -> Page:
    return page(content, kind="fragment", via="wordpress", hint=Hint(**hint))


def fixtures() -> list[str]:
    return sorted(path.stem for path in FIXTURES.glob("*.html"))


def fixture(name: str) -> tuple[bytes, dict[str, Any]]:
    """The page's bytes and what must come out of it."""
    expected: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return (FIXTURES / f"{name}.html").read_bytes(), expected
