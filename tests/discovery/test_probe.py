"""Where a site's sources may be, from its home page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.discovery.probe import USUAL_FEEDS, Home, is_comment_feed, read_home

URL = "https://rundblick.example/"


def read(head: str = "", body: str = "", *, url: str = URL, headers: dict[str, str] | None = None) -> Home:
    page = f'<!doctype html><html lang="de-DE"><head><title>Rundblick</title>{head}</head><body>{body}</body></html>'
    return read_home(url, headers or {"content-type": "text/html; charset=utf-8"}, page.encode())


def urls(home: Home, kind: str) -> list[str]:
    return [one.url for one in home.candidates if one.kind == kind]


def test_feeds_that_the_page_names_are_asked_and_no_usual_ones() -> None:
    home = read(
        '<link rel="alternate" type="application/rss+xml" title="Alles" href="/feed.xml?format=1&amp;utm_source=x">'
        '<link rel="ALTERNATE stylesheet" type="application/atom+xml; charset=utf-8" href="//cdn.example/atom">'
        '<link rel="alternate" type="application/feed+json" href="feed.json#top">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">'
        '<link rel="alternate" type="application/rss+xml" title="Rundblick » Kommentar-Feed" href="/k/">'
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">'
        '<link rel="alternate" hreflang="en" href="/en/">'
        '<link rel="alternate" type="application/rss+xml" href="javascript:void(0)">'
    )
    assert urls(home, "feed") == [
        "https://rundblick.example/feed.xml?format=1&utm_source=x",
        "https://cdn.example/atom",
        "https://rundblick.example/feed.json",
    ]
    assert all(one.named for one in home.candidates if one.kind == "feed")
    assert (home.title, home.language) == ("Rundblick", "de-DE")


def test_the_api_is_named_by_an_element_or_a_header() -> None:
    by_element = read('<link rel="https://api.w.org/" href="/blog/wp-json/">')
    assert urls(by_element, "wordpress") == ["https://rundblick.example/blog/wp-json/"]
    value = '<https://rundblick.example/?rest_route=/>; rel="https://api.w.org/", <https://x.example/>; rel=shortlink'
    assert urls(read(headers={"Link": value}), "wordpress") == ["https://rundblick.example/?rest_route=/"]


def test_apis_come_before_feeds() -> None:
    kinds = [one.kind for one in read().candidates]
    assert kinds == sorted(kinds, reverse=True)


def test_without_named_sources_the_usual_places_are_tried_also_below_the_address() -> None:
    home = read(url="https://rundblick.example/blog/")
    assert urls(home, "wordpress") == ["https://rundblick.example/blog/wp-json/", "https://rundblick.example/wp-json/"]
    feeds = urls(home, "feed")
    assert feeds == [f"https://rundblick.example/{base}{path}" for base in ("blog/", "") for path in USUAL_FEEDS]
    assert {"feed/", "feed.xml", "rss", "rss.xml", "atom.xml", "feed.json"} <= set(USUAL_FEEDS)
    assert not any(one.named for one in home.candidates)


def test_links_in_the_text_that_look_like_feeds_come_before_the_usual_places() -> None:
    home = read(
        body='<a href="/service/rss.php">RSS</a><a href="/feedback">Feedback</a><a href="/news?format=rss">News</a>'
        '<a href="https://other.example/rss">fremd</a><a href="/comments/feed/">Kommentare</a>'
    )
    assert urls(home, "feed")[:2] == [
        "https://rundblick.example/service/rss.php",
        "https://rundblick.example/news?format=rss",
    ]
    assert "https://rundblick.example/feedback" not in urls(home, "feed")
    assert "https://other.example/rss" not in urls(home, "feed")


def test_the_base_element_and_the_sites_own_name_count() -> None:
    home = read(
        '<base href="https://www.rundblick.example/x/"><meta property="og:site_name" content="Werlataler Rundblick">'
        '<link rel="alternate" type="application/rss+xml" href="feed">'
    )
    assert urls(home, "feed") == ["https://www.rundblick.example/x/feed"]
    assert home.title == "Werlataler Rundblick"


@pytest.mark.parametrize(
    ("charset", "kind"),
    [("utf-8", "text/html"), ("windows-1254", "text/html; charset=windows-1254"), ("iso-8859-9", "text/html")],
)
def test_the_name_is_read_in_the_pages_charset(charset: str, kind: str) -> None:
    page = f'<html><head><meta charset="{charset}"><title>Işık Postası</title></head></html>'.encode(charset)
    assert read_home(URL, {"Content-Type": kind}, page).title == "Işık Postası"


@pytest.mark.parametrize(
    ("url", "title", "comments"),
    [
        ("https://a.example/comments/feed/", "", True),
        ("https://a.example/?feed=comments-rss2", "", True),
        ("https://a.example/feed/", "Comments on: Blatt", True),
        ("https://a.example/feed/", "Kommentare für Blatt", True),
        ("https://a.example/feed/", "Blatt", False),
        ("https://a.example/commentary/feed/", "Commentary", False),
    ],
)
def test_feeds_of_comments_are_told_from_news(url: str, title: str, comments: bool) -> None:
    assert is_comment_feed(url, title) is comments


_PARTS = [
    "<link rel=alternate type=application/rss+xml href=", "<base href=", "http://[", "<a href=/rss>", "<html lang=",
    "<title>", ">", '"', "\x00", "é", "<link rel='https://api.w.org/' href='//[",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(_PARTS) | st.text(max_size=5), max_size=15).map("".join) | st.text(max_size=30),
    st.text(max_size=20),
)
def test_any_page_gives_candidates_that_can_be_asked(page: str, header: str) -> None:
    home = read_home(URL, {"Link": f'<{header}>; rel="https://api.w.org/"'}, page.encode("utf-8", "replace"))
    assert all(one.url.startswith(("http://", "https://")) for one in home.candidates)
