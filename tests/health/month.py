"""Sites as they are, day by day, and what is told of them."""

from __future__ import annotations

import bisect
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from monitor.health import History, Incident, Limits, Seen, followed, of_store, taken_in
from monitor.health.judging import unasked
from monitor.records import Run
from monitor.store.memory import MemoryStore

START = datetime(2024, 5, 1, tzinfo=UTC)
LOOK = timedelta(minutes=10)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REMIND = timedelta(days=1)


class Counted(MemoryStore):
    """Runs keep the counts with which they were put: nothing has to be filed."""

    def __init__(self) -> None:
        super().__init__()
        self._of_sites: dict[str, list[Run]] = {}

    def put_run(self, run: Run) -> None:
        bisect.insort(self._of_sites.setdefault(run.site, []), run, key=lambda one: one.started_at)

    def runs(self, site: str = "", limit: int = 20) -> list[Run]:
        return self._of_sites.get(site, [])[: -limit - 1 : -1]

    def last_runs(self) -> dict[str, Run]:
        return {site: runs[-1] for site, runs in self._of_sites.items()}


Crawl = Callable[[datetime, random.Random], Run | None]


def by_day(rate: Callable[[datetime], float]) -> Crawl:
    """A site crawled every 30 minutes; `rate`: new articles of an hour."""

    def crawl(at: datetime, dice: random.Random) -> Run | None:
        stored = sum(dice.random() < rate(at) / 20 for _ in range(10))  # of half an hour
        return Run(f"{at}", "site", at, at + timedelta(minutes=1), "finished", stored=stored, unchanged=20)

    return crawl


def weekly() -> Crawl:
    """On Thursdays at 10, two or three articles."""

    def crawl(at: datetime, dice: random.Random) -> Run | None:
        stored = dice.randint(2, 3) if (at.weekday(), at.hour, at.minute) == (3, 10, 0) else 0
        return Run(f"{at}", "site", at, at, "finished", stored=stored, unchanged=20)

    return crawl


def awake(at: datetime) -> bool:
    return 6 <= at.hour < 23


def working(at: datetime) -> bool:
    return at.weekday() < 5 and 8 <= at.hour < 18


@dataclass
class Month:
    """Of sites at default settings, and what was told: (day, kind, problem). `away`: days on which the store does not
    answer for one look; `off`: whether the machine is; `paused`: whether that site is not crawled then.
    """

    crawls: Mapping[str, Crawl]
    seed: int = 1
    away: Collection[float] = ()
    off: Callable[[datetime], bool] = lambda at: False
    paused: Mapping[str, Callable[[datetime], bool]] = field(default_factory=dict)
    look: timedelta = LOOK
    told: list[tuple[float, str, str]] = field(default_factory=list)
    texts: list[tuple[float, str, str]] = field(default_factory=list)  # with the text's name, not the problem's

    def run(self, days: int = 30, remind: timedelta = REMIND) -> list[tuple[str, str]]:
        dice = {site: random.Random(f"{self.seed} {site}") for site in self.crawls}
        histories = {site: History() for site in self.crawls}
        incidents: dict[str, Incident] = {}
        away = {START + timedelta(days=day) for day in self.away}
        at, since, looked = START, START, START
        while at < START + timedelta(days=days):
            at += LOOK
            if self.off(at):
                continue
            asked = [site for site in self.crawls if site not in self.paused or not self.paused[site](at)]
            for site in asked:
                if at.minute in (0, 30) and (run := self.crawls[site](at, dice[site])) is not None:
                    histories[site] = taken_in(histories[site], [run])
            if at in away or (at - START) % self.look:
                continue
            since, looked = at if at - looked > HOUR else since, at
            seen = Seen(at, {site: histories[site] for site in asked}, since)
            judged = of_store(seen, Limits())
            left = unasked([one.problem for one in incidents.values()], seen)
            incidents, told = followed(incidents, replace(judged, unknown=judged.unknown | left), at, remind)
            for one in told:
                day, problem = (at - START) / DAY, one.incident.problem
                self.told.append((day, one.kind, problem.name))
                self.texts.append((day, one.kind, problem.what))
        return [(kind, what) for _, kind, what in self.told]


def beside(crawl: Crawl) -> Month:
    """The site beside one that goes on day and night."""
    return Month({"site": crawl, "agency": by_day(lambda at: 3.0)})


def between(first: float, last: float) -> Callable[[datetime], bool]:
    return lambda at: first <= (at - START) / DAY < last
