"""Thirty days of sites as they are: the notices are those that a person would want, and no others."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from monitor.health import History, Incident, Limits, Seen, followed, problems, taken_in
from monitor.records import Run

START = datetime(2024, 5, 1, tzinfo=UTC)
LOOK = timedelta(minutes=10)
HOUR = timedelta(hours=1)
LIMITS = Limits(quiet=timedelta(days=40))  # here each site is looked at for itself


def by_day(rate: Callable[[datetime], float]) -> Callable[[datetime, random.Random], Run | None]:
    """A site crawled every 30 minutes; `rate`: new articles of an hour."""

    def crawl(at: datetime, dice: random.Random) -> Run | None:
        stored = sum(dice.random() < rate(at) / 20 for _ in range(10))  # of half an hour
        return Run(f"{at}", "site", at, at + timedelta(minutes=1), "finished", stored=stored, unchanged=20)

    return crawl


def awake(at: datetime) -> bool:
    return 6 <= at.hour < 23


def working(at: datetime) -> bool:
    return at.weekday() < 5 and 8 <= at.hour < 18


@dataclass
class Month:
    """One site's, and what was told of it: (day, kind, what)."""

    crawl: Callable[[datetime, random.Random], Run | None]
    seed: int = 1
    told: list[tuple[float, str, str]] = field(default_factory=list)

    def run(self, days: int = 30, remind: timedelta = timedelta(days=3)) -> list[tuple[str, str]]:
        dice, history = random.Random(self.seed), History()
        incidents: dict[str, Incident] = {}
        at = START
        while at < START + timedelta(days=days):
            if at.minute in (0, 30) and (run := self.crawl(at, dice)) is not None:
                history = taken_in(history, [run])
            incidents, told = followed(incidents, problems(Seen(at, {"site": history}), LIMITS), at, remind)
            for one in told:
                self.told.append(((at - START) / timedelta(days=1), one.kind, one.incident.problem.what))
            at += LOOK
        return [(kind, what) for _, kind, what in self.told]


def test_a_site_that_sleeps_at_night_is_let_be() -> None:
    assert Month(by_day(lambda at: 3.0 * awake(at))).run() == []


def test_a_site_that_rests_at_weekends_is_let_be() -> None:
    """Its first weekend is as long as no pause before it, and somebody asks; the following ones are known."""
    told = Month(by_day(lambda at: 2.0 * working(at))).run()
    assert told in ([], [("new", "silent"), ("over", "silent")])


def test_a_weekly_site_is_let_be() -> None:
    """It comes on Thursdays at 10, two or three articles."""

    def weekly(at: datetime, dice: random.Random) -> Run | None:
        stored = dice.randint(2, 3) if at.weekday() == 3 and at.hour == 10 and at.minute == 0 else 0
        return Run(f"{at}", "site", at, at, "finished", stored=stored, unchanged=20)

    assert Month(weekly).run(days=60) == []


def test_a_site_that_dies_and_comes_back_is_told_once_each_way() -> None:
    def rate(at: datetime) -> float:
        dead = START + timedelta(days=10) <= at < START + timedelta(days=14)
        return 0.0 if dead else 3.0 * awake(at)

    month = Month(by_day(rate))
    assert month.run() == [("new", "silent"), ("reminder", "silent"), ("over", "silent")]
    (died, *_), (reminded, *_), (back, *_) = month.told
    assert 10 < died < 11  # within a day
    assert reminded - died == 3
    assert 14 <= back < 15


def test_a_slow_decline_is_told_once() -> None:
    """From 60 articles a day to 7 within a week."""

    def rate(at: datetime) -> float:
        weeks = (at - START) / timedelta(days=7)
        return 3.5 * awake(at) * max(0.12, 1 - max(0.0, weeks - 4) / 1.2)

    month = Month(by_day(rate))
    told = month.run(days=50, remind=timedelta())
    assert ("new", "decline") in told
    assert told.count(("new", "decline")) == 1
    assert set(told) <= {("new", "decline"), ("over", "decline")}


def test_a_site_that_fails_now_and_then_is_let_be_and_one_that_goes_on_failing_is_told() -> None:
    def failing(at: datetime, dice: random.Random) -> Run | None:
        broken = START + timedelta(days=20) <= at < START + timedelta(days=20, hours=5)
        if broken or dice.random() < 0.02:
            return Run(f"{at}", "site", at, at, "failed", error="503")
        return Run(f"{at}", "site", at, at, "finished", stored=int(awake(at)), unchanged=20)

    told = Month(failing).run()
    assert told == [("new", "failures"), ("over", "failures")]


def test_a_site_that_comes_and_goes_does_not_flap() -> None:
    """Down and up every 90 minutes for a day: one incident, not eight."""

    def flapping(at: datetime, dice: random.Random) -> Run | None:
        if START + timedelta(days=15) <= at < START + timedelta(days=16):
            down = (at - START) // timedelta(minutes=90) % 2 == 0
            status = "failed" if down else "finished"
            return Run(f"{at}", "site", at, at, status, stored=0 if down else 1, unchanged=20, error="503" * down)
        return Run(f"{at}", "site", at, at, "finished", stored=int(awake(at)), unchanged=20)

    told = Month(flapping).run()
    assert told.count(("new", "failures")) == 1
    assert told.count(("over", "failures")) <= 2


def test_a_new_layout_and_a_new_robots_file_are_told() -> None:
    def changed(at: datetime, dice: random.Random) -> Run | None:
        day = (at - START) / timedelta(days=1)
        if 10 <= day < 12:
            return Run(f"{at}", "site", at, at, "finished", rejected={"no-text": 9, "not-article": 2})
        if 20 <= day < 22:
            return Run(f"{at}", "site", at, at, "finished", rejected={"robots": 10})
        return Run(f"{at}", "site", at, at, "finished", stored=int(awake(at)), unchanged=20, rejected={"too-short": 3})

    told = Month(changed).run()
    assert [one for one in told if one[1] in ("layout", "robots")] == [
        ("new", "layout"), ("over", "layout"), ("new", "robots"), ("over", "robots"),
    ]  # fmt: skip
