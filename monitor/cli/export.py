"""`monitor export`: stored articles as JSON lines or CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from monitor.cli.agencies import warn_of_agencies
from monitor.cli.asking import question
from monitor.cli.common import (
    LangOption,
    SinceOption,
    SiteOption,
    UntilOption,
    context,
    err_console,
    reading_store,
    show_number,
    writing_to,
)

if TYPE_CHECKING:
    from monitor.records import Document
    from monitor.store.port import Store

EXAMPLES = """
monitor export > all.jsonl
monitor export --query 'kreml' --since 30d --output kreml.jsonl
monitor export --format csv --site example --output example.csv
"""


def export(
    query: Annotated[str, typer.Option("--query", "-q", metavar="QUERY", help="Only what matches, as in search.")] = "",
    format_: Annotated[
        Literal["jsonl", "csv"], typer.Option("--format", "-f", help="One JSON object per line, or CSV.")
    ] = "jsonl",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write there, whole or not at all; else standard output."),
    ] = None,
    since: SinceOption = "",
    until: UntilOption = "",
    lang: LangOption = [],  # noqa: B006 -- Typer copies it
    site: SiteOption = [],  # noqa: B006
    revisions: Annotated[
        bool, typer.Option("--with-revisions", "--revisions", help="JSON lines: add earlier states of each text.")
    ] = False,
    sources: Annotated[
        bool, typer.Option("--with-sources", "--sources", help="Also pages behind source links.")
    ] = False,
    references: Annotated[
        bool, typer.Option("--with-references", "--reference", help="Also agencies' own dispatches.")
    ] = False,
) -> None:
    """Write the stored articles, one line each, oldest first.

    CSV follows RFC 4180 (UTF-8, several values joined by "; "). A value that a spreadsheet would take for a formula,
    because it begins with =, +, - or @, gets an apostrophe before it.
    """
    from monitor.query import All

    loaded = context()
    if revisions and format_ == "csv":
        raise typer.BadParameter("earlier states of a text fit into JSON lines only", param_hint="--with-revisions")
    node = question(query, loaded.settings.time_zone, since=since, until=until, langs=lang, sites=site)
    warn_of_agencies(loaded, node)
    roles = ["article", *(["source"] if sources else []), *(["reference"] if references else [])]
    written = 0
    with reading_store(loaded) as store, writing_to(output) as out:
        if format_ == "csv":
            from monitor.exporting import csv_header

            out.write(csv_header().encode())
        for document in store.scan(None if isinstance(node, All) else node, roles):
            out.write(_line(store, document, format_, revisions))
            written += 1
    if output is not None:
        err_console().print(f"{show_number(written)} articles written to {output}", soft_wrap=True)


def _line(store: Store, document: Document, form: str, revisions: bool) -> bytes:
    from monitor.codec import encode
    from monitor.exporting import csv_row, export_record, revision_record

    if form == "csv":
        return csv_row(document).encode("utf-8", "replace")
    record = export_record(document)
    if revisions:
        record["revisions"] = [revision_record(one) for one in store.revisions(document.id)]
    return encode(record) + b"\n"
