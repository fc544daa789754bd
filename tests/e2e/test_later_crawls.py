"""What a later crawl does with what an earlier one stored or left: three kinds of sources, two crawls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.records import Revision, Status, UrlState
from monitor.store.embedded import open_store
from monitor.urls import article_id
from tests.newsite import Answer, NewsSite, article_page, article_text, site_file
from tests.program import crawl, exported

KINDS = {"blatt": "feed", "voll": "full", "blog": "wordpress"}
ARTICLES = 6
SAME, CHANGED, REMOVED = "/a/0/", "/a/1/", "/a/2/"
NEW_PAGE = article_page(1, paragraphs=[*article_text(1), "Die Abstimmung wurde auf den Dienstag verschoben."])


@dataclass
class Crawled:
    folder: Path
    sites: dict[str, NewsSite]
    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    before: dict[str, int]  # requests before the second crawl, by site

    def requested(self, site: str) -> list[tuple[str, dict[str, str]]]:
        """Targets and headers of the second crawl."""
        requests = self.sites[site].requests[self.before[site] :]
        return [(target, headers) for _, target, headers in requests if target != "/robots.txt"]

    def state(self, site: str, path: str) -> UrlState:
        url = self.sites[site].url + path
        with closing(open_store(self.folder / "store")) as store:
            return store.known(site, [url])[url]

    def revisions(self, site: str, path: str) -> list[Revision]:
        with closing(open_store(self.folder / "store")) as store:
            return store.revisions(article_id(self.sites[site].url + path))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    folder = tmp_path_factory.mktemp("crawled")
    with (
        NewsSite(ARTICLES, address="127.0.0.1") as blatt,
        NewsSite(ARTICLES, address="127.0.0.2") as voll,
        NewsSite(ARTICLES, address="127.0.0.3") as blog,
    ):
        sites = {"blatt": blatt, "voll": voll, "blog": blog}
        for site_id, site in sites.items():
            site_file(folder, site, site_id=site_id, source=KINDS[site_id])
        settings = {"MONITOR_CRAWL__RECHECK": '["2s", "1h"]', "MONITOR_CRAWL__CONCURRENT_SITES": "3"}
        first = crawl(folder, **settings)
        before = {}
        for site_id, site in sites.items():
            site.articles[CHANGED] = NEW_PAGE
            site.removed.add(REMOVED)
            before[site_id] = len(site.requests)
        time.sleep(2)
        yield Crawled(folder, sites, first, crawl(folder, **settings), before)


def test_each_kind_of_source_brings_every_article(crawled: Crawled) -> None:
    urls = {article["url"] for article in exported(crawled.folder)}
    assert urls == {site.url + path for site in crawled.sites.values() for path in site.articles}
    assert [one["stored"] for one in crawled.first.values()] == [ARTICLES] * 3


@pytest.mark.parametrize("site", ["voll", "blog"])
def test_content_that_comes_with_the_source_needs_no_page(crawled: Crawled, site: str) -> None:
    assert crawled.sites[site].article_hits() == 0


def test_a_stored_page_is_looked_at_again_by_a_conditional_request(crawled: Crawled) -> None:
    asked = dict(crawled.requested("blatt"))
    assert set(asked) == {"/feed.xml", *crawled.sites["blatt"].articles}
    assert all(headers.get("if-none-match") for headers in asked.values())


def test_what_did_not_change_is_counted_and_not_filed_again(crawled: Crawled) -> None:
    assert crawled.second["blatt"]["unchanged"] == ARTICLES - 2
    assert crawled.second["blog"]["unchanged"] == ARTICLES - 2
    assert [one["stored"] for one in crawled.second.values()] == [0, 0, 0]
    for site in crawled.sites:
        assert len(crawled.revisions(site, SAME)) == 1


@pytest.mark.parametrize("site", ["blatt", "blog", "voll"])
def test_a_changed_text_becomes_a_revision(crawled: Crawled, site: str) -> None:
    first, second = crawled.revisions(site, CHANGED)
    assert "Dienstag" not in first.text
    assert "auf den Dienstag verschoben" in second.text
    assert (second.number, second.fetched_at > first.fetched_at) == (2, True)
    assert crawled.second[site]["updated"] == 1
    assert crawled.state(site, CHANGED).status is Status.STORED


@pytest.mark.parametrize("site", ["blatt", "blog"])
def test_a_page_that_went_is_gone_and_its_article_stays(crawled: Crawled, site: str) -> None:
    state = crawled.state(site, REMOVED)
    assert (state.status, state.due_at) == (Status.GONE, None)
    assert crawled.second[site]["rejected"] == {"gone": 1}
    assert any(article["url"] == crawled.sites[site].url + REMOVED for article in exported(crawled.folder))


@pytest.mark.parametrize("site", ["blatt", "blog"])
def test_the_next_look_follows_from_the_first_fetch(crawled: Crawled, site: str) -> None:
    for path in (SAME, CHANGED):
        state = crawled.state(site, path)
        assert state.fetched_at is not None
        assert state.due_at == state.fetched_at + timedelta(hours=1)


def test_posts_that_are_due_are_asked_for_by_number_in_one_request(crawled: Crawled) -> None:
    targets = [target for target, _ in crawled.requested("blog")]
    assert len(targets) == 2
    assert sum("include=" in target for target in targets) == 1


# --- what an earlier crawl left ---


@pytest.fixture
def left(tmp_path: Path) -> Callable[..., None]:
    """Put addresses into the store as a crawl that was ended leaves them."""

    def leave(site: NewsSite, *paths: str, **values: Any) -> None:
        at = datetime.now(UTC) - timedelta(hours=1)
        with closing(open_store(tmp_path / "store")) as store:
            store.discover([UrlState("blatt", site.url + path, discovered_at=at, **values) for path in paths])

    return leave


def test_what_is_pending_comes_first_although_the_feed_no_longer_lists_it(
    tmp_path: Path, left: Callable[..., None]
) -> None:
    with NewsSite(8) as site:
        site.listed = ["/a/5/", "/a/6/", "/a/7/"]
        left(site, "/a/0/", "/a/1/", "/a/2/")
        due = datetime.now(UTC)
        left(site, "/a/3/", status=Status.FAILED, attempts=2, due_at=due)
        left(site, "/a/4/", status=Status.FAILED, attempts=2, due_at=due + timedelta(hours=1))
        site_file(tmp_path, site)
        summary = crawl(tmp_path, MONITOR_CRAWL__CONCURRENCY="1", MONITOR_CRAWL__MAX_PAGES="6")["blatt"]
        asked = [target for _, target, _ in site.requests if target.startswith("/a/")]
    assert asked == ["/a/0/", "/a/1/", "/a/2/", "/a/3/", "/a/5/", "/a/6/"]  # then crawl.max_pages; 4 is not due
    assert (summary["stored"], summary["discovered"]) == (6, 3)


def test_posts_that_the_list_no_longer_shows_are_fetched_by_number_or_as_pages(
    tmp_path: Path, left: Callable[..., None]
) -> None:
    with NewsSite(4) as site:
        left(site, "/a/0/", via="wordpress", remote_id="1")
        left(site, "/a/9/", via="feed")  # its feed is gone from the site file
        site.articles["/a/9/"] = article_page(9)
        del site.articles["/a/3/"]
        site_file(tmp_path, site, source="wordpress")
        text = (tmp_path / "sites" / "blatt.yaml").read_text()
        (tmp_path / "sites" / "blatt.yaml").write_text(text.replace("pages: 10", "pages: 1, per_page: 2"))
        crawl(tmp_path)
        assert site.hits["/a/9/"] == site.article_hits() == 1
        found = {article["url"] for article in exported(tmp_path)}
    assert found == {f"{site.url}/a/{number}/" for number in (0, 1, 9)}


def test_an_answer_that_is_an_error_takes_no_post_away(tmp_path: Path, left: Callable[..., None]) -> None:
    with NewsSite(2) as site:
        due = datetime.now(UTC)
        left(site, "/a/0/", via="wordpress", remote_id="1", status=Status.STORED, fetched_at=due, due_at=due)
        left(site, "/a/1/", via="wordpress", remote_id="2")
        site.routes["/wp-json/wp/v2/posts"] = Answer(403, '{"code": "rest_forbidden"}', "application/json")
        site_file(tmp_path, site, source="wordpress")
        summary = crawl(tmp_path, expect=1)["blatt"]
        with closing(open_store(tmp_path / "store")) as store:
            counts = store.counts("blatt")
    assert (summary["status"], summary["rejected"], summary["stored"]) == ("failed", {}, 1)
    assert counts == {"stored": 2}  # the pending one was fetched as a page


def test_posts_of_two_blogs_are_asked_for_at_their_own(tmp_path: Path, left: Callable[..., None]) -> None:
    with NewsSite(1) as one, NewsSite(6) as other:
        left(other, "/a/4/", via="wordpress", remote_id="5")
        site_file(tmp_path, one, source="wordpress")
        path = tmp_path / "sites" / "blatt.yaml"
        path.write_text(path.read_text() + f"  - {{kind: wordpress, url: '{other.url}/', per_page: 2}}\n")
        summary = crawl(tmp_path)["blatt"]
        assert (summary["rejected"], other.article_hits()) == ({}, 0)
    assert any(article["url"] == f"{other.url}/a/4/" for article in exported(tmp_path))


def test_a_server_that_lists_other_posts_than_asked_for_says_nothing_of_them(
    tmp_path: Path, left: Callable[..., None]
) -> None:
    with NewsSite(4) as site:
        answer = site.posts
        site.posts = lambda query: answer({key: value for key, value in query.items() if key != "include"})  # type: ignore[method-assign]
        left(site, "/a/3/", via="wordpress", remote_id="4")
        site_file(tmp_path, site, source="wordpress")
        path = tmp_path / "sites" / "blatt.yaml"
        path.write_text(path.read_text().replace("pages: 10", "pages: 1, per_page: 2"))
        assert crawl(tmp_path)["blatt"]["rejected"] == {}
        assert site.hits["/a/3/"] == 1
    assert any(article["url"] == f"{site.url}/a/3/" for article in exported(tmp_path))
