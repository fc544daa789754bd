"""`monitor show`: one article, its revisions, its raw evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.article import print_article
from monitor.cli.common import JsonOption, console, context, print_json, reading_store, show_time, stdout_bytes
from monitor.errors import NotFound

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from monitor.config import Loaded
    from monitor.records import Document, Revision
    from monitor.store.port import Store

EXAMPLES = """
monitor show 5f0c1e               the beginning of an id is enough
monitor show 5f0c1e --revisions   how its text changed
monitor show 5f0c1e --raw         the page as received, headers first
monitor show 5f0c1e --json
"""

MIN_PREFIX = 6  # characters of an id; of 16 million ids about one begins with a given six
EVERY_ROLE = ("article", "source", "reference")
CONTEXT_WORDS = 8  # unchanged words shown around a change


def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id of the article, as search prints it; 6 characters do.")],
    revisions: Annotated[
        bool, typer.Option("--revisions", help="Show what changed between the states of its text.")
    ] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Write the page as it was received, with its headers.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Show one article: its text, where that came from and how that is known, and what is kept apart from the text."""
    if raw and (json_output or revisions):
        raise typer.BadParameter("it can't be combined with --json or --revisions", param_hint="--raw")
    loaded = context()
    with reading_store(loaded) as store:
        document = find(store, id_.strip())
        states = store.revisions(document.id) if revisions else []
        story = store.stories([document.story]).get(document.story)
        decisions = store.decisions(document.id)
    if raw:
        _write_raw(loaded, document)
    elif json_output:
        from monitor.exporting import export_record, revision_record

        record = {**export_record(document), "decisions": decisions}
        print_json({**record, "revisions": [revision_record(one) for one in states]} if revisions else record)
    elif revisions:
        _print_revisions(document, states, loaded.settings.time_zone)
    else:
        from monitor.cli.licences import read

        out, copies = console(), story.copies if story else 1
        zone, licences = loaded.settings.time_zone, read(loaded)
        print_article(out, document, zone, copies=copies, decisions=decisions, licences=licences)
        _print_evidence(out, loaded, document)


def find(store: Store, text: str) -> Document:
    """The article with that id, or the only one whose id begins so. Raises NotFound."""
    from monitor.query import Prefix
    from monitor.store.port import SearchRequest

    exact = store.documents([text])
    if text in exact:
        return exact[text]
    hint = "`monitor search` prints the ids"
    if len(text) < MIN_PREFIX:
        raise NotFound(f"no article has the id {text!r}", hint=f"{hint}; write at least {MIN_PREFIX} characters of one")
    begins = SearchRequest(query=Prefix("id", text), limit=5, roles=EVERY_ROLE, highlight=False)
    found = [hit.document for hit in store.search(begins).hits]
    if not found:
        raise NotFound(f"no article has the id {text!r}", hint=hint)
    if len(found) > 1:
        raise NotFound(f"several ids begin with {text!r}", hint=f"one of {', '.join(one.id for one in found)}")
    return found[0]


def _print_evidence(out: Console, loaded: Loaded, document: Document) -> None:
    from rich.text import Text

    out.print()
    out.print(Text("Raw page", style="bold"))
    ref = document.article.warc
    if ref is None:
        out.print("  none was kept", style="dim")
    else:
        out.print(Text(f"  {loaded.warc / ref.file}, byte {ref.offset}"))
        out.print(Text(f"  monitor show {document.id} --raw", style="dim"))


def _write_raw(loaded: Loaded, document: Document) -> None:
    from monitor.warc import read_record

    ref = document.article.warc
    if ref is None:
        raise NotFound(
            f"no raw page was kept for {document.id}",
            hint="pages are kept while [warc] enabled is true; imports have none",
        )
    record = read_record(loaded.warc, ref)
    head = "".join(f"{name}: {value}\r\n" for name, value in record.headers)
    with stdout_bytes() as out:
        out.write(f"HTTP/1.1 {record.status}\r\n{head}\r\n".encode("utf-8", "replace"))
        out.write(record.body)


# --- revisions -------------------------------------------------------------------------------------------------------


def _print_revisions(document: Document, states: list[Revision], zone: str) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(document.article.title, style="bold"))
    out.print(Text(f"{document.id}  {document.article.url}", style="dim"))
    for before, state in zip([None, *states], states, strict=False):
        out.print()
        words = len(state.text.split())
        out.print(Text(f"Revision {state.number}, {show_time(state.fetched_at, zone)}, {words} words", style="bold"))
        if before is None:
            continue
        if before.title != state.title:
            out.print(Text("title: ", style="dim").append_text(difference(before.title, state.title)))
        if before.text != state.text:
            out.print(difference(before.text, state.text))


def difference(old: str, new: str) -> Text:
    """Both texts word by word: what went in [-brackets-], red; what came in {+braces+}, green; the rest shortened."""
    from difflib import SequenceMatcher

    from rich.text import Text

    a, b = old.split(), new.split()
    parts: list[Text] = []
    changes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    for position, (kind, a0, a1, b0, b1) in enumerate(changes):
        if kind == "equal":
            parts.append(Text(_shortened(a[a0:a1], first=position == 0, last=position == len(changes) - 1)))
            continue
        if a1 > a0:
            parts.append(Text(f"[-{' '.join(a[a0:a1])}-]", style="red strike"))
        if b1 > b0:
            parts.append(Text(f"{{+{' '.join(b[b0:b1])}+}}", style="green underline"))
    return Text(" ").join(parts)


def _shortened(words: list[str], *, first: bool, last: bool) -> str:
    """Unchanged words between two changes, with the middle left out."""
    head, tail = 0 if first else CONTEXT_WORDS, 0 if last else CONTEXT_WORDS
    if len(words) <= head + tail + 2:
        return " ".join(words)
    return " ".join([*words[:head], "…", *words[len(words) - tail :]])
