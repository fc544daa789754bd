"""`monitor story`: one story as it spread, and a copy word by word against where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.common import (
    JsonOption,
    console,
    context,
    print_json,
    reading_store,
    show_number,
    show_time,
    table,
)
from monitor.cli.show import find
from monitor.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console
    from rich.text import Text

    from monitor.records import Decision
    from monitor.reports.comparison import Compared
    from monitor.reports.spread import Copy, Spread
    from monitor.sources.licences import Licences
    from monitor.store.port import Store

EXAMPLES = """
monitor story 4c77d01e                     by its id, an alias, or an article of it
monitor story 4c77d01e --compare 5f0c1e    this copy against its origin, word by word
monitor story 4c77d01e --json
"""

# Red and green alone are not told apart by everybody: each has a sign of its own as well.
STYLES = {"same": "", "changed": "yellow", "added": "green underline", "missing": "red strike"}
SIGNS = {"same": ("", ""), "changed": ("{~", "~}"), "added": ("{+", "+}"), "missing": ("[-", "-]")}


def story(
    id_: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the story, one that it had before, or of an article in it.")
    ],
    compare: Annotated[
        str,
        typer.Option(
            "--compare",
            metavar="ID",
            help="Compare this article with its origin; default: the one that is named, else the first copy.",
        ),
    ] = "",
    text: Annotated[bool, typer.Option("--text/--no-text", help="Show the comparison.")] = True,
    json_output: JsonOption = False,
) -> None:
    """Show the copies of a story in order of time, and one of them word by word against where it came from.

    Lag counts from the story's first article. {+added+}, {~changed~} and what was [-left out-] are marked; the text of
    the copy comes first, then that of its origin where something is missing.
    """
    from monitor.sources.licences import load_licences

    loaded = context()
    with reading_store(loaded) as store:
        found, named = find_story(store, id_.strip(), load_licences(loaded.licences, loaded.settings.time_zone))
        decisions = {one.id: store.decisions(one.id) for one in found.copies}
        pair = _pair(store, found, compare.strip() or named) if text or json_output else None
    if json_output:
        print_json(_as_json(found, decisions, pair))
        return
    out, zone = console(), loaded.settings.time_zone
    _print_spread(out, found, zone)
    _print_decisions(out, decisions, zone)
    if pair is not None:
        _print_comparison(out, pair)


def find_story(store: Store, text: str, licences: Licences | None = None) -> tuple[Spread, str]:
    """The story, and the id of the article by which it was named. Raises NotFound."""
    from monitor.reports import spread

    if found := spread(store, text, licences):
        return found, ""
    try:
        document = find(store, text)
    except NotFound as error:
        raise NotFound(f"no story and no article has the id {text!r}", hint=error.hint) from error
    found = spread(store, document.story, licences)
    if found is None:
        raise NotFound(f"the story {document.story} of {document.id} is not there", hint="run `monitor store check`")
    return found, document.id


def _pair(store: Store, found: Spread, chosen: str) -> Compared | None:
    """The chosen article (else the first copy) against its origin; None for a story of one."""
    from monitor.reports.comparison import compared
    from monitor.reports.evidence import origin_of

    if chosen:
        mine = find(store, chosen)
    else:
        copy = next((one for one in found.copies if not one.is_root and one.role == "article"), None)
        if copy is None:
            return None
        mine = store.documents([copy.id])[copy.id]
    other, _ = origin_of(store, mine)
    return compared(mine, other) if other is not None else None


def _as_json(found: Spread, decisions: Mapping[str, Sequence[Decision]], pair: Compared | None) -> dict[str, Any]:
    from monitor.reports.comparison import comparison_record

    return {
        "story": found.story,
        "copies": [{**encoded(one), "decisions": decisions[one.id]} for one in found.copies],
        "comparison": comparison_record(pair) if pair else None,
    }


def encoded(copy: Copy) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(copy)


def _print_spread(out: Console, found: Spread, zone: str) -> None:
    from rich.text import Text

    from monitor.reports.tables import lag, share

    story, copies = found.story, found.copies
    shown = sum(one.role == "article" for one in copies)
    out.print(Text(story.title or next((one.title for one in copies), "") or "(no title)", style="bold"))
    head = f"{story.id}  {show_number(shown)} article{'' if shown == 1 else 's'} on {len(found.sites)} "
    out.print(Text(f"{head}site{'' if len(found.sites) == 1 else 's'}, times in {zone}", style="dim"))
    if story.agencies:
        out.print(Text(f"agencies: {', '.join(story.agencies)}", style="dim"))
    if story.aliases:
        out.print(Text(f"also known as {', '.join(story.aliases)}", style="dim"), soft_wrap=True)
    out.print()
    rows = table("published", "lag", "site", "edge", "kept", "credit", "id", "title", right=("lag", "kept"),
                 whole=("published", "id"))  # fmt: skip
    for one in copies:
        rows.add_row(
            show_time(one.at, zone),
            f"+{lag(one.lag_seconds)}" if one.lag_seconds else "",
            Text(one.site if one.role == "article" else f"{one.site} ({one.role})", style="cyan"),
            "root" if one.is_root else one.kind,
            share(one.share_kept) if not one.is_root else "",
            _credit(one),
            Text(one.id, style="green"),
            Text(one.title),
        )
    out.print(rows)


def _credit(one: Copy) -> Text:
    from rich.text import Text

    named = ", ".join(one.agencies)
    text = Text(named if one.credited else f"{named} not credited".strip() if one.uncredited_reuse else "")
    if one.uncredited_reuse:
        text.stylize("bold red")
    if one.licensed is not None:
        text.append(", licensed" if one.licensed else ", not licensed")
    if one.withdrawn:
        text.append(" withdrawn", style="bold red")
    return text


def _print_decisions(out: Console, decisions: Mapping[str, Sequence[Decision]], zone: str) -> None:
    from rich.text import Text

    if not any(decisions.values()):
        return
    out.print()
    out.print(Text("Decisions", style="bold"))
    rows = table("decided", "by", "on", "what", "", whole=("decided", "on"))
    for one in sorted((one for found in decisions.values() for one in found), key=lambda one: (one.at, one.id)):
        rows.add_row(show_time(one.at, zone), Text(one.author), one.subject, one.verb, Text(one.argument))
    out.print(rows)


def _print_comparison(out: Console, pair: Compared) -> None:
    from rich.text import Text

    from monitor.reports.comparison import sides
    from monitor.reports.tables import share

    numbers = pair.numbers
    mine, other = sides(pair)
    out.print()
    out.print(Text(f"{pair.mine.article.site} against {pair.other.article.site}", style="bold"))
    facts = f"kept {share(numbers.kept)}, added {share(numbers.added)}, {numbers.changed} words changed"
    out.print(Text(facts, style="dim"))
    out.print()
    out.print(marked_pieces(mine))
    if any(kind == "missing" for kind, _ in other):
        out.print()
        out.print(Text(f"What {pair.other.article.site} has", style="bold"))
        out.print(marked_pieces(other))


def marked_pieces(pieces: Sequence[tuple[str, str]]) -> Text:
    """A text with its passages in colour and in signs, which also stand without colour."""
    from rich.text import Text

    shown = Text()
    for kind, piece in pieces:
        before, after = SIGNS[kind]
        shown.append(f"{before}{piece}{after}", style=STYLES[kind])
    return shown
