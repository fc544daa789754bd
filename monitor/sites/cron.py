"""Cron expressions of site files, as crontab(5) has them: checked here, without the scheduler that reads them."""

from __future__ import annotations

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (  # name, first, last, names of the numbers from `first` on
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 7, _DAYS),
)
_PART = re.compile(r"^(?:\*|([a-z]{3}|\d{1,2})(?:-([a-z]{3}|\d{1,2}))?)(?:/(\d{1,3}))?$")


def check_cron(text: str) -> str:
    """The text, if it is an expression of five fields. Raises ValueError that names the field and what it expects."""
    fields = text.lower().split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{text!r} is no cron expression; expected five fields: minute hour day month weekday")
    for field, (name, first, last, names) in zip(fields, _FIELDS, strict=True):
        for part in field.split(","):
            if not _holds(part, first, last, names):
                named = f" or {names[0]}-{names[-1]}" if names else ""
                raise ValueError(
                    f"{name} {part!r} of a cron expression: expected {first}-{last}{named}, *, */step or a range"
                )
    return text


def _holds(part: str, first: int, last: int, names: tuple[str, ...]) -> bool:
    match = _PART.match(part)
    if match is None:
        return False
    low = _number(match[1], first, names) if match[1] else first
    high = _number(match[2], first, names) if match[2] else low
    if not match[1] or (match[3] and not match[2]):
        high = last  # "*", or "5/10": from 5 on, every 10
    return first <= low <= high <= last and (not match[3] or 1 <= int(match[3]) <= high - low)


def _number(text: str, first: int, names: tuple[str, ...]) -> int:
    """-1 for a name that is none."""
    if text.isdigit():
        return int(text)
    return first + names.index(text) if text in names else -1
