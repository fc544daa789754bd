"""`monitor report`: who uses an agency's texts, and who still runs what was withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from monitor.cli.agencies import known_agency, own_site
from monitor.cli.asking import moments
from monitor.cli.common import (
    SinceOption,
    SiteOption,
    UntilOption,
    console,
    context,
    now,
    print_json,
    reading_store,
    stdout_bytes,
    table,
)

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.reports.tables import Section

EXAMPLES = """
monitor report usage --agency dpa --since 30d
monitor report usage --agency dpa --format html > dpa.html
monitor report usage --agency dpa --site example --format csv
monitor report withdrawn --agency dpa
"""

app = typer.Typer(no_args_is_help=True, help="Report on an agency's texts: who uses them, who runs withdrawn ones.")

FormatOption = Annotated[
    Literal["table", "csv", "json", "html"], typer.Option("--format", "-f", help="For a reader, or for a program.")
]


@app.command()
def usage(
    agency: Annotated[str, typer.Option("--agency", metavar="ID", help="Whose texts, e.g. dpa.")],
    since: SinceOption = "",
    until: UntilOption = "",
    site: SiteOption = [],  # noqa: B006 -- Typer copies it
    format_: FormatOption = "table",
) -> None:
    """Show per site how many articles are the agency's, licensed or not, credited or not, how much they keep, how soon.

    Licences come from licences.yaml; where it has none for the agency, no use is called unlicensed. A use without a
    credit is an article that matches a credited one, or one of the agency's own dispatches, and does not say so.
    """
    from monitor.cli.licences import read
    from monitor.reports import usage as count
    from monitor.reports.tables import usage_csv, usage_sections

    loaded = context()
    agency, zone = known_agency(loaded, agency), loaded.settings.time_zone
    first, last = moments(since, until, zone, now())
    licences = read(loaded)
    with reading_store(loaded) as store:
        found = count(
            store,
            agency,
            since=first,
            until=last,
            sites=tuple(site),
            licences=licences,
            is_own=own_site(loaded, agency),
        )
    if format_ == "json":
        print_json(found)
    elif format_ == "csv":
        _write(line.encode("utf-8", "replace") for line in usage_csv(found))
    else:
        facts = [_span(first, last, zone), f"Articles: {found.total.articles}"]
        _show(f"Usage of {agency}", facts, usage_sections(found, zone), zone, format_)


@app.command()
def withdrawn(
    agency: Annotated[str, typer.Option("--agency", metavar="ID", help="Only this agency's texts.")] = "",
    since: SinceOption = "",
    until: UntilOption = "",
    format_: FormatOption = "table",
) -> None:
    """Show who still runs texts that were withdrawn: copies in their stories that were there at the last look.

    A dispatch is withdrawn when the agency cancels it (`monitor import --reference`), an article when its site does.
    """
    from monitor.reports import withdrawn as find
    from monitor.reports.tables import withdrawn_csv, withdrawn_sections

    loaded = context()
    zone = loaded.settings.time_zone
    agency = known_agency(loaded, agency) if agency else ""
    first, last = moments(since, until, zone, now())
    with reading_store(loaded) as store:
        found = list(find(store, agency=agency, since=first, until=last))
    if format_ == "json":
        print_json(found)
    elif format_ == "csv":
        _write(line.encode("utf-8", "replace") for line in withdrawn_csv(found))
    else:
        running = sum(len(one.running) for one in found)
        facts = [_span(first, last, zone), f"Withdrawn: {len(found)}; copies that stand: {running}"]
        of = f" of {agency}" if agency else ""
        _show(f"Withdrawn texts{of}", facts, withdrawn_sections(found, zone), zone, format_)


def _span(first: datetime | None, last: datetime | None, zone: str) -> str:
    from monitor.reports.tables import moment

    if first is None and last is None:
        return "Published at any time"
    since = f" from {moment(first, zone)}" if first else ""
    return f"Published{since}{f' up to {moment(last, zone)}' if last else ''} ({zone})"


def _show(title: str, facts: list[str], sections: Iterable[Section], zone: str, form: str) -> None:
    if form == "html":
        from monitor import __version__
        from monitor.reports.page import report_page
        from monitor.reports.tables import moment

        made = f"Made by media-monitor {__version__}, {moment(now(), zone)} {zone}."
        _write([report_page(title, facts, sections, made)])
        return
    from rich.text import Text

    out = console()
    out.print(Text(title, style="bold"))
    for fact in facts:
        out.print(Text(fact, style="dim"))
    for one in sections:
        out.print()
        _print_section(one)


def _print_section(one: Section) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(one.heading, style="bold"))
    if one.note:
        out.print(Text(one.note, style="dim"), soft_wrap=True)
    if not one.rows:
        return
    right = tuple(name for name, cell in zip(one.columns, one.rows[0], strict=True) if cell.number)
    rows = table(*one.columns, right=right, whole=("published", "last seen", "id"))
    for row in one.rows:
        rows.add_row(*(Text(cell.text, style=f"link {cell.url}" if cell.url else "") for cell in row))
    if one.total:
        rows.add_section()
        rows.add_row(*(Text(cell.text, style="bold") for cell in one.total))
    out.print(rows)


def _write(parts: Iterable[bytes]) -> None:
    with stdout_bytes() as out:
        for part in parts:
            out.write(part)
