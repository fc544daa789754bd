"""Which pages an article names as its source: decided here for every store."""

from __future__ import annotations

from monitor.errors import FetchError
from monitor.records import Article, Document
from monitor.urls import article_id, normalise, same_host


def linked(article: Article) -> frozenset[str]:
    """Normalised addresses of its source links, and of its canonical link where that leads to another host.

    What is no web address is left out.
    """
    if not article.source_links and not article.canonical_url:
        return frozenset()
    named = [link.url for link in article.source_links]
    if article.canonical_url and not same_host(article.canonical_url, article.url):
        named.append(article.canonical_url)
    found = set()
    for url in named:
        try:
            found.add(normalise(url, article.url))
        except FetchError:
            continue
    return frozenset(found)


def addresses(document: Document) -> frozenset[str]:
    """Addresses of the article by which its id can't be told: of an import with an id of its own, of a twin."""
    found = {document.article.url, document.fetched_from} - {""}
    return frozenset(url for url in found if article_id(url) != document.id)
