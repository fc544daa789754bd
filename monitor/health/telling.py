"""Notices into the outbox; past it while the store does not answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.alerts import HEALTH, Notice, Style, notice_message
from monitor.alerts.deliver import resolve, send
from monitor.alerts.digests import message_id
from monitor.codec import decode, encode
from monitor.errors import DeliveryError
from monitor.health.incidents import OVER, Told, stamp
from monitor.health.texts import notice
from monitor.records import Alert, Attempt
from monitor.store.port import Outbox

log = logging.getLogger(__name__)

_REMINDERS = 5  # the last ones, which are looked at


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
        self._unwritten = [
            due if due.before else replace(due, alert=self._sent(due.alert, now)) for due in self._unwritten
        ]

    def _alerts(self, told: Told, now: datetime) -> list[_Due]:
        incident = told.incident
        made = notice(told, self._audience.language, self._audience.zone)
        log.warning("health kind=%s problem=%s title=%s", told.kind, incident.problem.name, made.title)
        subject = f"incident:{incident.problem.name}"
        alert = Alert(HEALTH, "", subject, told.occurrence, made=now, due=now, note=encode(made).decode())
        before: tuple[str, ...] = ()
        if OVER in told.occurrence:
            numbers = range(max(1, incident.reminders - _REMINDERS + 1), incident.reminders + 1)
            before = (stamp(incident), *(f"{stamp(incident)}+{number}" for number in numbers))
        return [_Due(replace(alert, channel=channel), before) for channel in self._audience.channels]

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

    def _sent(self, alert: Alert, now: datetime) -> Alert:
        if alert.state == "sent":
            return alert
        style = Style(self._audience.language, self._audience.zone)
        try:
            address = resolve(self._audience.addresses(), alert.channel)
            message = replace(notice_message(decode(Notice, alert.note), style), id=message_id([alert]))
            send(alert.channel, address, message, alert.reached)
        except DeliveryError as error:
            tried = (*alert.attempts[-20:], Attempt(now, error.message))
            return replace(alert, attempts=tried, reached=(*alert.reached, *error.reached))
        return replace(alert, state="sent", attempts=(*alert.attempts, Attempt(now)))
