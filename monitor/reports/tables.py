"""Reports as rows: what the screen, CSV and HTML have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.exporting import csv_line, inert
from monitor.reports.usage import Example, SiteUsage, Usage
from monitor.reports.withdrawn import Withdrawn


@dataclass(frozen=True, slots=True)
class Cell:
    """A value to be shown. `url`: where it leads; `number`: stands to the right."""

    text: str
    url: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its heading and, below it, a line of explanation."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    total: tuple[Cell, ...] = ()


USAGE_COLUMNS = (
    "site", "articles", "licensed", "unlicensed", "credited", "uncredited", "mean share kept", "median lag"
)  # fmt: skip
EXAMPLE_COLUMNS = ("published", "site", "title", "credit", "licence", "share kept", "lag", "id")
RUNNING_COLUMNS = ("published", "site", "title", "share kept", "credit", "last seen", "id")


def usage_sections(usage: Usage, zone: str) -> tuple[Section, ...]:
    """The sites, then the examples of each. Times are shown in the zone."""
    note = "" if usage.total.licensed is not None else f"No licence of {usage.agency} is kept in licences.yaml."
    total = _usage_row(usage.total, "all sites") if len(usage.sites) > 1 else ()
    rows = tuple(_usage_row(one, one.site) for one in usage.sites)
    found = [Section("Sites", USAGE_COLUMNS, rows, note, total)]
    examples = tuple(_example_row(one, zone) for site in usage.sites for one in site.examples)
    if examples:
        found.append(Section("Examples", EXAMPLE_COLUMNS, examples, "Unlicensed and uncredited uses first."))
    return tuple(found)


def withdrawn_sections(found: Iterable[Withdrawn], zone: str) -> Iterator[Section]:
    """One table for each withdrawn text."""
    for one in found:
        by = ", ".join(one.agencies) or one.by
        rows = tuple(
            (
                Cell(moment(copy.at, zone)),
                Cell(copy.site),
                Cell(copy.title or "(no title)", copy.url),
                Cell(share(copy.share_kept), number=True),
                Cell("credited" if copy.credited else "no credit"),
                Cell(moment(copy.last_seen, zone)),
                Cell(copy.id),
            )
            for copy in one.running
        )
        heading = f"{one.title or '(no title)'}"
        note = f"{by}, {moment(one.at, zone)}, {one.id}" + ("" if rows else ": nobody here runs it any more")
        yield Section(heading, RUNNING_COLUMNS, rows, note)


def usage_csv(usage: Usage) -> Iterator[str]:
    """One line for each site, with raw numbers: shares from 0 to 1, lags in seconds."""
    yield csv_line(
        ("agency", "site", "articles", "licensed", "unlicensed", "credited", "uncredited", "mean_share_kept",
         "median_lag_seconds", "example_ids", "example_urls")
    )  # fmt: skip
    for one in usage.sites:
        numbers = (
            one.articles, one.licensed, one.unlicensed, one.credited, one.uncredited, one.mean_share_kept,
            one.median_lag_seconds,
        )  # fmt: skip
        values = [usage.agency, one.site, *("" if number is None else str(number) for number in numbers)]
        values += ["; ".join(e.id for e in one.examples), "; ".join(e.url for e in one.examples)]
        yield csv_line(map(inert, values))


def withdrawn_csv(found: Iterable[Withdrawn]) -> Iterator[str]:
    """One line for each copy that stands."""
    yield csv_line(
        ("withdrawn_id", "withdrawn_title", "agencies", "story", "site", "id", "title", "url", "published_at",
         "last_seen_at", "share_kept", "credited")
    )  # fmt: skip
    for one in found:
        for copy in one.running:
            kept = "" if copy.share_kept is None else f"{copy.share_kept:.3f}"
            credited = "true" if copy.credited else "false"
            values = [
                one.id, one.title, "; ".join(one.agencies), one.story, copy.site, copy.id, copy.title, copy.url,
                _iso(copy.at), _iso(copy.last_seen), kept, credited,
            ]  # fmt: skip
            yield csv_line(map(inert, values))


def _usage_row(one: SiteUsage, name: str) -> tuple[Cell, ...]:
    counts = (one.articles, one.licensed, one.unlicensed, one.credited, one.uncredited)
    return (
        Cell(name),
        *(Cell("-" if count is None else grouped(count), number=True) for count in counts),
        Cell(share(one.mean_share_kept), number=True),
        Cell(lag(one.median_lag_seconds), number=True),
    )


def _example_row(one: Example, zone: str) -> tuple[Cell, ...]:
    licence = {True: "licensed", False: "unlicensed", None: "-"}[one.licensed]
    return (
        Cell(moment(one.at, zone)),
        Cell(one.site),
        Cell(one.title or "(no title)", one.url),
        Cell("credited" if one.credited else "no credit"),
        Cell(licence),
        Cell(share(one.share_kept), number=True),
        Cell(lag(one.lag_seconds), number=True),
        Cell(one.id),
    )


def moment(at: datetime, zone: str) -> str:
    """`2024-05-16 12:30` in the zone."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def grouped(number: int) -> str:
    """12 345, which reads the same in every language."""
    return f"{number:,}".replace(",", " ")


def share(value: float | None) -> str:
    """Of 0..1 as a percentage; `-` for what is not known."""
    return "-" if value is None else f"{value:.0%}"


def lag(seconds: int | None) -> str:
    """The two largest units: `45 s`, `12 min`, `3 h 05 min`, `2 d 4 h`; before its origin with a minus."""
    if seconds is None:
        return "-"
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    if seconds < 60:
        return f"{sign}{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{sign}{minutes} min"
    if minutes < 24 * 60:
        return f"{sign}{minutes // 60} h {minutes % 60:02} min"
    return f"{sign}{minutes // 1440} d {minutes % 1440 // 60} h"
