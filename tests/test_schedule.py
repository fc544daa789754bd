"""When sites are crawled: the plan, and the scheduler with real threads and real files."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor import schedule
from monitor.errors import StoreBusy
from monitor.records import Run
from monitor.schedule import Plan, Scheduler, plan
from monitor.settings import ScheduleSettings
from monitor.sites import Site
from tests.waiting import PATIENCE, until

NOW = datetime(2024, 5, 16, 12, 0, tzinfo=UTC)  # Thursday, 14:00 in Berlin


def site(id: str = "blatt", **more: object) -> Site:
    return Site.model_validate({"id": id, "url": f"https://{id}.example/", **more})


def ran(ago: timedelta, status: str = "finished", id: str = "blatt") -> Run:
    return Run(f"run-{id}", id, NOW - ago, status=status)


def planned(one: Site, last: Run | None = None, **settings: str) -> Plan:
    plans, errors = plan({one.id: one}, {last.site: last} if last else {}, ScheduleSettings(**settings), NOW)
    assert errors == []
    (found,) = plans
    return found


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


# --- intervals ---


def test_a_site_that_never_ran_is_due_at_once() -> None:
    assert planned(site(schedule="30m")) == Plan("blatt", "every 30m", NOW)


def test_an_interval_counts_from_the_last_start() -> None:
    found = planned(site(schedule="30m"), ran(minutes(20)))
    assert (found.next_run, found.overdue) == (NOW + minutes(10), False)


def test_a_site_without_a_schedule_takes_the_interval_of_the_settings() -> None:
    assert planned(site(), ran(minutes(20)), every="2h").next_run == NOW + minutes(100)


def test_an_overdue_site_is_due_now_and_says_so() -> None:
    found = planned(site(schedule="30m"), ran(timedelta(days=3)))
    assert (found.next_run, found.overdue) == (NOW, True)


@pytest.mark.parametrize("status", ["running", "stopped"])
def test_a_crawl_that_was_interrupted_is_taken_up_at_once(status: str) -> None:
    assert planned(site(schedule="12h"), ran(minutes(5), status)).next_run == NOW


def test_a_crawl_that_failed_waits_for_its_time() -> None:
    assert planned(site(schedule="1h"), ran(minutes(5), "failed")).next_run == NOW + minutes(55)


# --- cron ---


def test_a_cron_time_is_in_the_zone_of_the_schedule_of_the_site_or_of_the_settings() -> None:
    at_nine = {"cron": "0 9 * * *"}
    zoned = site(schedule={**at_nine, "time_zone": "Asia/Tokyo"}, time_zone="Europe/Berlin")
    assert planned(zoned).next_run == datetime(2024, 5, 17, 0, 0, tzinfo=UTC)
    assert planned(zoned).rule == "cron 0 9 * * * (Asia/Tokyo)"
    berlin = site(schedule=at_nine, time_zone="Europe/Berlin")
    assert planned(berlin).next_run == datetime(2024, 5, 17, 7, 0, tzinfo=UTC)
    assert planned(site(schedule=at_nine), time_zone="America/New_York").next_run == datetime(
        2024, 5, 16, 13, tzinfo=UTC
    )


def test_a_site_that_never_ran_waits_for_its_cron_time() -> None:
    assert planned(site(schedule="0 18 * * *")).next_run == datetime(2024, 5, 16, 18, tzinfo=UTC)


def test_a_cron_time_that_was_missed_by_less_than_the_grace_is_made_up_for() -> None:
    found = planned(site(schedule="30 11 * * *"), ran(timedelta(days=1)))
    assert (found.next_run, found.overdue) == (NOW, True)


def test_a_cron_time_that_was_missed_by_more_is_let_go() -> None:
    found = planned(site(schedule="30 9 * * *"), ran(timedelta(days=1)))
    assert (found.next_run, found.overdue) == (datetime(2024, 5, 17, 9, 30, tzinfo=UTC), False)


def test_a_cron_time_that_was_kept_is_not_made_up_for() -> None:
    assert planned(site(schedule="30 11 * * *"), ran(minutes(30))).next_run == datetime(2024, 5, 17, 11, 30, tzinfo=UTC)


# --- several ---


def test_the_plan_is_in_order_and_leaves_out_what_is_disabled_or_wrong() -> None:
    sites = [
        site("late", schedule="1h"),
        site("never", schedule="1h"),
        site("overdue", schedule="1h"),
        site("off", enabled=False),
        site("wrong", schedule="0 6 30 2 *"),
    ]
    last = {"late": ran(minutes(1), id="late"), "overdue": ran(timedelta(days=1), id="overdue")}
    plans, errors = plan({one.id: one for one in sites}, last, ScheduleSettings(), NOW)
    assert [one.site for one in plans] == ["never", "overdue", "late"]
    assert [error.message.split(":")[0] for error in errors] == ["site wrong"]
    assert "0 6 30 2 *" in errors[0].message


# --- the scheduler ---


class Crawls:
    """Notes what is started, and remembers runs as the store does."""

    def __init__(self) -> None:
        self.started: list[tuple[float, str]] = []
        self.runs: dict[str, Run] = {}
        self.problem: Exception | None = None
        self.changed = threading.Condition()

    def __call__(self, site_id: str) -> None:
        with self.changed:
            self.started.append((time.monotonic(), site_id))
            self.runs[site_id] = Run("r", site_id, datetime.now(UTC), status="finished")
            self.changed.notify_all()

    def last_runs(self) -> dict[str, Run]:
        if self.problem:
            problem, self.problem = self.problem, None
            raise problem
        return dict(self.runs)

    def count(self, site_id: str) -> int:
        return sum(one == site_id for _, one in self.started)

    def until(self, done: Callable[[], bool], seconds: float = PATIENCE) -> None:
        with self.changed:
            assert self.changed.wait_for(done, seconds), self.started


@pytest.fixture
def crawls() -> Crawls:
    return Crawls()


@pytest.fixture
def scheduler(tmp_path: Path, crawls: Crawls, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scheduler]:
    monkeypatch.setattr(schedule, "STAGGER", timedelta(seconds=0.4))
    settings = ScheduleSettings(every="1s", reload_seconds=0.2)
    made = Scheduler(tmp_path, settings, last_runs=crawls.last_runs, crawl=crawls)
    yield made
    made.stop()


def write(folder: Path, id: str, more: str = "") -> None:
    (folder / f"{id}.yaml").write_text(f"url: https://{id}.example/\n{more}")


def test_sites_are_crawled_again_and_again_at_their_interval(
    tmp_path: Path, scheduler: Scheduler, crawls: Crawls
) -> None:
    write(tmp_path, "often")
    write(tmp_path, "seldom", "schedule: 1h\n")
    scheduler.start()
    crawls.until(lambda: crawls.count("often") >= 3)
    assert crawls.count("seldom") == 1
    times = [at for at, one in crawls.started if one == "often"]
    assert all(later - earlier > 0.5 for earlier, later in itertools.pairwise(times))


def test_overdue_sites_start_one_after_the_other(
    tmp_path: Path, scheduler: Scheduler, crawls: Crawls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "STAGGER", timedelta(seconds=1))
    for id in "abc":
        write(tmp_path, id, "schedule: 1h\n")
    scheduler.start()
    crawls.until(lambda: len(crawls.started) == 3)
    times = [at for at, _ in crawls.started]
    assert times[2] - times[0] > 1.5


def test_a_restart_does_not_crawl_what_was_crawled_just_now(
    tmp_path: Path, scheduler: Scheduler, crawls: Crawls
) -> None:
    now = datetime.now(UTC)
    for id in "abc":
        write(tmp_path, id, "schedule: 1h\n")
        crawls.runs[id] = Run("r", id, now - timedelta(minutes=10), status="finished")
    crawls.runs["b"] = Run("r", "b", now - timedelta(minutes=10), status="stopped")
    scheduler.start()
    crawls.until(lambda: crawls.count("b") == 1)
    time.sleep(0.5)
    assert [one for _, one in crawls.started] == ["b"]
    assert scheduler.next_runs()["a"] - now == pytest.approx(timedelta(minutes=50), abs=timedelta(seconds=5))


def test_site_files_that_come_change_and_go_are_taken_up(tmp_path: Path, scheduler: Scheduler, crawls: Crawls) -> None:
    scheduler.start()
    assert scheduler.next_runs() == {}
    write(tmp_path, "new", "schedule: 1h\n")
    crawls.until(lambda: crawls.count("new") == 1)
    write(tmp_path, "new", "schedule: 1s\n")
    crawls.until(lambda: crawls.count("new") >= 3)
    (tmp_path / "new.yaml").unlink()
    until(lambda: not scheduler.next_runs(), seconds=5)
    before = len(crawls.started)
    time.sleep(1.3)
    assert len(crawls.started) == before


@pytest.mark.parametrize("broken", ["url: [", "url: https://a.example/\nschedule: '0 6 31 2 *'\n"])
def test_a_file_that_breaks_keeps_what_it_said_and_may_still_go(
    tmp_path: Path, scheduler: Scheduler, crawls: Crawls, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    write(tmp_path, "a", "schedule: 1s\n")
    scheduler.start()
    crawls.until(lambda: crawls.count("a") >= 1)
    with caplog.at_level(logging.ERROR):
        (tmp_path / "a.yaml").write_text(broken)
        before = crawls.count("a") + 1
        crawls.until(lambda: crawls.count("a") >= before + 1)
    assert any("a" in record.getMessage() for record in caplog.records)
    (tmp_path / "a.yaml").unlink()
    until(lambda: not scheduler.next_runs(), seconds=5)


def test_a_site_that_is_disabled_is_no_longer_crawled(tmp_path: Path, scheduler: Scheduler, crawls: Crawls) -> None:
    write(tmp_path, "a", "schedule: 1h\n")
    write(tmp_path, "b", "schedule: 1h\n")
    scheduler.start()
    write(tmp_path, "a", "schedule: 1h\nenabled: false\n")
    until(lambda: set(scheduler.next_runs()) == {"b"}, seconds=5)


def test_a_busy_store_delays_the_plan_and_loses_nothing(tmp_path: Path, scheduler: Scheduler, crawls: Crawls) -> None:
    scheduler.start()
    crawls.problem = StoreBusy("held")
    write(tmp_path, "a", "schedule: 1h\n")
    crawls.until(lambda: crawls.count("a") == 1)


def test_a_crawl_that_can_not_start_is_told_and_tried_again(
    tmp_path: Path, crawls: Crawls, caplog: pytest.LogCaptureFixture
) -> None:
    def start(site_id: str) -> None:
        crawls(site_id)
        if crawls.count(site_id) == 1:
            raise OSError("no process left")

    write(tmp_path, "a")
    made = Scheduler(tmp_path, ScheduleSettings(every="1s"), last_runs=crawls.last_runs, crawl=start)
    with caplog.at_level(logging.ERROR, "monitor.schedule"):
        made.start()
        try:
            crawls.until(lambda: crawls.count("a") >= 2)
        finally:
            made.stop()
    assert "no process left" in caplog.text
