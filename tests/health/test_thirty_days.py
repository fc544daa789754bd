"""Thirty days of sites as they are: the notices are those that a person would want, and no others."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.alerts import Notice
from monitor.codec import decode
from monitor.errors import StoreUnreachable
from monitor.health import History, Incident, Limits, Seen, followed, is_hidden, problems, taken_in
from monitor.health.watching import HealthWatch, Watched
from monitor.records import Run
from monitor.store.memory import MemoryStore

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
            found = list(problems(Seen(at, {"site": history}), LIMITS))
            names = {one.name for one in found}
            incidents, told = followed(incidents, found, at, remind, lambda name, of=names: is_hidden(name, of))
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


def test_a_link_that_is_forbidden_now_and_then_says_nothing() -> None:
    def crawl(at: datetime, dice: random.Random) -> Run | None:
        forbidden = {"robots": 1} if at.day % 3 == 0 and at.day > 5 else {}
        return Run(f"{at}", "site", at, at, "finished", stored=int(awake(at)), unchanged=2, rejected=forbidden)

    assert Month(crawl).run() == []


def test_a_site_that_fails_and_then_is_found_to_yield_nothing_is_one_story() -> None:
    """Silent, then failing: that it is silent is not told to be over because it can't be seen any more."""

    def crawl(at: datetime, dice: random.Random) -> Run | None:
        day = (at - START) / timedelta(days=1)
        if 14 <= day < 16:
            return Run(f"{at}", "site", at, at, "failed", error="503")
        stored = int(awake(at)) if not 10 <= day < 18 else 0
        return Run(f"{at}", "site", at, at, "finished", stored=stored, unchanged=20)

    assert Month(crawl).run(remind=timedelta()) == [
        ("new", "silent"), ("new", "failures"), ("over", "failures"), ("over", "silent"),
    ]  # fmt: skip


# --- all of them, as the program has it: the watch over a store, with its defaults -----------------------------------


class Archive(MemoryStore):
    """Its runs brought what they say, without the articles. Does not answer while `away`."""

    away = False

    def __init__(self) -> None:
        super().__init__()
        self._ended: list[Run] = []

    def put_run(self, run: Run) -> None:
        self._ended.append(run)

    def runs(self, site: str = "", limit: int = 100) -> list[Run]:
        return self._ended[: -limit - 1 : -1]

    def run(self, id: str) -> Run | None:
        return next((one for one in reversed(self._ended) if one.id == id), None)

    def waiting(self, run: str = "") -> int:
        if self.away:
            raise StoreUnreachable("nothing answers at the engine's address")
        return super().waiting(run)


def told_of(
    sites: Mapping[str, Callable[[datetime, random.Random], Run | None]],
    tmp_path: Path,
    days: int = 30,
    away: Collection[datetime] = (),
) -> list[tuple[int, str]]:
    """(day, title) of every notice; a look and a crawl of each site every half hour."""
    store, dice, at = Archive(), random.Random(3), START
    limits = Limits(disk_free=0.0, disk_free_bytes=0, outbox=timedelta(days=99))  # nobody delivers here
    made = Watched(lambda: list(sites), (tmp_path,), ("desk",), lambda: {}, limits, timedelta(days=3))
    watch = HealthWatch(store, made)
    while at < START + timedelta(days=days):
        for site, crawl in sites.items():
            if (run := crawl(at, dice)) is not None:
                store.put_run(replace(run, id=f"{site}-{at}", site=site, finished_at=at))
        store.away = at in away
        watch.look(at)
        at += timedelta(minutes=30)
    notices = reversed(store.alerts(rule="health", limit=1000))
    return [((one.made - START) // timedelta(days=1), decode(Notice, one.note).title) for one in notices]


def between(first: float, last: float, of: Callable[[datetime], float]) -> Callable[[datetime], float]:
    """The rate, and nothing from the first day to the last."""
    return lambda at: 0.0 if first <= (at - START) / timedelta(days=1) < last else of(at)


def test_a_month_of_sites_as_they_are(tmp_path: Path) -> None:
    def weekly(at: datetime, dice: random.Random) -> Run | None:
        stored = dice.randint(2, 3) if at.weekday() == 3 and at.hour == 10 and at.minute == 0 else 0
        return Run("", "", at, at, "finished", stored=stored, unchanged=20)

    def failing(at: datetime, dice: random.Random) -> Run | None:
        day = (at - START) / timedelta(days=1)
        if 20 <= day < 20.2 or day >= 25 or dice.random() < 0.02:
            return Run("", "", at, at, "failed", error="503")
        return Run("", "", at, at, "finished", stored=int(awake(at)), unchanged=20)

    def fading(at: datetime) -> float:
        day = (at - START) / timedelta(days=1)
        return 4.0 * awake(at) * max(0.1, min(1.0, (22 - day) / 4))

    sites = {
        "kurier": by_day(between(10, 14, lambda at: 3.0 * awake(at))),
        "woche": weekly,
        "nacht": by_day(lambda at: 3.0 * (not awake(at))),
        "schwund": by_day(fading),
        "bote": failing,
    }
    one_look = START + timedelta(days=12, hours=3)
    assert told_of(sites, tmp_path, away=[one_look]) == [
        (10, "kurier yields nothing any more"),
        (13, "Still: kurier yields nothing any more"),
        (14, "Over: kurier yields nothing any more"),
        (20, "bote fails again and again"),
        (20, "Over: bote fails again and again"),
        (25, "bote fails again and again"),
        (28, "Still: bote fails again and again"),
        (29, "schwund yields far less than before"),
    ]


def test_nights_and_weekends_in_which_every_site_sleeps_are_let_be(tmp_path: Path) -> None:
    sites = {"kurier": by_day(lambda at: 4.0 * awake(at)), "amt": by_day(lambda at: 3.0 * working(at))}
    told = [title for _, title in told_of(sites, tmp_path) if "any site" in title]
    assert told == []


def test_that_no_site_brings_anything_is_told_in_the_hours_in_which_they_usually_do(tmp_path: Path) -> None:
    """From nine in the evening of the fifteenth day, to the afternoon of the next but one."""
    rate = between(15.9, 17.6, lambda at: 4.0 * awake(at))
    told = told_of({"kurier": by_day(rate), "blatt": by_day(rate)}, tmp_path)
    assert [one for one in told if "any site" in one[1]] == [
        (16, "No new article from any site"),
        (17, "Over: No new article from any site"),
    ]
