"""What a site yielded, hour by hour: what it is held against later. Pure."""

from __future__ import annotations

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
    """Of one site. `yields`: new articles by hour since 1970; hours without one are not in it.

    `pages`, `refused`: pages that were looked at and refused as no articles, over all runs but the last ones, each
    counting a little less with every further run. `until`: runs up to then are in it.
    """

    yields: Mapping[int, int] = field(default_factory=dict)
    since: datetime | None = None  # of the first run
    until: datetime | None = None
    failures: int = 0  # in a row, up to now
    error: str = ""  # of the last failure
    pages: float = 0.0
    refused: float = 0.0
    robots: int = 0  # runs in a row in which robots.txt forbade what was to be fetched
    robots_before: bool = False  # it forbade something in an ordinary run before
    misread: int = 0  # runs in a row in which nearly every page was refused


# Reasons of rejections that tell of a page that could not be read as it was before.
LAYOUT = frozenset({"no-text", "not-article", "too-short", "empty"})
ROBOTS = "robots"
_FORGET = 0.95  # a run's share of what is remembered of pages, after the next one
_MISREAD = 0.8  # of the pages of a run
_LEAST_PAGES = 5  # of a run that tells something


def hour_of(moment: datetime) -> int:
    return (moment - _EPOCH) // _HOUR


def moment_of(hour: int) -> datetime:
    """Its end."""
    return _EPOCH + (hour + 1) * _HOUR


def taken_in(history: History, runs: Iterable[Run]) -> History:
    """With finished runs that are later than those in it."""
    for run in sorted(runs, key=lambda one: one.started_at):
        if run.finished_at is not None and run.status in ("finished", "failed") and _is_later(history, run):
            history = _with(history, run)
    return history


def _is_later(history: History, run: Run) -> bool:
    return history.until is None or run.started_at > history.until


def _with(history: History, run: Run) -> History:
    assert run.finished_at is not None  # noqa: S101 (looked at before)
    yields = dict(history.yields)
    if run.stored:
        hour = hour_of(run.finished_at)
        yields[hour] = yields.get(hour, 0) + run.stored
    first = hour_of(run.finished_at - KEPT)
    history = replace(
        history,
        yields={hour: count for hour, count in yields.items() if hour >= first},
        since=history.since or run.started_at,
        until=run.started_at,
        failures=history.failures + 1 if run.status == "failed" else 0,
        error=run.error if run.status == "failed" else "",
    )
    return _with_pages(history, run) if run.status == "finished" else history


def _with_pages(history: History, run: Run) -> History:
    refused = sum(count for reason, count in run.rejected.items() if reason in LAYOUT)
    pages = refused + run.stored + run.updated + run.unchanged
    forbidden = run.rejected.get(ROBOTS, 0) > 0
    history = replace(
        history,
        robots=history.robots + 1 if forbidden and not history.robots_before else 0,
        robots_before=history.robots_before or (forbidden and history.pages < _LEAST_PAGES),
    )
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
