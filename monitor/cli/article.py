"""One article on the screen: facts, text, and what is kept apart from the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from monitor.cli.common import show_time
from monitor.cli.trace import print_decisions, print_evidence, trace_facts

if TYPE_CHECKING:
    from rich.console import Console

    from monitor.records import Decision, Document
    from monitor.sources.licences import Licences


def print_article(
    out: Console,
    document: Document,
    zone: str,
    *,
    copies: int = 1,
    decisions: Sequence[Decision] = (),
    licences: Licences | None = None,
) -> None:
    """`copies`: how many articles its story has."""
    from rich.text import Text

    article = document.article
    out.print(Text(article.title or "(no title)", style="bold"))
    print_facts(out, [*_facts(document, zone), *_story(document, copies), *trace_facts(document, zone, licences)])
    out.print()
    out.print(Text(article.text))
    for heading, lines in _beside(document):
        out.print()
        out.print(Text(heading, style="bold"))
        for line in lines:
            out.print(Text(f"  {line}"))
    if evidence := document.source.evidence or document.local_evidence:
        out.print()
        out.print(Text("Evidence", style="bold"))
        print_evidence(out, evidence)
    if decisions:
        out.print()
        out.print(Text("Decisions", style="bold"))
        print_decisions(out, decisions, zone)


def print_facts(out: Console, facts: list[tuple[str, str]]) -> None:
    """Names and values in two columns; empty values are left out."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, value in facts:
        if value:
            grid.add_row(name, Text(value))
    out.print(grid)


def _facts(document: Document, zone: str) -> list[tuple[str, str]]:
    article, language = document.article, document.language
    published = show_time(article.published_at, zone)
    how = f" (from {article.published_how})" if article.published_how else ""
    changed = f", text changed {document.revision - 1} times" if document.revision > 2 else ""
    changed = ", text changed once" if document.revision == 2 else changed
    return [
        ("id", article.id),
        ("url", article.url),
        ("canonical", article.canonical_url if article.canonical_url != article.url else ""),
        ("site", article.site),
        ("published", f"{published}{how}" if published else "not known"),
        ("modified", show_time(article.modified_at, zone)),
        ("first seen", show_time(document.first_seen, zone)),
        ("last seen", f"{show_time(document.last_seen, zone)}{changed}"),
        ("times in", zone),
        ("language", f"{language.code} ({language.confidence:.2f}, by {language.method})"),
        ("authors", ", ".join(article.authors)),
        ("words", str(article.words)),
        ("role", "" if article.role == "article" else article.role),
        ("withdrawn", "yes" if document.withdrawn else ""),
    ]


def _story(document: Document, copies: int) -> list[tuple[str, str]]:
    edge = document.duplicate
    joined = "" if edge.kind == "none" else f"{edge.kind} copy of {edge.of} ({edge.containment:.0%} of its words)"
    return [
        ("story", f"{document.story} ({copies} articles)" if copies > 1 else document.story),
        ("duplicate", joined),
        ("holds parts of", ", ".join(document.also_in)),
    ]


def _beside(document: Document) -> Iterator[tuple[str, list[str]]]:
    article, structured = document.article, document.article.structured
    groups = [
        ("Captions", [f"{one.text}  [credit: {one.credit}]" if one.credit else one.text for one in article.captions]),
        ("Source links", [f"{one.label or one.how}: {one.url}" for one in article.source_links]),
        ("Lines around the text", [f"{one.where}: {one.text}" for one in article.lines]),
        (
            "Structured data",
            [
                *(f"JSON-LD author: {name}" for name in structured.jsonld_authors),
                *(f"meta author: {name}" for name in structured.meta_authors),
                *([f"publisher: {structured.publisher}"] if structured.publisher else []),
                *([f"copyright: {structured.copyright}"] if structured.copyright else []),
                *([f"section: {structured.section}"] if structured.section else []),
                *([f"keywords: {', '.join(structured.keywords)}"] if structured.keywords else []),
            ],
        ),
    ]
    yield from ((heading, lines) for heading, lines in groups if lines)
