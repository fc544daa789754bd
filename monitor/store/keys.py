"""Keys by which a repeated write is known."""

from __future__ import annotations

from monitor.records import Analysis
from monitor.text import digest


def inbox_key(analysis: Analysis) -> str:
    """The same for a repeated `settle`; another for another fetch, even of the same text (it is counted again)."""
    article = analysis.article
    return digest(article.id, analysis.text_hash, analysis.run, article.fetched_at.isoformat())
