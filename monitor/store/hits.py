"""What is shown of a document that answers a query."""

from __future__ import annotations

from monitor.records import Document
from monitor.store.marking import Marker
from monitor.store.passages import passages
from monitor.store.port import Hit


def hit(document: Document, score: float, marker: Marker | None, copies: int = 1) -> Hit:
    """The hit with its passages and marks; without them when there is no marker."""
    if marker is None:
        return Hit(document, score, copies=copies)
    article, language = document.article, document.language.code
    return Hit(
        document,
        score,
        passages(article.text, marker.marks(article.text, "text", language)),
        tuple(marker.marks(article.title, "title", language)),
        copies,
    )
