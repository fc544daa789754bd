"""`monitor import`: articles from files, through every step."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.agencies import known_agency
from monitor.cli.common import JsonOption, context, err_console, open_store, print_json, show_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from monitor.config import Loaded
    from monitor.importing import Imported, Refusal, Withdrawal
    from monitor.records import ExtractionRules, Page, Run
    from monitor.store.port import Store

    Result: TypeAlias = tuple[Path, Imported, Run | None, int]

EXAMPLES = """
monitor import articles.jsonl.gz            id?, url, site?, title?, text | html, published_at?, lang?
monitor import saved/ --site example        a folder of HTML files
monitor import warc/*.warc.gz               raw pages, also those of other crawlers
monitor import wire/*.xml --reference --agency dpa     an agency's own dispatches, to be matched against
"""

SHOWN_REFUSALS = 20  # refusals that are told one by one; all are counted


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE ...",
            help=".jsonl, .jsonl.gz, .warc.gz, .html, a folder of HTML; dispatches also NewsML-G2 (.xml)",
        ),
    ],
    site: Annotated[str, typer.Option("--site", metavar="ID", help="Site of records that name none.")] = "",
    reference: Annotated[
        bool, typer.Option("--reference", help="They are an agency's own dispatches: matched, never shown as hits.")
    ] = False,
    agency: Annotated[
        str, typer.Option("--agency", metavar="ID", help="Whose dispatches they are, e.g. dpa; with --reference.")
    ] = "",
    json_output: JsonOption = False,
) -> None:
    """Read articles from files and file them. Nothing is fetched.

    A record's `fetched_at` that lies in the future, or before 1990, is taken as now; a `published_at` after its
    `fetched_at`, or in 1970, is set aside.

    A record that can't be used is counted with its reason, and the others go on: the exit code stays 0. A file that
    can't be read at all is an error.

    Dispatches (--reference) come as JSON lines or NewsML-G2. An item that is canceled or withheld marks the dispatch
    that it takes back, and `monitor report withdrawn` shows who still runs it.

    Alert rules ring for what is new enough, as after a crawl (a rule's `max_age`); an old archive rings for nobody.
    """
    from monitor.cli.shipping import tell_unfiled
    from monitor.importing import read_pages
    from monitor.references import Reference, read_references
    from monitor.store.port import shipping_of
    from monitor.wiring import open_desk, open_wait_note

    if reference != bool(agency):
        param = "--agency" if reference else "--reference"
        raise typer.BadParameter("--reference and --agency go together", param_hint=param)
    loaded = context()
    agency = known_agency(loaded, agency) if agency else ""
    open_desk(loaded)  # wrong licences or agencies are told before the work, too
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    of = Reference(agency, site)
    # What is no such file is told before the work.
    sources = [(path, read_references(path, of) if agency else read_pages(path, site=site)) for path in files]
    with open_store(loaded, create=True) as store:
        results = [_import_one(loaded, store, path, pages, agency) for path, pages in sources]
        shipping = shipping_of(store)
    if json_output:
        print_json({"files": [_as_json(*result) for result in results]})
    else:
        for path, done, run, _ in results:
            _tell(path, done, run)
        tell_unfiled(sum(unfiled for *_, unfiled in results), shipping, open_wait_note(loaded).read())
    damaged = next((done.error for _, done, *_ in results if done.error), None)
    if damaged:
        raise damaged
    if any(unfiled for *_, unfiled in results) and (shipping is None or shipping.since is None):
        raise typer.Exit(1)


def _import_one(
    loaded: Loaded, store: Store, path: Path, pages: Iterator[Page | Refusal | Withdrawal], agency: str
) -> Result:
    from contextlib import closing
    from dataclasses import replace

    from monitor.cli.crawl import drain
    from monitor.crawl.progress import new_run_id
    from monitor.dispatch.filer import FilerProcess
    from monitor.importing import import_pages
    from monitor.inbox import InboxWriter
    from monitor.records import Run
    from monitor.references import credit, withdraw
    from monitor.store.port import answers, keep_shipping
    from monitor.wiring import agency_table, open_pool

    name = path.resolve().name
    run = Run(new_run_id(name), name, datetime.now(UTC), trigger="import")
    store.put_run(run)
    pool = open_pool(loaded, loaded.settings.crawl.workers or os.cpu_count() or 1)
    keep_shipping(store)
    filer = FilerProcess(loaded, ready=lambda: answers(store))
    status, unfiled, refusals = "failed", 0, _Refusals()
    finish = credit(agency, agency_table(loaded)) if agency else lambda _, analysis: analysis
    done: Imported | None = None
    try:
        with closing(InboxWriter(store, limit=loaded.settings.store.inbox_limit)) as inbox:
            done = import_pages(
                pages, pool, inbox, run=run.id, rules=_rules(loaded), finish=finish, on_refused=refusals
            )
        unfiled = drain(store, [run.id], filer)
        if done.withdrawals:  # after what they take back is filed
            with closing(InboxWriter(store, limit=loaded.settings.store.inbox_limit)) as inbox:
                withdraw(done, store, pool, inbox, run=run.id, finish=finish, on_refused=refusals)
            unfiled = drain(store, [run.id], filer)
        status = "failed" if done.error else "finished"
    finally:
        pool.close(wait=False)
        filer.stop()
        ended = replace(run, finished_at=datetime.now(UTC), status=status)
        if done is not None:
            error = done.error.message if done.error else ""
            ended = replace(ended, error=error, rejected=dict(done.refused), fetched=done.analysed)
        store.put_run(ended)
    return path, done, store.run(run.id), unfiled


def _rules(loaded: Loaded) -> Callable[[str], ExtractionRules]:
    """Extraction rules of the sites that have a file here; the plain ones for the rest."""
    from monitor.records import ExtractionRules
    from monitor.sites import load_sites

    sites, _ = load_sites(loaded.sites)
    rules = {site_id: site.rules for site_id, site in sites.items()}
    return lambda site_id: rules.get(site_id, ExtractionRules())


class _Refusals:
    """Tells the first refusals one by one."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, refusal: Refusal) -> None:
        self._told += 1
        if self._told <= SHOWN_REFUSALS:
            text = f"refused {refusal.where}: {refusal.reason}{': ' + refusal.detail if refusal.detail else ''}"
            err_console().print(text, soft_wrap=True)
        elif self._told == SHOWN_REFUSALS + 1:
            err_console().print("... further refusals are only counted")


def _tell(path: Path, done: Imported, run: Run | None) -> None:
    from monitor.cli.common import console

    stored, updated, unchanged = (run.stored, run.updated, run.unchanged) if run else (0, 0, 0)
    refused = ", ".join(f"{show_number(number)} {reason}" for reason, number in sorted(done.refused.items())) or "0"
    console().print(
        f"{path}: read {show_number(done.read)}, stored {show_number(stored)}, updated {show_number(updated)}, "
        f"unchanged {show_number(unchanged)}, refused {refused}"
        + (f", withdrawn {show_number(done.withdrawn)}" if done.withdrawn else ""),
        soft_wrap=True,
    )


def _as_json(path: Path, done: Imported, run: Run | None, unfiled: int) -> dict[str, object]:
    return {
        "file": str(path),
        "run": run.id if run else "",
        "read": done.read,
        "stored": run.stored if run else 0,
        "updated": run.updated if run else 0,
        "unchanged": run.unchanged if run else 0,
        "refused": dict(done.refused),
        "withdrawn": done.withdrawn,
        "unfiled": unfiled,
    }
