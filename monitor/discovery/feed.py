"""RSS 0.9 to 2.0, RDF and Atom (through feedparser), JSON Feed -> Links.

feedparser is handed bytes, never an address, so it opens nothing. Entity declarations are refused before it sees them.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any

import feedparser

from monitor.discovery.fields import (
    MOST_ENTRIES,
    FeedResult,
    address,
    as_html,
    each_once,
    has_text,
    moment,
    names,
    plain,
    unmarked,
    whole,
)
from monitor.discovery.held import Held
from monitor.discovery.jsonfeed import parse_json_feed
from monitor.discovery.xmltext import decode, escape_bare, refuse_entities, root_of, unpacked, within_limits
from monitor.errors import DiscoveryError
from monitor.records import Hint, Link

log = logging.getLogger(__name__)

# Media types by which a page names its feeds.
FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
# feedparser takes these for the entry's own description, and the second description of an entry for its content.
_OTHER_DESCRIPTIONS = re.compile(
    r"<(/?)((?:media|dc|dcterms|itunes|googleplay):)(description|summary|abstract)\b", re.IGNORECASE
)
_LOOKS = {
    "html": "a web page",
    "urlset": "a sitemap",
    "sitemapindex": "an index of sitemaps",
    "opml": "a list of feeds (OPML)",
}
# What feedparser and its SGML parser raise on broken input beside their own errors.
_PARSER_ERRORS = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RuntimeError, OverflowError)


def parse_feed(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    full_content: bool = False,
    source: str = "",
    zone: tzinfo = UTC,
) -> FeedResult:
    """Read a feed; broken XML as far as it goes. Raises DiscoveryError when it is none, saying what it looks like.

    `full_content`: take the entries' whole content; a summary alone is none. `source`: the key that the links get.
    Times without a zone are taken as those of `zone`.
    """
    body = unpacked(body)
    start = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise DiscoveryError(f"{url}: the answer is empty, not a feed")
    if start.startswith((b"{", b"[")):
        return parse_json_feed(url, body, full_content=full_content, source=source, zone=zone)
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    text = decode(body, content_type).lstrip()
    refuse_entities(url, text)
    root = root_of(text)
    if root in _LOOKS:
        hint = "`monitor sites add` finds the feeds of a page" if root == "html" else ""
        raise DiscoveryError(f"{url}: {_LOOKS[root]}, not a feed", hint=hint)
    held = Held(within_limits(text, MOST_ENTRIES))
    parsed = _parsed(url, escape_bare(held.text))
    entries = parsed.entries[:MOST_ENTRIES]
    if not parsed.get("version") and not entries:
        raise DiscoveryError(f"{url}: not a feed{f' but <{root}>' if root else ', and not XML'}")
    contents = held if full_content else None
    links = [link for entry in entries if (link := _link(url, entry, contents, source, zone)) is not None]
    return FeedResult(
        each_once(links),
        title=_line(parsed.feed, "title"),
        language=plain(parsed.feed.get("language"))[:20],
        skipped=len(entries) - len(links),
    )


def _parsed(url: str, text: str) -> Any:
    text = _OTHER_DESCRIPTIONS.sub(r"<\1\2other_\3", text)
    about = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    try:
        parsed = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=about,
            sanitize_html=False,  # extraction takes the text out anyway
            resolve_relative_uris=False,  # in content: extraction does so; it is three quarters of the time
        )
    except _PARSER_ERRORS as error:
        raise DiscoveryError(f"{url}: too broken to be read as a feed ({type(error).__name__}: {error})") from error
    if parsed.bozo:
        log.info("feed not well-formed, read as far as it goes url=%s error=%s", url, parsed.get("bozo_exception"))
    return parsed


def _link(base: str, entry: Any, held: Held | None, source: str, zone: tzinfo) -> Link | None:
    """With its content where there is `held`.

    A permalink guid stands for a missing link: feedparser makes it the link. FeedBurner's own links count clicks.
    """
    url = address(entry.get("feedburner_origlink"), base) or address(entry.get("link"), base)
    if not url:
        return None
    # dict.get: feedparser's own answers with the published date where there is no updated one.
    updated = moment(dict.get(entry, "updated"), zone)
    came_from = entry.get("source") or {}
    hint = Hint(
        title=_line(entry, "title"),
        published_at=moment(dict.get(entry, "published"), zone) or moment(dict.get(entry, "created"), zone) or updated,
        modified_at=updated,
        authors=_authors(entry),
        guid=plain(entry.get("id"))[:500],
        source_url=address(came_from.get("href") or came_from.get("link"), base),
        source_name=_line(came_from, "title"),
    )
    return Link(url, hint, _content(entry, held) if held else None, source=source)


def _line(values: Any, name: str) -> str:
    """A title: HTML or plain text, as feedparser found it to be."""
    detail = values.get(f"{name}_detail") or {}
    return unmarked(values.get(name)) if "html" in str(detail.get("type", "")) else plain(values.get(name))


def _authors(entry: Any) -> tuple[str, ...]:
    """Of one author as it is written: feedparser cuts addresses with long endings ("@paper.online") in the middle."""
    listed = [plain(one.get("name")) for one in entry.get("authors") or () if one]
    return names(listed if len(listed) > 1 else [plain(entry.get("author")) or "".join(listed)])


def _content(entry: Any, held: Held) -> str | None:
    found = []
    for part in entry.get("content") or ():
        value = held.back(str(part.get("value") or ""))
        found.append(as_html(value) if part.get("type") == "text/plain" else value)
    longest = max(found, key=len, default="")
    return whole(longest) if has_text(longest) else None
