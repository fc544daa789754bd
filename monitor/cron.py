"""Cron expressions as crontab(5) has them, on top of APScheduler's fields.

Three things differ there: weekdays count from Monday, a day of the month and a weekday must both hold (in crontab
either does), and in the hour that comes twice in autumn the next time can lie before the last one, over which its
scheduler never ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_TICK = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)


class Cron(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Times that an expression of five fields names in a zone.

    A time that a change of the clock leaves out comes an hour later on the clock; in the hour that comes twice, every
    time comes twice. Raises ValueError for what is no expression, and for one that never comes (30 February).
    """

    def __init__(self, expression: str, zone: ZoneInfo) -> None:
        minute, hour, day, month, weekday = expression.split()
        either = not day.startswith("*") and not weekday.startswith("*")
        days = [(day, "*"), ("*", weekday)] if either else [(day, weekday)]
        self._parts = [
            CronTrigger(
                minute=minute, hour=hour, day=day_part, month=month, day_of_week=_names(weekday_part), timezone=zone
            )
            for day_part, weekday_part in days
        ]
        if self.after(datetime.now(UTC)) is None:
            raise ValueError("there is no such day")

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """APScheduler's: after the previous time, or from now on."""
        return self.after(previous_fire_time or now - _TICK)

    def after(self, moment: datetime) -> datetime | None:
        """The first time after the moment, in UTC; None when there is none."""
        return min((found for part in self._parts for found in _candidates(part, moment)), default=None)


def _candidates(part: CronTrigger, moment: datetime) -> Iterator[datetime]:
    """Times after the moment, the first one among them: asked again where the answer lay before what was asked."""
    for ahead in (timedelta(), _HOUR, 2 * _HOUR):
        found = part.get_next_fire_time(None, moment + ahead + _TICK)
        if found is None:
            return
        first, second = (found.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        # A time that is left out in spring reads as two as well, the second before the first.
        later = [one for one in ((first, second) if second > first else (first,)) if one > moment]
        if later:
            yield min(later)
            return


def _names(field: str) -> str:
    """A crontab's weekdays (0 and 7 are Sunday) as names, which mean the same everywhere."""
    if field == "*":
        return field
    numbers: set[int] = set()
    for part in field.lower().split(","):
        days, _, step = part.partition("/")
        first, _, last = days.partition("-")
        start = 0 if days == "*" else _number(first)
        end = 6 if days == "*" or (step and not last) else _number(last or first)
        if start > end or (step and (not step.isdigit() or int(step) < 1)):
            raise ValueError(f"{part!r} is no weekday")
        numbers.update(number % 7 for number in range(start, end + 1, int(step or 1)))
    return ",".join(_WEEKDAYS[number] for number in sorted(numbers))


def _number(text: str) -> int:
    if text in _WEEKDAYS:
        return _WEEKDAYS.index(text)
    if not text.isdigit() or int(text) > 7:
        raise ValueError(f"{text!r} is no weekday; expected 0-7 (0 and 7 are Sunday) or mon, tue, ...")
    return int(text)
