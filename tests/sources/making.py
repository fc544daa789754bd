"""Made-up articles and documents with credits. All papers, people and events are invented."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from monitor.records import Article, Document, Edge, Language, SourceLink
from monitor.sources import load_agencies, local_evidence
from tests.articles import NOW

PROSE = (
    "Der Stadtrat von Oderfeld hat den Bau einer neuen Brücke beschlossen. Sie soll in drei Jahren fertig sein und "
    "die alte Brücke aus dem Jahr 1911 ersetzen, die für schwere Wagen gesperrt ist. "
    "Die Kosten trägt zur Hälfte das Land."
)


def an_article(text: str = PROSE, **more: Any) -> Article:
    values = {
        "id": "a", "url": "https://bote.example/bruecke", "site": "bote", "title": "Oderfeld baut eine Brücke",
        "fetched_at": NOW, "words": len(text.split()),
    }  # fmt: skip
    return Article(text=text, **(values | more))


def a_document(id: str = "a", text: str = PROSE, *, language: str = "de", at: datetime = NOW, **more: Any) -> Document:
    """With its local evidence; story time `at`."""
    site = more.pop("site", f"site-{id}")
    article = an_article(text, id=id, site=site, url=more.pop("url", f"https://{site}.example/{id}"), **more)
    local = local_evidence(article, language, load_agencies())
    return Document(
        article=article,
        language=Language(language, 0.9, "text"),
        text_hash=f"hash-{id}",
        story="s",
        first_seen=at,
        story_time=at,
        last_seen=at,
        local_evidence=local.evidence,
        dispatches=local.dispatches,
    )


def hours(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def an_edge(article: str, other: str, containment: float, reverse: float, kind: str = "near") -> Edge:
    return Edge(article, other, kind, containment, reverse, longest_run=40)


def a_link(url: str, label: str = "Kaynak", how: str = "label") -> SourceLink:
    return SourceLink(url, label, how)
