"""Where a site's sources may be: what its home page names, then the usual places. Pure; others do the asking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import lxml.etree
import lxml.html

from monitor.discovery.feed import feed_kinds
from monitor.errors import FetchError
from monitor.text import clean
from monitor.urls import normalise

# Tried in this order where the page names none.
USUAL_FEEDS = (
    "/feed/",
    "/rss.xml",
    "/feed.xml",
    "/rss",
    "/rss/",
    "/atom.xml",
    "/feed.json",
    "/index.xml",
    "/feeds/posts/default",
)
USUAL_APIS = ("/wp-json/",)
_COMMENTS = re.compile(r"/comments?/|[?&]feed=comments|/comments?-|kommentare", re.IGNORECASE)
_WP_LINK = re.compile(r'<([^>]+)>\s*;[^,]*rel="?https://api\.w\.org/"?', re.IGNORECASE)
MOST_FEEDS = 10  # a page names a feed per section at times; the first ones are the general ones


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place to ask. `named`: the page itself names it; else it is only usual."""

    kind: str  # feed | wordpress
    url: str
    named: bool
    title: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """What a home page says of its site."""

    candidates: tuple[Candidate, ...]
    title: str = ""
    language: str = ""


def read_home(url: str, headers: Mapping[str, str], body: bytes) -> Home:
    """Candidates in the order in which they are worth asking: what the page names, then the usual places."""
    tree = _parsed(body)
    found: dict[str, Candidate] = {}
    for candidate in (*_named_apis(url, headers, tree), *_named_feeds(url, tree)):
        found.setdefault(f"{candidate.kind}:{candidate.url}", candidate)
    for kind, paths in (("wordpress", USUAL_APIS), ("feed", USUAL_FEEDS)):
        if any(candidate.kind == kind for candidate in found.values()):
            continue
        for path in paths:
            address = _address(path, url)
            if address:
                found.setdefault(f"{kind}:{address}", Candidate(kind, address, named=False))
    return Home(tuple(found.values()), _title(tree), _language(tree))


def is_comment_feed(url: str, title: str = "") -> bool:
    """Feeds of readers' comments are no news."""
    return bool(_COMMENTS.search(url) or re.search(r"comments? feed|kommentar", title, re.IGNORECASE))


def _named_feeds(url: str, tree: lxml.html.HtmlElement | None) -> list[Candidate]:
    if tree is None:
        return []
    kinds, base = tuple(feed_kinds()), _base(url, tree)
    found = []
    for link in tree.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower().split(";")[0].strip()
        if "alternate" in relations and kind in kinds:
            address, title = _address(link.get("href") or "", base), clean(link.get("title") or "")
            if address and not is_comment_feed(address, title):
                found.append(Candidate("feed", address, named=True, title=title))
    return found[:MOST_FEEDS]


def _named_apis(url: str, headers: Mapping[str, str], tree: lxml.html.HtmlElement | None) -> list[Candidate]:
    """WordPress names its API in a Link header and a link element (developer.wordpress.org: Discovery)."""
    addresses = [
        match[1] for name, value in headers.items() if name.lower() == "link" for match in _WP_LINK.finditer(value)
    ]
    if tree is not None:
        base = _base(url, tree)
        addresses += [
            urljoin(base, link.get("href") or "")
            for link in tree.iter("link")
            if link.get("rel") == "https://api.w.org/"
        ]
    return [Candidate("wordpress", address, named=True) for raw in addresses if (address := _api_address(raw, url))]


def _api_address(raw: str, url: str) -> str:
    """As written: `?rest_route=/` must keep its parameter, which the normal form would keep, but unescaped."""
    try:
        absolute = urljoin(url, raw)
        normalise(absolute)
    except (FetchError, ValueError):
        return ""
    return absolute


def _address(raw: str, base: str) -> str:
    """Absolute, as the site writes it but for the fragment: a feed's own parameters are not tracking."""
    try:
        absolute = urljoin(base, raw.strip())
        normalise(absolute)
    except (FetchError, ValueError):
        return ""
    return absolute.partition("#")[0] if raw.strip() else ""


def _base(url: str, tree: lxml.html.HtmlElement) -> str:
    href = next((base.get("href") for base in tree.iter("base") if base.get("href")), "")
    return urljoin(url, href) if href and urlsplit(urljoin(url, href)).scheme in ("http", "https") else url


def _parsed(body: bytes) -> lxml.html.HtmlElement | None:
    try:
        return lxml.html.document_fromstring(body[:2_000_000])
    except (lxml.etree.LxmlError, ValueError):
        return None


def _title(tree: lxml.html.HtmlElement | None) -> str:
    if tree is None:
        return ""
    names = tree.xpath("//meta[@property='og:site_name']/@content") or tree.xpath("//title/text()")
    return clean(str(names[0]))[:200] if names else ""


def _language(tree: lxml.html.HtmlElement | None) -> str:
    return clean(tree.get("lang") or "")[:20] if tree is not None else ""
