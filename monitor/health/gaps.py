"""When a site has been silent for longer than it ever is. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.health.history import History, last_yield, longest_gap, watched, yielded

LEAST_SILENCE = timedelta(hours=12)
WEEKEND = timedelta(days=3)  # a shorter silence may be one, of a site of which a week before nothing was known yet
_LEAST_YIELDS = 5  # hours with new articles that a history needs before silence says something
_WATCHED = timedelta(days=3)  # and for so long the site has to be watched
_GAPS = 1.5  # times the longest gap that was usual
_EXPECTED = 6.0  # articles that would have come in that time: without that many, chance is as good an explanation
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


def is_young(history: History, at: datetime) -> bool:
    """Too little is known of it."""
    return history.since is None or at - history.since < _WATCHED or len(history.yields) < _LEAST_YIELDS


def is_silent(history: History, at: datetime) -> bool:
    """Whether it was at that moment, as far as it was watched."""
    last = last_yield(history)
    if last is None or history.since is None or is_young(history, at):
        return False
    least = LEAST_SILENCE if last - _WEEK >= history.since + _DAY else WEEKEND
    silence = watched(history, last, at)
    if silence <= least or silence <= _GAPS * longest_gap(history):
        return False
    return _rate(history, history.since, last) * (silence / _WEEK) >= _EXPECTED


def _rate(history: History, since: datetime, until: datetime) -> float:
    """Articles of a week, as lately as it was less."""
    weeks = min(4.0, max(1.0, (until - since) / _WEEK))
    return min(yielded(history, until - _WEEK, until), yielded(history, until - weeks * _WEEK, until) / weeks)
