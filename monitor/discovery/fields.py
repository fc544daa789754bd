"""What all kinds of feeds share: the result of reading one, and fields as they are written: titles, names, moments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz
from html import escape, unescape

from monitor.errors import FetchError
from monitor.records import Link
from monitor.text import clean
from monitor.urls import normalise

MOST_ENTRIES = 2000  # a feed that lists more is an archive; the newest come first
LONGEST_LINE = 1000  # characters of a title or a name
LONGEST_CONTENT = 2_000_000  # characters of one article's HTML; the longest of a real feed had 400,000
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,500}>")
_PARAGRAPHS = re.compile(r"\n\s*\n")
# RSS 2.0: "desk@example.org (Jane Doe)"; also "Jane Doe <desk@example.org>" and "Jane Doe (desk@example.org)".
_MAIL_AND_NAME = re.compile(r"^\S+@\S+\s*\((.+)\)$|^(.*\S)\s*[<(]\S+@\S+[>)]$")
_MAIL = re.compile(r"^(?:mailto:)?\S+@\S+$")


@dataclass(frozen=True, slots=True)
class FeedResult:
    """Links in the feed's order, each once. `skipped`: entries without a usable address."""

    links: tuple[Link, ...]
    title: str = ""
    language: str = ""
    skipped: int = 0


def plain(value: object) -> str:
    """Text as it is, on one line."""
    return clean(value[: 4 * LONGEST_LINE])[:LONGEST_LINE] if isinstance(value, str) else ""


def unmarked(value: object) -> str:
    """HTML as text on one line: tags out, references resolved."""
    return plain(unescape(_TAG.sub("", value[: 8 * LONGEST_LINE]))) if isinstance(value, str) else ""


def has_text(html: str) -> bool:
    """Is there anything but tags?"""
    return bool(_TAG.sub("", html[:LONGEST_CONTENT]).strip())


def whole(html: str) -> str:
    """An article's content, within the limit, without half characters."""
    return html[:LONGEST_CONTENT].encode("utf-8", "replace").decode("utf-8")


def as_html(text: str) -> str:
    """Plain text as paragraphs."""
    return "".join(f"<p>{escape(part.strip())}</p>" for part in _PARAGRAPHS.split(text) if part.strip())


def names(values: Iterable[str]) -> tuple[str, ...]:
    """Authors, each once: "desk@example.org (Jane Doe)" is Jane Doe, an address alone is nobody's name."""
    found = []
    for value in values:
        match = _MAIL_AND_NAME.match(value)
        name = (match[1] or match[2]).strip() if match else value
        if name and not _MAIL.match(name):
            found.append(name)
    return tuple(dict.fromkeys(found))


def address(value: object, base: str) -> str:
    """Normalised, relative ones taken from `base`; empty when it is no web address."""
    if not isinstance(value, str) or not value.strip():
        return ""
    try:
        return normalise(value, base)
    except (FetchError, ValueError):
        return ""


def each_once(links: Iterable[Link]) -> tuple[Link, ...]:
    """The first of each address, in order."""
    found: dict[str, Link] = {}
    for link in links:
        found.setdefault(link.url, link)
    return tuple(found.values())


# --- moments ---------------------------------------------------------------------------------------------------------

_FIRST, _LAST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)  # outside: a default, not a date
# Names that RFC 5322 does not have and feeds use, in hours from UTC. IST is taken as India's.
_ZONES = {
    "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "met": 1, "mest": 2, "wet": 0, "west": 1, "bst": 1, "eet": 2, "eest": 3,
    "msk": 3, "trt": 3, "ist": 5.5, "pkt": 5, "wib": 7, "hkt": 8, "sgt": 8, "pht": 8, "awst": 8, "jst": 9, "kst": 9,
    "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "wat": 1, "cat": 2, "sast": 2, "eat": 3, "brt": -3, "art": -3,
}  # fmt: skip
_NAMED_ZONE = re.compile(r"\s([A-Za-z]{3,4})\s*$")
_OFFSET_ZONE = re.compile(r"\s*\b(?:GMT|UTC)\s*([+-])(\d{1,2}):?(\d{2})?\s*$", re.IGNORECASE)
_TIME_LAST = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?\s*(?:[AaPp]\.?[Mm]\.?)?\s*$")
_HALF_OF_DAY = re.compile(r"\s*([AaPp])\.?[Mm]\.?(?=\s|$)")
_LONG_MONTH = re.compile(
    r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)\b", re.IGNORECASE
)


def moment(value: object, zone: tzinfo = UTC) -> datetime | None:
    """ISO 8601 or RFC 5322 (and what feeds make of them), or seconds since 1970 -> UTC. None when it is no date.

    Without a zone it is taken as a time of `zone`: RSS, Atom and JSON Feed oblige one, which not all feeds know.
    """
    text = value.strip()[:100] if isinstance(value, str) else ""
    try:
        found = _iso(text) or _rfc(text) or _seconds(text)
        found = found and (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
    return found if found and _FIRST < found < _LAST else None


def _iso(text: str) -> datetime | None:
    if not re.match(r"\d{4}-?\d\d-?\d\d(?:$|[T ])", text):
        return None
    text = re.sub(r"\s+(?=[+-]\d|Z$)", "", text)  # "2024-05-16 08:00:00 +0200"
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        named = _NAMED_ZONE.search(text)
        if named is None:
            return None
        offset = timedelta(hours=_ZONES.get(named[1].lower(), 0))
        found = datetime.fromisoformat(text[: named.start()]).replace(tzinfo=timezone(offset))
    return found


def _rfc(text: str) -> datetime | None:
    text, offset = _without_zone(text)
    half = _HALF_OF_DAY.search(text)
    read = parsedate_tz(_LONG_MONTH.sub(r"\1", _HALF_OF_DAY.sub("", text)))
    if read is None:
        return None
    year, month, day, hour, minute, second = read[:6]
    if half is not None:
        hour = hour % 12 + (12 if half[1] in "Pp" else 0)
    found = datetime(year, month, day, hour, minute, min(second, 59))
    # The library gives 0 where there is no zone.
    seconds = offset if offset is not None else None if _TIME_LAST.search(text) else read[9]
    return found if seconds is None else found.replace(tzinfo=UTC) - timedelta(seconds=seconds)


def _without_zone(text: str) -> tuple[str, float | None]:
    """The text without a zone that the standard does not know, and that zone's seconds from UTC."""
    by_offset = _OFFSET_ZONE.search(text)
    if by_offset:
        seconds = int(by_offset[2]) * 3600 + int(by_offset[3] or 0) * 60
        return text[: by_offset.start()], -seconds if by_offset[1] == "-" else seconds
    named = _NAMED_ZONE.search(text)
    if named and named[1].lower() in _ZONES:
        return text[: named.start()], _ZONES[named[1].lower()] * 3600
    return text, None


def _seconds(text: str) -> datetime | None:
    if re.fullmatch(r"\d{10}", text):
        return datetime.fromtimestamp(int(text), UTC)
    return datetime.fromtimestamp(int(text) / 1000, UTC) if re.fullmatch(r"\d{13}", text) else None
