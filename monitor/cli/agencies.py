"""`monitor agencies`: which agencies the program knows, and what it finds of them in a text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.common import JsonOption, console, context, err_console, now, print_json, table
from monitor.cli.trace import print_evidence

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.query import Node
    from monitor.records import AgencyCredit, Article
    from monitor.sources import Agency, AgencyTable, Local

EXAMPLES = """
monitor agencies list
monitor agencies list --json | jq '.[] | select(.country == "DE") | .id'
monitor agencies check "BERLIN (dpa) - Der Hafen soll tiefer werden."
monitor agencies check "Foto: -/Kreml/dpa" --caption
monitor agencies check - --lang tr < haber.txt
"""

app = typer.Typer(no_args_is_help=True, help="Show the agencies, and what is found of them in a text.")


@app.command("list")
def list_(json_output: JsonOption = False) -> None:
    """Show every agency: those that the program knows, and those of your own file (agencies.toml)."""
    from monitor.wiring import agency_table

    found = sorted(agency_table(context()).agencies.values(), key=lambda one: one.id)
    if json_output:
        print_json([_as_json(one) for one in found])
        return
    rows = table("id", "name", "country", "short", "desks", whole=("id",))
    for one in found:
        short = ", ".join((*one.tokens, *(f"{form}?" for form in one.weak)))
        rows.add_row(one.id, one.name, one.country, short, ", ".join(one.desks))
    console().print(rows)
    console().print(f"\n{len(found)} agencies; a short form with ? counts in its languages only.", style="dim")


def _as_json(one: Agency) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(one)


@app.command()
def check(
    text: Annotated[str, typer.Argument(metavar="TEXT", help='A text, a credit line or a byline; "-" reads it in.')],
    language: Annotated[str, typer.Option("--lang", metavar="CODE", help="Its language; default: detected.")] = "",
    byline: Annotated[bool, typer.Option("--byline", help="Read it as the line that names the author.")] = False,
    caption: Annotated[bool, typer.Option("--caption", help="Read it as a picture's caption.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Show who is credited in a text, and why. Exit code 1 when nobody is.

    Place decides: the same words are a credit in one place and a mention in another.
    """
    from monitor.sources import credit, local_evidence, photo_agencies
    from monitor.wiring import agency_table

    if byline and caption:
        raise typer.BadParameter("it can't be a --byline as well", param_hint="--caption")
    agencies = agency_table(context())
    said = sys.stdin.read() if text == "-" else text
    article = _article(said, byline=byline, caption=caption)
    found = local_evidence(article, language or _detected(article), agencies)
    credits, photos = credit(found.evidence), photo_agencies(found.evidence)
    if json_output:
        print_json({
            "agencies": credits, "photo_agencies": photos, "evidence": found.evidence, "dispatches": found.dispatches,
        })  # fmt: skip
    else:
        _show(credits, photos, found)
    if not credits and not photos:
        raise typer.Exit(1)


def _article(said: str, *, byline: bool, caption: bool) -> Article:
    from monitor.records import Article, Caption
    from monitor.text import clean, clean_paragraphs

    paragraphs = said.replace("\r\n", "\n").split("\n\n" if "\n\n" in said else "\n")
    return Article(
        id="",
        url="https://text.invalid/",
        site="",
        title="",
        text="" if byline or caption else clean_paragraphs(paragraphs),
        fetched_at=now(),
        authors=(clean(said),) if byline else (),
        captions=(Caption(clean(said)),) if caption else (),
    )


def _detected(article: Article) -> str:
    from monitor.language import detect

    return detect(article).code


def _show(credits: tuple[AgencyCredit, ...], photos: tuple[str, ...], found: Local) -> None:
    out = console()
    out.print(f"text:   {', '.join(f'{one.id} ({one.confidence:.2f})' for one in credits) or 'nobody is credited'}")
    out.print(f"photos: {', '.join(photos) or 'nobody is credited'}")
    if found.dispatches:
        out.print(f"number: {', '.join(found.dispatches)}")
    if found.evidence:
        out.print()
        print_evidence(out, found.evidence)


def known_agency(loaded: Loaded, text: str, option: str = "--agency") -> str:
    """The id of the agency that is meant, by its id or a name. Raises a usage error for one that nobody knows."""
    from monitor.wiring import agency_table

    agencies = agency_table(loaded)
    found = agencies.resolve(text)
    if found is None:
        raise typer.BadParameter(_nobody(text, agencies), param_hint=option)
    return found.id


def warn_of_agencies(loaded: Loaded, node: Node) -> None:
    """Tell, on standard error, which agencies of a query nobody knows: it finds nothing by them."""
    asked = dict.fromkeys(_agencies(node))
    if not asked:
        return
    from monitor.wiring import agency_table

    agencies = agency_table(loaded)
    for text in asked:
        if text.strip().lower() in agencies.agencies:
            continue
        meant = agencies.resolve(text)
        told = f"an agency is asked by its id: {meant.id} for {text!r}" if meant else _nobody(text, agencies)
        err_console().print(f"Warning: {told}", style="yellow", soft_wrap=True)


def _agencies(node: Node) -> Iterator[str]:
    from monitor.query import Bool, Term

    match node:
        case Term("agency" | "photo_agency", text):
            yield text
        case Bool(must, should, must_not):
            for one in (*must, *should, *must_not):
                yield from _agencies(one)


def _nobody(text: str, agencies: AgencyTable) -> str:
    import difflib

    near = difflib.get_close_matches(text.strip().lower(), agencies.agencies, 3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`monitor agencies list` shows them"
    return f"no agency is called {text!r}; {hint}"


def own_site(loaded: Loaded, agency: str) -> Callable[[str], bool]:
    """Does an address lie on the agency's own site?"""
    from monitor.wiring import agency_table

    agencies = agency_table(loaded)

    def is_own(url: str) -> bool:
        owner = agencies.owner(url)
        return owner is not None and owner.id == agency

    return is_own
