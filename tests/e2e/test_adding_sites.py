"""From an address to stored articles, without a word written by hand: `sites add`, then one `crawl` of all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from monitor.sites import load_sites
from tests.newsite import Answer, NewsSite
from tests.program import crawl, exported, monitor

ARTICLES = 3


Shape = tuple[str, str]  # the path that is given to `sites add`, and that of the source it should find


def start_page(head: str, **headers: str) -> Answer:
    return Answer(200, f'<html lang="de"><head><title>Testblatt</title>{head}</head></html>', headers=headers)


def rest_route_in_a_header(site: NewsSite) -> Shape:
    """WordPress without pretty addresses."""
    site.routes["/"] = start_page("", Link=f'<{site.url}/?rest_route=/>; rel="https://api.w.org/"')
    return "/", "/?rest_route=/"


def rest_route_in_the_page(site: NewsSite) -> Shape:
    site.routes["/"] = start_page('<link rel="https://api.w.org/" href="/index.php?rest_route=/">')
    return "/", "/index.php?rest_route=/"


def wordpress_below_a_folder(site: NewsSite) -> Shape:
    """It names nothing: the usual place is below the address that is given."""
    site.routes["/blog/"] = start_page("")
    site.routes["/blog/wp-json/wp/v2/posts"] = lambda _: site.posts({})
    return "/blog/", "/blog/"


def feed_below_the_base(site: NewsSite) -> Shape:
    site.routes["/"] = start_page('<base href="/de/"><link rel=alternate type="application/rss+xml" href="n?l=de#x">')
    site.routes["/de/n"] = lambda _: Answer(200, site.feed(), "text/xml")
    return "/", "/de/n?l=de"


def moved_home_page(site: NewsSite) -> Shape:
    site.routes["/"] = Answer(301, headers={"Location": "/start/"})
    site.routes["/start/"] = start_page('<link rel=alternate type="application/atom+xml" href="atom">')
    site.routes["/start/atom"] = lambda _: Answer(200, site.feed(), "application/octet-stream")
    return "/", "/start/atom"


SHAPES = {
    shape.__name__: shape
    for shape in (
        rest_route_in_a_header,
        rest_route_in_the_page,
        wordpress_below_a_folder,
        feed_below_the_base,
        moved_home_page,
    )
}


@dataclass(frozen=True)
class Added:
    """`wanted`: address of the source that each file should name; `found`: what it names."""

    sites: dict[str, NewsSite]
    wanted: dict[str, str]
    found: dict[str, list[str]]
    summaries: dict[str, dict[str, Any]]
    stored: set[str]


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Added]:
    folder = tmp_path_factory.mktemp("adding")
    with ExitStack() as stack:
        sites = {name: stack.enter_context(NewsSite(ARTICLES)) for name in SHAPES}
        wanted = {}
        for name, site in sites.items():
            site.routes |= {path: Answer(404) for path in ("/wp-json/wp/v2/posts", "/feed.xml")}
            given, source = SHAPES[name](site)
            wanted[name] = f"{site.url}{source}"
            done = monitor(folder, "sites", "add", f"{site.url}{given}", "--allow-private", "--id", name)
            assert done.returncode == 0, done.stderr
        described, errors = load_sites(folder / "sites")
        assert not errors
        found = {name: [source.url for source in site.sources] for name, site in described.items()}
        summaries = crawl(folder)
        yield Added(sites, wanted, found, summaries, {one["url"] for one in exported(folder)})


@pytest.mark.parametrize("name", SHAPES)
def test_the_source_is_found_and_brings_every_article(added: Added, name: str) -> None:
    site = added.sites[name]
    assert added.found[name] == [added.wanted[name]]
    assert (added.summaries[name]["ok"], added.summaries[name]["stored"]) == (True, ARTICLES)
    assert {f"{site.url}{path}" for path in site.articles} <= added.stored
    comes_whole = name in ("rest_route_in_a_header", "rest_route_in_the_page", "wordpress_below_a_folder")
    assert site.article_hits() == (0 if comes_whole else ARTICLES)
