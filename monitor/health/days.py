"""A site's sums by day: of whole days on which it was watched and not silent beyond all measure. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.health.gaps import is_silent
from monitor.health.history import DAY, HOURS, History, hour_of
from monitor.health.levels import REMEMBERED, followed_level


def with_day(history: History, finished: datetime, stored: int) -> History:
    """After a crawl that did not fail, which is not in the history's hours yet."""
    assert history.since is not None  # noqa: S101 (a first crawl is in it)
    today = hour_of(finished) // HOURS
    days = dict(history.days) if history.counted_from else _of_hours(history)
    counted_from = history.counted_from or (hour_of(history.since + DAY) + HOURS - 1) // HOURS
    turned, decline = bool(days) and today > max(days), history.decline
    if history.counted_from and not turned and not stored and days:
        return history
    days |= dict.fromkeys(range(max([counted_from, *(day + 1 for day in days)]), today + 1), 0)
    # What it does not bring while it is silent is told as such: it is no lower level.
    heard = max(history.yields) // HOURS if is_silent(history, finished) else today
    whole = {day: count for day, count in days.items() if day < today and day <= heard}
    if turned and whole:
        decline, left = followed_level(decline, whole)
        days = {day: count for day, count in days.items() if day >= min(left)}
    if stored:
        days = {day: count for day, count in days.items() if day <= heard or day == today}
    if today in days:
        days[today] += stored
    kept = sorted(days)[-REMEMBERED:]
    return replace(history, days={day: days[day] for day in kept}, counted_from=counted_from, decline=decline)


def after_break(history: History, ended: datetime) -> History:
    """The day on which it began was not watched to its end, that on which it ended not from its beginning."""
    began = history.breaks[-1][0] // HOURS
    days = {day: count for day, count in history.days.items() if day < began}
    return replace(history, days=days, counted_from=hour_of(ended) // HOURS + 1)


def _of_hours(history: History) -> dict[int, int]:
    """Of a history that was noted before there were days in it."""
    if not history.yields or history.until is None:
        return {}
    first, last = min(history.yields) // HOURS + 1, hour_of(history.until) // HOURS
    days = dict.fromkeys(range(first, last + 1), 0)
    for hour, count in history.yields.items():
        if hour // HOURS in days:
            days[hour // HOURS] += count
    return days
