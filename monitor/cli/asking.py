"""What several commands ask alike: a query text with the filters of the command line, and marked passages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from monitor.cli.common import now

if TYPE_CHECKING:
    from rich.text import Text

    from monitor.query import Node

MARK = "bold yellow"


def question(
    text: str,
    zone: str,
    *,
    since: str = "",
    until: str = "",
    langs: Sequence[str] = (),
    sites: Sequence[str] = (),
    agencies: Sequence[str] = (),
) -> Node:
    """The tree of the query and the filters. Raises QueryError, or a usage error for a wrong date."""
    from monitor.query import parse, with_filters

    moment = now()
    first, last = moments(since, until, zone, moment)
    node = parse(text, now=moment, zone=zone)
    codes = [code.lower() for code in langs]
    return with_filters(node, since=first, until=last, langs=codes, sites=sites, agencies=agencies)


def moments(since: str, until: str, zone: str, moment: datetime) -> tuple[datetime | None, datetime | None]:
    """When --since begins and --until is over. Raises a usage error for what is no time, and for a span of nothing."""
    first, last = _read("--since", since, zone, moment)[0], _read("--until", until, zone, moment)[1]
    if first is not None and last is not None and first >= last:
        raise typer.BadParameter(f"{until} is before {since}", param_hint="--until")
    return first, last


def _read(option: str, text: str, zone: str, moment: datetime) -> tuple[datetime | None, datetime | None]:
    from monitor.query import read_moment
    from monitor.query.dates import FORMS

    if not text:
        return None, None
    try:
        read = read_moment(text, now=moment, zone=zone, ago=True)
    except ValueError as error:
        raise typer.BadParameter(f"{error}; {FORMS}, or 7d for so long ago", param_hint=option) from None
    return read.start, read.end


def marked(text: str, marks: Sequence[tuple[int, int]], style: str = "") -> Text:
    """The text with the spans (start, end) highlighted."""
    from rich.text import Text

    shown = Text(text, style=style)
    for start, end in marks:
        shown.stylize(MARK, start, end)
    return shown
