"""What is wrong now, for who asks: the incidents that the watch follows, as it noted them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.health.ledger import incidents_of
from monitor.health.machines import crawled, machines_of
from monitor.health.silences import Silences, silences_of
from monitor.health.texts import title
from monitor.store.port import Notes

INCIDENTS_NOTE = "health:incidents"  # of what the store tells; with a machine's name behind it: of that machine
_AWAY = timedelta(days=1)  # a machine that noted nothing while others did is perhaps no more, as its problems are
_REMOVED = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Standing:
    """One problem that is not over. `gone`: it is not seen since then, which is too short to tell."""

    name: str
    title: str
    detail: str
    since: datetime
    gone: datetime | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """`looked`: when `monitor run` noted what it saw last; None: never."""

    problems: tuple[Standing, ...] = ()
    looked: datetime | None = None
    silences: Silences = field(default_factory=Silences)


def machine_note(host: str) -> str:
    """Name of the note of what one machine alone sees."""
    return f"{INCIDENTS_NOTE}:{host}"


def removed(notes: Notes, names: Collection[str], now: datetime) -> frozenset[str]:
    """Of problems of sites that are not crawled now, the names of those that were seen days ago, of sites that no
    machine crawls that was there since: nobody waits to hear that it is over. Raises StoreError.
    """
    if not names:
        return frozenset()
    known, asked = incidents_of(notes, INCIDENTS_NOTE).incidents, crawled(notes, now, _REMOVED)
    old = (name for name in names if name in known and now - known[name].seen >= _REMOVED)
    return frozenset(name for name in old if known[name].problem.subject not in asked)


def standing(notes: Notes, language: str = "en") -> Health:
    """The oldest first. Raises StoreError."""
    machines = machines_of(notes)
    newest = max((one.at for one in machines.values()), default=None)
    there = [host for host, one in machines.items() if newest is not None and newest - one.at < _AWAY]
    kept = [incidents_of(notes, note) for note in (INCIDENTS_NOTE, *map(machine_note, there))]
    problems = [
        Standing(one.problem.name, title(one.problem, language), one.problem.detail, since, one.gone)
        for known in kept
        for one in known.incidents.values()
        if one.over is None and one.seen - one.began >= one.problem.patience
        for since in [one.problem.since or one.began]
    ]
    looked = max((known.looked for known in kept if known.looked is not None), default=None)
    return Health(tuple(sorted(problems, key=lambda one: (one.since, one.name))), looked, silences_of(notes))
