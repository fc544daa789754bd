"""`monitor run`: crawl every site at its times, in the foreground; `monitor schedule list`: when that will be."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

from monitor.cli.common import JsonOption, console, context, err_console, now, print_json, show_time, table
from monitor.cli.health import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.config import Loaded
    from monitor.crawl.progress import Event
    from monitor.dispatch.local import Ended
    from monitor.store.port import Store

log = logging.getLogger(__name__)

LAST_RUNS = 20  # that ended before the program does: what they brought is still filed
LAST_PATIENCE = 5.0  # seconds without progress of the filer before the program ends all the same

EXAMPLES = {
    "run": """
monitor run                  until Ctrl-C or SIGTERM
monitor schedule list        what it would do next, from another terminal
""",
    "schedule": """
monitor schedule list
monitor schedule list --json
""",
}

app = typer.Typer(no_args_is_help=True, help="Show when each site is crawled next.")


@app.callback()
def group() -> None:
    """A group, so that further verbs find their place."""


def run() -> None:
    """Crawl every site at its interval or cron expression, and file what the crawls bring, until told to stop.

    The last run of each site is kept in the store: a restart goes on where it was. Site files that are added, changed
    or removed are picked up. Ctrl-C and SIGTERM let the crawls end in good order and what they brought be filed.
    """
    from monitor.wiring import open_store

    loaded = context()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    store = open_store(loaded)
    try:
        _serve(loaded, store, stop)
    finally:
        store.close()


def _serve(loaded: Loaded, store: Store, stop: threading.Event) -> None:
    from monitor.cli.crawl import drain
    from monitor.delivering import LAST_PATIENCE as POST_PATIENCE
    from monitor.delivering import Postman
    from monitor.dispatch.filer import FilerProcess
    from monitor.dispatch.local import LocalCrawls
    from monitor.errors import StoreError
    from monitor.schedule import Scheduler
    from monitor.spans import parse_span
    from monitor.store.port import answers, keep_shipping
    from monitor.wiring import open_health, open_post

    settings = loaded.settings
    slots = settings.crawl.concurrent_sites
    workers = max(1, (settings.crawl.workers or os.cpu_count() or 1) // slots)
    limit = parse_span(settings.schedule.crawl_time_limit)
    close_open_runs(store)
    keep_shipping(store)
    filer = FilerProcess(loaded, ready=lambda: answers(store))
    crawls = LocalCrawls(loaded, slots=slots, workers=workers, on_event=_tell)
    origins = LocalCrawls(loaded, slots=1, workers=1, on_event=_tell)  # hosts that hang take no site's slot

    brought: deque[str] = deque(maxlen=LAST_RUNS)
    note_end = _note_end(store, brought)

    def crawl(site: str) -> None:
        future = crawls.submit(site, trigger="schedule", time_limit=limit)
        future.add_done_callback(note_end)
        future.add_done_callback(follow)

    def follow(ended: Future[Ended]) -> None:
        """What a crawl left of source links; that crawl leaves none, and a list is crawled by one process at a time."""
        for site in () if ended.cancelled() or stop.is_set() else _origins_waiting(store):
            origins.submit(site, trigger="schedule", time_limit=limit).add_done_callback(note_end)

    postman = Postman(store, open_post(loaded))
    posting = threading.Thread(target=postman.run, args=(stop,), name="postman", daemon=True)
    watch = open_health(loaded, store)
    watching = threading.Thread(target=watch.run, args=(stop,), name="health", daemon=True)
    scheduler = Scheduler(loaded.sites, settings.schedule, last_runs=store.last_runs, crawl=crawl)
    try:
        scheduler.start()
        posting.start()
        watching.start()
        if not scheduler.next_runs():
            err_console().print(f"No site in {loaded.sites} yet; add one: monitor sites add URL", soft_wrap=True)
        if not settings.alerting.health_channels:
            err_console().print(f"{NOBODY[0].upper()}{NOBODY[1:]}", soft_wrap=True)
        log.info("running sites=%d slots=%d", len(scheduler.next_runs()), slots)
        while not stop.wait(0.5):
            continue
        log.info("ending")
    finally:
        scheduler.stop()
        crawls.stop()
        origins.stop()
        with suppress(StoreError):
            drain(store, brought, filer, LAST_PATIENCE)
        filer.stop()
        if posting.is_alive():
            posting.join(POST_PATIENCE + 1)
        if watching.is_alive():
            watching.join(LAST_PATIENCE)
    log.info("ended")


def _origins_waiting(store: Store) -> list[str]:
    from monitor.errors import StoreError
    from monitor.sites import ORIGINS, PRIVATE_ORIGINS

    try:
        return [site for site in (ORIGINS, PRIVATE_ORIGINS) if store.pending(site, now(), 1)]
    except StoreError as error:
        log.error("source links not looked at reason=%s", error.message)
        return []


def close_open_runs(store: Store) -> None:
    """Runs that a killed program left open are marked, so that nobody takes them for running; they are due at once."""
    from dataclasses import replace

    for last in store.last_runs().values():
        if last.status == "running":
            store.put_run(replace(last, status="stopped", error="the program was killed", finished_at=now()))


def _tell(site: str, event: Event) -> None:
    if event.kind == "finished" and event.run is not None:
        run = event.run
        log.info(
            "crawled site=%s status=%s discovered=%d fetched=%d rejected=%d failed=%d",
            site, run.status, run.discovered, run.fetched, sum(run.rejected.values()), run.failed,
        )  # fmt: skip


def _note_end(store: Store, brought: deque[str]) -> Callable[[Future[Ended]], None]:
    """Each run is added to `brought`. A crawl whose process died, or could not begin, is closed in the store, or the
    next plan would wait for it.
    """
    from dataclasses import replace

    from monitor.errors import StoreError
    from monitor.records import Run

    def note(future: Future[Ended]) -> None:
        if future.cancelled() or future.exception() is not None:
            return
        ended = future.result()
        brought.append(ended.run_id)
        if ended.ok:
            return
        log.error("crawl failed site=%s reason=%s", ended.site, ended.message)
        try:
            known = store.run(ended.run_id) or Run(ended.run_id, ended.site, now(), trigger="schedule")
            if known.finished_at is None:
                store.put_run(replace(known, status="failed", error=ended.message, finished_at=now()))
        except StoreError as error:
            log.error("run not written reason=%s", error.message)

    return note


@app.command("list")
def list_(json_output: JsonOption = False) -> None:
    """Show every enabled site with its rule, its last run and its next one."""
    from monitor.schedule import plan
    from monitor.sites import load_sites
    from monitor.wiring import open_store

    loaded = context()
    sites, errors = load_sites(loaded.sites)
    store = open_store(loaded)
    try:
        plans, wrong = plan(sites, store.last_runs(), loaded.settings.schedule, now())
    finally:
        store.close()
    if json_output:
        print_json([
            {
                "site": one.site,
                "rule": one.rule,
                "next_run": one.next_run,
                "overdue": one.overdue,
                "last_run": one.last_run.started_at if one.last_run else None,
                "last_status": one.last_run.status if one.last_run else None,
            }
            for one in plans
        ])  # fmt: skip
    else:
        zone = loaded.settings.time_zone
        shown = table("site", "rule", "last run", "", "next run")
        for one in plans:
            last = one.last_run
            due = "now (overdue)" if one.overdue else show_time(one.next_run, zone)
            shown.add_row(
                one.site, one.rule, show_time(last.started_at if last else None, zone), last.status if last else "", due
            )
        console().print(shown)
    for error in (*errors, *wrong):
        err_console().print(f"Error: {error.message}", style="red", soft_wrap=True)
    if errors or wrong:
        raise typer.Exit(2)
