"""Who is told of a problem, and when: once when it has lasted, again at a distance while it lasts, and when it is over.
Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.health.judging import Judged, Problem

AGAIN = timedelta(hours=6)  # a problem that comes back so soon after it was over is the same incident
_LONGER = 4  # times as long, with each return, until it counts as over again
_LONGEST_CALM = timedelta(hours=12)
_OVER = "+over+"
_LONGEST_DISTANCE = timedelta(days=7)  # of reminders, where the setting is no longer


@dataclass(frozen=True, slots=True)
class Incident:
    """One problem's life. `told`: when something was told of it last; None: nothing yet. `gone`: since when it is not
    seen any more. `over`: when that was told; `back`: since when it is there again although it was told to be over.
    `heard`: channels that were told. `hushed`: it was there while nothing was to be told of it. `ended`: the occurrence
    of the last notice that it is over.
    """

    problem: Problem
    began: datetime
    seen: datetime
    told: datetime | None = None
    reminders: int = 0
    gone: datetime | None = None
    over: datetime | None = None
    back: datetime | None = None
    returns: int = 0  # how often it came back soon after it was over
    heard: tuple[str, ...] = ()
    hushed: bool = False
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be told now. `kind`: new | reminder | over; lasts: who was to be told and could not be is, now.
    `occurrence`: another one each time. `channels`: who is told.
    """

    kind: str
    incident: Incident
    occurrence: str
    channels: tuple[str, ...] = ()


def followed(
    known: Mapping[str, Incident],
    judged: Judged,
    now: datetime,
    remind: timedelta,
    channels: tuple[str, ...] = (),
    silent: Callable[[Problem], bool] = lambda _: False,
) -> tuple[dict[str, Incident], list[Told]]:
    """The incidents after a look, and what is to be told. What the look does not show stays as it was. `remind`: the
    distance of the first reminder, doubled with each that follows; zero: none. `channels`: who is told; one that was
    set later hears what still lasts. `silent`: nothing is told of the problem now; when that ends, what lasts is told,
    and what is over.
    """
    there = {problem.name: problem for problem in judged.problems}
    after: dict[str, Incident] = {}
    told: list[Told] = []
    for name in sorted({*known, *there}):
        incident, problem = known.get(name), there.get(name)
        if problem is not None:
            incident = _again(incident, problem, now)
            if silent(problem):
                after[name] = _hushed(incident, now)
                continue
            incident, more = _seen(incident, now, remind)
            incident, more = _addressed(incident, more, channels)
        elif incident is None or name in judged.unknown:
            more = []
        elif silent(incident.problem) and incident.told is not None and incident.over is None:
            incident, more = replace(incident, gone=incident.gone or now), []
        else:
            incident, more = _unseen(incident, now)
            more = [replace(one, channels=channels) for one in more]
        told += more
        if incident is not None:
            after[name] = incident
    return after, told


def lasting(incidents: Mapping[str, Incident], channels: tuple[str, ...]) -> list[Told]:
    """What was told to be there, and not to be over. It may be that the last look could not show it."""
    there = (one for one in incidents.values() if one.told is not None and one.over is None and not one.hushed)
    return [Told("lasts", one, stamp(one), channels) for one in there]


def stamp(incident: Incident) -> str:
    """The occurrence of the first notice; those of all others begin with it."""
    return _at(incident.began)


def ends(occurrence: str) -> bool:
    """Is it that of a notice that something is over?"""
    return _OVER in occurrence


def _again(incident: Incident | None, problem: Problem, now: datetime) -> Incident:
    """As it is seen now."""
    if incident is None or (incident.over is not None and now - max(incident.over, incident.seen) > AGAIN):
        incident = Incident(replace(problem, since=problem.since or now), now, now)
    since = min(problem.since or incident.began, incident.problem.since or incident.began)
    return replace(incident, problem=replace(problem, since=since), seen=now, gone=None)


def _hushed(incident: Incident, now: datetime) -> Incident:
    back = incident.back if incident.over is None else incident.back or now
    return replace(incident, back=back, hushed=True)


def _seen(incident: Incident, now: datetime, remind: timedelta) -> tuple[Incident, list[Told]]:
    if incident.told is None:
        if now - incident.began < incident.problem.patience:
            return incident, []
        incident = replace(incident, told=now)
        return incident, [Told("new", incident, stamp(incident))]
    due = bool(remind) and now - incident.told >= _distance(incident, remind)
    due = due or (incident.hushed and incident.over is None)
    due = due and incident.problem.what != "settled"  # which is told a day later, as what ends it
    incident = replace(incident, hushed=False)
    if incident.over is not None:  # soon after it was told to be over: told when it lasts, or comes and goes for long
        back = incident.back or now
        if now - back < _calm(incident) and not due:
            return replace(incident, back=back), []
        return _reminded(replace(incident, over=None, back=None, returns=incident.returns + 1), now)
    return _reminded(incident, now) if due else (incident, [])


def _addressed(incident: Incident, told: list[Told], channels: tuple[str, ...]) -> tuple[Incident, list[Told]]:
    """Who has not heard of it yet is told that it is there, whatever is told to the others."""
    if incident.told is None or incident.over is not None:
        return incident, told
    new = tuple(channel for channel in channels if channel not in incident.heard)
    incident = replace(incident, heard=(*incident.heard, *new))
    known = tuple(channel for channel in channels if channel not in new)
    made = [replace(one, incident=incident, channels=known) for one in told if one.kind == "reminder"]
    if new or any(one.kind == "new" for one in told):
        made.append(Told("new", incident, stamp(incident), new))
    return incident, made


def _reminded(incident: Incident, now: datetime) -> tuple[Incident, list[Told]]:
    incident = replace(incident, told=now, reminders=incident.reminders + 1)
    return incident, [Told("reminder", incident, f"{stamp(incident)}+{incident.reminders}")]


def _unseen(incident: Incident, now: datetime) -> tuple[Incident | None, list[Told]]:
    if incident.told is None:
        return None, []  # it went before anybody was told
    if (over := incident.over) is not None:
        return (None if now - max(over, incident.seen) > AGAIN else replace(incident, back=None)), []
    gone = incident.gone or now
    if now - gone < _calm(incident):
        return replace(incident, gone=gone), []
    incident = replace(incident, gone=gone, told=now, over=now)
    told = Told("over", incident, f"{stamp(incident)}{_OVER}{_at(now)}")
    return replace(incident, ended=told.occurrence), [told]


def _distance(incident: Incident, remind: timedelta) -> timedelta:
    """What somebody was told of many times is no news each day."""
    longer: timedelta = remind * int(2 ** min(incident.reminders, 20))
    return min(longer, max(remind, _LONGEST_DISTANCE))


def _calm(incident: Incident) -> timedelta:
    """How long it has to be gone, or back, before that is told."""
    calm = incident.problem.calm
    longer: timedelta = calm * int(_LONGER ** min(incident.returns, 5))
    return min(longer, max(calm, _LONGEST_CALM))


def _at(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%S")
