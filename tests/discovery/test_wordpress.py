"""The REST API of WordPress: addresses that are asked, answers that come."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.discovery.wordpress import api_url, base_url, include_url, page_url, parse_posts, source_of
from monitor.errors import DiscoveryError

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "discovery"
URL = "https://larkmere.example/wp-json/wp/v2/posts"


@pytest.mark.parametrize(
    ("given_url", "api"),
    [
        ("https://larkmere.example", URL),
        ("https://larkmere.example/", URL),
        ("https://larkmere.example/wp-json/", URL),
        ("https://larkmere.example/wp-json", URL),
        (f"{URL}?per_page=5", URL),
        ("https://larkmere.example/blog/", "https://larkmere.example/blog/wp-json/wp/v2/posts"),
        ("https://larkmere.example/?rest_route=/", "https://larkmere.example/?rest_route=/wp/v2/posts"),
        (
            "https://larkmere.example/index.php?rest_route=/wp/v2",
            "https://larkmere.example/index.php?rest_route=/wp/v2/posts",
        ),
        ("https://larkmere.example/index.php/wp-json/", "https://larkmere.example/index.php/wp-json/wp/v2/posts"),
        ("https://api.example/wp/v2/sites/larkmere.example", "https://api.example/wp/v2/sites/larkmere.example/posts"),
    ],
)
def test_the_posts_are_found_from_any_address_of_the_site(given_url: str, api: str) -> None:
    assert api_url(given_url) == api
    assert api_url(api) == api
    assert api_url(base_url(given_url)) == api


def test_the_sites_base_is_what_a_site_file_names() -> None:
    assert base_url("https://larkmere.example/blog/wp-json/") == "https://larkmere.example/blog/"
    assert base_url("https://larkmere.example/?rest_route=/") == "https://larkmere.example/?rest_route=/"


def test_a_post_belongs_to_the_api_in_whose_place_it_is() -> None:
    bases = ["https://a.example/", "https://a.example/blog/wp-json", "https://b.example/"]
    assert source_of(bases, "https://a.example/2024/post/") == bases[0]
    assert source_of(bases, "https://a.example/blog/post/") == bases[1]
    assert source_of(bases, "https://b.example/post/") == bases[2]
    assert source_of(bases, "https://c.example/post/") is None
    assert source_of(bases[:1], "https://c.example/post/") == bases[0]  # an API on a host of its own
    assert source_of([], "https://c.example/post/") is None


@pytest.mark.parametrize("api", [URL, "https://larkmere.example/?rest_route=/wp/v2/posts"])
def test_pages_and_single_posts_are_asked_for_by_parameters(api: str) -> None:
    asked = parse_qs(urlsplit(page_url(api, 3, 50)).query)
    assert (asked["page"], asked["per_page"], asked["orderby"], asked["order"]) == (["3"], ["50"], ["date"], ["desc"])
    assert asked["_embed"] == ["author"]
    assert asked.get("rest_route", ["/wp/v2/posts"]) == ["/wp/v2/posts"]
    some = parse_qs(urlsplit(include_url(api, ["812", "811"])).query)
    assert (some["include"], some["per_page"]) == (["812,811"], ["2"])


def test_posts_become_links_with_their_content() -> None:
    headers = {"X-WP-Total": "131", "X-WP-TotalPages": "2"}
    result = parse_posts(URL, headers, (FIXTURES / "posts.json").read_bytes(), source="wordpress:x")
    assert (result.total, result.pages) == (131, 2)
    ferry, members, empty = result.links
    assert ferry.url == "https://larkmere.example/2024/05/ferry/"
    assert ferry.hint.title == "Ferry & bridge: what’s next"
    assert ferry.hint.published_at == datetime(2024, 5, 16, 8, tzinfo=UTC)
    assert ferry.hint.modified_at == datetime(2024, 5, 16, 8, 20, tzinfo=UTC)
    assert ferry.hint.authors == ("Robin O’Test",)
    assert (ferry.hint.language, ferry.remote_id, ferry.source) == ("en", "812", "wordpress:x")
    assert ferry.content == "<p>The ferry takes over.</p>\n"
    assert (members.content, members.hint.published_at) == (None, None)  # behind a password: the page is asked
    assert empty.content is None


def test_an_empty_list_is_an_answer() -> None:
    assert parse_posts(URL, {}, b"[]").links == ()
    assert parse_posts(URL, {"x-wp-total": "many"}, b"\xef\xbb\xbf[]").total == 0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            b'{"code": "rest_post_invalid_page_number", "message": "The page number requested is <b>larger</b>."}',
            "no posts: The page number requested is larger. (rest_post_invalid_page_number)",
        ),
        (b'{"code": "rest_no_route"}', "no posts: (rest_no_route)"),
        (b"{}", "no posts: the answer is no list"),
        (b'"text"', "JSON, but no list of posts"),
        (b'[{"name": "a"}, 3]', "a list, but not of WordPress posts"),
        (b"<!doctype html><html>Please enable JavaScript</html>", "a web page, not the answer"),
        (b"oops", "no JSON, not the answer"),
        (b"", "no JSON, not the answer"),
    ],
)
def test_an_error_is_told_in_the_words_of_the_server(body: bytes, told: str) -> None:
    with pytest.raises(DiscoveryError) as caught:
        parse_posts(URL, {}, body)
    assert caught.value.message.startswith(f"{URL}: {told}")


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_posts = st.lists(
    st.dictionaries(
        st.sampled_from(["id", "link", "title", "content", "date_gmt", "_embedded", "lang"]),
        _json
        | st.just("https://larkmere.example/x")
        | st.dictionaries(st.sampled_from(["rendered", "protected", "author"]), _json),
    )
    | _json,
    max_size=4,
)


@given(_posts | _json)
def test_any_json_is_posts_or_a_discovery_error(answer: Any) -> None:
    try:
        result = parse_posts(URL, {}, json.dumps(answer).encode())
    except DiscoveryError:
        return
    assert all(link.url.startswith("http") for link in result.links)


@given(st.binary(max_size=100))
def test_any_bytes_are_posts_or_a_discovery_error(body: bytes) -> None:
    try:
        parse_posts(URL, {}, body)
    except DiscoveryError:
        return
