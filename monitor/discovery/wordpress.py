"""The REST API of WordPress sites: up to 100 articles with their full content per request.

Format: developer.wordpress.org/rest-api/reference/posts. Both forms of the route are known: `/wp-json/wp/v2/posts`
and, on sites without pretty addresses, `/?rest_route=/wp/v2/posts`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import orjson

from monitor.errors import DiscoveryError, FetchError
from monitor.records import Hint, Link
from monitor.text import clean
from monitor.urls import normalise

POSTS = "/wp/v2/posts"
# What is asked for: answers are a third as long as with everything.
_FIELDS = "id,date_gmt,modified_gmt,link,title,content,author,lang,_links,_embedded"
_TAG = re.compile(r"<[^>]{0,500}>")


@dataclass(frozen=True, slots=True)
class PostsResult:
    """One page of posts. `total` posts and `pages` pages as the server's headers say; 0 when they don't."""

    links: tuple[Link, ...]
    total: int = 0
    pages: int = 0


def api_url(url: str) -> str:
    """Address of the posts, from the site's base, its wp-json root or the posts' address itself."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if "rest_route=" in parts.query:
        return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", f"rest_route={POSTS}", ""))
    if path.endswith(POSTS):
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
    root = path if path.endswith("/wp-json") else f"{path}/wp-json"
    return urlunsplit((parts.scheme, parts.netloc, f"{root}{POSTS}", "", ""))


def page_url(api: str, page: int = 1, per_page: int = 100) -> str:
    """Address of one page of the list, newest first."""
    return _with(api, {"page": page, "per_page": per_page, "orderby": "date", "order": "desc"})


def include_url(api: str, ids: Sequence[str]) -> str:
    """Address of the posts with these numbers, at most 100."""
    return _with(api, {"include": ",".join(ids), "per_page": min(100, max(1, len(ids)))})


def _with(api: str, parameters: Mapping[str, object]) -> str:
    query = urlencode({**parameters, "_embed": "author", "_fields": _FIELDS}, safe=",")
    return f"{api}{'&' if '?' in api else '?'}{query}"


def parse_posts(url: str, headers: Mapping[str, str], body: bytes) -> PostsResult:
    """Read an answer. Raises DiscoveryError with the server's own words when it is an error or something else."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        looks = "a web page" if b"<html" in body[:2000].lower() else "no JSON"
        raise DiscoveryError(f"{url}: {looks}, not the answer of a WordPress API") from error
    if isinstance(answer, dict):
        if answer.get("code") == "rest_post_invalid_page_number":
            return PostsResult(())
        said = clean(str(answer.get("message") or answer.get("code") or "no posts"))[:300]
        raise DiscoveryError(f"{url}: the WordPress API refuses: {said}")
    if not isinstance(answer, list):
        raise DiscoveryError(f"{url}: JSON, but no list of posts")
    if answer and not any(isinstance(post, dict) and "link" in post for post in answer):
        raise DiscoveryError(f"{url}: a list, but not of WordPress posts")
    links = [link for post in answer if isinstance(post, dict) and (link := _link(url, post)) is not None]
    given = {name.lower(): value for name, value in headers.items()}
    return PostsResult(tuple(links), _number(given.get("x-wp-total")), _number(given.get("x-wp-totalpages")))


def _link(base: str, post: dict[str, Any]) -> Link | None:
    try:
        url = normalise(str(post.get("link") or ""), base)
    except FetchError:
        return None
    hint = Hint(
        title=_text(_rendered(post.get("title"))),
        published_at=_moment(post.get("date_gmt")),
        modified_at=_moment(post.get("modified_gmt")),
        authors=_authors(post),
        language=str(post.get("lang") or "")[:10],
        guid=str(post.get("id") or ""),
    )
    content = post.get("content")
    protected = isinstance(content, dict) and bool(content.get("protected"))
    whole = "" if protected else _rendered(content)
    # Without content (some sites hide it from the API) the page itself is fetched.
    return Link(url, hint, whole if _TAG.sub("", whole).strip() else None, remote_id=str(post.get("id") or ""))


def _rendered(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("rendered")
    return value if isinstance(value, str) else ""


def _authors(post: dict[str, Any]) -> tuple[str, ...]:
    embedded = post.get("_embedded")
    authors = embedded.get("author") if isinstance(embedded, dict) else None
    names = [_text(one.get("name")) for one in authors if isinstance(one, dict)] if isinstance(authors, list) else []
    return tuple(dict.fromkeys(name for name in names if name))


def _moment(value: object) -> datetime | None:
    """`date_gmt` has no zone because it is UTC; "0000-00-00T00:00:00" means none."""
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00")) if value else None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    return clean(unescape(_TAG.sub("", str(value or ""))))[:1000]


def _number(value: str | None) -> int:
    return int(value) if value and value.strip().isdigit() else 0
