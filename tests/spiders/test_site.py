"""The site spider by itself: what it asks, and what it makes of the answers. No request is sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, TextResponse
from scrapy.settings import Settings

from monitor.errors import DiscoveryError, SiteError
from monitor.records import Hint, Link, Page, UrlState
from spiders.site import SiteSpider
from tests.newsite import NewsSite, article_page

FILE = """
url: https://blatt.example/
user_agent: 'blatt-watch (+https://watch.example)'
delay: 7
sources:
  - {kind: feed, url: 'https://blatt.example/feed.xml'}
  - {kind: feed, url: 'https://blatt.example/full.xml', full_content: true}
  - {kind: wordpress, url: 'https://blatt.example/', pages: 2, per_page: 2}
"""


class Crawler:
    """As much of Scrapy's as a spider asks for when it is made."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings({"MONITOR_SITES": str(folder)})
        self.signals = self

    def connect(self, *args: Any, **more: Any) -> None:
        return


@pytest.fixture
def spider(tmp_path: Path) -> SiteSpider:
    (tmp_path / "blatt.yaml").write_text(FILE)
    return SiteSpider.from_crawler(Crawler(tmp_path), site="blatt")


def requests(things: Iterable[Any]) -> list[Request]:
    return [thing for thing in things if isinstance(thing, Request)]


def query(request: Request) -> dict[str, list[str]]:
    return parse_qs(urlsplit(request.url).query)


def posts(numbers: Iterable[int], pages: int) -> TextResponse:
    body = [
        {
            "id": n,
            "link": f"https://blatt.example/{n}",
            "title": {"rendered": f"T{n}"},
            "content": {"rendered": "<p>x</p>"},
        }
        for n in numbers
    ]
    return TextResponse(
        "https://blatt.example/wp-json/wp/v2/posts",
        body=json.dumps(body).encode(),
        headers={"X-WP-TotalPages": str(pages)},
    )


async def _started(spider: SiteSpider) -> list[Request]:
    return [request async for request in spider.start()]


def test_every_source_is_asked_at_the_start_feeds_conditionally(spider: SiteSpider) -> None:
    asked = asyncio.run(_started(spider))
    assert [request.url.split("?")[0] for request in asked] == [
        "https://blatt.example/feed.xml",
        "https://blatt.example/full.xml",
        "https://blatt.example/wp-json/wp/v2/posts",
    ]
    assert [bool(request.meta.get("conditional")) for request in asked] == [True, True, False]
    assert [request.meta["source"] for request in asked] == [source.key for source in spider.description.sources]


def test_the_sites_manners_win_over_the_settings(tmp_path: Path) -> None:
    (tmp_path / "blatt.yaml").write_text(FILE)
    crawler = Crawler(tmp_path)
    SiteSpider.from_crawler(crawler, site="blatt")
    assert crawler.settings.getfloat("DOWNLOAD_DELAY") == 7.0
    assert crawler.settings["USER_AGENT"] == "blatt-watch (+https://watch.example)"


@pytest.mark.parametrize("site", ["", "nirgends", "../blatt"])
def test_a_site_that_is_not_there_is_an_error(tmp_path: Path, site: str) -> None:
    with pytest.raises(SiteError):
        SiteSpider.from_crawler(Crawler(tmp_path), site=site)


def test_a_feed_gives_links_with_content_where_the_site_says_so(spider: SiteSpider) -> None:
    plain, whole, _ = spider.description.sources
    with NewsSite(2) as site:
        listed, full = (TextResponse(site.url, body=site.feed(whole=one).encode()) for one in (False, True))
    links = list(spider.parse_feed(listed, plain))  # type: ignore[arg-type]
    assert [(link.content, link.source) for link in links] == [(None, plain.key)] * 2
    assert all("Absatz 1" in (link.content or "") for link in spider.parse_feed(full, whole))  # type: ignore[arg-type]


def test_an_unchanged_feed_gives_nothing_and_a_web_page_is_an_error(spider: SiteSpider) -> None:
    source: Any = spider.description.sources[0]
    assert list(spider.parse_feed(TextResponse("https://blatt.example/feed.xml", status=304), source)) == []
    with pytest.raises(DiscoveryError):
        list(spider.parse_feed(HtmlResponse("https://blatt.example/feed.xml", body=article_page(1).encode()), source))


def test_pages_of_posts_are_asked_for_up_to_the_sites_limit(spider: SiteSpider) -> None:
    source: Any = spider.description.sources[2]
    first = list(spider.parse_posts(posts([1, 2], pages=5), source, 1))
    assert [thing.url for thing in first if isinstance(thing, Link)] == [
        "https://blatt.example/1",
        "https://blatt.example/2",
    ]
    (more,) = requests(first)
    assert query(more)["page"] == ["2"]
    assert requests(spider.parse_posts(posts([3], pages=5), source, 2)) == []
    assert requests(spider.parse_posts(posts([1], pages=1), source, 1)) == []


def test_posts_are_asked_for_again_by_number_a_hundred_at_a_time(spider: SiteSpider) -> None:
    states = [UrlState("blatt", f"https://blatt.example/{n}", via="wordpress", remote_id=str(n)) for n in range(230)]
    states.append(UrlState("blatt", "https://blatt.example/page"))
    asked = requests(spider.again(states))
    assert [len(query(request)["include"][0].split(",")) for request in asked] == [100, 100, 30]
    assert [len(request.meta["asked"]) for request in asked] == [100, 100, 30]


def test_a_page_carries_what_the_answer_said(spider: SiteSpider) -> None:
    hint = Hint(title="Vom Feed")
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "ETag": '"a"',
        "Last-Modified": "Thu, 16 May 2024 12:00:00 GMT",
    }
    response = HtmlResponse("https://blatt.example/neu", headers=headers, body=b"<p>x</p>")
    (page,) = spider.parse_article(response, hint, "https://blatt.example/alt")
    assert (page.url, page.final_url) == ("https://blatt.example/alt", "https://blatt.example/neu")
    assert (page.etag, page.last_modified, page.content_type) == tuple(
        headers[n] for n in ("ETag", "Last-Modified", "Content-Type")
    )
    assert (page.hint, page.site, page.http_status) == (hint, "blatt", 200)
    assert list(spider.parse_article(HtmlResponse("https://blatt.example/a", status=304), hint, "x")) == []


def test_content_of_a_source_becomes_a_fragment(spider: SiteSpider) -> None:
    link = Link("https://blatt.example/1", Hint(title="T"), "<p>\ud800 x</p>", "wordpress:https://blatt.example/", "17")
    page: Page = spider.content_page(link, "https://blatt.example/1")
    assert (page.kind, page.via, page.remote_id, page.body) == ("fragment", "wordpress", "17", b"<p>? x</p>")
    assert page.fetched_at <= datetime.now(UTC)
