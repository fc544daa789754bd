"""`monitor decide`: what a person knows better than the machine."""

from __future__ import annotations

import getpass
import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from monitor.cli.agencies import known_agency
from monitor.cli.common import JsonOption, console, context, err_console, now, open_store, print_json, reading_store
from monitor.cli.show import find
from monitor.cli.trace import print_decisions

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.deciding import Plan
    from monitor.records import Document
    from monitor.store.port import Store

EXAMPLES = """
monitor decide 5f0c1e confirm-credit dpa          it is dpa's text, whatever the page says
monitor decide 5f0c1e reject-credit reuters       it only mentions Reuters
monitor decide 5f0c1e split 77ab02                these two are not one story
monitor decide 5f0c1e merge 77ab02 --dry-run      what would become of it?
monitor decide 5f0c1e note "asked the desk, 16 May"
monitor decide 5f0c1e list
"""

PATIENCE = 5.0  # seconds for a filer elsewhere to take the decision up

Verb = Literal["confirm-credit", "reject-credit", "split", "merge", "note", "list"]


def decide(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id of the article; 6 characters do.")],
    verb: Annotated[
        Verb, typer.Argument(metavar="VERB", help="confirm-credit, reject-credit, split, merge, note, list")
    ],
    argument: Annotated[
        str | None,
        typer.Argument(
            metavar="[ARGUMENT]",
            help="The agency's id for a credit, another article's id for split and merge, the text of a note.",
        ),
    ] = None,
    author: Annotated[str, typer.Option("--author", metavar="NAME", help="Who decides; default: the login name.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would happen.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Confirm or reject a credit, split or merge a story, leave a note; with author and time.

    A decision outweighs every evidence, survives every re-analysis and is shown beside what the machine found. Of two
    that contradict each other the later one counts. Without an argument, split takes the article apart from the one
    through which it came into its story.
    """
    loaded = context()
    if verb == "list":
        if argument is not None or author or dry_run:
            raise typer.BadParameter("list takes nothing more", param_hint="VERB")
        _list(loaded, id_.strip(), json_output)
        return
    with open_store(loaded) as store:
        subject = find(store, id_.strip())
        made = _plan(loaded, store, subject, verb, (argument or "").strip(), author.strip() or login_name())
        applied = True
        if not dry_run:
            from monitor.deciding import carry_out

            carry_out(store, made)
            applied = _taken_up(loaded, store)
    if json_output:
        print_json({"effect": made.effect, "decisions": [] if dry_run else made.decisions})
        return
    console().print(f"{'would: ' if dry_run else ''}{made.effect}", soft_wrap=True)
    if not applied:
        err_console().print("The filer that is at work takes it up in a moment.", style="dim", soft_wrap=True)


def _taken_up(loaded: Loaded, store: Store) -> bool:
    """By a filer of this process, or by the one that holds the lease, which is waited for."""
    from monitor.filing import decisions_wait, file_decisions
    from monitor.wiring import open_desk

    if not file_decisions(store, open_desk(loaded), loaded.settings.filing):
        deadline = time.monotonic() + PATIENCE
        while decisions_wait(store) and time.monotonic() < deadline:
            time.sleep(0.2)
    return not decisions_wait(store)


def login_name() -> str:
    """Of who runs the program; a container may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _plan(loaded: Loaded, store: Store, subject: Document, verb: str, argument: str, author: str) -> Plan:
    from monitor.deciding import MERGE, SPLIT, plan

    other = None
    if verb in (SPLIT, MERGE):
        if verb == SPLIT and not argument:
            argument = subject.duplicate.of
        if not argument:
            what = "it came into its story through no other article; " if verb == SPLIT else ""
            raise typer.BadParameter(f"{what}name the other article", param_hint="ARGUMENT")
        other = find(store, argument)
    elif verb != "note":
        if not argument:
            raise typer.BadParameter("name the agency, e.g. dpa", param_hint="ARGUMENT")
        argument = known_agency(loaded, argument, "ARGUMENT")
    return plan(store, subject, verb, argument, author=author, at=now(), other=other)


def _list(loaded: Loaded, text: str, json_output: bool) -> None:
    with reading_store(loaded) as store:
        document = find(store, text)
        found = store.decisions(document.id)
    if json_output:
        print_json(found)
    elif found:
        print_decisions(console(), found, loaded.settings.time_zone)
    else:
        console().print(f"Nobody decided anything on {document.id}.", soft_wrap=True)
