"""The queue of crawls: how many at once, how they end, what is told of them. The crawls are pretended."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor import config
from monitor.config import Loaded
from monitor.crawl.progress import Event
from monitor.dispatch import local
from monitor.dispatch.local import LocalCrawls
from tests.waiting import until

PRETEND = Path(__file__).parent / "pretend.py"
Queue = Callable[..., LocalCrawls]


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    plain = local.start

    def pretended(command: list[str], loaded: Loaded, **more: Any) -> subprocess.Popen[bytes]:
        site, run_id = command[4], command[6]
        return plain([sys.executable, str(PRETEND), site, run_id, str(tmp_path)], loaded, **more)

    monkeypatch.setattr(local, "start", pretended)
    made: list[LocalCrawls] = []

    def make(slots: int = 2, **more: Any) -> LocalCrawls:
        made.append(LocalCrawls(config.load(tmp_path, {}), slots=slots, workers=1, **more))
        return made[-1]

    yield make
    for crawls in made:
        crawls.stop()


def test_a_crawl_tells_its_progress_its_log_and_its_end(queue: Queue) -> None:
    events: list[tuple[str, Event]] = []
    lines: list[str] = []
    crawls = queue(on_event=lambda site, event: events.append((site, event)), on_line=lines.append)
    ended = crawls.submit("fine", trigger="crawl").result(60)
    assert (ended.ok, ended.site, ended.message) == (True, "fine", "")
    assert ended.run is not None
    assert (ended.run.id, ended.run.discovered) == (ended.run_id, 2)
    assert [(site, event.kind) for site, event in events] == [("fine", "progress"), ("fine", "finished")]
    assert lines == ["log of fine"]
    assert crawls.active() == []


def test_at_most_so_many_at_once_and_each_has_its_turn(queue: Queue, tmp_path: Path) -> None:
    crawls = queue(slots=2)
    futures = [crawls.submit(f"slow-{number}", trigger="crawl") for number in range(5)]
    assert all(future.result(30).ok for future in futures)
    spans = [
        tuple(float((tmp_path / f"slow-{number}.{what}").read_text()) for what in ("began", "ended"))
        for number in range(5)
    ]
    at_once = [sum(began <= moment < ended for began, ended in spans) for moment, _ in spans]
    assert max(at_once) == 2


def test_one_site_is_never_crawled_twice_at_once(queue: Queue) -> None:
    crawls = queue(slots=2)
    first = crawls.submit("slow", trigger="crawl")
    assert crawls.submit("slow", trigger="schedule") is first
    assert crawls.active() == ["slow"]
    first.result(60)
    second = crawls.submit("slow", trigger="crawl")
    assert second is not first
    assert second.result(60).run_id != first.result().run_id


@pytest.mark.parametrize(
    ("site", "message", "hint"),
    [
        ("fails", "site fails: no such thing", "do this"),
        ("dies", "the crawl's process was killed by SIGKILL; the next crawl goes on where it was", ""),
        ("silent", "the crawl's process ended with exit code 3; its log tells why", ""),
    ],
)
def test_a_crawl_that_fails_says_why(queue: Queue, site: str, message: str, hint: str) -> None:
    ended = queue().submit(site, trigger="crawl").result(60)
    assert (ended.ok, ended.message, ended.hint) == (False, message, hint)


def test_a_crawl_over_its_time_limit_is_ended_in_good_order(queue: Queue) -> None:
    ended = queue().submit("hangs", trigger="schedule", time_limit=timedelta(seconds=6)).result(60)
    assert ended.ok
    assert ended.run is not None


def test_one_that_does_not_end_is_killed(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "GRACE", 0.3)
    ended = queue().submit("stubborn", trigger="schedule", time_limit=timedelta(seconds=6)).result(60)
    assert (ended.ok, "SIGKILL" in ended.message) == (False, True)


def test_a_crawl_within_its_time_limit_is_left_alone(queue: Queue) -> None:
    assert queue().submit("slow", trigger="crawl", time_limit=timedelta(seconds=60)).result(60).ok


def test_stopping_ends_what_runs_and_starts_nothing_more(
    queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "GRACE", 2.0)
    crawls = queue(slots=2)
    hanging, stubborn = crawls.submit("hangs", trigger="crawl"), crawls.submit("stubborn", trigger="crawl")
    waiting = crawls.submit("fine", trigger="crawl")
    until(lambda: (tmp_path / "hangs.ready").exists() and (tmp_path / "stubborn.ready").exists())
    crawls.stop()
    assert hanging.result(1).ok
    assert not stubborn.result(1).ok
    assert waiting.cancelled() or not waiting.result(1).ok
    assert not (tmp_path / "fine.began").exists()


def test_the_child_gets_the_settings_file_and_the_users_own_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "monitor.toml").write_text("")
    monkeypatch.setenv("PYTHONPATH", "/somewhere/else")
    code = "import os, sys; print(os.environ['MONITOR_CONFIG'], os.getcwd(), *sys.path, sep='\\n')"
    with local.start([sys.executable, "-P", "-c", code], config.load(tmp_path, {})) as process:
        assert process.stdout is not None
        found = process.stdout.read().decode().splitlines()
    assert found[:2] == [str(tmp_path / "monitor.toml"), str(tmp_path)]
    assert {str(tmp_path), "/somewhere/else", str(Path(local.__file__).parents[2])} <= set(found[2:])
