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
LONGEST_TITLE = 120  # characters of a line: headlines have 60 to 90; what is longer is made to be seen


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
    """The text's visible letters with the spans (start, end) highlighted."""
    from rich.text import Text

    from monitor.alerts.cleaning import visible

    shown, at = Text(style=style), 0
    for start, end in (*marks, (len(text), len(text))):
        shown.append(visible(text[at:start])).append(visible(text[start:end]), MARK)
        at = end
    return shown


def marked_title(text: str, marks: Sequence[tuple[int, int]], style: str = "") -> Text:
    """The same, cut as `shown_title` is."""
    shown = marked(text, marks, style)
    shown.truncate(LONGEST_TITLE, overflow="ellipsis")
    return shown


def shown_title(text: str) -> str:
    """A stranger's title in a line of a terminal: letters that are seen, none that turn it round, no more than fit."""
    from monitor.alerts.cleaning import clean

    return clean(text, LONGEST_TITLE)
