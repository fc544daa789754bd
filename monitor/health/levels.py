"""Whether a site yields far less than it did: from its sums by day, of days on which it was watched. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil
from statistics import median_low

REMEMBERED = 30 * 7  # days
_WEEK = 7
_FALLEN = 0.3  # of the level before
_BACK = 0.5  # of the level before: not at once when it is a little above the other
_LEAST_LEVEL = 15  # articles of a window: chance alone tells 0.1 declines a year of a site with one a day; with 8, 0.6
# Times the longest pause is the shortest window: a shorter one may lie between issues. Sites with 12 articles on a day
# now and then are told 0.2 declines a year by chance; with 1.5 times, one.
_PAUSES = 3
_LEAST_OCCASIONS = 4  # days with articles of a window, on the mean
_RECENT = 8  # windows; what lasts for half of them is the level
_STAYED = 4 * _WEEK  # days, after which the new level is the usual one
_SETTLING = 2  # days in which that can be seen


@dataclass(frozen=True, slots=True)
class Decline:
    """Since that day (counted from 1970): in so many weeks the site brought `now` instead of `level`. `settled`: the
    day on which the new level had lasted.
    """

    since: int
    weeks: int
    level: float
    now: int
    settled: int | None = None


def followed_level(decline: Decline | None, days: Mapping[int, int]) -> tuple[Decline | None, Mapping[int, int]]:
    """After the last of the days, and the days that are remembered: of a level that is no more, none."""
    today = max(days, default=0)
    if decline is None:
        return _fallen(days), days
    if decline.settled is not None:
        over = today - decline.settled >= _SETTLING
        return (None, _since(days, decline.since)) if over else (decline, days)
    counts = _counts(days)
    decline = replace(decline, now=sum(counts[-_WEEK * decline.weeks :]))
    if decline.now >= _BACK * decline.level:
        return None, days
    return replace(decline, settled=today if _stays(decline, days) else None), days


def _fallen(days: Mapping[int, int]) -> Decline | None:
    """Held against the last weeks before, and against all that are known: a slow decline shows in these alone."""
    counts = _counts(days)
    for weeks in range(1, REMEMBERED // _WEEK):
        window = _WEEK * weeks
        before = counts[:-window]
        if len(before) < 2 * window:
            break
        sums = [sum(before[end - window : end]) for end in range(len(before), window - 1, -window)]
        level = max(median_low(sums[:_RECENT]), median_low(sums))
        if level >= _LEAST_LEVEL and window >= _least_window(before):
            now = sum(counts[-window:])
            return Decline(max(days), weeks, level, now) if now < _FALLEN * level else None
    return None


def _least_window(counts: list[int]) -> int:
    """Days that hold some issues, whatever the rhythm of the site."""
    pause = max((len(list(empty)) for is_empty, empty in groupby(counts, lambda one: not one) if is_empty), default=0)
    occasions = sum(1 for one in counts if one)
    return max(_PAUSES * pause, ceil(_LEAST_OCCASIONS * len(counts) / max(1, occasions)))


def _stays(decline: Decline, days: Mapping[int, int]) -> bool:
    """For long, and no longer falling."""
    half = max(_STAYED // 2, _WEEK * decline.weeks)
    counts = _counts(_since(days, decline.since))
    if len(counts) < 2 * half:
        return False
    lately, earlier = sum(counts[-half:]), sum(counts[-2 * half : -half])
    return lately > 0 and lately >= _BACK * earlier


def _counts(days: Mapping[int, int]) -> list[int]:
    return [days[day] for day in sorted(days)]


def _since(days: Mapping[int, int], first: int) -> dict[int, int]:
    return {day: count for day, count in days.items() if day >= first}
