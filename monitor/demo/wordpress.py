"""Answers of the WordPress REST API (developer.wordpress.org/rest-api/reference/posts), as far as readers use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitor.demo.layouts import parts
from monitor.demo.layouts.bodies import post_content
from monitor.demo.records import Article, View

ROOT = "/wp-json/"
POSTS = "/wp-json/wp/v2/posts"
MOST_PER_PAGE = 100


class Answer(NamedTuple):
    status: int
    body: str
    headers: dict[str, str]


def answer(view: View, path: str, query: Mapping[str, str]) -> Answer:
    """What the API says to GET `path`; errors as WordPress words them."""
    if path.rstrip("/") == ROOT.rstrip("/"):
        return _json(
            200, {"name": view.site.name, "home": view.base, "namespaces": ["wp/v2"], "routes": {"/wp/v2/posts": {}}}
        )
    if path.rstrip("/") == POSTS:
        return _posts(view, query)
    head, _, number = path.rstrip("/").rpartition("/")
    if head == POSTS and number.isdigit():
        found = [one for one in view.articles if one.number == int(number)]
        if found:
            return _json(200, _shown(post(view, found[0], embed="_embed" in query), query))
        return _error(404, "rest_post_invalid_id", "Invalid post ID.")
    return _error(404, "rest_no_route", "No route was found matching the URL and request method.")


def _posts(view: View, query: Mapping[str, str]) -> Answer:
    page, size = query.get("page", "1"), query.get("per_page", "10")
    if not page.isdigit() or int(page) < 1:
        return _error(400, "rest_invalid_param", "Invalid parameter(s): page")
    if not size.isdigit() or not 1 <= int(size) <= MOST_PER_PAGE:
        return _error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
    try:
        found = _selected(view, query)
    except ValueError as error:
        return _error(400, "rest_invalid_param", f"Invalid parameter(s): {error}")
    pages = -(-len(found) // int(size))
    if int(page) > max(1, pages):
        return _error(
            400,
            "rest_post_invalid_page_number",
            "The page number requested is larger than the number of pages available.",
        )
    start = (int(page) - 1) * int(size)
    posts = [_shown(post(view, one, embed="_embed" in query), query) for one in found[start : start + int(size)]]
    return _json(200, posts, {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)})


def _selected(view: View, query: Mapping[str, str]) -> list[Article]:
    """By include, after, modified_after, orderby and order. Raises ValueError with the parameter's name."""
    found = list(view.articles)
    if asked := query.get("include") or query.get("include[]"):
        numbers = asked.split(",")
        if not all(number.strip().isdigit() for number in numbers):
            raise ValueError("include")
        found = [one for one in found if one.number in {int(number) for number in numbers}]
    if moment := _moment(view, query, "after"):
        found = [one for one in found if one.published_at > moment]
    if moment := _moment(view, query, "modified_after"):
        found = [one for one in found if (one.modified_at or one.published_at) > moment]
    order = query.get("orderby", "date")
    if order not in ("date", "modified", "id", "include"):
        raise ValueError("orderby")
    if order == "modified":
        found.sort(key=lambda one: one.modified_at or one.published_at, reverse=True)
    elif order == "id":
        found.sort(key=lambda one: one.number, reverse=True)
    return found[::-1] if query.get("order", "desc") == "asc" else found


def _moment(view: View, query: Mapping[str, str], name: str) -> datetime | None:
    """ISO 8601; without a zone in the site's."""
    if name not in query:
        return None
    try:
        moment = datetime.fromisoformat(query[name])
    except ValueError:
        raise ValueError(name) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(view.site.time_zone))


def post(view: View, article: Article, *, embed: bool) -> dict[str, Any]:
    """One post as WordPress shows it to strangers."""
    modified = article.modified_at or article.published_at
    shown: dict[str, Any] = {
        "id": article.number,
        "date": _local(view, article.published_at),
        "date_gmt": _gmt(article.published_at),
        "guid": {"rendered": f"{view.base}/?p={article.number}"},
        "modified": _local(view, modified),
        "modified_gmt": _gmt(modified),
        "slug": article.slug,
        "status": "publish",
        "type": "post",
        "link": view.url(article),
        "title": {"rendered": escape(article.title)},
        "content": {"rendered": post_content(view, article), "protected": False},
        "excerpt": {"rendered": f"<p>{escape(parts.summary(article))}</p>\n", "protected": False},
        "author": 1,
        "_links": {"author": [{"embeddable": True, "href": f"{view.base}/wp-json/wp/v2/users/1"}]},
    }
    if embed:
        name = article.authors[0] if article.authors else view.site.name
        shown["_embedded"] = {"author": [{"id": 1, "name": name, "link": f"{view.base}/author/1/"}]}
    return shown


def _shown(whole: dict[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
    """Only the fields that were asked for."""
    fields = [name.strip().split(".")[0] for name in query.get("_fields", "").split(",") if name.strip()]
    return {name: value for name, value in whole.items() if name in fields} if fields else whole


def _local(view: View, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(view.site.time_zone)).replace(tzinfo=None).isoformat()


def _gmt(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat()


def _json(status: int, value: object, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False), headers or {})


def _error(status: int, code: str, message: str) -> Answer:
    return _json(status, {"code": code, "message": message, "data": {"status": status}})
