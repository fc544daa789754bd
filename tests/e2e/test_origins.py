"""Source links are followed once, after the crawl, and neither fail nor repeat it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.newsite import Answer, NewsSite, article_page, site_file
from tests.program import crawl, monitor

ORIGINAL = "/meldung/41"


def republished(number: int, source: str) -> str:
    return article_page(number).replace("</article>", f'<p><a href="{source}">Kaynak</a></p></article>')


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[tuple[Path, NewsSite, NewsSite]]:
    with NewsSite(articles=2) as paper, NewsSite(address="127.0.0.2") as agency:
        agency.routes[ORIGINAL] = Answer(200, article_page(41).replace("</article>", "<p>(dpa)</p></article>"))
        paper.articles["/a/0/"] = republished(0, agency.url + ORIGINAL)
        site_file(tmp_path, paper)
        yield tmp_path, paper, agency


def seconds(run: dict[str, str]) -> float:
    began, ended = (datetime.fromisoformat(run[name]) for name in ("started_at", "finished_at"))
    return (ended - began).total_seconds()


def all_documents(folder: Path) -> list[dict[str, object]]:
    from monitor import config
    from monitor.wiring import open_store

    store = open_store(config.load(folder, {}))
    try:
        return [
            {"url": one.article.url, "role": one.article.role, "site": one.article.site}
            for one in store.scan(roles=("article", "source"))
        ]
    finally:
        store.close()


def test_the_page_behind_a_source_link_is_stored_once(sites: tuple[Path, NewsSite, NewsSite]) -> None:
    folder, _, agency = sites
    assert crawl(folder)["blatt"]["stored"] == 2
    source = [one for one in all_documents(folder) if one["role"] == "source"]
    assert source == [{"url": agency.url + ORIGINAL, "role": "source", "site": "127.0.0.2"}]
    assert json.loads(monitor(folder, "search", "*", "--json").stdout)["total"] == 2
    crawl(folder)
    assert agency.hits[ORIGINAL] == 1


def test_a_source_link_that_fails_fails_nothing_and_is_tried_again(sites: tuple[Path, NewsSite, NewsSite]) -> None:
    folder, _, agency = sites
    agency.routes[ORIGINAL] = Answer(503)
    done = monitor(folder, "crawl", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert [one["failed"] for one in told["sites"]] == [0]
    assert [one["failed"] for one in told["origins"]] == [1]
    assert agency.hits[ORIGINAL] == 1


def test_a_source_link_that_hangs_costs_itself(sites: tuple[Path, NewsSite, NewsSite]) -> None:
    """The other link of its host is followed, and the crawl is not held up; later the one that hung comes last."""
    folder, paper, agency = sites
    paper.articles["/a/1/"] = republished(1, agency.url + "/hang")
    agency.routes["/hang"] = Answer(200, article_page(42), delay=100)
    done = monitor(folder, "crawl", "--json", MONITOR_CRAWL__ORIGIN_TIMEOUT="3")
    told = json.loads(done.stdout)
    assert (agency.hits["/hang"], agency.hits[ORIGINAL]) == (1, 1)
    assert [(one["fetched"], one["failed"]) for one in told["origins"]] == [(1, 1)]
    assert told["links_left"] == 0
    assert seconds(told["origins"][0]) < 15


def test_a_crawl_waits_a_short_time_for_source_links_and_tells_what_it_leaves(
    sites: tuple[Path, NewsSite, NewsSite],
) -> None:
    folder, paper, agency = sites
    for number in range(2):
        paper.articles[f"/a/{number}/"] = republished(number, f"{agency.url}/hang/{number}")
        agency.routes[f"/hang/{number}"] = Answer(200, article_page(41), delay=100)
    done = monitor(folder, "crawl", "--json", MONITOR_CRAWL__ORIGIN_TIMEOUT="60", MONITOR_CRAWL__TIMEOUT="60")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["links_left"], [one["failed"] for one in told["origins"]]) == (1, [1])
    assert seconds(told["origins"][0]) < 20
    assert sum(agency.hits[f"/hang/{number}"] for number in range(2)) == 1


def test_nothing_is_followed_where_the_site_says_so(sites: tuple[Path, NewsSite, NewsSite]) -> None:
    folder, _, agency = sites
    path = folder / "sites" / "blatt.yaml"
    path.write_text(path.read_text() + "follow_origin: false\n")
    crawl(folder)
    assert not agency.hits


def test_a_link_to_a_private_address_is_refused_to_public_sites(sites: tuple[Path, NewsSite, NewsSite]) -> None:
    """The site of the link may not open the private network, whatever its article links to."""
    from datetime import UTC, datetime

    from monitor.crawl.origins import links_to_follow
    from monitor.records import Article, SourceLink
    from monitor.sites import ORIGINS, PRIVATE_ORIGINS, Site, origin_site

    _, _, agency = sites
    link = SourceLink(agency.url + ORIGINAL, "Kaynak")
    now = datetime.now(UTC)
    article = Article("1", "https://blatt.example/1", "blatt", "Titel", "Text", now, source_links=(link,))
    public, private = (Site(id="x", url="https://blatt.example/", allow_private=allowed) for allowed in (False, True))
    assert [state.site for state in links_to_follow(article, public, now)] == [ORIGINS]
    assert [state.site for state in links_to_follow(article, private, now)] == [PRIVATE_ORIGINS]
    assert [origin_site(name).allow_private for name in (ORIGINS, PRIVATE_ORIGINS)] == [False, True]  # type: ignore[union-attr]
