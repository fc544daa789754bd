"""`monitor crawl`: crawl sites now, with a display of the progress and a summary."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import JsonOption, console, context, err_console, is_terminal, print_json, table

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from monitor.config import Loaded
    from monitor.crawl.progress import Event
    from monitor.dispatch.filer import FilerProcess
    from monitor.dispatch.local import Ended
    from monitor.records import Run
    from monitor.sites import Site
    from monitor.store.port import Store

EXAMPLES = """
monitor crawl                     all enabled sites
monitor crawl taz example         these two
monitor crawl --json | jq .       for scripts
"""

DRAIN_PATIENCE = 60.0  # seconds without any progress of the filer before the crawl stops waiting for it


def crawl(
    sites: Annotated[
        list[str] | None, typer.Argument(metavar="[SITE ...]", help="Ids of sites; none: all enabled.")
    ] = None,
    json_output: JsonOption = False,
    trigger: Annotated[str, typer.Option(hidden=True)] = "crawl",
) -> None:
    """Crawl sites now and file what they bring.

    One site is one process; `crawl.concurrent_sites` of them run at once. Exit code 1 when a site failed.
    """
    from monitor.wiring import open_store

    loaded = context()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: crawls in good order, then the filer
    chosen = choose(loaded, sites or [])
    store = open_store(loaded)
    try:
        display = _display(json_output)
        with display:
            endings, unfiled = _crawl_all(loaded, store, chosen, display, trigger)
            results = [(ended, _counted(store, ended)) for ended in endings]
    finally:
        store.close()
    _report(loaded, results, unfiled, json_output=json_output)
    if unfiled or any(not ended.ok for ended in endings):
        raise typer.Exit(1)


def choose(loaded: Loaded, ids: Sequence[str]) -> list[Site]:
    """The sites named, or all enabled ones. Raises SiteError, also for a broken file among them."""
    from monitor.errors import SiteError
    from monitor.sites import find_sites, load_sites

    if ids:
        return find_sites(loaded.sites, list(dict.fromkeys(ids)))
    known, errors = load_sites(loaded.sites)
    for error in errors:
        err_console().print(f"Error: {error.message}", style="red", soft_wrap=True)
    enabled = [site for site in known.values() if site.enabled]
    if not enabled:
        if errors:
            raise SiteError("no site can be crawled", hint="mend the site files above")
        raise SiteError(f"no site in {loaded.sites}", hint="add one: monitor sites add URL")
    return enabled


def _crawl_all(
    loaded: Loaded, store: Store, sites: Sequence[Site], display: Display, trigger: str
) -> tuple[list[Ended], int]:
    """Crawl, with a filer beside, and wait until what they brought is filed. The number that could not be filed."""
    import os

    from monitor.dispatch.filer import FilerProcess
    from monitor.dispatch.local import LocalCrawls

    settings = loaded.settings.crawl
    slots = min(settings.concurrent_sites, len(sites))
    workers = max(1, (settings.workers or os.cpu_count() or 1) // slots)
    filer = FilerProcess(loaded, on_line=display.line)
    crawls = LocalCrawls(loaded, slots=slots, workers=workers, on_event=display.event, on_line=display.line)
    try:
        futures = [crawls.submit(site.id, trigger=trigger) for site in sites]
        display.begin(store, [site.id for site in sites])
        _wait(futures)
        endings = [future.result() for future in futures]
        unfiled = drain(store, [ended.run_id for ended in endings], filer)
    finally:
        crawls.stop()
        filer.stop()
    return endings, unfiled


def _wait(futures: list[Future[Ended]]) -> None:
    while wait(futures, timeout=0.5).not_done:
        continue


def drain(store: Store, runs: Sequence[str], filer: FilerProcess) -> int:
    """Wait until the filer has filed what the runs brought; how many it has not, when it no longer gets on."""
    left, moved = _left(store, runs), time.monotonic()
    while left and time.monotonic() - moved < DRAIN_PATIENCE and filer.deaths < 3:
        time.sleep(0.1)
        now_left = _left(store, runs)
        if now_left != left:
            left, moved = now_left, time.monotonic()
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


# --- display ---------------------------------------------------------------------------------------------------------


class Display:
    """Plain lines: for pipes, logs and --json (to standard error)."""

    def __init__(self) -> None:
        self._err = err_console()

    def __enter__(self) -> Display:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def begin(self, store: Store, sites: Sequence[str]) -> None:
        return

    def event(self, site: str, event: Event) -> None:
        if event.kind == "finished" and event.run is not None:
            run = event.run
            self.line(
                f"crawled site={site} status={run.status} discovered={run.discovered} fetched={run.fetched} "
                f"rejected={sum(run.rejected.values())} failed={run.failed}"
            )
        elif event.kind == "failed":
            self.line(f"not crawled site={site} reason={event.message}")

    def line(self, text: str) -> None:
        self._err.print(text, soft_wrap=True, highlight=False)


class LiveDisplay(Display):
    """One line per site that moves, log lines above it."""

    def __init__(self) -> None:
        super().__init__()
        self._progress = _progress()
        self._tasks: dict[str, TaskID] = {}
        self._runs: dict[str, Run] = {}
        self._store: Store | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._count, daemon=True)

    def __enter__(self) -> Display:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2)
        self._update()
        self._progress.stop()

    def begin(self, store: Store, sites: Sequence[str]) -> None:
        self._store = store
        for site in sites:
            self._tasks.setdefault(site, self._progress.add_task(site, total=None, numbers="waits"))
        self._thread.start()

    def event(self, site: str, event: Event) -> None:
        task = self._tasks.get(site)
        if event.run is not None:
            self._runs[site] = event.run
        if task is None:
            return
        if event.kind == "failed":
            self._progress.update(task, numbers=f"failed: {event.message}", total=1, completed=1)
        elif event.kind == "finished":
            self._progress.update(task, total=1, completed=1)
        if event.paused:
            self._progress.update(task, numbers="paused: the inbox is full")

    def line(self, text: str) -> None:
        self._progress.console.print(text, soft_wrap=True, highlight=False, markup=False)

    def _count(self) -> None:
        while not self._stop.wait(0.5):
            self._update()

    def _update(self) -> None:
        from monitor.errors import StoreError

        for site, run in list(self._runs.items()):
            try:
                counted = self._store.run(run.id) if self._store else None
            except StoreError:
                continue
            if counted is not None:
                run = replace(run, stored=counted.stored, updated=counted.updated)
            if site in self._tasks:
                self._progress.update(self._tasks[site], numbers=_numbers(run))


def _progress() -> Progress:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=16),
        TextColumn("{task.fields[numbers]}", markup=False),
        TimeElapsedColumn(),
        console=err_console(),
    )


def _numbers(run: Run) -> str:
    refused = sum(run.rejected.values())
    parts = [f"{run.discovered} found", f"{run.fetched} fetched", f"{run.stored} stored"]
    parts += [f"{run.updated} updated"] if run.updated else []
    parts += [f"{run.unchanged} unchanged"] if run.unchanged else []
    parts += [f"{refused} rejected"] if refused else []
    parts += [f"{run.failed} failed"] if run.failed else []
    return ", ".join(parts)


def _display(json_output: bool) -> Display:
    return LiveDisplay() if is_terminal() and not json_output else Display()


# --- summary ---------------------------------------------------------------------------------------------------------


def _report(loaded: Loaded, results: Sequence[tuple[Ended, Run | None]], unfiled: int, *, json_output: bool) -> None:
    if json_output:
        print_json({"sites": [_as_json(ended, run) for ended, run in results], "unfiled": unfiled})
        return
    shown = table(
        "site", "discovered", "fetched", "stored", "updated", "unchanged", "rejected", "failed", "",
        right=("discovered", "fetched", "stored", "updated", "unchanged", "failed"),
    )  # fmt: skip
    for ended, run in results:
        shown.add_row(*_row(ended, run), style=None if ended.ok else "red")
    console().print(shown)
    errors = err_console()
    for ended, _ in results:
        if not ended.ok:
            errors.print(f"Error: {ended.site}: {ended.message}", style="red", soft_wrap=True)
            if ended.hint:
                errors.print(f"  {ended.hint}", soft_wrap=True)
    if unfiled:
        errors.print(
            f"Error: {unfiled} articles wait in the inbox; nothing is lost, the next crawl or `monitor file` files them.",
            style="red",
            soft_wrap=True,
        )


def _row(ended: Ended, run: Run | None) -> list[str]:
    state = "" if ended.ok else "failed"
    if run is None:
        return [ended.site, *[""] * 7, state]
    refused = ", ".join(f"{number} {reason}" for reason, number in sorted(run.rejected.items())) or "0"
    numbers = (run.discovered, run.fetched, run.stored, run.updated, run.unchanged)
    if not state and run.error:
        state = run.error
    return [ended.site, *map(str, numbers), refused, str(run.failed), state]


def _as_json(ended: Ended, run: Run | None) -> dict[str, object]:
    base: dict[str, object] = {"site": ended.site, "run": ended.run_id, "ok": ended.ok, "error": ended.message}
    if run is None:
        return base
    return base | {
        "error": ended.message or run.error,
        "status": run.status,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "discovered": run.discovered,
        "fetched": run.fetched,
        "stored": run.stored,
        "updated": run.updated,
        "unchanged": run.unchanged,
        "rejected": run.rejected,
        "failed": run.failed,
    }
