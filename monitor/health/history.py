"""What a site yielded, hour by hour: what it is held against later. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from monitor.records import Run

KEPT = timedelta(days=35)
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class History:
    """Of one site. `yields`: new articles by hour since 1970; hours without one are not in it, nor is the first day,
    which brings what the site had before.

    `pages`, `refused`: pages that were looked at and refused as no articles, over all ordinary runs, each counting a
    little less with every further run. `until`: runs up to then are in it.
    """

    yields: Mapping[int, int] = field(default_factory=dict)
    since: datetime | None = None  # of the first run
    until: datetime | None = None
    failures: int = 0  # in a row, up to now
    error: str = ""  # of the last failure
    failed_until: datetime | None = None  # the end of the last failure of several in a row
    pages: float = 0.0
    refused: float = 0.0
    barred: int = 0  # runs in a row in which robots.txt forbade a feed or a page where the crawl begins
    forbidden: int = 0  # runs in a row in which it forbade most of the pages
    misread: int = 0  # runs in a row in which nearly every page was refused


# Reasons of rejections that tell of a page that could not be read as it was before.
LAYOUT = frozenset({"no-text", "not-article", "too-short", "empty"})
ROBOTS = "robots"
_FORGET = 0.95  # a run's share of what is remembered of pages, after the next one
_MISREAD = 0.8  # of the pages of a run
_FORBIDDEN = 0.5  # of the pages of a run
_BARRED = re.compile(r"robots\.txt of \S+ forbids ")  # in the error of a run: of what it begins with
_SEVERAL = 3  # failures in a row that say more than chance
_FIRST_DAY = timedelta(days=1)
_LEAST_PAGES = 5  # of a run that tells something


def hour_of(moment: datetime) -> int:
    return (moment - _EPOCH) // _HOUR


def moment_of(hour: int) -> datetime:
    """Its end."""
    return _EPOCH + (hour + 1) * _HOUR


def taken_in(history: History, runs: Iterable[Run]) -> History:
    """With finished crawls that are later than those in it. What is imported says nothing of a site."""
    for run in sorted(runs, key=lambda one: one.started_at):
        done = run.finished_at is not None and run.status in ("finished", "failed") and run.trigger != "import"
        if done and _is_later(history, run):
            history = _with(history, run)
    return history


def _is_later(history: History, run: Run) -> bool:
    return history.until is None or run.started_at > history.until


def _with(history: History, run: Run) -> History:
    assert run.finished_at is not None  # noqa: S101 (looked at before)
    yields = dict(history.yields)
    if run.stored and history.since is not None and run.started_at - history.since >= _FIRST_DAY:
        hour = hour_of(run.finished_at)
        yields[hour] = yields.get(hour, 0) + run.stored
    first = max(yields, default=0) - KEPT // _HOUR  # what a site that is silent brought before is not forgotten
    failures = history.failures + 1 if run.status == "failed" else 0
    history = replace(
        history,
        yields={hour: count for hour, count in yields.items() if hour >= first},
        since=history.since or run.started_at,
        until=run.started_at,
        failures=failures,
        error=run.error if run.status == "failed" else "",
        failed_until=run.finished_at if failures >= _SEVERAL else history.failed_until,
        barred=history.barred + 1 if _BARRED.search(run.error) else 0,
    )
    return _with_pages(history, run) if run.status == "finished" else history


def _with_pages(history: History, run: Run) -> History:
    """Of too few pages nothing is concluded."""
    refused = sum(count for reason, count in run.rejected.items() if reason in LAYOUT)
    pages = refused + run.stored + run.updated + run.unchanged
    forbidden = run.rejected.get(ROBOTS, 0)
    if pages + forbidden >= _LEAST_PAGES:
        most = forbidden >= _FORBIDDEN * (pages + forbidden)
        history = replace(history, forbidden=history.forbidden + 1 if most else 0)
    if pages < _LEAST_PAGES:
        return history
    if refused >= _MISREAD * pages:
        return replace(history, misread=history.misread + 1)
    return replace(
        history,
        misread=0,
        pages=history.pages * _FORGET + pages,
        refused=history.refused * _FORGET + refused,
    )


def longest_gap(history: History) -> timedelta:
    """Between two hours with new articles, of those that are remembered; zero where there are fewer than two."""
    hours = sorted(history.yields)
    return max((after - before for before, after in pairwise(hours)), default=0) * _HOUR


def last_yield(history: History) -> datetime | None:
    return moment_of(max(history.yields)) if history.yields else None


def yielded(history: History, since: datetime, until: datetime) -> int:
    first, last = hour_of(since), hour_of(until)
    return sum(count for hour, count in history.yields.items() if first <= hour < last)
