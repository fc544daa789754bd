"""Notices into the outbox; past it while the store does not answer.

Each incident has its own alerts. What is due at the same moment is one message: they are of one digest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.alerts import HEALTH, Style, notice_message
from monitor.alerts.deliver import resolve, send
from monitor.alerts.digests import message_id, messages
from monitor.codec import decode, encode
from monitor.errors import DeliveryError
from monitor.health.incidents import OVER, Told, stamp
from monitor.health.texts import SITE_PROBLEMS, Noted, notice, together
from monitor.records import Alert, Attempt
from monitor.store.port import Outbox

log = logging.getLogger(__name__)

_REMINDERS = 5  # the last ones, which are looked at
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
    """`before`: occurrences of the incident's earlier notices, where this one tells that it is over."""

    alert: Alert
    before: tuple[str, ...] = ()


class Teller:
    """What could not be written yet is kept, and written with the next look."""

    def __init__(self, outbox: Outbox, audience: Audience) -> None:
        self._outbox, self._audience = outbox, audience
        self._unwritten: list[_Due] = []

    def add(self, told: Iterable[Told], now: datetime) -> None:
        for one in told:
            self._unwritten += self._alerts(one, now)

    def write(self) -> None:
        if self._unwritten:
            self._outbox.put_alerts([alert for due in self._unwritten if (alert := self._wanted(due)) is not None])
            self._unwritten = []

    def send_at_once(self, now: datetime) -> None:
        """What is new; a recovery is told when it can be seen whether its beginning was."""
        begun = [due.alert for due in self._unwritten if not due.before and due.alert.state != "sent"]
        tried = {one.key: one for message in messages(begun) for one in self._sent(message, now)}
        self._unwritten = [replace(due, alert=tried.get(due.alert.key, due.alert)) for due in self._unwritten]

    def _alerts(self, told: Told, now: datetime) -> list[_Due]:
        incident = told.incident
        made = notice(told, self._audience.language, self._audience.zone)
        log.warning("health kind=%s problem=%s title=%s", told.kind, incident.problem.name, made.title)
        subject = f"incident:{incident.problem.name}"
        due = _together(now) if incident.problem.what in SITE_PROBLEMS else now
        alert = Alert(
            HEALTH, "", subject, told.occurrence, made=now, due=due, digest=_DIGEST, note=encode(made).decode()
        )
        before: tuple[str, ...] = ()
        if OVER in told.occurrence:
            numbers = range(max(1, incident.reminders - _REMINDERS + 1), incident.reminders + 1)
            before = (stamp(incident), *(f"{stamp(incident)}+{number}" for number in numbers))
        return [_Due(replace(alert, channel=channel), before) for channel in told.channels]

    def _wanted(self, due: _Due) -> Alert | None:
        """The alert; None for the recovery from what the channel was never told of. While that is still tried, both are
        given up together.
        """
        if not due.before:
            return due.alert
        keys = [replace(due.alert, occurrence=occurrence).key for occurrence in due.before]
        earlier = {one.alert.key: one.alert for one in self._unwritten if one.alert.key in keys}
        earlier |= self._outbox.told(keys)
        if any(one.state == "sent" or one.reached for one in earlier.values()):
            return due.alert
        tried = [one for one in earlier.values() if one.state == "waiting"]
        since = min((one.tried_since for one in tried if one.tried_since is not None), default=None)
        return replace(due.alert, tried_since=since) if tried else None

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


def _together(moment: datetime) -> datetime:
    """The next full quarter of an hour (UTC), or the moment where it is one."""
    over = (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % _SITES_TOGETHER
    return moment + (_SITES_TOGETHER - over if over else over)
