"""Sites that can't be read: one clear message each, exit code 1, and the other sites go on."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.store.embedded import open_store
from tests.newsite import Answer, NewsSite, article_page, site_file
from tests.program import exported, monitor

# What the user reads of each, beside the address.
TOLD = {
    "nowhere": "the host's name was not found",
    "refused": "the server refused the connection",
    "private": "127.0.0.1 is not a public address; set `allow_private: true` in the site's file if that is meant",
    "robots": "can't be read: HTTP 500",
    "status": "the server answered with HTTP status 403",
    "nofeed": "a web page, not a feed",
    "unset": "the environment variable UNSET_KEY is not set",
    "tls": "no secure connection: wrong version number",
}


@dataclass
class Ended:
    code: int
    sites: dict[str, dict[str, Any]]
    errors: str
    runs: str
    robots: NewsSite
    private: NewsSite
    found: list[dict[str, Any]]


def described(folder: Path, name: str, url: str, more: str = "allow_private: true\n") -> None:
    feed = f"sources:\n  - {{kind: feed, url: '{url}/feed.xml'}}\n"
    (folder / "sites").mkdir(exist_ok=True)
    (folder / "sites" / f"{name}.yaml").write_text(f"url: {url}/\ndelay: 0\n{more}{feed}")


@contextmanager
def plain_text_port() -> Iterator[int]:
    """A server that does not speak TLS where TLS is expected."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    folder = tmp_path_factory.mktemp("failing")
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        closed = taken.getsockname()[1]
    with NewsSite(3) as good, NewsSite(3) as robots, NewsSite(3) as private, plain_text_port() as port:
        good.routes["/robots.txt"] = Answer(404, "<h1>404</h1>")
        robots.routes["/robots.txt"] = Answer(500)
        site_file(folder, good, site_id="good")
        described(folder, "nowhere", "http://nowhere.invalid")
        described(folder, "refused", f"http://127.0.0.1:{closed}")
        described(folder, "private", private.url, more="")
        described(folder, "robots", robots.url)
        described(folder, "status", f"{good.url}/forbidden")
        described(folder, "nofeed", f"{good.url}/page")
        described(folder, "unset", good.url, more="allow_private: true\nheaders: {X-Key: '${UNSET_KEY}'}\n")
        described(folder, "tls", f"https://127.0.0.1:{port}")
        good.routes |= {"/forbidden/feed.xml": Answer(403), "/page/feed.xml": Answer(200, article_page(1))}
        with closing(open_store(folder / "store")) as store:  # something to lose
            assert store.counts("robots") == {}
        done = monitor(folder, "crawl", "--json", MONITOR_CRAWL__RETRIES="1", MONITOR_CRAWL__CONCURRENT_SITES="3")
        sites = {one["site"]: one for one in json.loads(done.stdout)["sites"]}
        runs = monitor(folder, "runs").stdout
        yield Ended(done.returncode, sites, done.stderr, runs, robots, private, exported(folder))


@pytest.mark.parametrize(("site", "message"), TOLD.items())
def test_a_site_that_cant_be_read_fails_with_one_clear_message(ended: Ended, site: str, message: str) -> None:
    told = ended.sites[site]
    assert (told["ok"], told.get("stored", 0)) == (False, 0)
    assert message in told["error"]
    assert len(told["error"]) < 300
    assert message in ended.runs


def test_the_exit_code_says_so_and_the_other_sites_go_on(ended: Ended) -> None:
    assert ended.code == 1
    assert (ended.sites["good"]["ok"], ended.sites["good"]["stored"], len(ended.found)) == (True, 3, 3)


def test_no_traceback_is_shown(ended: Ended) -> None:
    assert "Traceback" not in ended.errors
    assert "Error downloading" not in ended.errors


def test_no_request_reaches_a_private_address(ended: Ended) -> None:
    assert ended.private.requests == []


def test_a_robots_file_that_fails_forbids_everything_for_now(ended: Ended) -> None:
    assert set(ended.robots.hits) == {"/robots.txt"}
