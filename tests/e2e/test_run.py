"""`monitor run`: crawls by the clock, takes up site files, and ends when told, leaving nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.records import Alert
from monitor.store.embedded import open_store
from monitor.store.port import FILER_LEASE
from tests.alerts.receivers import web_server
from tests.articles import NOW, changes, document
from tests.newsite import NewsSite, article_page, site_file
from tests.program import exported, monitor, start
from tests.waiting import until

SETTINGS = {"MONITOR_SCHEDULE__RELOAD_SECONDS": "0.5", "MONITOR_SCHEDULE__EVERY": "4s"}


def group(number: int) -> list[int]:
    """Running processes of the group."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[2]) == number and fields[0] not in "ZX":
                found.append(int(status.parent.name))
    return found


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []

    def run(**settings: str) -> subprocess.Popen[str]:
        processes.append(start(tmp_path, "run", **SETTINGS, **settings))
        return processes[-1]

    yield run
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def ended(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> str:
    """Tell it to end; what it said. Nothing of it runs any more."""
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "Traceback" not in output
    until(lambda: not group(process.pid), seconds=5)
    return output


def test_sites_are_crawled_at_their_times_also_those_that_come_later(
    tmp_path: Path, running: Callable[..., subprocess.Popen[str]]
) -> None:
    with NewsSite(3) as first, NewsSite(2, address="127.0.0.2") as second:
        (tmp_path / "sites").mkdir()
        process = running()
        site_file(tmp_path, first, site_id="erst")
        until(lambda: first.article_hits() == 3)
        (tmp_path / "sites" / "kaputt.yaml").write_text("url: [")
        site_file(tmp_path, second, site_id="zweit", more="schedule: 1h\n")
        until(lambda: second.article_hits() == 2)
        first.articles["/a/9/"] = article_page(9)
        until(lambda: first.hits["/a/9/"])
        until(lambda: first.hits["/feed.xml"] >= 3)
        listed = monitor(tmp_path, "schedule", "list", **SETTINGS)
        output = ended(process)
        assert second.hits["/feed.xml"] == 1
        assert first.article_hits() == 4
    assert "kaputt.yaml" in output
    assert listed.returncode == 2  # one file is broken
    assert "every 4s" in listed.stdout
    assert len(exported(tmp_path)) == 6
    with closing(open_store(tmp_path / "store")) as store:
        assert {run.trigger for run in store.runs()} == {"schedule"}
        assert all(run.status == "finished" for run in store.runs("zweit"))


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_the_end_keeps_what_the_crawls_have_and_the_next_start_goes_on(
    tmp_path: Path, running: Callable[..., subprocess.Popen[str]], number: int
) -> None:
    with NewsSite(8, latency=0.2) as site:
        site_file(tmp_path, site, more="schedule: 1h\n")
        process = running(MONITOR_CRAWL__CONCURRENCY="1")
        until(lambda: site.article_hits() >= 2)
        ended(process, number)
        with closing(open_store(tmp_path / "store")) as store:
            counts = store.counts("blatt")
            assert 0 < counts["stored"] < 8
            assert counts["stored"] + counts["discovered"] == 8
            assert (store.waiting(), store.runs()[0].status) == (0, "stopped")
        process = running()  # an interrupted crawl is taken up at once, although its hour is not over
        until(lambda: site.article_hits() >= 8)
        with closing(open_store(tmp_path / "store")) as store:  # its last article is stored a little before it is done
            until(lambda: store.runs()[0].status == "finished")
        ended(process)
        assert len(exported(tmp_path)) == 8
        assert max(count for path, count in site.hits.items() if path.startswith("/a/")) <= 2
        feeds = site.hits["/feed.xml"]
        process = running()  # and one that is done is not
        with closing(open_store(tmp_path / "store")) as store:
            until(lambda: store.holder(FILER_LEASE, datetime.now(UTC)), "it files, so it runs")
        time.sleep(3)
        ended(process)
        assert site.hits["/feed.xml"] == feeds


@pytest.mark.slow
def test_a_crawl_over_its_time_limit_is_ended_and_keeps_what_it_has(
    tmp_path: Path, running: Callable[..., subprocess.Popen[str]]
) -> None:
    with NewsSite(40, latency=1.0) as site:
        site_file(tmp_path, site, more="schedule: 1h\n")
        process = running(MONITOR_SCHEDULE__CRAWL_TIME_LIMIT="15s", MONITOR_CRAWL__CONCURRENCY="1")
        until(lambda: site.article_hits() >= 1)

        def done() -> bool:
            with closing(open_store(tmp_path / "store")) as store:
                runs = store.runs()
                return bool(runs) and runs[0].finished_at is not None

        until(done)
        output = ended(process)
    assert "over its time limit" in output
    with closing(open_store(tmp_path / "store")) as store:
        counts = store.counts("blatt")
        assert 0 < counts["stored"] < 40
        assert store.runs()[0].status == "stopped"
        assert (store.waiting(), len(list(store.scan()))) == (0, counts["stored"])


def test_an_alert_that_is_being_sent_at_the_end_is_sent_and_marked(
    tmp_path: Path, running: Callable[..., subprocess.Popen[str]]
) -> None:
    made = document("a", "Feuer", "Das Feuer brennt.")
    alerts = [Alert("fire", "hook", f"story:{n}", made=NOW, due=NOW, story=made.story, article="a") for n in range(3)]
    with closing(open_store(tmp_path / "store")) as store:
        store.file(changes(made))
        store.put_alerts(alerts)
    with web_server() as hook:
        hook.delay = 8.0
        process = running(MONITOR_ALERTING__CHANNELS__HOOK=hook.address)
        until(lambda: hook.begun)
        ended(process)
        assert (hook.begun, len(hook.posts)) == (1, 1)
    with closing(open_store(tmp_path / "store")) as store:
        assert store.alert_counts() == {("hook", "sent"): 1, ("hook", "waiting"): 2}
