"""SIGKILL to the whole process group, at every place where something could be lost. Nothing is, nothing is doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.store.embedded import open_store
from tests.newsite import NewsSite, site_file
from tests.program import crawl, exported, monitor, start

pytestmark = pytest.mark.slow

ARTICLES = 40
SMALL = {
    "MONITOR_FILING__BATCH": "4",
    "MONITOR_FILING__PROJECT_EVERY": "4",
    "MONITOR_FILING__PROJECT_SECONDS": "0.2",
    "MONITOR_CRAWL__CONCURRENCY": "2",
    "MONITOR_CRAWL__WORKERS": "1",
    "MONITOR_SCHEDULE__RELOAD_SECONDS": "1",
}
# Where, and the range of passages at which the seed picks: late enough that something is done, early enough that
# addresses are pending.
PLACES = {
    "after-discovery": (1, 1),
    "after-fetch": (2, 30),
    "before-inbox-commit": (1, 4),
    "after-inbox-commit": (1, 4),
    "while-filing": (1, 4),
    "while-projecting": (1, 3),
    "after-index-commit": (1, 3),
}


def cases(command: str) -> list[tuple[str, int]]:
    """Each place once with each command: behind them the same processes do the work."""
    rng = random.Random(f"20240516 {command}")
    return [(place, rng.randint(*bounds)) for place, bounds in PLACES.items()]


@pytest.fixture
def site(tmp_path: Path):  # type: ignore[no-untyped-def]
    with NewsSite(ARTICLES, latency=0.1) as running:
        # Two feeds, so that there is something after the first discovery.
        running.listed = list(running.articles)
        site_file(tmp_path, running)
        yield running


def killed(folder: Path, command: str, fault: str) -> None:
    """Run until the fault kills the group; fails unless it died by SIGKILL with work pending."""
    process = start(folder, command, MONITOR_FAULT=fault, **SMALL)
    try:
        output, _ = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail(f"not killed at {fault}: {process.communicate()[0][-2000:]}")
    assert process.returncode == -signal.SIGKILL, output
    store = open_store(folder / "store")
    try:
        pending = len(store.pending("blatt", datetime.now(UTC), 1000))
    finally:
        store.close()
    assert pending > 0, "nothing was pending at the kill: the test shows nothing"


def assert_complete(folder: Path, site: NewsSite) -> None:
    """Each article exactly once, at its first revision, and the store is sound."""
    articles = exported(folder)
    counted = Counter(article["url"] for article in articles)
    assert set(counted) == {site.url + path for path in site.articles}
    assert set(counted.values()) == {1}
    checked = monitor(folder, "store", "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    found = monitor(folder, "search", "Verwaltung", "--json", "--limit", "1")
    assert f'"total":{ARTICLES}' in found.stdout.replace(" ", ""), found.stdout[:300] + found.stderr
    store = open_store(folder / "store")
    try:
        assert all(len(store.revisions(article["id"])) == 1 for article in articles)
        assert store.counts("blatt") == {"stored": ARTICLES}
        assert store.waiting() == 0
    finally:
        store.close()


@pytest.mark.parametrize(("place", "passage"), cases("crawl"))
def test_a_killed_crawl_resumes_without_loss(tmp_path: Path, site: NewsSite, place: str, passage: int) -> None:
    killed(tmp_path, "crawl", f"{place}:{passage}")
    site.listed = []  # the feed no longer lists them: what is pending is known all the same
    site.latency = 0.0
    crawl(tmp_path, **SMALL)
    assert_complete(tmp_path, site)


@pytest.mark.parametrize(("place", "passage"), cases("run"))
def test_a_killed_run_resumes_without_loss(tmp_path: Path, site: NewsSite, place: str, passage: int) -> None:
    killed(tmp_path, "run", f"{place}:{passage}")
    site.latency = 0.0
    process = start(tmp_path, "run", **SMALL)
    try:
        _wait_until_stored(tmp_path, 60)
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, output
    assert_complete(tmp_path, site)


def _wait_until_stored(folder: Path, seconds: float) -> None:
    store = open_store(folder / "store")
    try:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if store.counts("blatt") == {"stored": ARTICLES} and store.waiting() == 0:
                return
            time.sleep(0.2)
        pytest.fail(f"not all stored in {seconds} s: {store.counts('blatt')}, waiting {store.waiting()}")
    finally:
        store.close()


def test_a_crawl_killed_again_and_again_at_random_loses_nothing(tmp_path: Path, site: NewsSite) -> None:
    rng = random.Random(7)
    deaths = 0
    for _ in range(6):
        process = start(tmp_path, "crawl", **SMALL)
        try:
            process.communicate(timeout=rng.uniform(0.8, 4.0))
        except subprocess.TimeoutExpired:
            import os

            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            deaths += process.returncode == -signal.SIGKILL
    assert deaths >= 2
    site.latency = 0.0
    crawl(tmp_path, **SMALL)
    assert_complete(tmp_path, site)
