"""The REST API of WordPress sites: up to 100 articles with their full content per request.

Format: developer.wordpress.org/rest-api/reference/posts. Both forms of the route are known: `/wp-json/wp/v2/posts`
and, on sites without pretty addresses, `/?rest_route=/wp/v2/posts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import orjson

from monitor.discovery.fields import address, each_once, has_text, moment, names, plain, unmarked, whole
from monitor.errors import DiscoveryError
from monitor.records import Hint, Link
from monitor.urls import same_host

POSTS = "/wp/v2/posts"
MOST_POSTS = 100  # per request, the most that WordPress gives
# What is asked for: answers are a third as long as with everything.
_FIELDS = "id,date_gmt,modified_gmt,link,title,content,author,lang,_links,_embedded"


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
    if "/wp/v2" in path and path.endswith("/posts"):
        posts = path
    elif "/wp/v2" in path:  # WordPress.com: public-api.wordpress.com/wp/v2/sites/example.org
        posts = f"{path}/posts"
    else:
        posts = f"{path if path.endswith('/wp-json') else f'{path}/wp-json'}{POSTS}"
    return urlunsplit((parts.scheme, parts.netloc, posts, "", ""))


def base_url(url: str) -> str:
    """What to write in a site file: the site's base where `api_url` finds the same posts from it, else `url`."""
    parts = urlsplit(url)
    path, found, _ = parts.path.partition("/wp-json")
    base = urlunsplit((parts.scheme, parts.netloc, f"{path}/", "", ""))
    return base if found and api_url(base) == api_url(url) else url


def source_of(bases: Sequence[str], url: str) -> str | None:
    """Which of a site's APIs lists the post at this address: the only one, else the one whose place it is in.

    Numbers of posts mean something to their own API only. None where it can't be told.
    """
    if len(bases) < 2:
        return next(iter(bases), None)
    near = [base for base in bases if same_host(base, url) and urlsplit(url).path.startswith(_place(base))]
    return max(near, key=lambda base: len(_place(base)), default=None)


def _place(base: str) -> str:
    return f"{urlsplit(base).path.partition('/wp-json')[0].rstrip('/')}/"


def page_url(api: str, page: int = 1, per_page: int = MOST_POSTS) -> str:
    """Address of one page of the list, newest first."""
    return _with(api, {"page": page, "per_page": per_page, "orderby": "date", "order": "desc"})


def include_url(api: str, ids: Sequence[str]) -> str:
    """Address of the posts with these numbers, at most 100."""
    return _with(api, {"include": ",".join(ids), "per_page": min(MOST_POSTS, max(1, len(ids)))})


def _with(api: str, parameters: Mapping[str, object]) -> str:
    query = urlencode({**parameters, "_embed": "author", "_fields": _FIELDS}, safe=",")
    return f"{api}{'&' if '?' in api else '?'}{query}"


def parse_posts(url: str, headers: Mapping[str, str], body: bytes, *, source: str = "") -> PostsResult:
    """Read an answer. Raises DiscoveryError, with the server's own words when it says an error.

    `source`: the key that the links get.
    """
    try:
        answer = orjson.loads(body.lstrip(b"\xef\xbb\xbf \t\r\n"))
    except orjson.JSONDecodeError as error:
        looks = "a web page" if b"<html" in body[:2000].lower() else "no JSON"
        raise DiscoveryError(f"{url}: {looks}, not the answer of a WordPress API") from error
    if isinstance(answer, dict):
        said = " ".join(filter(None, (unmarked(answer.get("message")), _code(answer))))
        raise DiscoveryError(f"{url}: no posts: {said[:300] or 'the answer is no list'}")
    if not isinstance(answer, list):
        raise DiscoveryError(f"{url}: JSON, but no list of posts")
    posts = [post for post in answer if isinstance(post, dict) and isinstance(post.get("link"), str)]
    if answer and not posts:
        raise DiscoveryError(f"{url}: a list, but not of WordPress posts")
    links = [link for post in posts if (link := _link(url, post, source)) is not None]
    given = {name.lower(): value for name, value in headers.items()}
    return PostsResult(each_once(links), _number(given.get("x-wp-total")), _number(given.get("x-wp-totalpages")))


def _code(answer: Mapping[str, Any]) -> str:
    """WordPress's stable name of an error, e.g. rest_post_invalid_page_number."""
    code = plain(answer.get("code"))
    return f"({code})" if code else ""


def _link(base: str, post: dict[str, Any], source: str) -> Link | None:
    url = address(post.get("link"), base)
    if not url:
        return None
    number = str(post["id"]) if isinstance(post.get("id"), int) else plain(post.get("id"))
    hint = Hint(
        title=unmarked(_rendered(post.get("title"))),
        published_at=moment(post.get("date_gmt")),
        modified_at=moment(post.get("modified_gmt")),
        authors=_authors(post),
        language=plain(post.get("lang"))[:20],
        guid=number,
    )
    content = post.get("content")
    protected = isinstance(content, dict) and bool(content.get("protected"))
    html = "" if protected else _rendered(content)
    # Without content (some sites hide it from the API) the page itself is fetched.
    return Link(url, hint, whole(html) if has_text(html) else None, source=source, remote_id=number)


def _rendered(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("rendered")
    return value if isinstance(value, str) else ""


def _authors(post: dict[str, Any]) -> tuple[str, ...]:
    embedded = post.get("_embedded")
    authors = embedded.get("author") if isinstance(embedded, dict) else None
    listed = authors if isinstance(authors, list) else []
    return names(unmarked(one.get("name")) for one in listed if isinstance(one, dict))


def _number(value: str | None) -> int:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
