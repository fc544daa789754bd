"""Histories from the runs of a store: each run once, and none from a clock that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.alerts import Notice
from monitor.codec import decode
from monitor.health import History, Limits, taken_in
from monitor.health.history import known_at
from monitor.health.telling import Audience
from monitor.health.watching import HealthWatch, Watched
from monitor.health.yields import Histories
from monitor.records import Run
from monitor.store.memory import MemoryStore
from tests.health.month import Counted

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)


def run(at: datetime, site: str = "kurier", status: str = "finished", stored: int = 3) -> Run:
    return Run(f"{site} {at}", site, at, at + timedelta(minutes=1), status, stored=stored, unchanged=9)


def runs(hours: range) -> list[Run]:
    return [run(NOW + hour * HOUR) for hour in hours]


class Counting(Counted):
    """How many runs were read of one site after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[Run] = []

    def runs(self, site: str = "", limit: int = 20) -> list[Run]:
        found = super().runs(site, limit)
        self.read += found if site else []  # the newest of each are one request of an engine
        return found


def histories_of(store: MemoryStore, sites: list[str], now: datetime) -> dict[str, History]:
    return Histories(store).of(sites, 0, now)[0]


def test_a_run_from_a_clock_that_is_ahead_is_left_out_until_then() -> None:
    store = Counted()
    for one in (run(NOW), run(NOW + YEAR), run(NOW + timedelta(minutes=5))):
        store.put_run(one)
    known = Histories(store)
    assert known.of(["kurier"], 0, NOW)[0]["kurier"].until == NOW + timedelta(minutes=5)  # clocks differ a little
    store.put_run(run(NOW + HOUR, status="failed"))
    assert known.of(["kurier"], 0, NOW + HOUR)[0]["kurier"].failures == 1


def test_what_a_wrong_clock_left_in_the_notes_makes_no_site_deaf() -> None:
    """The clock of the machine that watches was ahead itself, for one look; since then the crawls were not taken in."""
    store = Counted()
    at = NOW
    for number in range(30 * 24):
        at = NOW + number * HOUR
        store.put_run(run(at))
    histories_of(store, ["kurier"], at)
    store.put_run(run(at + YEAR))
    assert histories_of(store, ["kurier"], at + YEAR)["kurier"].until == at + YEAR
    for number in range(1, 4):
        store.put_run(run(at + number * HOUR, status="failed"))
    known = histories_of(store, ["kurier"], at + 4 * HOUR)["kurier"]
    assert (known.failures, known.until) == (3, at + 3 * HOUR)
    assert known.days == taken_in(History(), [run(NOW + number * HOUR) for number in range(29 * 24 + 12)]).days


def test_a_silence_is_told_however_wrong_a_clock_was_before_it(tmp_path: Path) -> None:
    """For one crawl, a year ahead: that of another machine, or of the one that watches. The other site goes on."""
    for own in (False, True):
        store, limits = Counted(), Limits(disk_free=0, disk_free_bytes=0, outbox=YEAR)
        watched = Watched(lambda: ["kurier", "agency"], (tmp_path,), Audience(("desk",), dict), limits, timedelta())
        watch = HealthWatch(store, watched)
        for number in range(23 * 24):
            at = NOW + number * HOUR
            store.put_run(run(at, "agency"))
            store.put_run(run(at, stored=3 * (number < 20 * 24)))
            if number == 15 * 24:
                store.put_run(run(at + YEAR))
                watch.look(at + YEAR if own else at)
            watch.look(at + HOUR / 2)
        told = [(one.made, decode(Notice, one.note).title) for one in reversed(store.alerts(rule="health"))]
        assert [(title, (made - NOW) // (12 * HOUR)) for made, title in told if "kurier" in title] == [
            ("kurier yields nothing any more", 41)
        ]


def test_a_history_that_begins_behind_now_is_none() -> None:
    assert known_at(taken_in(History(), [run(NOW + YEAR)]), NOW) == History()


def test_nothing_of_what_a_wrong_clock_wrote_is_left() -> None:
    """Failures, a success and more failures, a year ahead; the last sound crawl is that of hour 99."""
    wrong = [(0, "finished"), *((hour, "failed") for hour in range(1, 5))]
    leap = [run(NOW + YEAR + hour * HOUR, status=status) for hour, status in wrong]
    now = NOW + 100 * HOUR
    known = known_at(taken_in(History(), [*runs(range(100)), *leap]), now)
    assert known.breaks == ()
    went_on = taken_in(known, runs(range(101, 150)))
    assert went_on.days.keys() >= {(now - datetime(1970, 1, 1, tzinfo=UTC)).days + 1}
    assert sum(went_on.yields.values()) == 3 * (100 - 24 + 49)


def test_a_leap_of_some_hours_is_cut_off() -> None:
    history = taken_in(History(), [*runs(range(100)), run(NOW + 118 * HOUR)])
    known = known_at(history, NOW + 100 * HOUR)
    assert (known.until, known.read) == (NOW + 100 * HOUR, NOW + 100 * HOUR)
    assert max(known.yields) < max(history.yields)
    assert max(known.days) < max(history.days)


def test_each_run_is_read_about_once_however_seldom_another_site_is_crawled() -> None:
    store = Counting()
    store.put_run(run(NOW, "magazine"))
    known = Histories(store)
    for number in range(200):
        store.put_run(run(NOW + number * HOUR))
        for minute in range(1, 30):
            known.of(["kurier", "magazine"], 0, NOW + number * HOUR + timedelta(minutes=minute))
    assert len(store.read) < 200 * 11  # the last few of the site that was crawled, once after each crawl


def test_a_program_that_was_away_takes_in_all_that_is_new() -> None:
    store = Counted()
    for one in runs(range(300)):
        store.put_run(one)
    counted = taken_in(History(), store.runs("kurier", 1000))
    assert histories_of(store, ["kurier"], NOW + 300 * HOUR)["kurier"] == counted
