"""What was not watched counts on neither side: a site that was switched off, a machine that was off."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from monitor.health import History, taken_in
from monitor.records import Run
from tests.health.month import START, Crawl, Month, awake, between, by_day, weekly

ALL_DAY = by_day(lambda at: 3.0)
DAILY = by_day(lambda at: 3.0 * awake(at))


def paused(crawl: Crawl, first: float, last: float) -> Month:
    return Month({"site": crawl, "agency": ALL_DAY}, paused={"site": between(first, last)})


def test_a_site_that_was_switched_off_for_days_is_not_silent_when_it_is_crawled_again() -> None:
    """On again at night, when nothing comes for hours."""
    assert paused(DAILY, 20, 27).run(days=40) == []
    assert paused(weekly(), 20.5, 25).run(days=60) == []


def test_a_site_that_is_dead_when_it_is_crawled_again_is_told_after_as_long_a_silence_as_ever() -> None:
    month = paused(by_day(lambda at: 3.0 * awake(at) * between(0, 20)(at)), 20, 27)
    assert month.run(days=28) == [("new", "silent:site")]
    assert 27.4 < month.told[0][0] < 27.6


def test_a_site_that_died_before_it_was_switched_off_stays_known_to_be_dead() -> None:
    month = paused(by_day(lambda at: 3.0 * awake(at) * (not between(20, 30)(at))), 22, 27)
    assert month.run(days=40, remind=timedelta()) == [("new", "silent:site"), ("over", "silent:site")]
    assert [int(day) for day, *_ in month.told] == [20, 30]


def test_a_machine_that_was_off_for_days_tells_no_silence_and_no_quiet() -> None:
    sites = {f"site{number}": DAILY for number in range(3)}
    assert Month(sites, off=between(20, 23)).run(days=40) == []


def test_a_machine_that_is_off_at_night_hears_of_a_site_that_dies() -> None:
    dying = by_day(lambda at: 3.0 * between(0, 20)(at))
    month = Month({"site": dying, "agency": ALL_DAY}, off=lambda at: not 8 <= at.hour < 18)
    assert month.run(days=23, remind=timedelta()) == [("new", "silent:site")]


def test_a_machine_that_is_on_for_three_hours_at_a_time_hears_of_a_site_that_dies() -> None:
    """From nine to twelve, and from half past one to four."""
    dying = by_day(lambda at: 3.0 * awake(at) * between(0, 20)(at))
    hours = [(9.0, 12.0), (13.5, 16.0)]
    off = lambda at: not any(first <= at.hour + at.minute / 60 < last for first, last in hours)  # noqa: E731
    month = Month({"site": dying, "agency": ALL_DAY}, off=off)
    assert month.run(days=23, remind=timedelta()) == [("new", "silent:site")]


def test_a_pause_is_no_pause_of_the_site_that_it_is_known_for() -> None:
    """After ten days without a look it is told as soon as before."""
    month = paused(by_day(lambda at: 3.0 * awake(at) * between(0, 40)(at)), 25, 35)
    assert month.run(days=41) == [("new", "silent:site")]


def test_days_that_were_watched_in_part_do_not_count() -> None:
    """From noon of the tenth day to noon of the fourteenth nobody looked."""
    hours = [hour for hour in range(20 * 24) if not 10.5 * 24 <= hour < 14.5 * 24]
    crawls = [(hour, START + timedelta(hours=hour)) for hour in hours]
    history = taken_in(History(), [Run(f"{hour}", "site", at, at, "finished", stored=2) for hour, at in crawls])
    first = (START - datetime(1970, 1, 1, tzinfo=UTC)).days
    assert sorted(day - first for day in history.days) == [*range(1, 10), *range(15, 20)]
    assert set(history.days.values()) == {48}


def test_a_slow_schedule_is_no_pause() -> None:
    """Crawled once in two days, dead from day 40 on."""

    def seldom(at: datetime, dice: random.Random) -> Run | None:
        if (at.hour, at.minute, (at - START).days % 2) != (3, 0, 0):
            return None
        return Run(f"{at}", "site", at, at, "finished", stored=20 * between(0, 40)(at), unchanged=9)

    month = Month({"site": seldom, "agency": ALL_DAY})
    assert month.run(days=60, remind=timedelta()) == [("new", "silent:site")]
    assert 42 < month.told[0][0] < 45
