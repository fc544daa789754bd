"""JSON Feed 1.0 and 1.1 (jsonfeed.org) -> Links."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any

import orjson

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
    whole,
)
from monitor.errors import DiscoveryError
from monitor.records import Hint, Link


def parse_json_feed(
    url: str, body: bytes, *, full_content: bool = False, source: str = "", zone: tzinfo = UTC
) -> FeedResult:
    """As `parse_feed`. Raises DiscoveryError."""
    try:
        feed = orjson.loads(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    except orjson.JSONDecodeError as error:
        raise DiscoveryError(f"{url}: begins like JSON and is none: {error}") from error
    if not isinstance(feed, dict) or "jsonfeed.org" not in str(feed.get("version", "")):
        raise DiscoveryError(f"{url}: JSON, but no JSON Feed")
    items = feed.get("items")
    if not isinstance(items, list):
        raise DiscoveryError(f"{url}: a JSON Feed without `items`")
    items = items[:MOST_ENTRIES]
    links = [
        link
        for item in items
        if isinstance(item, dict) and (link := _link(url, item, full_content, source, zone)) is not None
    ]
    language = plain(feed.get("language"))[:20]
    return FeedResult(each_once(links), plain(feed.get("title")), language, len(items) - len(links))


def _link(base: str, item: dict[str, Any], full_content: bool, source: str, zone: tzinfo) -> Link | None:
    identifier = item.get("id") if isinstance(item.get("id"), str) else str(item.get("id") or "")
    url = address(item.get("url"), base)
    if not url and str(identifier).startswith(("http://", "https://")):
        url = address(identifier, base)
    if not url:
        return None
    hint = Hint(
        title=plain(item.get("title")),
        published_at=moment(item.get("date_published"), zone),
        modified_at=moment(item.get("date_modified"), zone),
        authors=_authors(item),
        language=plain(item.get("language"))[:20],
        guid=plain(identifier)[:500],
        source_url=address(item.get("external_url"), base),
    )
    return Link(url, hint, _content(item) if full_content else None, source=source)


def _authors(item: dict[str, Any]) -> tuple[str, ...]:
    """`authors` since 1.1, one `author` before."""
    listed = item.get("authors")
    listed = listed if isinstance(listed, list) else [item.get("author")]
    return names(plain(one.get("name")) for one in listed if isinstance(one, dict))


def _content(item: dict[str, Any]) -> str | None:
    html, text = item.get("content_html"), item.get("content_text")
    content = html if isinstance(html, str) and has_text(html) else as_html(text) if isinstance(text, str) else ""
    return whole(content) or None
