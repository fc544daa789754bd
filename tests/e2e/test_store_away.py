"""The store does not answer for a whole crawl, or for a part of one: gathering goes on, and nothing is lost."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store.embedded import open_store
from tests.articles import stored
from tests.e2e.elsewhere import settings
from tests.newsite import NewsSite, site_file
from tests.program import monitor, start
from tests.store.gathering_worker import opened
from tests.waiting import until

ARTICLES = 8


@pytest.fixture
def site(tmp_path: Path) -> Iterator[NewsSite]:
    with NewsSite(ARTICLES, latency=0.05) as running:
        running.listed = list(running.articles)
        site_file(tmp_path, running, site_id="blatt")
        yield running


def articles(folder: Path) -> list[str]:
    with closing(open_store(folder / "there")) as there:
        assert there.waiting() == 0
        return sorted(one.article.url for one in there.scan())


def test_a_whole_crawl_without_the_store(tmp_path: Path, site: NewsSite) -> None:
    where = settings(tmp_path)
    (tmp_path / "away").touch()
    done = monitor(tmp_path, "crawl", "--json", **where)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["sites"][0]["ok"], told["sites"][0]["fetched"], told["sites"][0]["stored"]) == (True, ARTICLES, None)
    assert (told["unfiled"], told["shipping"]["waiting"], told["shipping"]["answers"]) == (ARTICLES, ARTICLES, False)
    assert "filer died" not in done.stderr

    status = monitor(tmp_path, "status", **where)
    assert status.returncode == 1
    (line,) = status.stderr.splitlines()
    assert line.startswith("Error: store unreachable since 20")
    assert f"nothing answers; {ARTICLES} articles wait here" in line
    assert "blatt" in status.stdout
    known = json.loads(monitor(tmp_path, "status", "--json", **where).stdout)
    assert known["store"]["shipping"]["waiting"] == ARTICLES
    assert known["sites"][0]["urls"] == {"stored": ARTICLES}

    again = monitor(tmp_path, "crawl", **where)
    assert again.returncode == 0, again.stderr
    (row,) = [line.split() for line in again.stdout.splitlines() if line.startswith("blatt")]
    assert row[:5] == ["blatt", "0", "0", "waiting", "waiting"]
    assert f"{ARTICLES} articles wait here; none is lost" in again.stderr
    search = monitor(tmp_path, "search", "Hafen", **where)
    assert (search.returncode, search.stderr) == (1, "Error: nothing answers\n")

    (tmp_path / "away").unlink()
    filed = monitor(tmp_path, "file", "--until-idle", **where)
    assert filed.returncode == 0, filed.stderr
    assert len(articles(tmp_path)) == ARTICLES
    status = monitor(tmp_path, "status", **where)
    assert (status.returncode, status.stderr) == (0, "")
    last = json.loads(monitor(tmp_path, "runs", "--json", **where).stdout)[-1]
    assert (last["site"], last["stored"]) == ("blatt", ARTICLES)


@pytest.mark.slow
def test_a_full_inbox_pauses_the_crawl_and_everybody_is_told(tmp_path: Path, site: NewsSite) -> None:
    where = {**settings(tmp_path), "MONITOR_STORE__INBOX_LIMIT": "100"}
    (tmp_path / "away").touch()
    with closing(opened(tmp_path)) as store:
        store.settle([stored(f"{number:03}") for number in range(100)])
    crawl = start(tmp_path, "crawl", **where)
    assert crawl.stdout is not None
    lines = []
    for line in crawl.stdout:
        lines.append(line)
        if "paused" in line:
            break
    status = monitor(tmp_path, "status", **where)
    assert re.search(r"^crawls +pause: 100 of 100 wait$", status.stdout, re.MULTILINE)
    told = json.loads(monitor(tmp_path, "status", "--json", **where).stdout)
    assert told["crawls"] == {"paused": True, "waiting": 100, "limit": 100}

    (tmp_path / "away").unlink()
    rest, _ = crawl.communicate(timeout=120)
    assert crawl.returncode == 0, rest
    said = [line.split("site=")[0].strip() for line in [*lines, *rest.splitlines()] if "site=blatt" in line]
    assert said == ["paused", "pause over", "crawled"]
    (row,) = [line.split() for line in rest.splitlines() if line.startswith("blatt")]
    assert row[:4] == ["blatt", *[str(ARTICLES)] * 3]
    assert "pause:" not in monitor(tmp_path, "status", **where).stdout
    assert len(articles(tmp_path)) == 100 + ARTICLES
    last = [one for one in json.loads(monitor(tmp_path, "runs", "--json", **where).stdout) if one["site"] == "blatt"]
    assert last[-1]["stored"] == ARTICLES, rest


@pytest.mark.slow
def test_the_store_goes_away_in_the_middle_and_comes_back(tmp_path: Path, site: NewsSite) -> None:
    where = settings(tmp_path)
    crawl = start(tmp_path, "crawl", MONITOR_CRAWL__CONCURRENCY="1", **where)
    until(site.article_hits)
    (tmp_path / "away").touch()
    time.sleep(2.0)
    (tmp_path / "away").unlink()
    out, _ = crawl.communicate(timeout=120)
    assert crawl.returncode == 0, out
    assert monitor(tmp_path, "file", "--until-idle", **where).returncode == 0
    assert len(articles(tmp_path)) == ARTICLES
