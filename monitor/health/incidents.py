"""Who is told of a problem, and when: once when it has lasted, again at a distance while it lasts, and when it is over.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.health.judging import Problem

AGAIN = timedelta(hours=6)  # a problem that comes back so soon after it was over is the same incident
_LONGER = 4  # times as long, with each return, until it counts as over again
_LONGEST_CALM = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Incident:
    """One problem's life. `told`: when somebody was told; None: not yet. `gone`: since when it is not seen any more."""

    problem: Problem
    began: datetime
    seen: datetime
    told: datetime | None = None
    reminders: int = 0
    gone: datetime | None = None
    over: datetime | None = None
    returns: int = 0  # how often it came back soon after it was over


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be told now. `kind`: new | reminder | over. `occurrence`: another one each time."""

    kind: str
    incident: Incident
    occurrence: str


def followed(
    known: Mapping[str, Incident], found: Iterable[Problem], now: datetime, remind: timedelta
) -> tuple[dict[str, Incident], list[Told]]:
    """The incidents after a look, and what is to be told. `remind`: the distance of reminders; zero: none."""
    there = {problem.name: problem for problem in found}
    after: dict[str, Incident] = {}
    told: list[Told] = []
    for name in sorted({*known, *there}):
        incident, problem = known.get(name), there.get(name)
        if problem is not None:
            incident, more = _seen(incident, problem, now, remind)
        else:
            assert incident is not None  # noqa: S101 (it is of one of the two)
            incident, more = _unseen(incident, now)
        told += more
        if incident is not None:
            after[name] = incident
    return after, told


def _seen(incident: Incident | None, problem: Problem, now: datetime, remind: timedelta) -> tuple[Incident, list[Told]]:
    if incident is None or (incident.over is not None and now - incident.over > AGAIN):
        incident = Incident(problem, now, now)
    elif incident.over is not None:  # it was over too soon: told as a reminder when that is due, not as a new one
        incident = replace(incident, over=None, returns=incident.returns + 1)
    incident = replace(incident, problem=replace(problem, since=problem.since or incident.began), seen=now, gone=None)
    if incident.told is None:
        if now - incident.began < problem.patience:
            return incident, []
        incident = replace(incident, told=now)
        return incident, [Told("new", incident, _stamp(incident))]
    if remind and now - incident.told >= remind * (incident.reminders + 1):
        incident = replace(incident, reminders=incident.reminders + 1)
        return incident, [Told("reminder", incident, f"{_stamp(incident)}+{incident.reminders}")]
    return incident, []


def _unseen(incident: Incident, now: datetime) -> tuple[Incident | None, list[Told]]:
    if incident.told is None:
        return None, []  # it went before anybody was told
    if incident.over is not None:
        return (None if now - incident.over > AGAIN else incident), []
    gone = incident.gone or now
    if now - gone < min(incident.problem.calm * _LONGER**incident.returns, max(incident.problem.calm, _LONGEST_CALM)):
        return replace(incident, gone=gone), []
    incident = replace(incident, gone=gone, over=now)
    return incident, [Told("over", incident, f"{_stamp(incident)}+over+{_at(now)}")]


def _stamp(incident: Incident) -> str:
    return _at(incident.began)


def _at(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S")
