"""What is wrong, as far as it can be seen at one moment. Pure. When somebody is told of it: `incidents`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.health.history import History, hour_of, last_yield, longest_gap, longest_gap_of, yielded


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is wrong; the settings say so."""

    failures: int = 3  # of a site, in a row
    quiet: timedelta = timedelta(hours=6)  # in which articles usually come, without a new one of any site
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
    disks: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # folder of this machine -> free, all, in bytes
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
    calm: timedelta = timedelta(minutes=30)  # it has to be gone so long before it counts as over


OF_SITES = frozenset(("silent", "decline", "failures", "robots", "layout"))  # `what`; the subject is the site
_LEAST_YIELDS = 5  # hours with new articles that a history needs before silence says something
_WATCHED = timedelta(days=3)  # and for so long the site has to be watched
_GAPS = 1.5  # times the longest gap that was usual
_LEAST_SILENCE = timedelta(hours=12)
_EXPECTED = 6.0  # articles that would have come in that time: without that many, chance is as good an explanation
_DECLINE = 0.3  # of what a week brought before
_LEAST_WEEK = 10  # articles of a week that a decline can be told from
_LEAST_PAGES = 20.0
_LEAST_FORBIDDEN = 5  # pages; a link now and then says nothing of the site
_USUALLY_REFUSED = 0.5  # share of the pages; a site that was always read so badly has not changed
_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)


_NIGHT = timedelta(hours=24)  # of silence, where nothing is known of the hours
_DAYS = 7  # that say which hours bring articles
_LATE_SHIFT = 1  # hours by which a week before may differ


def problems(seen: Seen, limits: Limits) -> Iterator[Problem]:
    """Of what all machines share, which the store knows."""
    for site, history in sorted(seen.sites.items()):
        yield from _of_site(site, history, seen.at, limits)
    yield from _of_all(seen, limits)


def problems_here(seen: Seen, limits: Limits, machine: str = "") -> Iterator[Problem]:
    """Of this machine. `machine`: its name, where others work on the same store."""
    if seen.store_error:
        where, short = machine and f" ({machine})", timedelta(minutes=2)
        yield Problem(_here("store", machine), "store", where, seen.store_error, patience=short, calm=short)
    for folder, (free, all_) in sorted(seen.disks.items()):
        if free < limits.disk_free_bytes or free < limits.disk_free * all_:
            where = f"{folder} ({machine})" if machine else folder
            yield Problem(_here(f"disk:{folder}", machine), "disk", where, f"{free / 1e9:.1f} GB")


def _here(name: str, machine: str) -> str:
    return f"{name}@{machine}" if machine else name


def is_hidden(name: str, found: Collection[str]) -> bool:
    """Whether another problem of the site, which was found, keeps out of sight whether this one is there."""
    what, _, site = name.partition(":")
    hiding = {"silent": ("failures", "layout"), "decline": ("failures", "layout", "silent")}
    hiding |= dict.fromkeys(("layout", "robots"), ("failures",))
    return any(f"{other}:{site}" in found for other in hiding.get(what, ()))


def _of_site(site: str, history: History, at: datetime, limits: Limits) -> Iterator[Problem]:
    if history.failures >= limits.failures:
        detail = f"{history.failures}: {history.error}"
        yield Problem(f"failures:{site}", "failures", site, detail, history.until, calm=_HOUR)
        return  # that it yields nothing follows
    if history.robots >= 2 and history.forbidden >= _LEAST_FORBIDDEN:
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
    if (newest := _quiet_since(seen, limits.quiet)) is not None:
        yield Problem("quiet", "quiet", since=newest)
    if seen.inbox >= limits.inbox:
        yield Problem(
            "inbox", "inbox", detail=str(seen.inbox), patience=timedelta(minutes=10), calm=timedelta(minutes=30)
        )
    if seen.inbox_since is not None and seen.at - seen.inbox_since > limits.filer:
        yield Problem("filer", "filer", detail=str(seen.inbox), since=seen.inbox_since)
    for channel, due in sorted(seen.stuck.items()):
        if seen.at - due > limits.outbox:
            yield Problem(f"outbox:{channel}", "outbox", channel, since=due)


def _quiet_since(seen: Seen, limit: timedelta) -> datetime | None:
    """The end of the last hour with a new article of any site, where that is too long ago: as many hours as `limit`
    has in which articles came on at least half of the seven days before, and, where that is known, a week before too.
    So nobody is woken because all sites sleep. Where it says nothing of the hours, a day, or longer than any pause was.
    """
    newest = max(filter(None, map(last_yield, seen.sites.values())), default=None)
    since = min((one.since for one in seen.sites.values() if one.since is not None), default=None)
    if newest is None or since is None or seen.at - newest <= limit:
        return None
    came = {hour for one in seen.sites.values() for hour in one.yields}
    known = (seen.at - since) // timedelta(days=1)  # whole days
    missed = 0
    if since + _WATCHED <= newest:
        missed = sum(_usually_comes(hour, came, known) for hour in range(hour_of(newest), hour_of(seen.at)))
    long = seen.at - newest > max(limit, _NIGHT, _GAPS * longest_gap_of(came))
    return newest if long or missed * _HOUR >= limit else None


def _usually_comes(hour: int, came: Collection[int], known: int) -> bool:
    days = range(1, min(_DAYS, known) + 1)
    if 2 * sum(hour - 24 * day in came for day in days) < len(days):
        return False
    week = hour - 24 * _DAYS
    return known <= _DAYS or any(week + shift in came for shift in range(-_LATE_SHIFT, _LATE_SHIFT + 1))


def _span(span: timedelta) -> str:
    hours = span / _HOUR
    return f"{hours / 24:.0f} d" if hours >= 48 else f"{hours:.0f} h"
