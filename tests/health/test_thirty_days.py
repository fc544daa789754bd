"""Thirty days of sites as they are: the notices are those that a person would want, and no others."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from monitor import delivering
from monitor.alerts.deliver import resolve
from monitor.delivering import Post, Postman
from monitor.health import Limits
from monitor.health.telling import Audience
from monitor.health.watching import HealthWatch, Watched
from monitor.records import Run
from monitor.reports.entries import Shown
from monitor.sources import load_agencies
from tests.alerts.receivers import web_server
from tests.health.month import DAY, HOUR, START, Counted, Crawl, Month, awake, beside, between, by_day, weekly, working
from tests.health.stores import Unsteady

STILL = "Still: "


class Kept(Unsteady, Counted):
    """Does not answer while `away`."""


def test_a_site_that_sleeps_at_night_is_let_be() -> None:
    assert beside(by_day(lambda at: 3.0 * awake(at))).run() == []


def test_a_site_that_rests_at_weekends_is_let_be() -> None:
    """From its first weekend on, be it added on a Wednesday, a Friday or a Saturday."""
    for day in (0, 2, 3):
        assert beside(by_day(lambda at, day=day: 2.0 * working(at + day * DAY))).run(days=13) == []  # type: ignore[misc]


def test_a_site_that_dies_in_its_first_week_is_told_when_it_was_silent_for_longer_than_a_weekend() -> None:
    month = beside(by_day(lambda at: 3.0 * awake(at) * between(0, 5)(at)))
    assert month.run(days=12, remind=timedelta()) == [("new", "silent:site")]
    assert 7.9 <= month.told[0][0] < 8.1


def test_a_weekly_site_is_let_be() -> None:
    assert beside(weekly()).run(days=60) == []


def test_a_site_that_dies_and_comes_back_is_told_once_each_way() -> None:
    def rate(at: datetime) -> float:
        dead = START + timedelta(days=10) <= at < START + timedelta(days=14)
        return 0.0 if dead else 3.0 * awake(at)

    month = beside(by_day(rate))
    assert month.run(remind=3 * DAY) == [("new", "silent:site"), ("reminder", "silent:site"), ("over", "silent:site")]
    (died, *_), (reminded, *_), (back, *_) = month.told
    assert 10 < died < 11  # within a day
    assert reminded - died == 3
    assert 14 <= back < 15


def test_a_slow_decline_is_told_once() -> None:
    """From 60 articles a day to 7 within a week."""

    def rate(at: datetime) -> float:
        weeks = (at - START) / timedelta(days=7)
        return 3.5 * awake(at) * max(0.12, 1 - max(0.0, weeks - 4) / 1.2)

    month = beside(by_day(rate))
    assert month.run(days=60, remind=timedelta()) == [("new", "decline:site")]
    assert 36 <= month.told[0][0] < 40


def test_a_site_that_fails_now_and_then_is_let_be_and_one_that_goes_on_failing_is_told() -> None:
    def failing(at: datetime, dice: random.Random) -> Run | None:
        broken = START + timedelta(days=20) <= at < START + timedelta(days=20, hours=5)
        if broken or dice.random() < 0.02:
            return Run(f"{at}", "site", at, at, "failed", error="503")
        return Run(f"{at}", "site", at, at, "finished", stored=int(awake(at)), unchanged=20)

    told = beside(failing).run()
    assert told == [("new", "failures:site"), ("over", "failures:site")]


def test_a_site_that_comes_and_goes_does_not_flap() -> None:
    """Down and up every 90 minutes for a day: one incident, not eight."""

    def flapping(at: datetime, dice: random.Random) -> Run | None:
        if START + timedelta(days=15) <= at < START + timedelta(days=16):
            down = (at - START) // timedelta(minutes=90) % 2 == 0
            status = "failed" if down else "finished"
            return Run(f"{at}", "site", at, at, status, stored=0 if down else 1, unchanged=20, error="503" * down)
        return Run(f"{at}", "site", at, at, "finished", stored=int(awake(at)), unchanged=20)

    told = beside(flapping).run()
    assert told == [("new", "failures:site"), ("over", "failures:site")]


def test_a_site_that_comes_and_goes_for_days_is_told_at_growing_distances_until_it_stays() -> None:
    def flapping(at: datetime, dice: random.Random) -> Run | None:
        down = between(15, 19)(at) and (at - START) // timedelta(minutes=90) % 2 == 0
        status = "failed" if down else "finished"
        return Run(f"{at}", "site", at, at, status, stored=0 if down else 1, unchanged=20, error="503" * down)

    month = beside(flapping)
    kinds = [kind for kind, _ in month.run()]
    assert kinds == ["new", "over", "reminder", "reminder", "over"]
    assert month.told[-1][0] < 19.5


def test_a_new_layout_and_a_new_robots_file_are_told() -> None:
    def changed(at: datetime, dice: random.Random) -> Run | None:
        day = (at - START) / timedelta(days=1)
        if 10 <= day < 12:
            return Run(f"{at}", "site", at, at, "finished", rejected={"no-text": 9, "not-article": 2})
        if 20 <= day < 22:
            return Run(f"{at}", "site", at, at, "finished", rejected={"robots": 10})
        return Run(f"{at}", "site", at, at, "finished", stored=int(awake(at)), unchanged=20, rejected={"too-short": 3})

    told = beside(changed).run(remind=timedelta())
    assert [one for one in told if one[1] in ("layout:site", "robots:site")] == [
        ("new", "layout:site"), ("over", "layout:site"), ("new", "robots:site"), ("over", "robots:site"),
    ]  # fmt: skip


def test_one_forbidden_link_is_no_news() -> None:
    def forbidding(at: datetime, dice: random.Random) -> Run | None:
        rejected = {"robots": 1} if at >= START + 10 * DAY else {}
        return Run(f"{at}", "site", at, at, "finished", stored=int(awake(at)), unchanged=8, rejected=rejected)

    assert beside(forbidding).run() == []


def test_a_feed_that_is_forbidden_is_told_once_and_not_as_failures_too() -> None:
    def barred(at: datetime, dice: random.Random) -> Run | None:
        if between(10, 12)(at):
            error = "feed:https://site.test/feed: robots.txt of site.test forbids https://site.test/feed"
            return Run(f"{at}", "site", at, at, "failed", error=error)
        return Run(f"{at}", "site", at, at, "finished", stored=int(awake(at)), unchanged=8)

    assert beside(barred).run(remind=timedelta()) == [("new", "robots:site"), ("over", "robots:site")]


def test_sites_that_all_sleep_at_night_and_rest_at_weekends_are_not_quiet() -> None:
    """From the first weekend on, of which nobody knows yet."""
    for day in range(7):
        office = by_day(lambda at, day=day: 4.0 * working(at + day * DAY))  # type: ignore[misc]
        assert Month({f"site{n}": office for n in range(3)}).run(days=16) == []


def test_sites_that_all_fall_silent_in_the_first_week_are_told_when_it_was_longer_than_a_weekend() -> None:
    month = Month({f"site{n}": by_day(lambda at: 3.0 * awake(at) * between(0, 4)(at)) for n in range(3)})
    month.run(days=8, remind=timedelta())
    assert [(round(day, 1), kind) for day, kind, name in month.told if name == "quiet"] == [(7.0, "new")]


def test_when_nothing_comes_from_any_site_that_is_told_in_the_morning_and_once() -> None:
    """They stop at two in the night; articles were to come from six on."""

    def rate(at: datetime) -> float:
        return 0.0 if between(15 + 2 / 24, 16)(at) else 3.0 * awake(at)

    month = Month({f"site{n}": by_day(rate) for n in range(3)})
    month.run()
    quiet = [(round(day, 2), kind) for day, kind, name in month.told if name == "quiet"]
    assert [kind for _, kind in quiet] == ["new", "over"]
    assert 15.25 < quiet[0][0] < 15.4  # between six and half past nine
    assert 16.25 < quiet[1][0] < 16.4


def test_a_site_that_fails_for_days_is_not_silent_when_it_is_back_at_night() -> None:
    def failing(at: datetime, dice: random.Random) -> Run | None:
        if between(10, 13 + 1 / 24)(at):
            return Run(f"{at}", "site", at, at, "failed", error="503")
        return by_day(lambda at: 3.0 * awake(at))(at, dice)

    told = beside(failing).run()
    assert [one for one in told if one[0] != "reminder"] == [("new", "failures:site"), ("over", "failures:site")]


def test_thirty_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person would want, at default settings, from the first day on, through a store, its outbox and a receiver.

    Of the site that dies, that it is dead and that it is back; of the one whose server breaks and which comes back
    empty, both, one after the other; of the one that declines, that it does, once. Of the weekly one, the office that
    rests at weekends, the one that sleeps at night and the looks at which the store was away: nothing.
    """

    def empty(at: datetime, dice: random.Random) -> Run | None:
        if between(12, 13)(at):
            return Run(f"{at}", "empty", at, at, "failed", error="HTTP status 503")
        return by_day(lambda at: 3.0 * awake(at) * (at < START + 12 * DAY))(at, dice)

    def declining(at: datetime) -> float:
        day = (at - START) / DAY
        return 3.5 * awake(at) * min(1.0, max(0.1, 1 - (day - 7) / 16))

    crawls = {
        "dying": by_day(lambda at: 3.0 * awake(at) * (not between(10, 14)(at))),
        "weekly": weekly(),
        "office": by_day(lambda at: 2.0 * working(at)),
        "nightly": by_day(lambda at: 4.0 * awake(at)),
        "declining": by_day(declining),
        "empty": empty,
    }
    assert received(crawls, {11.5, 12.5, 20.5}, tmp_path, monkeypatch) == [
        (10.5, "dying yields nothing any more"),
        (12.0, "empty fails again and again"),
        (13.0, "Over: empty fails again and again"),
        (13.6, "empty yields nothing any more"),
        (14.3, "Over: dying yields nothing any more"),
        (29.0, "declining yields far less than before"),
    ]


