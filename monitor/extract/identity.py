"""Which address an article goes by: the fetched one, or the canonical one of the same host where it is believable."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from monitor.errors import FetchError
from monitor.urls import normalise, same_host

# What print, AMP and page twins add to the path of the article.
_TWIN_TAIL = re.compile(
    r"^(?:amp|print|drucken|druckansicht|m|mobile|full|all|single|page|seite|\d{1,2}|index\.\w+|[\w-]*amp\.html)$"
)
_NOT_ARTICLE = re.compile(r"^/?(?:index\.\w+|home|homepage|404|error|not-found|startseite)?/?$", re.IGNORECASE)


def normalised(url: str) -> str:
    """The normal form, or the text as it came where it is no web address (an import may name anything)."""
    try:
        return normalise(url)
    except FetchError:
        return url


def identity(fetched: str, canonical: str) -> str:
    """`canonical` if it is the same host's and can be this page's, else `fetched`. Both are normalised."""
    if not canonical or not same_host(fetched, canonical):
        return fetched
    here, there = urlsplit(fetched), urlsplit(canonical)
    if _NOT_ARTICLE.match(there.path) and not there.query:
        return fetched
    if here.query and not there.query and there.path == here.path and _numbered(here.query):
        return fetched  # "article.php" for every "article.php?id=4711"
    mine, its = _segments(here.path), _segments(there.path)
    shorter = len(its) < len(mine) and mine[: len(its)] == its
    if shorter and not all(_TWIN_TAIL.match(part) for part in mine[len(its) :]):
        return fetched  # a section's page as the canonical of all its articles
    return canonical


def _segments(path: str) -> list[str]:
    return [part for part in path.lower().split("/") if part]


def _numbered(query: str) -> bool:
    return bool(
        re.search(
            r"(?:^|&)(?:id|p|nid|aid|artid|article|story|news|nr|no|cid|itemid|idx|idxno|newsid)=\w",
            query,
            re.IGNORECASE,
        )
    ) or bool(re.match(r"^\d{3,}$", query))
