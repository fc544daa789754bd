"""RSS, RDF, Atom (through feedparser) and JSON Feed 1.0/1.1 -> Links.

feedparser is handed bytes, never an address, so it opens nothing. Entity declarations are refused before it sees them.
"""

from __future__ import annotations

import calendar
import io
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
import orjson

from monitor.errors import DiscoveryError, FetchError
from monitor.records import Hint, Link
from monitor.text import clean
from monitor.urls import normalise

log = logging.getLogger(__name__)

MOST_ENTRIES = 2000  # a feed that lists more is an archive; the newest come first
MOST_CONTENT = 2_000_000  # characters of one entry's content
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,500}>")


@dataclass(frozen=True, slots=True)
class FeedResult:
    """Links in the feed's order, each once. `skipped`: entries without a usable address."""

    links: tuple[Link, ...]
    title: str = ""
    language: str = ""
    skipped: int = 0
    comments: bool = False  # a feed of comments, not of articles


def parse_feed(url: str, headers: Mapping[str, str], body: bytes, *, full_content: bool = False) -> FeedResult:
    """Read a feed; broken XML as far as it goes. Raises DiscoveryError when it is none, saying what it looks like.

    Times without a zone are taken as UTC (RSS and Atom oblige one). `full_content`: take the entries' whole content,
    a summary alone is none.
    """
    start = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise DiscoveryError(f"{url}: the answer is empty, not a feed")
    if start.startswith((b"{", b"[")):
        return _json_feed(url, body, full_content=full_content)
    if _ENTITY.search(body):
        raise DiscoveryError(f"{url}: the feed declares XML entities, which feeds have no use for; not read")
    return _xml_feed(url, headers, body, start, full_content=full_content)


# --- XML -------------------------------------------------------------------------------------------------------------


def _xml_feed(url: str, headers: Mapping[str, str], body: bytes, start: bytes, *, full_content: bool) -> FeedResult:
    given = {name.lower(): value for name, value in headers.items()}
    response_headers = {"content-location": url, "content-type": given.get("content-type", "application/xml")}
    parsed = feedparser.parse(io.BytesIO(body), response_headers=response_headers, sanitize_html=False)
    if not parsed.get("version") and not parsed.entries:
        if _HTML.search(start):
            raise DiscoveryError(f"{url}: a web page, not a feed", hint="`monitor sites add` finds the feeds of a page")
        problem = parsed.get("bozo_exception")
        raise DiscoveryError(f"{url}: not a feed{f' ({problem})' if problem else ''}")
    if parsed.bozo:
        log.info("feed is not well-formed, read as far as it goes url=%s error=%s", url, parsed.get("bozo_exception"))
    entries = parsed.entries[:MOST_ENTRIES]
    links = [link for entry in entries if (link := _link(url, entry, full_content)) is not None]
    feed = parsed.feed
    title = _text(feed.get("title", ""))
    return FeedResult(
        links=_once(links),
        title=title,
        language=str(feed.get("language") or "").strip(),
        skipped=len(entries) - len(links),
        comments=bool(re.search(r"/comments/|[?&]feed=comments", url))
        or title.lower().startswith(("comments on", "kommentare")),
    )


def _link(base: str, entry: Any, full_content: bool) -> Link | None:
    address = entry.get("link") or ""
    identifier = str(entry.get("id") or "")
    if not address and identifier.startswith(("http://", "https://")):
        address = identifier
    try:
        url = normalise(str(address), base) if address else ""
    except FetchError:
        url = ""
    if not url:
        return None
    source = entry.get("source") or {}
    hint = Hint(
        title=_text(entry.get("title", "")),
        published_at=_moment(entry.get("published_parsed")),
        modified_at=_moment(entry.get("updated_parsed")),
        authors=_authors(entry),
        guid=identifier[:500],
        source_url=_address(source.get("href") or source.get("link") or source.get("url") or "", base),
        source_name=_text(source.get("title") or source.get("value") or ""),
    )
    return Link(url, hint, _content(entry) if full_content else None)


def _content(entry: Any) -> str | None:
    whole = [str(part.get("value") or "") for part in entry.get("content") or ()]
    longest = max(whole, key=len, default="")
    return longest[:MOST_CONTENT] if _TAG.sub("", longest).strip() else None


def _authors(entry: Any) -> tuple[str, ...]:
    named = [_text(author.get("name") or author.get("email") or "") for author in entry.get("authors") or () if author]
    if not any(named):
        named = [_text(entry.get("author") or "")]
    return tuple(dict.fromkeys(name for name in named if name))


def _moment(parsed: Any) -> datetime | None:
    """feedparser's times are UTC already."""
    if not parsed:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


# --- JSON Feed (jsonfeed.org, version 1.1) ---------------------------------------------------------------------------


def _json_feed(url: str, body: bytes, *, full_content: bool) -> FeedResult:
    try:
        feed = orjson.loads(body.lstrip(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise DiscoveryError(f"{url}: neither XML nor JSON: {error}") from error
    if (
        not isinstance(feed, dict)
        or "jsonfeed.org" not in str(feed.get("version", ""))
        or not isinstance(feed.get("items"), list)
    ):
        raise DiscoveryError(f"{url}: JSON, but no JSON Feed")
    items = feed["items"][:MOST_ENTRIES]
    links = [
        link for item in items if isinstance(item, dict) and (link := _json_link(url, item, full_content)) is not None
    ]
    language = str(feed.get("language") or "")
    return FeedResult(_once(links), _text(feed.get("title") or ""), language, len(items) - len(links))


def _json_link(base: str, item: dict[str, Any], full_content: bool) -> Link | None:
    identifier = str(item.get("id") or "")
    address = item.get("url") or (identifier if identifier.startswith("http") else "")
    url = _address(address, base)
    if not url:
        return None
    authors = item.get("authors") or ([item["author"]] if isinstance(item.get("author"), dict) else [])
    names = (
        [_text(one.get("name") or "") for one in authors if isinstance(one, dict)] if isinstance(authors, list) else []
    )
    hint = Hint(
        title=_text(item.get("title") or ""),
        published_at=_iso(item.get("date_published")),
        modified_at=_iso(item.get("date_modified")),
        authors=tuple(dict.fromkeys(name for name in names if name)),
        language=str(item.get("language") or ""),
        guid=identifier[:500],
        source_url=_address(item.get("external_url") or "", base),
    )
    content = item.get("content_html") or _as_html(item.get("content_text"))
    return Link(url, hint, str(content)[:MOST_CONTENT] if full_content and content else None)


def _as_html(text: object) -> str | None:
    if not isinstance(text, str) or not text.strip():
        return None
    from html import escape

    return "".join(f"<p>{escape(part)}</p>" for part in re.split(r"\n\s*\n", text) if part.strip())


def _iso(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00")) if value else None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        return None


# --- both ------------------------------------------------------------------------------------------------------------


def _once(links: list[Link]) -> tuple[Link, ...]:
    return tuple({link.url: link for link in reversed(links)}.values())[::-1]


def _address(value: object, base: str) -> str:
    if not isinstance(value, str) or not value.strip():
        return ""
    try:
        return normalise(urljoin(base, value.strip()))
    except (FetchError, ValueError):
        return ""


def _text(value: object) -> str:
    """Titles and names: markup out, references resolved, one line."""
    from html import unescape

    return clean(_TAG.sub("", unescape(str(value or ""))))[:1000]


def feed_kinds() -> Iterator[str]:
    """Media types by which a page names its feeds."""
    yield from ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
