"""Which links of an article lead to where its text came from, and are to be followed once."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from monitor.errors import FetchError
from monitor.records import Article, UrlState
from monitor.sites import Site, origins_of
from monitor.urls import normalise, same_host

MOST = 3  # of one article; on 206 real pages none has more than one beside its canonical address
_HOW = frozenset({"label", "canonical", "isBasedOn", "syndication-source", "original-source"})


def links_to_follow(article: Article, site: Site, now: datetime) -> list[UrlState]:
    """States of the addresses to discover; none where the site is not to be followed, or for a page that was.

    A link to a home page names the source and leads to no article. What a feed calls its <source> is a feed.
    """
    kept = origins_of(site)
    if not kept or article.role != "article":
        return []
    found: dict[str, UrlState] = {}
    for link in article.source_links:
        if link.how not in _HOW or len(found) >= MOST:
            continue
        try:
            url = normalise(link.url, article.url)
        except FetchError:
            continue
        if not same_host(url, article.url) and _leads_somewhere(url):
            found.setdefault(url, UrlState(kept, url, discovered_at=now))
    return list(found.values())


def _leads_somewhere(url: str) -> bool:
    parts = urlsplit(url)
    return bool(parts.path.strip("/") or parts.query)
