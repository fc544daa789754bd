"""What a site yielded, hour by hour: what it is held against later. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from monitor.health.levels import Decline

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOURS = 24  # of a day
AHEAD = timedelta(minutes=10)  # clocks of machines may differ; what is later than that is a clock that is wrong
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class History:
    """Of one site. `yields`: new articles by hour since 1970; hours without one are not in it, nor is the first day,
    which brings what the site had before.

    `pages`, `refused`: pages that were looked at and refused as no articles, over all ordinary runs, each counting a
    little less with every further run. `until`: runs up to then are in it. `breaks`: from the hour of the last crawl
    before the site was not watched to that of the first one after it (it was switched off, the machine was off, all
    crawls failed); `steps`: hours between the starts of the last crawls, by which a break is told from a slow schedule.
    `heard`: hours of crawling since an interruption, however short, that no new article followed yet, without those of
    further interruptions. None: there was none since the last new article.

    `days`: new articles by day since 1970, of whole days that were watched, with those on which none came; none before
    `counted_from`, 0: not known yet. `decline`: while it lasts.
    """

    yields: Mapping[int, int] = field(default_factory=dict)
    since: datetime | None = None  # of the first run
    until: datetime | None = None
    failures: int = 0  # in a row, up to now
    error: str = ""  # of the last failure
    pages: float = 0.0
    refused: float = 0.0
    barred: int = 0  # runs in a row in which robots.txt forbade a feed or a page where the crawl begins
    forbidden: int = 0  # runs in a row in which it forbade most of the pages
    misread: int = 0  # runs in a row in which nearly every page was refused
    read: datetime | None = None  # the end of the last crawl that did not fail
    steps: tuple[float, ...] = ()
    breaks: tuple[tuple[int, int], ...] = ()
    heard: float | None = None
    days: Mapping[int, int] = field(default_factory=dict)
    counted_from: int = 0
    decline: Decline | None = None


def hour_of(moment: datetime) -> int:
    return (moment - _EPOCH) // HOUR


def moment_of(hour: int) -> datetime:
    """Its end."""
    return _EPOCH + (hour + 1) * HOUR


def known_at(history: History, now: datetime) -> History:
    """Without what a wrong clock has put behind now. The crawls that were not taken in since are later than what is
    left, where the leap is known as a break.
    """
    if history.until is None or history.until <= now + AHEAD:
        return history
    if history.since is None or history.since > now + AHEAD:
        return History()
    hour = hour_of(now)
    leaps = [begins for begins, ends in history.breaks if ends > hour]
    left = min(now, moment_of(min(leaps)) - timedelta(seconds=1)) if leaps else now
    return replace(
        history,
        yields={one: count for one, count in history.yields.items() if one <= hour},
        until=left,
        read=left,
        breaks=tuple((begins, ends) for begins, ends in history.breaks if ends <= hour),
        days={day: count for day, count in history.days.items() if day <= hour // HOURS},
        counted_from=min(history.counted_from, hour // HOURS + 1),
        decline=history.decline if history.decline is not None and history.decline.since <= hour // HOURS else None,
    )


def last_crawl(history: History) -> datetime | None:
    """The end of the last one that did not fail, as far as it was noted."""
    return history.read or history.until


def watched(history: History, since: datetime, until: datetime) -> timedelta:
    """How much of that time the site was watched."""
    first, last = hour_of(since), hour_of(until)
    return max(timedelta(), until - since - _unwatched(history, first, last) * HOUR)


def longest_gap(history: History) -> timedelta:
    """Watched time between two hours with new articles, of those that are remembered; zero where there are fewer than
    two.
    """
    hours = sorted(history.yields)
    gaps = (after - before - _unwatched(history, before, after) for before, after in pairwise(hours))
    return max(gaps, default=0) * HOUR


def last_yield(history: History) -> datetime | None:
    return moment_of(max(history.yields)) if history.yields else None


def yielded(history: History, since: datetime, until: datetime) -> int:
    first, last = hour_of(since), hour_of(until)
    return sum(count for hour, count in history.yields.items() if first <= hour < last)


def _unwatched(history: History, first: int, last: int) -> int:
    """Hours."""
    if not history.breaks:
        return 0
    return sum(max(0, min(last, ends) - max(first, begins)) for begins, ends in history.breaks)
