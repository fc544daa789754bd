"""What is wrong, as far as it can be seen at one moment. Pure. When somebody is told of it: `incidents`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median

from monitor.health.channels import Tries
from monitor.health.gaps import LEAST_SILENCE, WEEKEND, is_silent, is_young
from monitor.health.history import History, last_crawl, last_yield, longest_gap, yielded


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on something is wrong; the settings say so."""

    failures: int = 3  # of a site, in a row
    quiet: timedelta = timedelta(hours=6)  # without a new article of any site
    inbox: int = 25_000  # that wait
    disk_free: float = 0.05  # share
    disk_free_bytes: int = 1_000_000_000
    outbox: timedelta = timedelta(hours=1)  # that a channel takes nothing
    filer: timedelta = timedelta(minutes=10)  # that something waits and nobody files


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen at one moment. What is not known is left as it is here, and nothing is said of it.

    `since`: from then on it has been looked without a break. `unfiled`: sites of which something waits to be filed.
    """

    at: datetime
    sites: Mapping[str, History] = field(default_factory=dict)
    since: datetime | None = None
    unfiled: frozenset[str] = frozenset()
    store_error: str = ""  # empty: it answers
    inbox: int = 0  # that wait in the store
    inbox_here: int | None = 0  # that wait on this machine alone; None: not known
    inbox_since: datetime | None = None  # waiting articles are filed by nobody since then
    disks: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # folder -> free, all, in bytes
    disk_errors: Mapping[str, str] = field(default_factory=dict)  # folder -> why its disk can't be asked
    tries: Tries = field(default_factory=Tries)  # by channel
    unread: Mapping[str, str] = field(default_factory=dict)  # site -> what is wrong with its file on this machine
    sites_lost: bool = False  # this machine crawled sites, and crawls none now


@dataclass(frozen=True, slots=True)
class Problem:
    """`name` is the same as long as it is the same. `patience`: it has to last so long before anybody is told."""

    name: str
    what: str  # one of the texts of `texts.py`
    subject: str = ""  # a site, a channel, a machine
    detail: str = ""
    since: datetime | None = None
    patience: timedelta = timedelta()
    calm: timedelta = timedelta(hours=1)  # it has to be gone so long before it counts as over
    machine: str = ""  # from which it is seen, where the subject does not say so


@dataclass(frozen=True, slots=True)
class Judged:
    """`unknown`: names of problems of which the look does not tell whether they are there."""

    problems: tuple[Problem, ...]
    unknown: frozenset[str] = frozenset()


_EXPECTED = 6.0  # articles of all sites that would have come in that time: with fewer, it may be chance
_CAUGHT_UP = timedelta(hours=3)  # of crawls after an interruption, once in a silence
_LEAST_PAGES = 20.0
_USUALLY_REFUSED = 0.5  # share of the pages; a site that was always read so badly has not changed
OF_SITES = frozenset({"silent", "decline", "settled", "failures", "robots", "layout"})
_AWAY = timedelta(minutes=2)  # what is restarted, or a network, is away for a moment
_EDITED = timedelta(minutes=10)  # files are wrong, or away, for a while where somebody works on them
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def of_machine(seen: Seen, limits: Limits, host: str) -> Judged:
    """What is wrong with one machine, or as seen from there: nobody else can tell."""
    found = []
    unknown: set[str] = set()
    if seen.store_error:
        found.append(Problem(f"store:{host}", "store", host, seen.store_error, patience=_AWAY, calm=_AWAY))
    if seen.inbox_here is None:
        unknown.add(f"inbox:{host}")
    elif seen.inbox_here >= limits.inbox:
        found.append(_inbox(f"inbox:{host}", "inbox-here", host, seen.inbox_here))
    for folder, (free, all_) in sorted(seen.disks.items()):
        if free < limits.disk_free_bytes or free < limits.disk_free * all_:
            detail = f"{free / 1e9:.1f} / {all_ / 1e9:.1f} GB"
            found.append(Problem(f"disk:{host}:{folder}", "disk", f"{host}:{folder}", detail))
    for folder, error in sorted(seen.disk_errors.items()):
        name = f"disk-error:{host}:{folder}"
        found.append(Problem(name, "disk-error", f"{host}:{folder}", error, patience=_AWAY))
        unknown.add(f"disk:{host}:{folder}")
    if seen.sites_lost:
        found.append(Problem(f"sites:{host}", "sites", host, patience=_EDITED, calm=_EDITED))
    for site, wrong in sorted(seen.unread.items()):
        name = f"file:{host}:{site}"
        found.append(Problem(name, "file", site, wrong, patience=_EDITED, calm=_EDITED, machine=host))
    return Judged(tuple(found), frozenset(unknown))


def of_store(seen: Seen, limits: Limits) -> Judged:
    """What the store tells, the same to whoever asks. Of a store that does not answer nothing can be judged."""
    if seen.since is not None and seen.since > seen.at:  # by a clock that was wrong
        seen = replace(seen, since=None)
    found: list[Problem] = []
    unknown: set[str] = set()
    for site, history in sorted(seen.sites.items()):
        judged = _of_site(site, history, seen, limits)
        found += judged.problems
        unknown |= judged.unknown
    quiet = _of_all_sites(seen, limits)
    found += [*quiet.problems, *_of_queues(seen, limits)]
    if seen.inbox_since is not None:  # perhaps for longer: who watches has begun anew
        unknown.add("filer")
    unknown |= {f"outbox:{channel}" for channel in seen.tries.unclear}
    return Judged(tuple(found), frozenset(unknown | quiet.unknown))


def unasked(problems: Iterable[Problem], seen: Seen) -> frozenset[str]:
    """Names of those of sites that are not crawled now: switched off, removed, or with a file that can't be read."""
    return frozenset(one.name for one in problems if one.what in OF_SITES and one.subject not in seen.sites)


