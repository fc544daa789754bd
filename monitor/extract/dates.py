"""Dates as pages write them -> aware datetimes in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.extract.months import ANY, BY_LANGUAGE, ZONES
from monitor.text import fold

EMPTY = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # no page of the web is older; 1970 is an empty field
EARLIEST_IMPORT = datetime(1605, 1, 1, tzinfo=UTC)  # the first newspaper; year 1 is an empty field of many programs
# Other empty fields: Windows, SQL databases, spreadsheets, Unix.
_EMPTY = (datetime(1753, 1, 1, tzinfo=UTC), datetime(1899, 12, 31, tzinfo=UTC), EMPTY)
CLOCK_SKEW = timedelta(minutes=15)  # a server's clock may run ahead of ours; later dates are dropped
_LONGEST = 300  # characters of a text in which a date is looked for

_TIME = (
    r"(?P<h>[01]?\d|2[0-3])[:.h時时시]\s?(?P<mi>[0-5]\d)[分분]?(?::(?P<s>[0-5]\d)(?:[.,]\d+)?)?"
    r"\s*(?P<ap>[ap]\.?\s?m\b\.?)?"
)
_ZONE = r"\s*\(?(?P<z>Z\b|(?:UTC|GMT)?[+-]\d{1,2}:?(?:\d\d)?\b|[A-Z]{1,4}T\b|MES?Z\b|UTC\b|MSK\b|WIB\b)?"
_BETWEEN = (
    r"(?:\s*(?:T|,|\||-|–|—|·|•|/|at|um|kl\.?|à|a\s+las|alle(?:\s+ore)?|ore|às|om|o|в|saat|klo|-kl\.?)?\s*){1,3}?"
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)\s?[-/.年년]\s?(?P<m>0?[1-9]|1[0-2])\s?[-/.月월]\s?(?P<d>[12]\d|3[01]|0?[1-9])(?!\d)[日일]?\.?"
    rf"(?:{_BETWEEN}{_TIME}{_ZONE})?",
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(
    r"(?<![\d.])(?P<a>[12]\d|3[01]|0?[1-9])\s?(?P<sep>[./-])\s?(?P<b>[12]\d|3[01]|0?[1-9])\s?(?P=sep)\s?"
    rf"(?P<y>(?:19|20)\d\d|\d\d)(?!\d)(?:{_BETWEEN}{_TIME}{_ZONE})?",
    re.IGNORECASE,
)
_DAY_NAME_YEAR = re.compile(
    r"(?<!\d)(?P<d>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th|er|º|ª)?[.,]?\s*(?:de\s+|d['’]\s?)?(?P<n>[^\W\d_]{3,}(?:\s[^\W\d_]{3,})?)\.?,?"
    rf"\s*(?:de\s+|del\s+)?(?P<y>(?:19|20)\d\d)(?!\d)[^\d]{{0,24}}?(?:{_BETWEEN}{_TIME}{_ZONE})?",
    re.IGNORECASE,
)
_NAME_DAY_YEAR = re.compile(
    r"(?P<n>[^\W\d_]{3,})\.?\s*(?P<d>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?\s*,?\s*(?P<y>(?:19|20)\d\d)(?!\d)"
    rf"(?:{_BETWEEN}{_TIME}{_ZONE})?",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"^(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-2]\d|3[01])(?:T?(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)?)?$"
)
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
# Regions that write the month first: Unicode CLDR, short date patterns.
_MONTH_FIRST_REGIONS = frozenset({"us", "ph", "fm", "gu", "as", "pr"})


def zone_of(name: str) -> tzinfo:
    """The IANA zone; UTC for a name that the database lacks (the site file is checked when it is loaded)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def month_first(language: str) -> bool:
    """Does the page read 05/06/2025 as May 6? So for American English, and for English that names no region."""
    code, _, region = language.lower().replace("_", "-").partition("-")
    return code == "en" and (not region or region.split("-")[-1] in _MONTH_FIRST_REGIONS)


def parse_date(text: str, zone: tzinfo = UTC, language: str = "") -> datetime | None:
    """The first date of the text, in UTC. A date without zone is taken in `zone`, one without time as its midnight."""
    text = text.strip()[:_LONGEST]
    if len(text) < 6:
        return None
    try:
        return _in_utc(datetime.fromisoformat(text), zone)
    except (ValueError, OverflowError):
        pass
    if _EPOCH.match(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if compact := _COMPACT.match(text):
        return _made(compact, zone, int(compact["m"]), int(compact["d"]))
    return _visible(text, zone, language) or _internet(text, zone)


def _internet(text: str, zone: tzinfo) -> datetime | None:
    """RFC 5322: "Thu, 05 Jun 2025 14:46:12 +0200"."""
    try:
        return _in_utc(parsedate_to_datetime(text), zone)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _visible(text: str, zone: tzinfo, language: str) -> datetime | None:
    if match := _YEAR_FIRST.search(text):
        return _made(match, zone, int(match["m"]), int(match["d"]))
    if match := _YEAR_LAST.search(text):
        first, second = int(match["a"]), int(match["b"])
        american = first <= 12 and (second > 12 or (match["sep"] == "/" and month_first(language)))
        month, day = (first, second) if american else (second, first)
        return _made(match, zone, month, day) if month <= 12 else None
    for pattern in (_DAY_NAME_YEAR, _NAME_DAY_YEAR):
        for match in pattern.finditer(text):
            if named := _month(match["n"], language):
                return _made(match, zone, named, int(match["d"]))
    return None


def _month(name: str, language: str) -> int | None:
    folded = fold(name)
    own = BY_LANGUAGE.get(language[:2].lower(), {})
    for candidate in (folded, folded.split()[0], folded.removesuffix("ta")):  # Finnish: "kesäkuuta"
        if found := own.get(candidate) or ANY.get(candidate):
            return found
    return None


def _made(match: re.Match[str], zone: tzinfo, month: int, day: int) -> datetime | None:
    parts = match.groupdict()
    year = int(parts["y"])
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    hour = int(parts.get("h") or 0)
    if half := (parts.get("ap") or "").lower():
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    own = _offset(parts.get("z") or "")
    try:
        made = datetime(year, month, day, hour, int(parts.get("mi") or 0), int(parts.get("s") or 0))
    except ValueError:
        return None
    return _in_utc(made.replace(tzinfo=own or zone), zone)


def _offset(written: str) -> tzinfo | None:
    name = written.lower()
    if name in ZONES:
        return timezone(timedelta(hours=ZONES[name]))
    if match := re.search(r"([+-])(\d{1,2}):?(\d\d)?$", written):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes)) if minutes < 24 * 60 else None
    return None


def _in_utc(moment: datetime, zone: tzinfo) -> datetime | None:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def plausible(moment: datetime | None, fetched_at: datetime, *, archived: bool = False) -> datetime | None:
    """The moment, if an article can have it: not before 1990, not after it was fetched.

    `archived`: said by whoever hands the article in, who may know of times before the web; the day that an empty
    field gives is still none.
    """
    if moment is None or moment > fetched_at + CLOCK_SKEW:
        return None
    if moment < (EARLIEST_IMPORT if archived else EARLIEST):
        return None
    if moment < EARLIEST and any(abs(moment - empty) < timedelta(days=2) for empty in _EMPTY):
        return None
    return min(moment, fetched_at)
