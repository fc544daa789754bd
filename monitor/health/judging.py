"""What is wrong, as far as it can be seen at one moment. Pure. When somebody is told of it: `incidents`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.health.history import History, last_yield, longest_gap, yielded


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is wrong; the settings say so."""

    failures: int = 3  # of a site, in a row
    quiet: timedelta = timedelta(hours=6)  # without a new article of any site
    inbox: int = 25_000  # that wait
    disk_free: float = 0.05  # share
    disk_free_bytes: int = 1_000_000_000
    outbox: timedelta = timedelta(hours=1)  # that a due alert waits
    filer: timedelta = timedelta(minutes=10)  # that something waits and nobody files


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen at one moment. What is not known is left as it is here, and nothing is said of it."""

    at: datetime
    sites: Mapping[str, History] = field(default_factory=dict)
    store_error: str = ""  # empty: it answers
    inbox: int = 0
    inbox_since: datetime | None = None  # waiting articles are filed by nobody since then
    disks: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # folder -> free, all, in bytes
    stuck: Mapping[str, datetime] = field(default_factory=dict)  # channel -> its oldest alert that is due


@dataclass(frozen=True, slots=True)
class Problem:
    """`name` is the same as long as it is the same. `patience`: it has to last so long before anybody is told."""

    name: str
    what: str  # one of the texts of `texts.py`
    subject: str = ""  # a site, a channel, a folder
    detail: str = ""
    since: datetime | None = None
    patience: timedelta = timedelta()
    calm: timedelta = timedelta()  # it has to be gone so long before it counts as over


_LEAST_YIELDS = 5  # hours with new articles that a history needs before silence says something
_WATCHED = timedelta(days=3)  # and for so long the site has to be watched
_GAPS = 1.5  # times the longest gap that was usual
_LEAST_SILENCE = timedelta(hours=12)
_EXPECTED = 6.0  # articles that would have come in that time: without that many, chance is as good an explanation
_DECLINE = 0.3  # of what a week brought before
_LEAST_WEEK = 10  # articles of a week that a decline can be told from
_LEAST_PAGES = 20.0
_USUALLY_REFUSED = 0.5  # share of the pages; a site that was always read so badly has not changed
_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)


def problems(seen: Seen, limits: Limits) -> Iterator[Problem]:
    if seen.store_error:
        yield Problem(
            "store", "store", detail=seen.store_error, patience=timedelta(minutes=2), calm=timedelta(minutes=2)
        )
        return  # nothing else can be known
    for site, history in sorted(seen.sites.items()):
        yield from _of_site(site, history, seen.at, limits)
    yield from _of_all(seen, limits)


def _of_site(site: str, history: History, at: datetime, limits: Limits) -> Iterator[Problem]:
    if history.failures >= limits.failures:
        detail = f"{history.failures}: {history.error}"
        yield Problem(f"failures:{site}", "failures", site, detail, history.until, calm=_HOUR)
        return  # that it yields nothing follows
    if history.robots >= 2:
        yield Problem(f"robots:{site}", "robots", site, since=history.until)
    known = history.pages >= _LEAST_PAGES and history.refused < _USUALLY_REFUSED * history.pages
    if history.misread >= 2 and known:
        yield Problem(f"layout:{site}", "layout", site, since=history.until)
        return
    last = last_yield(history)
    if last is None or history.since is None or at - history.since < _WATCHED or len(history.yields) < _LEAST_YIELDS:
        return
    silence = at - last
    usual = longest_gap(history)
    if silence > max(_GAPS * usual, _LEAST_SILENCE) and _rate(history, last) * (silence / _WEEK) >= _EXPECTED:
        yield Problem(f"silent:{site}", "silent", site, _span(usual), last)
    elif (fallen := _fallen(history, at)) is not None:
        yield Problem(f"decline:{site}", "decline", site, fallen, patience=timedelta(days=1), calm=timedelta(days=2))


def _rate(history: History, until: datetime) -> float:
    """Articles of a week, as lately as it was less."""
    assert history.since is not None  # noqa: S101 (looked at before)
    weeks = min(4.0, max(1.0, (until - history.since) / _WEEK))
    return min(yielded(history, until - _WEEK, until), yielded(history, until - weeks * _WEEK, until) / weeks)


def _fallen(history: History, at: datetime) -> str | None:
    """This week's number and that of a week before, where it is far less."""
    if history.since is None or at - history.since < 4 * _WEEK:
        return None
    before = yielded(history, at - 4 * _WEEK, at - _WEEK) / 3
    now = yielded(history, at - _WEEK, at)
    return f"{now} / {before:.0f}" if before >= _LEAST_WEEK and now < _DECLINE * before else None


def _of_all(seen: Seen, limits: Limits) -> Iterator[Problem]:
    newest = max(filter(None, map(last_yield, seen.sites.values())), default=None)
    if newest is not None and seen.at - newest > limits.quiet:
        yield Problem("quiet", "quiet", since=newest)
    if seen.inbox >= limits.inbox:
        yield Problem(
            "inbox", "inbox", detail=str(seen.inbox), patience=timedelta(minutes=10), calm=timedelta(minutes=30)
        )
    if seen.inbox_since is not None and seen.at - seen.inbox_since > limits.filer:
        yield Problem("filer", "filer", detail=str(seen.inbox), since=seen.inbox_since)
    for folder, (free, all_) in sorted(seen.disks.items()):
        if free < limits.disk_free_bytes or free < limits.disk_free * all_:
            detail = f"{free / 1e9:.1f} GB"
            yield Problem(f"disk:{folder}", "disk", folder, detail, calm=timedelta(minutes=30))
    for channel, due in sorted(seen.stuck.items()):
        if seen.at - due > limits.outbox:
            yield Problem(f"outbox:{channel}", "outbox", channel, since=due)


def _span(span: timedelta) -> str:
    hours = span / _HOUR
    return f"{hours / 24:.0f} d" if hours >= 48 else f"{hours:.0f} h"
