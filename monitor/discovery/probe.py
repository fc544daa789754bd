"""Where a site's sources may be: what its home page names, then the usual places. Pure; asking is done elsewhere."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import lxml.etree
import lxml.html

from monitor.discovery.feed import FEED_TYPES
from monitor.discovery.xmltext import charset_of
from monitor.errors import FetchError
from monitor.text import clean
from monitor.urls import normalise, same_host

# Tried in this order where the page names none.
USUAL_FEEDS = (
    "feed/",
    "feed.xml",
    "rss",
    "rss.xml",
    "atom.xml",
    "feed.json",
    "rss/",
    "index.xml",
    "feeds/posts/default",
)
USUAL_APIS = ("wp-json/",)
MOST_FEEDS = 10  # a page names a feed per section at times; the first ones are the general ones
MOST_SHOWN = 5  # links to feeds in the page's text that are worth asking
MOST_BYTES = 2_000_000  # of a home page; what it names stands in its head
_COMMENTS = re.compile(r"/comments?/|[?&]feed=comments|[/_-]comments?[._-]|kommentare", re.IGNORECASE)
_COMMENTS_TITLE = re.compile(r"\bcomments\b|\bkommentare?\b|\bcomentarios\b|\bcommentaires\b|yorumlar", re.IGNORECASE)
_WP_LINK = re.compile(r"<([^<>]+)>\s*;[^,<]*\brel=\"?https://api\.w\.org/", re.IGNORECASE)
_FEED_LINK = re.compile(r"(?:^|[/._?=&-])(?:rss\d?|feeds?|atom)(?:[/._?=&-]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place to ask. `named`: the page itself names it as a source; else it only looks like one."""

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
    """Candidates in the order in which they are worth asking: APIs, then feeds; what the page names, then the usual."""
    tree = _parsed(headers, body)
    found: dict[str, Candidate] = {}
    apis, feeds = list(_named_apis(url, headers, tree)), list(_named_feeds(url, tree))
    for candidate in (
        *(apis or _usual("wordpress", USUAL_APIS, url)),
        *(feeds or (*_shown_feeds(url, tree), *_usual("feed", USUAL_FEEDS, url))),
    ):
        found.setdefault(f"{candidate.kind}:{candidate.url}", candidate)
    return Home(tuple(found.values()), _title(tree), _language(tree))


def is_comment_feed(url: str, title: str = "") -> bool:
    """Feeds of readers' comments are no news."""
    return bool(_COMMENTS.search(url) or _COMMENTS_TITLE.search(title))


def _usual(kind: str, paths: tuple[str, ...], url: str) -> Iterator[Candidate]:
    """Below the address itself ("/blog/"), then below the host's root."""
    for base in dict.fromkeys((urljoin(url, "."), urljoin(url, "/"))):
        for path in paths:
            address = _address(path, base)
            if address:
                yield Candidate(kind, address, named=False)


def _named_feeds(url: str, tree: lxml.html.HtmlElement | None) -> list[Candidate]:
    """<link rel="alternate"> with a feed's media type (html.spec.whatwg.org, 4.6.7.1), but for those of comments."""
    if tree is None:
        return []
    base, found = _base(url, tree), []
    for link in tree.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower().split(";")[0].strip()
        address, title = _address(link.get("href") or "", base), clean(link.get("title") or "")
        # JSON Feed 1.0 had no type of its own; WordPress names a page's entry in its API with the same type.
        named = kind in FEED_TYPES or (kind == "application/json" and "wp-json" not in address)
        if "alternate" in relations and named and address and not is_comment_feed(address, title):
            found.append(Candidate("feed", address, named=True, title=title))
    return found[:MOST_FEEDS]


def _shown_feeds(url: str, tree: lxml.html.HtmlElement | None) -> list[Candidate]:
    """Links of the page to the same site that look like feeds: some papers name theirs for readers only."""
    if tree is None:
        return []
    base, found = _base(url, tree), dict[str, Candidate]()
    for link in tree.iter("a"):
        address = _address(link.get("href") or "", base)
        looks = address and _FEED_LINK.search(urlsplit(address).path + "?" + urlsplit(address).query)
        if looks and same_host(address, url) and not is_comment_feed(address):
            found.setdefault(address, Candidate("feed", address, named=False))
    return list(found.values())[:MOST_SHOWN]


def _named_apis(url: str, headers: Mapping[str, str], tree: lxml.html.HtmlElement | None) -> Iterator[Candidate]:
    """WordPress names its API in a Link header and a link element (developer.wordpress.org: Discovery)."""
    raw = [match[1] for name, value in headers.items() if name.lower() == "link" for match in _WP_LINK.finditer(value)]
    base = url if tree is None else _base(url, tree)
    if tree is not None:
        raw += [link.get("href") or "" for link in tree.iter("link") if "api.w.org" in (link.get("rel") or "")]
    for one in raw:
        address = _address(one, base)
        if address:
            yield Candidate("wordpress", address, named=True)


def _address(raw: str, base: str) -> str:
    """Absolute, as the site writes it but for the fragment: a feed's own parameters are not tracking."""
    try:
        absolute = urljoin(base, raw.strip()) if raw.strip() else ""
        usable = absolute and normalise(absolute) and "@" not in urlsplit(absolute).netloc
        return absolute.partition("#")[0] if usable else ""
    except (FetchError, ValueError):
        return ""


def _base(url: str, tree: lxml.html.HtmlElement) -> str:
    href = next((str(base.get("href")) for base in tree.iter("base") if base.get("href")), "")
    return _address(href, url) or url


def _parsed(headers: Mapping[str, str], body: bytes) -> lxml.html.HtmlElement | None:
    """The page; its charset is UTF-8 where that is valid, else what the header says, else what the page says."""
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    start = body[:MOST_BYTES]
    for encoding in ("utf-8" if _is_utf8(start) else charset_of(kind) or None, None):
        try:
            return lxml.html.document_fromstring(start, parser=lxml.html.HTMLParser(encoding=encoding))
        except LookupError:  # a charset that libxml2 does not know
            continue
        except (lxml.etree.LxmlError, ValueError):
            return None
    return None


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)  # may end within a letter
    except UnicodeDecodeError:
        return False
    return True


def _title(tree: lxml.html.HtmlElement | None) -> str:
    if tree is None:
        return ""
    found = tree.xpath("//meta[@property='og:site_name']/@content") or tree.xpath("//head/title/text()")
    return clean(str(found[0]))[:200] if found else ""


def _language(tree: lxml.html.HtmlElement | None) -> str:
    return clean(tree.get("lang") or "")[:20] if tree is not None else ""
