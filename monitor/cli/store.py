"""`monitor store`: care of the store as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from monitor.cli.common import (
    JsonOption,
    console,
    context,
    err_console,
    is_terminal,
    now,
    open_store,
    print_json,
    reading_store,
    show_number,
)
from monitor.errors import InputError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from monitor.config import Loaded
    from monitor.store.port import Health

EXAMPLES = """
monitor store check
monitor store reanalyse           stories and traces as the present version makes them
monitor store copy --from embedded --to elasticsearch
monitor store backup /backups/monitor-$(date +%F)
monitor store restore /backups/monitor-2024-05-16 --force
"""

StoreKind = Literal["embedded", "elasticsearch"]
PHASES = {"clear": "taking stories apart", "place": "placing articles again"}

app = typer.Typer(no_args_is_help=True, help="Make, check, index again, copy, back up, restore.")


@app.command()
def init() -> None:
    """Make the store of the settings; one that is there stays as it is."""
    from monitor.wiring import make_store

    loaded = context()
    with closing(make_store(loaded)) as store:
        health = store.health(now())
    articles = show_number(health.articles)
    _say(f"{_where(loaded, health)}: {health.kind} store, schema {health.schema_version}, {articles} articles")


@app.command()
def migrate() -> None:
    """Bring a store that an earlier version wrote to the schema of this one.

    Other commands do so with a store in a folder when they open it; on an engine only this one does, and they end with
    a message where the schema is older.
    """
    from monitor.wiring import migrate_store

    loaded = context()
    with steps() as step:
        replaced = migrate_store(loaded, step)
    with open_store(loaded) as store:
        health = store.health(now())
    renewed = f"; {replaced} indices replaced" if replaced else ""
    _say(f"{_where(loaded, health)}: schema {health.schema_version}, up to date{renewed}")


@app.command()
def check(json_output: JsonOption = False) -> None:
    """Look for damage, thoroughly. Exit code 1 when something is wrong."""
    loaded = context()
    with reading_store(loaded) as store:
        findings = store.check()
        health = store.health(now())
    if json_output:
        print_json({"findings": findings, "articles": health.articles, "revisions": health.revisions})
    else:
        for finding in findings:
            _say(f"{'mended' if finding.mended else 'wrong'}: {finding.what}", "green" if finding.mended else "red")
            if finding.hint:
                _say(f"  {finding.hint}", "dim")
        articles, revisions = show_number(health.articles), show_number(health.revisions)
        if not findings:
            _say(f"{_where(loaded, health)}: all is well: {articles} articles, {revisions} revisions")
    if any(not finding.mended for finding in findings):
        raise typer.Exit(1)


@app.command()
def reindex() -> None:
    """Make the search index again from the stored articles. Searching goes on meanwhile."""
    loaded = context()
    with open_store(loaded) as store:
        number = store.reindex()
    _say(f"{show_number(number)} articles indexed")


@app.command("retry-dead")
def retry_dead() -> None:
    """Try again what was put aside on this machine: what the store refused, and what the filer could not take in."""
    from monitor.filing import retry_aside
    from monitor.store.port import Ships
    from monitor.wiring import open_aside, open_desk

    loaded = context()
    with open_store(loaded) as store:
        shipped = store.retry_dead() if isinstance(store, Ships) else 0
        refused = store.shipping().dead + store.health(now()).dead if isinstance(store, Ships) else 0
        filed, of = retry_aside(store, open_desk(loaded), loaded.settings.filing, open_aside(loaded))
    left = refused + of - filed
    _say(f"{show_number(shipped + of)} records tried again" + (f", {show_number(left)} refused again" if left else ""))


@app.command()
def reanalyse(
    source: Annotated[
        Literal["text", "warc"], typer.Option("--from", help="From the stored text, or from the raw pages where kept.")
    ] = "text",
    anew: Annotated[bool, typer.Option("--anew", help="Do not go on with a run that was cut short.")] = False,
) -> None:
    """Make every derived field again: language, fingerprints, stories, traces; in canonical order.

    What was captured and what people decided stays. Stories are made anew meanwhile, so that searching finds articles,
    but not yet their copies. A run that was cut short goes on where it was. What is crawled meanwhile waits.
    """
    from monitor.filing import reanalyse as again
    from monitor.rederiving import deriving
    from monitor.wiring import open_desk

    loaded = context()
    with open_store(loaded) as store, deriving(loaded, source) as derive, steps() as step:
        number = again(
            store,
            derive,
            open_desk(loaded),
            on_step=lambda at: step(PHASES[at.phase], at.done, at.all),
            resume=not anew,
        )
        store.rebuild_fingerprints()
    _say(f"{show_number(number)} articles analysed again")


@app.command("copy")
def copy_all(
    source: Annotated[StoreKind, typer.Option("--from", help="The store that is copied.")],
    target: Annotated[StoreKind, typer.Option("--to", help="The one that is written; it has to be empty.")],
    json_output: JsonOption = False,
) -> None:
    """Copy all that is kept from the embedded store to the engine, or back; both as the section store says.

    Articles with their revisions, pairs, stories and what they were called, decisions, furniture, runs, rejections,
    addresses and sources, rules of alerts and all that was told. A copy that was cut short goes on where it was. End
    crawls and filers before; at the end both are counted. Afterwards set store.kind.
    """
    from monitor.copying import copy
    from monitor.wiring import open_side

    if source == target:
        raise InputError(f"the {source} store can't be copied to itself", hint="name the other kind with --to")
    loaded = context()
    with (
        closing(open_side(loaded, source)) as here,
        closing(open_side(loaded, target, create=True)) as there,
        steps() as step,
    ):
        copied = copy(here, there, on_step=lambda at: step(at.kind, at.done, at.all), zone=loaded.settings.time_zone)
    if json_output:
        print_json({"from": source, "to": target, "resumed": copied.resumed, "records": copied.records})
        return
    for name, number in copied.records.items():
        _say(f"{show_number(number):>12} {name}")
    again = " (went on with a copy that was cut short)" if copied.resumed else ""
    _say(f"{source} is copied to {target}{again}; both hold the same. It is used once store.kind is {target!r}.")


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="Folder to write; it must not hold a store yet.")],
) -> None:
    """Copy the store while it is in use. Raw pages (WARC files) are plain files: copy their folder beside it."""
    from monitor.wiring import backup as copy

    loaded = context()
    copy(loaded, target.absolute())
    _say(f"{loaded.store} is copied to {target}")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="Folder that `monitor store backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the store even when it holds articles.")] = False,
) -> None:
    """Put a backup in the place of the store, and make its search index. Nothing else may use the store meanwhile."""
    from monitor.wiring import restore as put_back

    loaded = context()
    put_back(loaded, source.absolute(), force=force)
    with open_store(loaded) as store:
        number = store.reindex()  # backups leave the index out
    _say(f"{loaded.store} is restored from {source}: {show_number(number)} articles")


@contextmanager
def steps() -> Iterator[Callable[[str, int, int], None]]:
    """Takes what is done, how much of it, of how much: a bar for each on a terminal, nothing elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    if not is_terminal():
        yield lambda title, done, of: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err_console()) as bars:
        tasks: dict[str, TaskID] = {}

        def step(title: str, done: int, of: int) -> None:
            if title not in tasks:
                tasks[title] = bars.add_task(title, total=of)
            bars.update(tasks[title], completed=done, total=of)

        yield step


def _where(loaded: Loaded, health: Health) -> str:
    """The folder, or the engine's address."""
    return health.details.get("address", str(loaded.store))


def _say(line: str, style: str = "") -> None:
    console().print(line, style=style, soft_wrap=True)
