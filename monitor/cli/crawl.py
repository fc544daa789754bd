"""`monitor crawl`: crawl sites now, with a display of the progress and a summary."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import JsonOption, context, err_console
from monitor.cli.crawl_display import Display, Quiet, Summary, display_for, report

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.dispatch.filer import FilerProcess
    from monitor.dispatch.local import Ended, LocalCrawls
    from monitor.records import Run
    from monitor.sites import Site
    from monitor.store.port import Store

EXAMPLES = """
monitor crawl                     all enabled sites
monitor crawl taz example         these two
monitor crawl --json | jq .       for scripts
"""

# For the pages behind source links, after the sites: long enough for one that hangs (`crawl.origin_timeout`) and the
# next of its host.
ORIGINS_LIMIT = timedelta(seconds=15)
MOST_LEFT = 10_000  # source links that are counted
DRAIN_PATIENCE = 60.0  # seconds without any progress of the filer before the crawl stops waiting for it
OFTEN, SELDOM = 0.1, 2.0  # seconds between two looks at the inbox, by how long it has been waited for
OFTEN_ELSEWHERE = 0.2  # of a store for which each look is work of some milliseconds
AWAY_PATIENCE = 5.0  # the same while the store is known not to answer, or to take nothing of crawls or of the filer


def crawl(
    sites: Annotated[list[str] | None, typer.Argument(metavar="SITE", help="Ids of sites; none: all enabled.")] = None,
    json_output: JsonOption = False,
    trigger: Annotated[str, typer.Option(hidden=True)] = "crawl",
) -> None:
    """Crawl sites now and file what they bring.

    One site is one process; `crawl.concurrent_sites` of them run at once. Exit code 1 when a site failed.
    """
    from monitor.wiring import open_store

    loaded = context()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: crawls in good order, then the filer
    chosen, broken = choose(loaded, sites or [])
    store = open_store(loaded)
    try:
        summary = crawl_sites(loaded, store, chosen, trigger=trigger, json_output=json_output)
    finally:
        store.close()
    report(summary, json_output=json_output)
    if broken or not summary.ok:
        raise typer.Exit(1)


def crawl_sites(
    loaded: Loaded, store: Store, sites: Sequence[Site], *, trigger: str, json_output: bool = False, quiet: bool = False
) -> Summary:
    """Crawl with a display of the progress, and wait until everything is filed, where the store takes it."""
    from monitor.store.port import shipping_of
    from monitor.wiring import open_wait_note

    display = Quiet() if quiet else display_for(json_output=json_output)
    with display:
        endings, followed, unfiled = _crawl_all(loaded, store, sites, display, trigger)
        counted = [tuple((ended, _counted(store, ended)) for ended in some) for some in (endings, followed)]
        return Summary(
            counted[0],
            unfiled,
            followed=counted[1],
            links_left=_links_left(store),
            shipping=shipping_of(store),
            filing_waits=open_wait_note(loaded).read() if unfiled else None,
        )


def choose(loaded: Loaded, ids: Sequence[str]) -> tuple[list[Site], int]:
    """The sites named, or all enabled ones, and how many files could not be read (each is told).

    Raises SiteError for a named site that is not there or broken, and when no site is left.
    """
    from monitor.errors import SiteError
    from monitor.sites import find_sites, load_sites

    if ids:
        return find_sites(loaded.sites, list(dict.fromkeys(ids))), 0
    known, errors = load_sites(loaded.sites)
    for error in errors:
        err_console().print(f"Error: {error.message}", style="red", soft_wrap=True)
    enabled = [site for site in known.values() if site.enabled]
    if not enabled:
        if errors:
            raise SiteError("no site can be crawled", hint="mend the site files above")
        raise SiteError(f"no site in {loaded.sites}", hint="add one: monitor sites add URL")
    return enabled, len(errors)


def _crawl_all(
    loaded: Loaded, store: Store, sites: Sequence[Site], display: Display, trigger: str
) -> tuple[list[Ended], list[Ended], int]:
    """Crawl, with a filer beside, and wait until what they brought is filed: the sites, the pages behind their source
    links, and the number that could not be filed.
    """
    from monitor.dispatch.filer import FilerProcess
    from monitor.dispatch.local import LocalCrawls
    from monitor.store.port import answers, keep_shipping

    settings = loaded.settings.crawl
    slots = min(settings.concurrent_sites, len(sites))
    workers = max(1, (settings.workers or os.cpu_count() or 1) // slots)
    keep_shipping(store)
    filer = FilerProcess(loaded, on_line=display.line, ready=lambda: answers(store))
    crawls = LocalCrawls(loaded, slots=slots, workers=workers, on_event=display.event, on_line=display.line)
    try:
        futures = [crawls.submit(site.id, trigger=trigger) for site in sites]
        display.begin(store, [site.id for site in sites])
        _wait(futures)
        endings = [future.result() for future in futures]
        followed = follow_origins(store, crawls, trigger)
        unfiled = drain(store, [ended.run_id for ended in (*endings, *followed)], filer)
    finally:
        crawls.stop()
        filer.stop()
    return endings, followed, unfiled


def follow_origins(store: Store, crawls: LocalCrawls, trigger: str) -> list[Ended]:
    """Fetch the pages behind source links that wait. They neither fail the crawl nor hold it up for long: what is not
    fetched in that time waits for the next crawl.
    """
    from datetime import UTC, datetime

    from monitor.sites import ORIGINS, PRIVATE_ORIGINS

    now = datetime.now(UTC)
    waiting = [site for site in (ORIGINS, PRIVATE_ORIGINS) if store.pending(site, now, 1)]
    futures = [crawls.submit(site, trigger=trigger, time_limit=ORIGINS_LIMIT) for site in waiting]
    _wait(futures)
    return [future.result() for future in futures]


def _links_left(store: Store) -> int:
    """Source links that no crawl had the time for."""
    from datetime import UTC, datetime

    from monitor.sites import ORIGINS, PRIVATE_ORIGINS

    now = datetime.now(UTC)
    return sum(len(store.pending(site, now, MOST_LEFT)) for site in (ORIGINS, PRIVATE_ORIGINS))


def _wait(futures: list[Future[Ended]]) -> None:
    while wait(futures, timeout=0.5).not_done:
        continue


def drain(store: Store, runs: Sequence[str], filer: FilerProcess, patience: float = DRAIN_PATIENCE) -> int:
    """Wait until the filer has filed what the runs, all ended, brought; how many it has not, when it has not got on
    for `patience` seconds (fewer while the store does not answer, or lets nothing be filed).
    """
    from monitor.store.port import shipping_of

    def patient() -> float:
        shipping = shipping_of(store)
        away = shipping is not None and shipping.since is not None
        return min(patience, AWAY_PATIENCE) if away or filer.held_up else patience

    filer.hurry()
    often = OFTEN if shipping_of(store) is None else OFTEN_ELSEWHERE
    began = moved = time.monotonic()
    took = 0.0
    left, everywhere = _left(store, runs), store.waiting()
    while left and time.monotonic() - moved < patient() and filer.deaths < 3:
        time.sleep(min(SELDOM, max(often, 4 * took, (time.monotonic() - began) / 20)))
        looked = time.monotonic()
        before, left = left, _left(store, runs)
        took = time.monotonic() - looked  # of many runs each look is many requests
        if left != before:
            moved = time.monotonic()
            continue
        others, everywhere = everywhere, store.waiting()
        if everywhere < others:  # what others brought before comes first
            moved = time.monotonic()
    return left


def _left(store: Store, runs: Sequence[str]) -> int:
    return sum(store.waiting(run) for run in runs)


def _counted(store: Store, ended: Ended) -> Run | None:
    """The run with what the filer counted; a crawl whose process died is closed here, so that no run stays open."""
    from datetime import UTC, datetime

    run = store.run(ended.run_id)
    if run is not None and run.status == "running":
        store.put_run(replace(run, status="failed", error=ended.message, finished_at=datetime.now(UTC)))
        run = store.run(ended.run_id)
    return run
