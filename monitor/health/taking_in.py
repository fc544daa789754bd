"""Runs into a site's history. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from monitor.health.days import after_break, with_day
from monitor.health.history import DAY, HOUR, HOURS, History, hour_of, last_crawl
from monitor.records import Run

_KEPT = timedelta(days=35)
_KEPT_DAYS = 8  # with new articles, however long ago: of a monthly site seven pauses
# Reasons of rejections that tell of a page that could not be read as it was before.
LAYOUT = frozenset({"no-text", "not-article", "too-short", "empty"})
ROBOTS = "robots"
_FORGET = 0.95  # a run's share of what is remembered of pages, after the next one
_MISREAD = 0.8  # of the pages of a run
_FORBIDDEN = 0.5  # of the pages of a run
_BARRED = re.compile(r"robots\.txt of \S+ forbids ")  # in the error of a run: of what it begins with
_SEVERAL = 3  # failures in a row that say more than chance
_LEAST_PAGES = 5  # of a run that tells something
_STEPS = 5  # between the last crawls: one that was put off, or came early, changes nothing
_BREAK = timedelta(days=1)  # what was missed in a shorter one comes with the next crawl
_SLOW = 3  # times as long as the usual step is a break, too, of a site that is seldom crawled
_MOST_BREAKS = 100
_INTERRUPTION = timedelta(hours=1)  # after which the first crawls may not bring all that was missed yet


def taken_in(history: History, runs: Iterable[Run]) -> History:
    """With finished crawls that are later than those in it. What is imported says nothing of a site."""
    for run in sorted(runs, key=lambda one: one.started_at):
        done = run.finished_at is not None and run.status in ("finished", "failed") and run.trigger != "import"
        if done and (history.until is None or run.started_at > history.until):
            history = _with(history, run)
    return history


def _with(history: History, run: Run) -> History:
    assert run.finished_at is not None  # noqa: S101 (looked at before)
    if run.status == "finished":
        history = _with_pages(_watched_to(history, run.started_at, run.finished_at), run)
        history = with_day(history, run.finished_at, run.stored) if history.since is not None else history
    if run.stored and history.since is not None and run.started_at - history.since >= DAY:
        history = _with_yield(history, hour_of(run.finished_at), run.stored)
    failures = history.failures + 1 if run.status == "failed" else 0
    return replace(
        history,
        since=history.since or run.started_at,
        until=run.started_at,
        failures=failures,
        error=run.error if run.status == "failed" else "",
        heard=None if run.stored else history.heard,
        barred=history.barred + 1 if _BARRED.search(run.error) else 0,
    )


def _with_yield(history: History, hour: int, stored: int) -> History:
    """What is forgotten is counted from the last one: a site that is silent is not."""
    yields = {**history.yields, hour: history.yields.get(hour, 0) + stored}
    newest_days = sorted({one // HOURS for one in yields})[-_KEPT_DAYS:]
    first = min(max(yields) - _KEPT // HOUR, newest_days[0] * HOURS)
    return replace(
        history,
        yields={one: count for one, count in yields.items() if one >= first},
        breaks=tuple((begins, ends) for begins, ends in history.breaks if ends >= first),
    )


def _watched_to(history: History, started: datetime, finished: datetime) -> History:
    before = last_crawl(history)
    if before is None:
        return replace(history, read=finished)
    step = max(timedelta(), started - before)
    if history.steps and step > max(_BREAK, _SLOW * median(history.steps) * HOUR):
        breaks = (*history.breaks, (hour_of(before), hour_of(started)))[-_MOST_BREAKS:]
        history = after_break(replace(history, breaks=breaks), finished)
    history = replace(history, heard=_heard(history, step))
    return replace(history, read=finished, steps=(*history.steps, step / HOUR)[-_STEPS:])


def _heard(history: History, step: timedelta) -> float | None:
    """Of a machine that is on for an hour now and then the hours are added up: each interruption alone would put off
    for ever what is told of a site.
    """
    usual = median(history.steps) * HOUR if history.steps else timedelta()
    if step > max(_INTERRUPTION, _SLOW * usual):
        return history.heard or 0.0
    if history.heard is None:
        return 0.0 if history.failures >= _SEVERAL else None
    return history.heard + step / HOUR


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
