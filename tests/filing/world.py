"""Articles that copy each other, put into a store as crawls would."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.analysis import analyse
from monitor.filing import Desk, file_batch
from monitor.records import Document, Hint, Outcome, Page, Status, UrlState
from monitor.store.port import Store

NOON = datetime(2024, 5, 16, 12, 0, tzinfo=UTC)
_SMALL = ["der", "die", "das", "und", "in", "von", "mit", "für", "auf", "bei", "nach", "aus", "um", "wird", "hat"]
_SYLLABLES = ["ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ra", "se", "ti", "wu", "bre", "stra", "gen", "dor"]


def report(number: int, sentences: int = 12) -> list[str]:
    """Sentences of a report of its own, of invented words: no two numbers share a run of words."""
    dice = random.Random(number)

    def word() -> str:
        return "".join(dice.choice(_SYLLABLES) for _ in range(dice.randint(2, 4)))

    made = []
    for _ in range(sentences):
        words = [dice.choice(_SMALL) if dice.random() < 0.35 else word() for _ in range(dice.randint(12, 20))]
        made.append(" ".join(words).capitalize() + ".")
    return made


def put(
    store: Store,
    name: str,
    text: str | Sequence[str],
    *,
    site: str = "",
    title: str = "",
    hours: float = 0,
    html: str = "",
    role: str = "article",
    **more: Any,
) -> str:
    """Into the inbox; the id, which is `name`."""
    site = site or f"blatt-{name}"
    at = NOON + timedelta(hours=hours)
    body = text if isinstance(text, str) else " ".join(text)
    page = Page(
        url=f"https://{site}.example/{name}",
        site=site,
        body=(html or body).encode(),
        fetched_at=at,
        kind="fragment" if html else "text",
        hint=Hint(title=title or f"Bericht {name}", published_at=at, **more),
        article_id=name,
        role=role,
    )
    made = analyse(page, min_words=5)
    store.settle([Outcome(UrlState(site, page.url, Status.STORED, article_id=name), made, "run")])
    return name


def filed(store: Store, desk: Desk | None = None, batch: int = 100) -> dict[str, Document]:
    """File what waits; all documents by id."""
    desk = desk or Desk()
    while file_batch(store, batch, "", desk).all:
        store.refresh()
    return {document.id: document for document in store.scan(roles=("article", "source", "reference"))}


def linked(text: Sequence[str], url: str, label: str = "Kaynak") -> str:
    """The HTML of an article with a labelled link to its source."""
    return "".join(f"<p>{sentence}</p>" for sentence in text) + f'<p><a href="{url}">{label}</a></p>'


def partition(documents: dict[str, Document]) -> set[frozenset[str]]:
    stories: dict[str, set[str]] = {}
    for document in documents.values():
        stories.setdefault(document.story, set()).add(document.id)
    return {frozenset(members) for members in stories.values()}
