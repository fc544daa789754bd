"""When a digest is due. Pure: the clock of a zone, its changes in spring and autumn among it.

now                   each alert at once, alone
hourly                at every full hour
daily 07:30           every day at that time
weekly mon 07:30      on that day of the week
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WHOLE = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = tuple(day[:3] for day in _WHOLE)
FORMS = "now, hourly, daily 07:30 or weekly mon 07:30"
_TIME = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$")


@dataclass(frozen=True, slots=True)
class Cadence:
    """`day`: of the week, 0 is Monday; None every day. `at`: None for now and hourly."""

    kind: str  # now | hourly | daily | weekly
    at: time | None = None
    day: int | None = None

    def __str__(self) -> str:
        parts = [self.kind, *([DAYS[self.day]] if self.day is not None else [])]
        return " ".join([*parts, *([f"{self.at:%H:%M}"] if self.at is not None else [])])

    def due(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """When what came up at the moment is told, in UTC: at once, or at the next time after it.

        A time that the clock leaves out in spring is taken as it would have been without the change; of one that
        comes twice in autumn, the first counts.
        """
        if self.kind == "now":
            return moment
        local = moment.astimezone(zone)
        if self.kind == "hourly":  # by UTC: where the clock changes, an hour is still an hour
            begun = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            offset = timedelta(minutes=(local.utcoffset() or timedelta()).total_seconds() // 60 % 60)
            following = begun - offset
            while following <= moment:
                following += timedelta(hours=1)
            return following
        day = local.date() - timedelta(days=1)
        while not (self._falls_on(day) and (found := self._on(day, zone)) > moment):
            day += timedelta(days=1)
        return found

    def _falls_on(self, day: date) -> bool:
        return self.day is None or day.weekday() == self.day

    def _on(self, day: date, zone: ZoneInfo) -> datetime:
        return datetime.combine(day, self.at or time(), zone).astimezone(UTC)


def read_cadence(text: str) -> Cadence:
    """Raises ValueError that says what was expected."""
    kind, *rest = text.lower().split() or [""]
    if kind in ("now", "hourly") and not rest:
        return Cadence(kind)
    if kind == "daily" and len(rest) == 1 and (at := _time(rest[0])):
        return Cadence(kind, at)
    if kind == "weekly" and len(rest) == 2 and (at := _time(rest[1])):
        for number, day in enumerate(_WHOLE):
            if rest[0] in (day, day[:3]):
                return Cadence(kind, at, number)
    raise ValueError(f"{text!r} is no cadence; expected {FORMS}")


def _time(text: str) -> time | None:
    match = _TIME.match(text)
    return time(int(match[1]), int(match[2])) if match else None
