"""Which alerts are told together, and what becomes of one that is written when its digest is gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from monitor.alerts.cadence import read_cadence
from monitor.alerts.channels import FEED
from monitor.records import Alert
from monitor.text import digest


@dataclass(frozen=True, slots=True)
class Manner:
    """How a rule's messages are written. What is written otherwise is in no message together."""

    language: str = "en"
    zone: str = "UTC"


MannerOf = Callable[[Alert], Manner]


class Notes(Protocol):
    """As the store's port has it."""

    def note(self, name: str) -> str: ...

    def put_note(self, name: str, value: str) -> None: ...


def messages(due: Sequence[Alert], manner: MannerOf = lambda _: Manner()) -> list[list[Alert]]:
    """Those of one digest, time and manner in one; each of the others for itself. In their order.

    What some of several recipients took is not told again with what nobody has.
    """
    made: dict[tuple[object, ...], list[Alert]] = {}
    for alert in due:
        if alert.channel == FEED:
            together: tuple[object, ...] = ("feed",)
        elif alert.digest:
            together = ("digest", alert.digest, alert.due, manner(alert), alert.reached)
        else:
            together = ("one", *alert.key)
        made.setdefault(together, []).append(alert)
    return list(made.values())


def message_id(alerts: Sequence[Alert]) -> str:
    """Of the message that tells them: the same each time, and no other's."""
    return digest("message", *(part for key in sorted(one.key for one in alerts) for part in key))


class Told:
    """Until when each digest of a channel was sent, or tried to be: then it is closed. Kept in the store, too, for the
    next run of the program.
    """

    def __init__(self) -> None:
        self._until: dict[str, datetime | None] = {}

    def following(self, notes: Notes, alert: Alert, manner: Manner, now: datetime) -> datetime | None:
        """When an alert is told whose digest was closed before it was written; None for all others."""
        if not alert.digest or alert.attempts or alert.due is None:
            return None
        until = self._closed_until(notes, _name(alert, manner))
        if until is None or alert.due > until:
            return None
        return read_cadence(alert.digest).due(now, ZoneInfo(manner.zone))

    def note(self, notes: Notes, alert: Alert, manner: Manner) -> None:
        """The digest that the alert is of is closed."""
        if not alert.digest or alert.due is None:
            return
        until = self._closed_until(notes, name := _name(alert, manner))
        if until is None or alert.due > until:
            self._until[name] = alert.due
            notes.put_note(name, alert.due.isoformat())

    def _closed_until(self, notes: Notes, name: str) -> datetime | None:
        if name not in self._until:
            text = notes.note(name)
            self._until[name] = datetime.fromisoformat(text) if text else None
        return self._until[name]


def _name(alert: Alert, manner: Manner) -> str:
    return f"digest:{alert.channel}:{alert.digest}:{manner.language}:{manner.zone}"
