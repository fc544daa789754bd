"""One crawl of a site on which everything happens that happens to pages. Many promises, one run of the program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.records import Rejection, Run, Status, UrlState
from monitor.store.embedded import open_store
from monitor.urls import article_id
from tests.newsite import Answer, NewsSite, article_page, site_file
from tests.program import crawl, exported

ARTICLES = 4  # ordinary ones beside the odd
AGENT = "zoo-watch/1.0 (+https://zoo.example/bot)"
SITE = """
user_agent: 'zoo-watch/1.0 (+https://zoo.example/bot)'
headers: {X-Key: 'key-${ZOO_KEY}'}
deny: ['/denied/']
"""


@dataclass
class Zoo:
    folder: Path
    site: NewsSite
    elsewhere: NewsSite
    summary: dict[str, Any]
    run: Run
    rejections: dict[str, Rejection]
    states: dict[str, UrlState]
    articles: dict[str, dict[str, Any]]

    def requests(self, path: str) -> list[dict[str, str]]:
        return [headers for _, target, headers in self.site.requests if target == path]


def times(answers: dict[int, Answer], then: Answer) -> Callable[[dict[str, str]], Answer]:
    """The given answer at the given request, counted from 1; `then` at all others."""
    asked = Counter[str]()

    def answer(headers: dict[str, str]) -> Answer:
        asked["times"] += 1
        return answers.get(asked["times"], then)

    return answer


def furnish(site: NewsSite, elsewhere: NewsSite) -> None:
    page = {number: Answer(200, article_page(number)) for number in range(20, 40)}
    elsewhere.routes["/b/"] = page[39]
    site.routes |= {
        "/moved/": Answer(301, headers={"Location": "/target/?utm_source=feed"}),
        "/target/": page[20],
        "/abroad/": Answer(302, headers={"Location": f"{elsewhere.url}/b/"}),
        "/loop/": Answer(302, headers={"Location": "/loop/"}),
        "/large/": Answer(200, article_page(21) + "<!--" + "x" * 60_000 + "-->"),
        "/short/": Answer(200, article_page(22, paragraphs=["Drei kurze Wörter."])),
        "/paper/": Answer(200, b"%PDF-1.7 " + bytes(range(256)) * 8, "application/pdf"),
        "/gone/": Answer(410, "<h1>410</h1>"),
        "/paid/": Answer(402, "<h1>402</h1>"),
        "/broken/": Answer(500, "<h1>500</h1>"),
        "/tracked/": page[23],
        "/cut/": times({1: Answer(cut=True), 2: Answer(cut=True)}, page[24]),
        "/busy/": times({1: Answer(503, headers={"Retry-After": "2"})}, page[25]),
        "/later/": Answer(503, headers={"Retry-After": "7200"}),
        "/denied/": page[26],
        "/private/": page[27],
    }
    site.listed = [
        *site.articles, "/moved/", "/abroad/", "/loop/", "/large/", "/short/", "/paper/", "/gone/", "/missing/",
        "/paid/", "/broken/", "/tracked/?utm_source=rss&utm_medium=feed&fbclid=1&id=7", "/cut/", "/busy/", "/later/",
        "/denied/x", "/private/",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    folder = tmp_path_factory.mktemp("zoo")
    with NewsSite(ARTICLES) as site, NewsSite(address="127.0.0.2") as elsewhere:
        furnish(site, elsewhere)
        site_file(folder, site, more=SITE)
        settings = {"MONITOR_CRAWL__MAX_BYTES": "50000", "MONITOR_CRAWL__RETRIES": "2", "ZOO_KEY": "secret7"}
        summary = crawl(folder, **settings)["blatt"]
        store = open_store(folder / "store")
        try:
            run = store.run(summary["run"])
            assert run is not None
            rejections = {one.url.removeprefix(site.url): one for one in store.rejections(run.id)}
            urls = [site.url + path for path in site.listed or ()]
            states = {url.removeprefix(site.url): state for url, state in store.known("blatt", urls).items()}
        finally:
            store.close()
        articles = {one["url"].removeprefix(site.url): one for one in exported(folder)}
        yield Zoo(folder, site, elsewhere, summary, run, rejections, states, articles)


def test_every_page_that_can_be_read_is_stored_once(zoo: Zoo) -> None:
    plain = {*zoo.site.articles, "/target/", "/tracked/?id=7", "/cut/", "/busy/", f"{zoo.elsewhere.url}/b/"}
    assert set(zoo.articles) == plain
    assert (zoo.summary["status"], zoo.summary["stored"], zoo.summary["ok"]) == ("finished", len(plain), True)
    assert all(zoo.site.hits[path] == 1 for path in zoo.site.articles)


def test_pages_without_an_article_are_rejected_by_reason(zoo: Zoo) -> None:
    assert {path: one.reason for path, one in zoo.rejections.items()} == {
        "/large/": "too-large",
        "/loop/": "redirects",
        "/paid/": "http-402",
        "/paper/": "not-html",
        "/private/": "robots",
        "/short/": "too-short",
    }
    assert all(one.detail for one in zoo.rejections.values())


def test_the_summary_the_kept_run_and_the_rejections_agree(zoo: Zoo) -> None:
    counted = Counter(one.reason for one in zoo.rejections.values())
    assert zoo.summary["rejected"] == zoo.run.rejected == {**counted, "gone": 2}
    assert zoo.summary["failed"] == zoo.run.failed == 2
    assert zoo.summary["fetched"] == zoo.run.fetched == zoo.summary["stored"] + 2  # too short, no HTML
    assert zoo.summary["discovered"] == len(zoo.site.listed or ()) - 1  # but for the denied one


def test_a_page_that_is_not_there_is_gone(zoo: Zoo) -> None:
    assert {path for path, state in zoo.states.items() if state.status is Status.GONE} == {"/gone/", "/missing/"}


def test_what_may_pass_is_tried_again_in_a_later_crawl(zoo: Zoo) -> None:
    failed = {path: state for path, state in zoo.states.items() if state.status is Status.FAILED}
    assert {path: state.reason for path, state in failed.items()} == {"/broken/": "http-500", "/later/": "http-503"}
    waits = {path: state.due_at - zoo.run.started_at for path, state in failed.items() if state.due_at}
    assert timedelta(minutes=10) <= waits["/broken/"] < timedelta(minutes=11)
    assert timedelta(hours=2) <= waits["/later/"] < timedelta(hours=2, minutes=1)


def test_errors_are_retried_within_the_crawl_but_not_a_long_retry_after(zoo: Zoo) -> None:
    assert zoo.site.hits["/broken/"] == 3  # crawl.retries = 2
    assert zoo.site.hits["/later/"] == 1
    assert zoo.site.hits["/gone/"] == zoo.site.hits["/paid/"] == 1


def test_retry_after_is_waited_for_and_the_other_requests_of_the_host_wait_as_well(zoo: Zoo) -> None:
    asked = [(at, target) for at, target, _ in zoo.site.requests]
    first, again = (at for at, target in asked if target == "/busy/")
    assert again - first >= 2
    # Up to concurrency - 1 requests were under way when the answer came.
    assert sum(first + 0.2 < at < first + 2 for at, _ in asked) <= 3


def test_what_robots_or_the_site_file_forbid_is_not_requested(zoo: Zoo) -> None:
    assert zoo.site.hits["/private/"] == zoo.site.hits["/denied/x"] == 0
    assert f"{zoo.site.url}/denied/x" not in zoo.states
    assert zoo.site.requests[0][1] == "/robots.txt"


def test_robots_of_the_host_behind_a_redirect_is_asked_too(zoo: Zoo) -> None:
    assert [target for _, target, _ in zoo.elsewhere.requests] == ["/robots.txt", "/b/"]


def test_tracking_parameters_are_never_requested(zoo: Zoo) -> None:
    assert [target for _, target, _ in zoo.site.requests if "tracked" in target] == ["/tracked/?id=7"]


def test_the_identity_of_a_redirected_article_is_where_it_ended(zoo: Zoo) -> None:
    article = zoo.articles["/target/"]
    assert zoo.states["/moved/"].article_id == article["id"] == article_id(f"{zoo.site.url}/target/")


def test_every_request_names_the_user_agent_of_the_site(zoo: Zoo) -> None:
    requests = zoo.site.requests + zoo.elsewhere.requests
    assert {headers["user-agent"] for _, _, headers in requests} == {AGENT}


def test_headers_of_the_site_go_to_no_other_host(zoo: Zoo) -> None:
    assert {headers.get("x-key") for _, _, headers in zoo.site.requests} == {"key-secret7"}
    assert {headers.get("x-key") for _, _, headers in zoo.elsewhere.requests} == {None}


def test_a_second_crawl_within_the_hour_requests_no_article(zoo: Zoo) -> None:
    before = len(zoo.site.requests)
    summary = crawl(zoo.folder, ZOO_KEY="secret7")["blatt"]
    assert sorted(target for _, target, _ in zoo.site.requests[before:]) == ["/feed.xml", "/robots.txt"]
    assert zoo.requests("/feed.xml")[-1]["if-none-match"]
    assert (summary["status"], summary["discovered"], summary["fetched"]) == ("finished", 0, 0)
