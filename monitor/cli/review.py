"""`monitor review`: a press review of what answers a question."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from monitor.cli.asking import moments, question
from monitor.cli.common import (
    LangOption,
    SinceOption,
    SiteOption,
    UntilOption,
    context,
    err_console,
    now,
    reading_store,
    show_counted,
    show_number,
    writing_to,
)
from monitor.errors import InputError

EXAMPLES = """
monitor review '"Musterwerk" OR "Musterwerke AG"' --since 1d > review.html
monitor review "energy grid" --since 7d --format docx --output review.docx --language de
monitor review "lang:de agency:dpa" --since 1d --format mail | msmtp desk@example.org
"""


def review(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="In the language of `monitor search`.")],
    since: SinceOption = "1d",
    until: UntilOption = "",
    lang: LangOption = [],  # noqa: B006
    site: SiteOption = [],  # noqa: B006
    format_: Annotated[
        Literal["html", "docx", "mail"], typer.Option("--format", "-f", help="A page, a Word document or a mail.")
    ] = "html",
    order: Annotated[
        Literal["newest", "oldest", "copies", "site"], typer.Option(help="Which story comes first.")
    ] = "newest",
    title: Annotated[
        str, typer.Option(metavar="TEXT", help="Its title; default: the question; of no question, what it is.")
    ] = "",
    language: Annotated[Literal["en", "de"], typer.Option(help="Of the words around the articles.")] = "en",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; default: standard output.")
    ] = None,
) -> None:
    """Write a press review: one entry for each story, with the passage, the source and the copies. It says what was
    asked, of which time, and how many stories there are.
    """
    from monitor.alerts import Style
    from monitor.alerts.asking import asks
    from monitor.records import Rule
    from monitor.reports.entries import Shown
    from monitor.reports.review import as_html, as_mail
    from monitor.reports.review import review as made_of
    from monitor.wiring import agency_table, own_templates

    if format_ == "docx" and output is None and sys.stdout.isatty():
        raise InputError("a Word document is nothing for a terminal", hint="write it to a file: --output review.docx")
    loaded = context()
    zone, at = loaded.settings.time_zone, now()
    asked = question(query, zone, since=since, until=until, langs=lang, sites=site)
    said = asks(Rule("review", query.strip(), sites=tuple(site), languages=tuple(lang)), language)
    shown = Shown(agency_table(loaded), loaded.settings.alerting.monitor_url, zone)
    with reading_store(loaded) as store:
        between = moments(since, until, zone, at)
        found = made_of(store, asked, title or query.strip(), said, at, shown, order=order, between=between)
    style = Style(language, zone, own_templates(loaded))
    if format_ == "docx":
        from monitor.reports.review_word import as_docx as written
    else:
        written = as_mail if format_ == "mail" else as_html
    with writing_to(output) as out:
        out.write(written(found, style))
    told = show_counted(len(found.entries), "story", "stories")
    if found.more:
        told += f"; {show_number(found.more)} more are left out: ask for less, or for a shorter time"
    err_console().print(told, soft_wrap=True)
