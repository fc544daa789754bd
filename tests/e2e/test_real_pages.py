"""Real pages on loopback, from the replay server beside the project: found, crawled, crawled again, with faults."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.conftest import shared_folder
from tests.program import crawl, exported, monitor

QUICK = {"MONITOR_CRAWL__CONCURRENT_SITES": "2", "MONITOR_CRAWL__RETRIES": "4"}


@dataclass(frozen=True)
class Replay:
    """The server's sites: name -> address; and the paths of the articles that each offers."""

    addresses: dict[str, str]
    offered: dict[str, set[str]]

    def hits(self, name: str) -> Counter[str]:
        """Requests of articles since the server began."""
        with urlopen(f"{self.addresses[name]}_hits", timeout=10) as answer:  # noqa: S310  # the address is ours
            found = json.load(answer)
        return Counter({path: count for path, count in found.items() if path in self.offered[name]})


@contextmanager
def replayed(*options: str) -> Iterator[Replay]:
    shared = shared_folder()
    if shared is None or not (shared / "replay" / "serve.py").is_file():
        pytest.skip("no real pages beside the project (../shared, or the folder that MONITOR_SHARED names)")
    command = [sys.executable, str(shared / "replay" / "serve.py"), str(shared / "pages"), "--port", str(_free_port())]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as server:
        try:
            yield Replay(_addresses(server), _offered(shared))
        finally:
            server.kill()


def _free_port() -> int:
    """Free on every address that the server takes: it listens on each site's own."""
    with closing(socket.create_server(("0.0.0.0", 0))) as taken:  # noqa: S104  # closed at once
        return int(taken.getsockname()[1])


def _addresses(server: subprocess.Popen[str]) -> dict[str, str]:
    assert server.stdout is not None
    printed = ""
    for line in server.stdout:
        printed += line
        if line.rstrip() == "}":
            return {name: site["url"] for name, site in json.loads(printed).items()}
    raise AssertionError("the replay server did not start")


def _offered(shared: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (shared / "pages" / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        found.setdefault(record["site"], set()).add(record["path"])
    return found


def add_all(folder: Path, replay: Replay) -> None:
    for name, url in replay.addresses.items():
        done = monitor(folder, "sites", "add", url, "--allow-private", "--id", name)
        assert done.returncode == 0, done.stderr


def stored_paths(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for article in exported(folder):
        found.setdefault(article["site"], []).append(urlsplit(article["url"]).path)
    return {site: sorted(paths) for site, paths in found.items()}


def by_path(offered: dict[str, set[str]]) -> dict[str, list[str]]:
    return {site: sorted(paths) for site, paths in offered.items()}


@dataclass(frozen=True)
class Crawled:
    replay: Replay
    folder: Path
    first: dict[str, dict[str, Any]]
    hits: dict[str, Counter[str]]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """Every site added and crawled once."""
    folder = tmp_path_factory.mktemp("real")
    with replayed() as replay:
        add_all(folder, replay)
        first = crawl(folder, **QUICK)
        yield Crawled(replay, folder, first, {name: replay.hits(name) for name in replay.addresses})


@pytest.mark.slow
def test_every_address_is_added_by_its_feed_or_its_api(crawled: Crawled) -> None:
    done = monitor(crawled.folder, "sites", "list", "--json")
    kinds = {site["id"]: [source["kind"] for source in site["sources"]] for site in json.loads(done.stdout)}
    assert kinds == {name: ["wordpress"] if name.startswith("wp") else ["feed"] for name in crawled.replay.addresses}


@pytest.mark.slow
def test_one_crawl_stores_every_article_page_that_is_offered(crawled: Crawled) -> None:
    assert {name: (one["ok"], one["rejected"], one["failed"]) for name, one in crawled.first.items()} == {
        name: (True, {}, 0) for name in crawled.replay.addresses
    }
    assert stored_paths(crawled.folder) == by_path(crawled.replay.offered)


@pytest.mark.slow
def test_no_article_page_is_asked_for_twice_nor_where_the_api_brings_the_text(crawled: Crawled) -> None:
    for name, hits in crawled.hits.items():
        assert max(hits.values(), default=0) <= 1
        if name.startswith("real"):
            assert set(hits) == crawled.replay.offered[name]


@pytest.mark.slow
def test_a_second_crawl_within_the_hour_asks_for_no_article_page(crawled: Crawled) -> None:
    again = crawl(crawled.folder, **QUICK)
    assert all(one["ok"] for one in again.values())
    assert {name: crawled.replay.hits(name) for name in crawled.replay.addresses} == crawled.hits
    assert stored_paths(crawled.folder) == by_path(crawled.replay.offered)


@pytest.mark.slow
def test_with_a_fifth_of_the_requests_failing_every_article_still_arrives(tmp_path: Path) -> None:
    with replayed("--faults", "0.2", "--seed", "20240516") as replay:
        add_all(tmp_path, replay)
        summaries = crawl(tmp_path, **QUICK)
        assert all(one["ok"] for one in summaries.values()), summaries
        assert stored_paths(tmp_path) == by_path(replay.offered)
        failed_once = sum(count > 1 for name in replay.addresses for count in replay.hits(name).values())
    assert failed_once > 10
