"""Dates as people write them in a query: a day, a month, a year, a time, or counted from now."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from monitor.spans import parse_span

FORMS = "write 2024-05-16, 16/05/2024, 2024-05, 2024-05-16T12:30+02:00, now-7d or now/d"

_TIME = r"(?:[T ](?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,6}))?)?)"
_ZONE = r"\s?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)"
_ISO = re.compile(rf"(?P<year>\d{{4}})(?:-(?P<month>\d{{1,2}})(?:-(?P<day>\d{{1,2}})(?:{_TIME}(?:{_ZONE})?)?)?)?", re.I)
_DAY_FIRST = re.compile(
    rf"(?P<day>\d{{1,2}})([/.])(?P<month>\d{{1,2}})\2(?P<year>\d{{4}})(?:{_TIME}(?:{_ZONE})?)?", re.I
)
_FROM_NOW = re.compile(r"now((?:[+-]\d{1,6}[yMwdhms]|/[yMwdhms])*)")
_STEP = re.compile(r"([+-])(\d+)([yMwdhms])|/([yMwdhms])")
_FIXED = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}  # seconds

# Anything earlier or later is a slip of the pen, and leaves room to shift by a zone.
_FIRST_YEAR, _LAST_YEAR = 1000, 9000


@dataclass(frozen=True, slots=True)
class Moment:
    """What a written date covers: from `start` up to, without, `end`; both in UTC. An instant has them equal."""

    start: datetime
    end: datetime

    @property
    def is_instant(self) -> bool:
        return self.start == self.end


def read_moment(text: str, *, now: datetime, zone: str = "UTC", ago: bool = False) -> Moment:
    """What the date covers; without a zone of its own it is one of `zone`. Raises ValueError with what was expected.

    `ago`: a bare span is accepted too, and means so long before now ("7d").
    """
    text, local = text.strip(), ZoneInfo(zone)
    try:
        if ago and re.fullmatch(r"\d+(?:\.\d+)?\s*[smhdw]", text):
            instant = (now - parse_span(text)).astimezone(UTC)
            return Moment(instant, instant)
        if relative := _FROM_NOW.fullmatch(text):
            return _from_now(relative[1], now.astimezone(local))
        if written := _ISO.fullmatch(text) or _DAY_FIRST.fullmatch(text):
            return _written({name: value or "" for name, value in written.groupdict().items()}, local)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no date: {_reason(error)}") from error
    raise ValueError(f"{text!r} is no date")


def _reason(error: Exception) -> str:
    return "it is too far away" if isinstance(error, OverflowError) else str(error)


def _written(part: dict[str, str], local: ZoneInfo) -> Moment:
    year = int(part["year"])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"its year is not between {_FIRST_YEAR} and {_LAST_YEAR}")
    naive = datetime(year, int(part["month"] or 1), int(part["day"] or 1))
    if part["hour"]:
        naive = naive.replace(hour=int(part["hour"]), minute=int(part["minute"]), second=int(part["second"] or 0))
        naive = naive.replace(microsecond=int(part["fraction"].ljust(6, "0") or 0) if part["fraction"] else 0)
        zone = _zone(part["zone"]) if part["zone"] else local
        start = naive.replace(tzinfo=zone).astimezone(UTC)
        return Moment(start, start if part["second"] else start + timedelta(minutes=1))
    return _whole(naive, "d" if part["day"] else "M" if part["month"] else "y", local)


def _zone(text: str) -> tzinfo:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _from_now(steps: str, at: datetime) -> Moment:
    """Date arithmetic as Elasticsearch writes it: `-7d` steps back, `/d` goes to the beginning of the day."""
    local, rounded = at.tzinfo, ""
    for step in _STEP.finditer(steps):
        sign, count, unit, rounded = step[1], step[2], step[3], step[4] or ""
        if rounded:
            at = _FLOOR[rounded](at.replace(tzinfo=None)).replace(tzinfo=local)
        elif unit in "yM":
            at = _shifted(at, int(f"{sign}{count}") * (12 if unit == "y" else 1))
        else:
            at = (at.astimezone(UTC) + timedelta(seconds=int(f"{sign}{count}") * _FIXED[unit])).astimezone(local)
    if rounded and isinstance(local, ZoneInfo):
        return _whole(at.replace(tzinfo=None), rounded, local)
    return Moment(at.astimezone(UTC), at.astimezone(UTC))


_FLOOR: dict[str, Callable[[datetime], datetime]] = {
    "s": lambda at: at.replace(microsecond=0),
    "m": lambda at: at.replace(second=0, microsecond=0),
    "h": lambda at: at.replace(minute=0, second=0, microsecond=0),
    "d": lambda at: at.replace(hour=0, minute=0, second=0, microsecond=0),
    "w": lambda at: _FLOOR["d"](at - timedelta(days=at.weekday())),  # ISO 8601: weeks begin on Monday
    "M": lambda at: _FLOOR["d"](at.replace(day=1)),
    "y": lambda at: _FLOOR["d"](at.replace(month=1, day=1)),
}


def _whole(start: datetime, unit: str, local: ZoneInfo) -> Moment:
    """The whole unit that begins at the wall-clock time; a day of the zone may have 23 or 25 hours."""
    begin = start.replace(tzinfo=local).astimezone(UTC)
    if unit in "hms":
        return Moment(begin, begin + timedelta(seconds=_FIXED[unit]))
    end = _shifted(start, 12 if unit == "y" else 1) if unit in "yM" else start + timedelta(seconds=_FIXED[unit])
    return Moment(begin, end.replace(tzinfo=local).astimezone(UTC))


def _shifted(at: datetime, months: int) -> datetime:
    """So many months on; the 31st becomes the month's last day where there is none."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise OverflowError
    first_of_next = datetime(year + (month == 11), (month + 1) % 12 + 1, 1)
    return at.replace(year=year, month=month + 1, day=min(at.day, (first_of_next - timedelta(days=1)).day))
