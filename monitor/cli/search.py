"""`monitor search`: find articles, with highlighted passages and facets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.agencies import warn_of_agencies
from monitor.cli.asking import marked, marked_title, question
from monitor.cli.common import (
    JsonOption,
    LangOption,
    SinceOption,
    SiteOption,
    UntilOption,
    console,
    context,
    print_json,
    reading_store,
    show_number,
    show_time,
)
from monitor.query import FIELDS

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from monitor.store.port import Hit, SearchRequest, SearchResult

EXAMPLES = """
monitor search kreml china
monitor search '"state visit" OR staatsbesuch' --since 7d --lang de
monitor search 'title:(gas OR oil) -opinion published:[2024-05-01 TO now]'
monitor search 'site:example haus*' --sort newest --limit 50
monitor search 'agency:dpa credited:false copies:>=3' --stories
monitor search --json 'author:"Ada Example"' | jq '.hits[].url'
monitor search -- -sport          a query that begins with a minus

Fields:

""" + "\n".join(f"{field.name:<12} {field.description}" for field in FIELDS.values())

FACETS = {"site": "Sites", "lang": "Languages", "agency": "Agencies", "day": "Days"}
FACET_ROWS = 8  # per facet on the screen; --json has all that the store counted
BAR = 16  # characters of the longest bar


def search(
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUERY",
            help='Words that must all appear; also "a phrase", "two words"~3, AND, OR, NOT, +, -, haus*, (groups), '
            "field:word and published:\\[2024-05-01 TO now]. Empty: every article.",
        ),
    ] = None,
    since: SinceOption = "",
    until: UntilOption = "",
    lang: LangOption = [],  # noqa: B006 -- Typer copies it
    site: SiteOption = [],  # noqa: B006
    agency: Annotated[
        list[str], typer.Option("--agency", metavar="ID", help="Only texts credited to this agency. Can be repeated.")
    ] = [],  # noqa: B006
    stories: Annotated[
        bool, typer.Option("--stories", help="Only the best article of each story; count stories.")
    ] = False,
    sort: Annotated[
        Literal["relevance", "newest", "oldest"] | None,
        typer.Option("--sort", help="Order; without a query newest, else relevance."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, max=10_000, help="Articles (or stories) to show.")] = 20,
    offset: Annotated[int, typer.Option("--offset", min=0, help="How many to leave out first.")] = 0,
    facets: Annotated[
        bool, typer.Option("--facets/--no-facets", help="Count articles by site, language, agency and day.")
    ] = True,
    json_output: JsonOption = False,
) -> None:
    """Search the articles of the archive.

    A blank means AND, NOT binds before AND, AND before OR. `+word` must appear and makes the words beside it optional,
    `-word` must not appear. A backslash takes a sign's meaning away.
    """
    from monitor.store.port import SearchRequest

    loaded = context()
    zone, text = loaded.settings.time_zone, " ".join(query or [])
    node = question(text, zone, since=since, until=until, langs=lang, sites=site, agencies=agency)
    warn_of_agencies(loaded, node)
    request = SearchRequest(
        query=node,
        sort=sort or ("relevance" if text.strip() else "newest"),
        limit=limit,
        offset=offset,
        facets=tuple(FACETS) if facets else (),
        stories=stories,
    )
    with reading_store(loaded) as store:
        result = store.search(request)
        empty = result.total == 0 and store.search(SearchRequest(limit=0)).total == 0
    if json_output:
        print_json(_as_json(result))
    elif result.total == 0:
        _say_nothing_found(empty, filtered=bool(since or until or lang or site or agency))
    else:
        _show(result, request, zone)


def _as_json(result: SearchResult) -> dict[str, Any]:
    from monitor.exporting import export_record

    hits = [
        {
            **export_record(hit.document),
            "score": hit.score,
            "copies": hit.copies,
            "title_marks": hit.title_marks,
            "snippets": [{"text": snippet.text, "marks": snippet.marks} for snippet in hit.snippets],
        }
        for hit in result.hits
    ]
    facets = {
        name: [{"value": value, "count": count} for value, count in counts] for name, counts in result.facets.items()
    }
    return {"total": result.total, "hits": hits, "facets": facets}


def _say_nothing_found(empty: bool, *, filtered: bool) -> None:
    out = console()
    out.print("No article matches.")
    if empty:
        hint = "the archive is empty: `monitor crawl` or `monitor import` fills it"
    elif filtered:
        hint = "try it without --since, --until, --lang, --site or --agency"
    else:
        hint = "a blank means AND: try `one OR other`, a beginning like `haus*`, or fewer words"
    out.print(f"Hint: {hint}", style="dim", soft_wrap=True)


def _show(result: SearchResult, request: SearchRequest, zone: str) -> None:
    from rich.table import Table
    from rich.text import Text

    out, offset = console(), request.offset
    singular, plural = ("story", "stories") if request.stories else ("article", "articles")
    noun = singular if result.total == 1 else plural
    range_ = f", {offset + 1}-{offset + len(result.hits)} shown" if len(result.hits) < result.total else ""
    out.print(Text(f"{show_number(result.total)} {noun}{range_}", style="bold"))
    listing = Table.grid(padding=(0, 2, 0, 0))
    listing.add_column(justify="right", style="dim", no_wrap=True)
    listing.add_column(overflow="fold")
    for number, hit in enumerate(result.hits, start=offset + 1):
        listing.add_row(str(number), marked_title(hit.document.article.title, hit.title_marks, "bold"))
        listing.add_row("", _facts(hit, zone))
        for snippet in hit.snippets:
            listing.add_row("", marked(snippet.text, snippet.marks))
        listing.add_row("", "")
    if result.hits:
        out.print()
        out.print(listing)
    _show_facets(out, result)
    left = result.total - offset - len(result.hits)
    if left > 0 and result.hits:
        out.print(Text(f"{show_number(left)} more: --offset {offset + len(result.hits)}", style="dim"))


def _facts(hit: Hit, zone: str) -> Text:
    """Date, site, language, agencies, copies, id: what tells one from another, and how to go on with `monitor show`."""
    from rich.text import Text

    from monitor.store.matching import credited_agencies

    document = hit.document
    when = show_time(document.article.published_at or document.first_seen, zone)
    shown = Text(f"{when}  ", style="dim")
    shown.append(document.article.site, style="cyan").append(f"  {document.language.code}  ")
    if agencies := credited_agencies(document.source):
        shown.append(", ".join(agencies), style="magenta").append("  ")
    if hit.copies > 1:
        shown.append(f"{show_number(hit.copies)} copies", style="bold").append("  ")
    return shown.append(document.id, style="green")


def _show_facets(out: Console, result: SearchResult) -> None:
    from rich.columns import Columns

    tables = [_facet(title, result.facets[name]) for name, title in FACETS.items() if result.facets.get(name)]
    if not tables:
        return
    if out.is_terminal:
        out.print(Columns(tables, padding=(0, 4)))
    else:
        for one in tables:
            out.print(one)
    out.print()


def _facet(title: str, counts: tuple[tuple[str, int], ...]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    shown = counts[-FACET_ROWS:] if title == FACETS["day"] else counts[:FACET_ROWS]
    most = max(count for _, count in shown)
    rows = Table.grid(padding=(0, 1, 0, 0))
    rows.add_column(overflow="fold")
    rows.add_column(justify="right", no_wrap=True)
    rows.add_column(no_wrap=True, style="cyan")
    rows.add_row(Text(title, style="bold"), "", "")
    for value, count in shown:
        rows.add_row(Text(value), show_number(count), "█" * max(1, round(BAR * count / most)))
    if len(shown) < len(counts):
        rows.add_row(Text(f"and {len(counts) - len(shown)} more", style="dim"), "", "")
    return rows
