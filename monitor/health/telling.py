"""Notices into the outbox; past it while the store does not answer.

Each incident has its own alerts. What is due at the same moment is one message: they are of one digest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from monitor.alerts import HEALTH, Style, notice_message
from monitor.alerts.deliver import resolve, send
from monitor.alerts.digests import message_id, messages
from monitor.codec import decode, encode
from monitor.errors import DeliveryError
from monitor.health.incidents import Incident, Told, ends, stamp
from monitor.health.texts import SITE_PROBLEMS, Noted, notice, together
from monitor.records import Alert, Attempt
from monitor.store.port import Outbox

log = logging.getLogger(__name__)

_Key = tuple[str, str, str, str]
_REMINDERS = 20  # the last ones, which are looked at: more than come before a notice that waits is given up
_GIVEN_UP = 1000  # notices that are looked at, the newest
_DIGEST = "now"
# What is told of sites waits for the next full quarter of an hour: sites are crawled every 15 minutes, and where the
# network is away they fail one after the other for so long.
_SITES_TOGETHER = timedelta(minutes=15)


@dataclass(frozen=True)
class Audience:
    """Who is told, and how. `addresses`: by channel, as they are now."""

    channels: tuple[str, ...]
    addresses: Callable[[], Mapping[str, str]]
    language: str = "en"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class _Due:
    """`kind`: as of what is told; `before`: keys of the incident's earlier notices to the channel, the latest ones.
    `begins`: the note for who never heard of it.
    """

    alert: Alert
    kind: str
    before: tuple[_Key, ...]
    begins: str


class Teller:
    """What could not be written yet is kept, and written with the next look."""

    def __init__(self, outbox: Outbox, audience: Audience) -> None:
        self._outbox, self._audience = outbox, audience
        self._unwritten: list[_Due] = []
        self._lasting: list[Told] = []

    def add(self, told: Sequence[Told], now: datetime) -> None:
        for one in told:
            if one.kind != "lasts":
                self._unwritten += self._alerts(one, now)
        lasts = (one for one in (*self._lasting, *told) if one.kind == "lasts")
        self._lasting = [one for one in lasts if one.incident.seen == now]

    def write(self) -> None:
        """A channel that takes nothing for days is told once of each incident when it is back: no reminder is added to
        a notice that waits; that it is over, with its beginning, takes the place of all that wait, and that it is back
        that of its end. What was given up is tried again, as it is now, while it lasts.
        """
        if self._unwritten:
            self._write()
        if self._lasting and (again := self._to_try_again()):
            self._outbox.mark_alerts(again)

    def _write(self) -> None:
        stored = self._outbox.told([key for due in self._unwritten for key in (*due.before, due.alert.key)])
        known, made = dict(stored), dict[_Key, Alert]()
        for due in self._unwritten:
            changed = _after(due, [known[key] for key in due.before if key in known])
            new = {one.key: one for one in changed if one.key != due.alert.key or one.key not in stored}
            known |= new
            made |= new
        self._outbox.put_alerts([alert for key, alert in made.items() if key not in stored])
        self._outbox.mark_alerts([alert for key, alert in made.items() if key in stored])
        self._unwritten = []

    def send_at_once(self, now: datetime) -> None:
        """What is new; a recovery is told when it can be seen whether its beginning was. No reminder is added to what
        waits; a recovery that waits is none any more.
        """
        kept: dict[_Key, _Due] = {}
        for one in self._unwritten:
            if one.kind == "reminder":
                waiting = [key for key in one.before if key in kept and kept[key].alert.state == "waiting"]
                over = [kept.pop(key) for key in waiting if kept[key].kind == "over"]
                if len(over) < len(waiting):
                    continue
            kept[one.alert.key] = one
        tried = messages([one.alert for one in kept.values() if one.kind != "over" and one.alert.state == "waiting"])
        sent = {one.key: one for message in tried for one in self._sent(message, now)}
        self._unwritten = [replace(one, alert=sent.get(key, one.alert)) for key, one in kept.items()]

    def _alerts(self, told: Told, now: datetime) -> list[_Due]:
        incident = told.incident
        made = self._notice(told)
        log.warning("health kind=%s problem=%s title=%s", told.kind, incident.problem.name, made.title)
        due = _together(now) if incident.problem.what in SITE_PROBLEMS else now
        note = encode(made).decode()
        begins = replace(told, kind="new") if told.kind == "reminder" else told
        first = encode(self._notice(begins)).decode()
        alerts = [
            Alert(HEALTH, channel, _subject(told), told.occurrence, made=now, due=due, digest=_DIGEST, note=note)
            for channel in told.channels
        ]
        return [
            _Due(alert, told.kind, tuple(key for key in _keys(alert, incident) if key != alert.key), first)
            for alert in alerts
        ]

    def _to_try_again(self) -> list[Alert]:
        """Notices that were given up, of what lasts and their channels do not know."""
        dead = self._outbox.alerts(HEALTH, state="dead", limit=_GIVEN_UP)
        about = {(one.channel, one.subject) for one in dead}
        made: list[Alert] = []
        for told in self._lasting:
            subject = _subject(told)
            for channel in told.channels:
                if (channel, subject) not in about:
                    continue
                keys = _keys(Alert(HEALTH, channel, subject), told.incident)
                earlier = self._outbox.told(keys)
                if (given_up := _given_up(list(earlier.values()))) is not None:
                    kind = "reminder" if _heard(earlier.values()) else "new"
                    note = encode(self._notice(replace(told, kind=kind))).decode()
                    made.append(replace(given_up, state="waiting", next_try=None, tried_since=None, note=note))
        return made

    def _notice(self, told: Told) -> Noted:
        return notice(told, self._audience.language, self._audience.zone)

    def _sent(self, message: Sequence[Alert], now: datetime) -> list[Alert]:
        """As they are after one try. They are of one channel."""
        channel, reached = message[0].channel, message[0].reached
        style = Style(self._audience.language, self._audience.zone)
        told = together([decode(Noted, one.note) for one in message], self._audience.language)
        try:
            written = replace(notice_message(told, style), id=message_id(message))
            send(channel, resolve(self._audience.addresses(), channel), written, reached)
        except DeliveryError as error:
            attempt, reached = Attempt(now, error.message), (*reached, *error.reached)
            return [replace(one, attempts=(*one.attempts[-20:], attempt), reached=reached) for one in message]
        return [replace(one, state="sent", attempts=(*one.attempts, Attempt(now))) for one in message]


def _subject(told: Told) -> str:
    return f"incident:{told.incident.problem.name}"


def _keys(alert: Alert, incident: Incident) -> tuple[_Key, ...]:
    """Of the first notice, of the last reminders and of the last end, to the channel of the alert."""
    numbers = range(max(1, incident.reminders - _REMINDERS + 1), incident.reminders + 1)
    occurrences = (stamp(incident), *(f"{stamp(incident)}+{number}" for number in numbers), incident.ended)
    return tuple(replace(alert, occurrence=one).key for one in occurrences if one)


def _heard(earlier: Iterable[Alert]) -> bool:
    """Somebody at the channel."""
    return any(one.state == "sent" or one.reached for one in earlier)


def _given_up(earlier: Sequence[Alert]) -> Alert | None:
    """The last one of what began, where the channel is not told of it and does not know. What is refused at its first
    try is not tried again: the fault is in the message.
    """
    taken = [one for one in earlier if _heard([one])]
    knows = bool(taken) and not ends(max(taken, key=_made).occurrence)
    if knows or any(one.state == "waiting" for one in earlier):
        return None
    dead = [one for one in earlier if one.state == "dead"]
    return max(filter(_tried_for_long, dead), key=_made, default=None)


def _tried_for_long(alert: Alert) -> bool:
    return bool(alert.attempts) and alert.tried_since is not None and alert.attempts[-1].at > alert.tried_since


def _made(alert: Alert) -> datetime:
    return alert.made or datetime.min.replace(tzinfo=UTC)


def _after(due: _Due, earlier: Sequence[Alert]) -> list[Alert]:
    """What is to be written: it, where the channel is to be told, and what changes of the earlier ones."""
    if due.kind == "new":
        return [due.alert]
    waiting = [one for one in earlier if one.state == "waiting"]
    heard = _heard(earlier)
    dead = [one for one in earlier if one.state == "dead"]
    if due.kind == "over":
        if waiting or heard:
            return [*_replaced([*waiting, *dead]), _in_place_of(waiting, due.alert)]
        # Nobody was told: neither is this, but when somebody tries it again. The channel still takes nothing.
        return [*_replaced(dead), *([_in_place_of(dead, due.alert, "dead")] if dead else [])]
    over = [one for one in (*waiting, *dead) if ends(one.occurrence)]
    if any(one not in over for one in waiting):
        return _replaced(over)
    return [*_replaced(over), _in_place_of(over, due.alert if heard else replace(due.alert, note=due.begins))]


def _replaced(alerts: Iterable[Alert]) -> list[Alert]:
    return [replace(one, state="replaced", next_try=None) for one in alerts]


def _in_place_of(waiting: Sequence[Alert], alert: Alert, state: str = "waiting") -> Alert:
    """It is due since the first of them was, and given up when that would have been, where it was not."""
    if not waiting or alert.state == "sent":
        return alert
    first = min(waiting, key=lambda one: one.due or datetime.max.replace(tzinfo=UTC))
    since = [one.tried_since for one in waiting if one.tried_since is not None and one.state == state]
    last = sorted((attempt for one in waiting for attempt in one.attempts), key=lambda attempt: attempt.at)[-1:]
    # With attempts it is no alert that was written when its digest was gone, which would be due anew.
    return replace(alert, state=state, due=first.due, tried_since=min(since, default=None), attempts=tuple(last))


def _together(moment: datetime) -> datetime:
    """The next full quarter of an hour (UTC), or the moment where it is one."""
    over = (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % _SITES_TOGETHER
    return moment + (_SITES_TOGETHER - over if over else over)
