"""Sites that come seldom, in bursts, or rest for weeks: no decline at each issue, and a silence that is one is told."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.records import Run
from tests.health.month import DAY, HOUR, START, Crawl, Month, between, by_day, working

MONTHS = 200  # days


def beside(crawl: Crawl) -> Month:
    """The site beside one that goes on day and night, looked at every hour."""
    return Month({"site": crawl, "agency": by_day(lambda at: 3.0)}, look=HOUR)


def issues(is_day: Callable[[int], bool], articles: int = 40, hours: int = 4) -> Crawl:
    """On such days, counted from the start, so many articles in so many hours."""

    def crawl(at: datetime, dice: random.Random) -> Run | None:
        if at.minute:
            return None
        stored = articles // hours if is_day((at - START).days) and 6 <= at.hour < 6 + hours else 0
        return Run(f"{at}", "site", at, at, "finished", stored=stored, unchanged=20)

    return crawl


def test_a_weekly_a_fortnightly_and_a_monthly_site_are_let_be() -> None:
    for days in (7, 14, 30):
        assert beside(issues(lambda day, days=days: day % days == 3)).run(MONTHS) == []  # type: ignore[misc]


def test_a_site_that_comes_in_bursts_does_not_decline() -> None:
    """On one day of seven, as chance has it."""
    for seed in range(3):
        dice = random.Random(seed)
        days = {day for day in range(MONTHS) if dice.random() < 1 / 7}
        told = beside(issues(lambda day, days=days: day in days, articles=12)).run(MONTHS)  # type: ignore[misc]
        assert [one for one in told if one[1] == "decline:site"] == []


def test_a_monthly_site_that_dies_is_told_after_one_and_a_half_times_its_longest_pause() -> None:
    """Its last issue is that of day 123: when all of it comes at once, five are known in the end."""
    for hours in (1, 4):
        month = beside(issues(lambda day: day % 30 == 3 and day < 130, hours=hours))
        assert month.run(MONTHS, remind=timedelta()) == [("new", "silent:site")]
        assert 123 + 45 < month.told[0][0] < 123 + 46


def test_an_office_that_is_closed_for_more_than_two_weeks_is_told_once_and_does_not_decline_afterwards() -> None:
    for rate in (0.3, 1.0, 3.0):
        month = beside(by_day(lambda at, rate=rate: rate * working(at) * (not between(80, 97)(at))))  # type: ignore[misc]
        assert month.run(140, remind=timedelta()) == [("new", "silent:site"), ("over", "silent:site")]
        assert [int(day) for day, *_ in month.told] in ([82, 97], [83, 97], [84, 97])


def test_an_office_that_brings_little_at_the_holidays_is_told_once_each_way() -> None:
    def rate(at: datetime) -> float:
        return 3.0 * working(at) * (0.2 if between(80, 97)(at) else 1)

    month = beside(by_day(rate))
    assert month.run(140, remind=timedelta()) == [("new", "decline:site"), ("over", "decline:site")]
    assert 80 < month.told[0][0] < 90


def test_a_weekly_site_whose_issues_grow_thin_is_told() -> None:
    month = beside(by_day(lambda at: (20 if at < START + 80 * DAY else 3) * (at.weekday() == 3) * (6 <= at.hour < 10)))
    assert month.run(140, remind=timedelta()) == [("new", "decline:site")]
    assert 80 < month.told[0][0] < 110