def received(
    crawls: Mapping[str, Crawl], away: Collection[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[float, str]]:
    """By day, without the reminders; these are of what was told and is not over."""
    clock = [START]
    monkeypatch.setattr(delivering, "_now", lambda: clock[0])
    store, dice = Kept(), {site: random.Random(f"1 {site}") for site in crawls}
    audience = Audience(("hook",), dict)
    watched = Watched(lambda: list(crawls), (tmp_path,), audience, Limits(disk_free=0, disk_free_bytes=0), DAY)
    watch, got = HealthWatch(store, watched), list[tuple[float, str]]()
    with web_server() as hook:
        postman = Postman(store, Post(partial(resolve, {"hook": hook.address}), Shown(load_agencies()), feeds=tmp_path))
        for number in range(30 * 48):
            clock[0] = at = START + number * HOUR / 2
            for site, crawl in crawls.items():
                if (run := crawl(at, dice[site])) is not None:
                    store.put_run(replace(run, id=f"{site} {at}", site=site))
            store.away = (at - START) / DAY in away
            watch.look(at)
            store.away = False
            postman.serve("hook")
            got += [(round((at - START) / DAY, 1), post["subject"]) for post in hook.posts[len(got) :]]
    for index, (_, title) in enumerate(got):
        if title.startswith(STILL):
            told = [
                one for _, one in got[:index] if one.endswith(title.removeprefix(STILL)) and not one.startswith(STILL)
            ]
            assert told[-1:] == [title.removeprefix(STILL)]
    return [one for one in got if not one[1].startswith(STILL)]
