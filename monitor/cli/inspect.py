"""`monitor inspect`: one page through every step; nothing is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import JsonOption, console, context, print_json, show_time
from monitor.cli.trace import print_evidence, trace_facts

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.records import Document, ExtractionRules, Page
    from monitor.sites import Site

EXAMPLES = """
monitor inspect https://example.org/news/story.html
monitor inspect saved.html --url https://example.org/news/story.html --json
"""


def inspect(
    target: Annotated[
        str, typer.Argument(metavar="URL|FILE", help="An address, or a saved page (.html, .html.gz, .txt).")
    ],
    url: Annotated[str, typer.Option("--url", metavar="URL", help="The address that a saved page came from.")] = "",
    site: Annotated[str, typer.Option("--site", metavar="ID", help="Read it by this site's file.")] = "",
    allow_private: Annotated[bool, typer.Option("--allow-private", help="Fetch also from private addresses.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Show what the program reads from one page: text, language, dates, captions, source links, who is credited, why.

    Its trace is the page's own: what a crawl would compare it with, and the page behind its source link, is left out.
    Works without a monitor.toml. A FILE is read as it is, and nothing is fetched.
    """
    from monitor.analysis import analyse
    from monitor.errors import ExtractionError, InputError
    from monitor.exporting import export_record
    from monitor.filing import document_alone
    from monitor.wiring import agencies_file, open_desk

    loaded = context()
    described = _site(loaded, site, target)
    if target.startswith(("http://", "https://")):
        page = _fetch(loaded, target, described, allow_private=allow_private)
    else:
        page = _saved(Path(target), url, site)
    try:
        analysis = analyse(
            page, _rules(described), min_words=loaded.settings.crawl.min_words, agencies=agencies_file(loaded)
        )
    except ExtractionError as error:
        raise InputError(f"{target}: no article: {error.message} ({error.reason})") from error
    document = document_alone(analysis, open_desk(loaded).rules)
    if json_output:
        print_json(export_record(document))
    else:
        _show(document, loaded)


def _site(loaded: Loaded, site: str, target: str) -> Site | None:
    """The named site, or the one whose host the address has."""
    from monitor.sites import find_sites, load_sites
    from monitor.urls import same_host

    if site:
        return find_sites(loaded.sites, [site])[0]
    if not loaded.sites.is_dir():
        return None
    known, _ = load_sites(loaded.sites)
    return next((one for one in known.values() if same_host(one.url, target)), None)


def _rules(site: Site | None) -> ExtractionRules:
    from monitor.records import ExtractionRules

    return site.rules if site is not None else ExtractionRules()


def _fetch(loaded: Loaded, url: str, site: Site | None, *, allow_private: bool) -> Page:
    from monitor.cli.fetching import fetcher_for
    from monitor.errors import FetchError
    from monitor.records import Page
    from monitor.urls import host_of, normalise

    fetcher = fetcher_for(loaded, site, allow_private=allow_private)
    fetched = fetcher.get(normalise(url))
    if fetched.status != 200:
        raise FetchError(f"{url}: the server answered with HTTP status {fetched.status}")
    headers = {name.lower(): value for name, value in fetched.headers.items()}
    return Page(
        url=normalise(url),
        site=site.id if site else host_of(url),
        body=fetched.body,
        fetched_at=datetime.now(UTC),
        final_url=fetched.final_url,
        content_type=headers.get("content-type", ""),
    )


def _saved(path: Path, url: str, site: str) -> Page:
    import gzip
    import zlib

    from monitor.errors import InputError
    from monitor.importing import html_page
    from monitor.records import Page
    from monitor.urls import host_of, normalise

    try:
        body = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(
            f"{path}: can't be read: {reason}", hint="name a saved page, or an address with http://"
        ) from error
    now = datetime.now(UTC)
    if path.name.removesuffix(".gz").endswith(".txt"):
        address = normalise(url) if url else f"https://file.invalid{path.resolve().as_posix().replace(' ', '%20')}"
        return Page(
            normalise(address),
            site or host_of(address),
            body,
            now,
            kind="text",
            content_type="text/plain; charset=utf-8",
        )
    page = html_page(path, body, site=site, now=now, url=url)
    return page if site else _with_host(page)


def _with_host(page: Page) -> Page:
    from dataclasses import replace

    from monitor.urls import host_of

    return replace(page, site=host_of(page.url))


def _show(document: Document, loaded: Loaded) -> None:
    from rich.table import Table
    from rich.text import Text

    article, zone, out = document.article, loaded.settings.time_zone, console()
    language = document.language
    facts = Table.grid(padding=(0, 2))
    rows = [
        ("id", article.id),
        ("url", article.url),
        ("canonical", article.canonical_url),
        ("authors", ", ".join(article.authors)),
        (
            "published",
            f"{show_time(article.published_at, zone)} ({article.published_how})" if article.published_at else "",
        ),
        ("modified", show_time(article.modified_at, zone)),
        ("language", f"{language.code} ({language.confidence:.2f}, by {language.method})"),
        ("publisher", article.structured.publisher),
        ("words", str(article.words)),
        *trace_facts(document, zone),
    ]
    for name, value in rows:
        if value:
            facts.add_row(Text(name, style="dim"), Text(value))
    out.print(Text(article.title, style="bold"), soft_wrap=True)
    out.print(facts)
    out.print()
    out.print(Text(article.text), soft_wrap=not out.is_terminal)
    for heading, lines in _beside(document):
        out.print()
        out.print(Text(heading, style="bold"))
        for line in lines:
            out.print(Text(f"  {line}"), soft_wrap=True)
    if document.source.evidence:
        out.print()
        out.print(Text("Evidence", style="bold"))
        print_evidence(out, document.source.evidence)


def _beside(document: Document) -> list[tuple[str, list[str]]]:
    """What is kept apart from the text."""
    article = document.article
    structured = article.structured
    found = [
        ("Captions", [f"{one.text}  [credit: {one.credit}]" if one.credit else one.text for one in article.captions]),
        ("Lines around the text", [f"{one.where}: {one.text}" for one in article.lines]),
        ("Source links", [f"{one.label or one.how}: {one.url}" for one in article.source_links]),
        (
            "Metadata authors",
            [f"JSON-LD: {name}" for name in structured.jsonld_authors]
            + [f"meta: {name}" for name in structured.meta_authors],
        ),
    ]
    return [(heading, lines) for heading, lines in found if lines]