def _of_site(site: str, history: History, seen: Seen, limits: Limits) -> Judged:
    """Crawls that fail say nothing of pages and of new articles."""
    yields = frozenset({f"silent:{site}", f"decline:{site}"})
    pages = frozenset({f"robots:{site}", f"layout:{site}"})
    read_before = history.pages >= _LEAST_PAGES
    if (history.barred >= 2 or history.forbidden >= 2) and read_before:
        return Judged((Problem(f"robots:{site}", "robots", site, since=history.until),), yields | {f"layout:{site}"})
    if history.failures >= limits.failures:
        detail = f"{history.failures}: {history.error}"
        problem = Problem(f"failures:{site}", "failures", site, detail, history.until)
        return Judged((problem,), yields | pages)
    failing = pages | {f"failures:{site}"} if history.failures else frozenset()
    if history.misread >= 2 and read_before and history.refused < _USUALLY_REFUSED * history.pages:
        return Judged((Problem(f"layout:{site}", "layout", site, since=history.until),), yields | failing)
    judged = _of_yields(site, history, seen)
    return Judged(judged.problems, judged.unknown | failing)


def _of_yields(site: str, history: History, seen: Seen) -> Judged:
    """What was not watched counts on neither side. A silence is told while crawls go on: what was missed while they
    failed, or nobody looked, comes with the next.
    """
    yields = frozenset({f"silent:{site}", f"decline:{site}"})
    last, read = last_yield(history), last_crawl(history)
    if last is None or read is None:
        return Judged((), yields)
    if is_young(history, read):
        return Judged((), yields if read - last > LEAST_SILENCE else frozenset())
    if is_silent(history, read):
        if site in seen.unfiled or (history.heard is not None and history.heard * _HOUR < _CAUGHT_UP):
            return Judged((), yields)
        return Judged((Problem(f"silent:{site}", "silent", site, _span(longest_gap(history)), last),), yields)
    if (decline := history.decline) is None:
        return Judged((), frozenset({f"decline:{site}"}) if site in seen.unfiled else frozenset())
    detail = f"{decline.now / decline.weeks:.0f} / {decline.level / decline.weeks:.0f}"
    if decline.settled is not None:  # what ends it is no recovery
        return Judged((Problem(f"decline:{site}", "settled", site, detail, calm=timedelta()),))
    return Judged((Problem(f"decline:{site}", "decline", site, detail, calm=timedelta(days=2)),))


def _of_all_sites(seen: Seen, limits: Limits) -> Judged:
    """Where they sleep at night, or rest at weekends, that is no news."""
    newest = max(filter(None, map(last_yield, seen.sites.values())), default=None)
    if newest is None:
        return Judged((), frozenset({"quiet"}))  # none is known, or none is crawled any more
    if seen.at - newest <= limits.quiet:
        return Judged(())
    usual, least = _usual(seen, newest)
    quiet = max(limits.quiet, least)
    if seen.at - newest <= quiet or usual < _EXPECTED:
        return Judged(())
    if seen.unfiled or seen.at - max(newest, seen.since or newest) <= quiet:
        return Judged((), frozenset({"quiet"}))
    return Judged((Problem("quiet", "quiet", since=newest),))


def _usual(seen: Seen, newest: datetime) -> tuple[float, timedelta]:
    """New articles of all sites between `newest` and now: the median of the same hours of up to four weeks before; and
    how long it has to be quiet. Before a week is known, it may be their weekend.
    """
    begins = min(history.since for history in seen.sites.values() if history.since is not None) + _DAY
    back = [number * _WEEK for number in range(1, 5) if newest - number * _WEEK >= begins]
    if not back:
        return sum(yielded(history, begins, newest) for history in seen.sites.values()), WEEKEND
    sums = (sum(yielded(history, newest - one, seen.at - one) for history in seen.sites.values()) for one in back)
    return median(sums), timedelta()


def _of_queues(seen: Seen, limits: Limits) -> Iterator[Problem]:
    if seen.inbox >= limits.inbox:
        yield _inbox("inbox", "inbox", "", seen.inbox)
    if seen.inbox_since is not None and seen.at - seen.inbox_since > limits.filer:
        yield Problem("filer", "filer", detail=str(seen.inbox), since=seen.inbox_since, calm=timedelta(minutes=10))
    yield from _of_channels(seen, limits)


def _of_channels(seen: Seen, limits: Limits) -> Iterator[Problem]:
    tries = seen.tries
    for channel in sorted({*tries.waiting, *tries.failing}):
        known = [at for at in (tries.waiting.get(channel), tries.failing.get(channel)) if at is not None]
        many = channel in tries.failing and tries.failing[channel] is None  # given up one after the other
        since = None if many else min(known)
        if since is None or seen.at - since > limits.outbox:
            lost = channel if channel in tries.failing else ""
            yield Problem(f"outbox:{channel}", "outbox", channel, lost, since, calm=timedelta(minutes=30))


def _inbox(name: str, what: str, subject: str, waiting: int) -> Problem:
    return Problem(name, what, subject, str(waiting), patience=timedelta(minutes=10), calm=timedelta(minutes=30))


def _span(span: timedelta) -> str:
    hours = span / _HOUR
    return f"{hours / 24:.0f} d" if hours >= 48 else f"{hours:.0f} h"
