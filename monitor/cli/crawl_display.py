"""What a crawl shows: progress while it runs, a summary of every site at the end."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from monitor.cli.common import console, err_console, is_terminal, print_json, show_number, table
from monitor.cli.shipping import show_shipping, tell_unfiled

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from monitor.crawl.progress import Event
    from monitor.dispatch.local import Ended
    from monitor.filing import Wait
    from monitor.records import Run
    from monitor.store.port import Shipping, Store


STORE_LINE = "store"
PAUSED = "the inbox is full"


@dataclass(frozen=True, slots=True)
class Summary:
    """How crawls ended. `unfiled`: analyses that wait in the inbox because no filer got on.

    `followed`: the pages behind source links, whose failures are none of the crawl's; `links_left`: source links that
    wait for the next one. `shipping`: how it went where the store is elsewhere; that it is away is no failure of the
    crawl. `filing_waits`: why the filer did not get on, where that is known.
    """

    results: tuple[tuple[Ended, Run | None], ...]
    unfiled: int = 0
    followed: tuple[tuple[Ended, Run | None], ...] = ()
    links_left: int = 0
    shipping: Shipping | None = None
    filing_waits: Wait | None = None

    @property
    def away(self) -> bool:
        """The store does not answer, or takes nothing."""
        return self.shipping is not None and self.shipping.since is not None

    @property
    def ok(self) -> bool:
        return (self.away or not self.unfiled) and all(ended.ok for ended, _ in self.results)


class Display:
    """Plain lines: for pipes, logs and --json (to standard error)."""

    def __init__(self) -> None:
        self._err = err_console()
        self._paused: set[str] = set()  # sites whose crawls wait for room in the inbox

    def __enter__(self) -> Display:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def begin(self, store: Store, sites: Sequence[str]) -> None:
        return

    def event(self, site: str, event: Event) -> None:
        before = site in self._paused
        self._keep_pause(site, event)
        if event.paused and not before:
            self.line(f"paused site={site} reason={PAUSED}")
        elif before and not event.paused:
            self.line(f"pause over site={site}")
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

    def _keep_pause(self, site: str, event: Event) -> None:
        if event.paused:
            self._paused.add(site)
        else:
            self._paused.discard(site)


class Quiet(Display):
    """Only what goes wrong."""

    def event(self, site: str, event: Event) -> None:
        if event.kind == "failed":
            super().event(site, event)


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
            self._tasks.setdefault(site, self._progress.add_task(site, total=None, start=False, numbers="waits"))
        self._thread.start()

    def event(self, site: str, event: Event) -> None:
        task = self._tasks.get(site)
        self._keep_pause(site, event)
        if event.run is not None:
            self._runs[site] = event.run
        if task is None:
            return
        self._progress.start_task(task)
        if event.wanted and event.run is not None:
            self._progress.update(task, total=event.wanted, completed=_done(event.run))
        if event.kind == "failed":
            self._progress.update(task, numbers=f"failed: {event.message}", total=1, completed=1)
        elif event.kind == "finished":
            self._progress.update(task, total=1, completed=1)

    def line(self, text: str) -> None:
        self._progress.console.print(text, soft_wrap=True, highlight=False, markup=False)

    def _count(self) -> None:
        while not self._stop.wait(0.5):
            self._update()

    def _update(self) -> None:
        from monitor.errors import StoreError

        self._show_shipping()
        for site, run in list(self._runs.items()):
            try:
                counted = self._store.run(run.id) if self._store else None
            except StoreError:
                continue
            if counted is not None:
                run = replace(run, stored=counted.stored, updated=counted.updated)
            if site in self._tasks:
                numbers = f"paused: {PAUSED} ({_numbers(run)})" if site in self._paused else _numbers(run)
                self._progress.update(self._tasks[site], numbers=numbers)

    def _show_shipping(self) -> None:
        """A line for the store from the time on when it does not take what is gathered."""
        from monitor.errors import StoreError
        from monitor.store.port import shipping_of

        try:
            shipping = shipping_of(self._store) if self._store else None
        except StoreError:
            return
        if shipping is None or (shipping.since is None and STORE_LINE not in self._tasks):
            return
        if STORE_LINE not in self._tasks:
            self._tasks[STORE_LINE] = self._progress.add_task(STORE_LINE, total=None, numbers="")
        told = "" if shipping.since else "answers again, "
        self._progress.update(self._tasks[STORE_LINE], numbers=told + show_shipping(shipping))


def _done(run: Run) -> int:
    """Pages whose part is over."""
    return run.fetched + run.unchanged + run.failed


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


def display_for(*, json_output: bool) -> Display:
    """Moving lines on a terminal, plain ones elsewhere."""
    return LiveDisplay() if is_terminal() and not json_output else Display()


# --- summary ---------------------------------------------------------------------------------------------------------


def report(summary: Summary, *, json_output: bool = False) -> None:
    """The table of the sites (or JSON), and every failure with what to do."""
    results, unfiled = summary.results, summary.unfiled
    waits = summary.away
    if json_output:
        sites, origins = ([_as_json(*one, waits=waits) for one in some] for some in (results, summary.followed))
        print_json({
            "sites": sites, "origins": origins, "links_left": summary.links_left, "unfiled": unfiled,
            "shipping": summary.shipping, "filing_waits": summary.filing_waits,
        })  # fmt: skip
        return
    shown = table(
        "site", "discovered", "fetched", "stored", "updated", "unchanged", "rejected", "failed", "",
        right=("discovered", "fetched", "stored", "updated", "unchanged", "failed"),
    )  # fmt: skip
    for ended, run in results:
        shown.add_row(*_row(ended, run, waits=waits), style=None if ended.ok else "red")
    for ended, run in summary.followed:
        shown.add_row(*_row(ended, run, waits=waits), style="dim")
    console().print(shown)
    errors = err_console()
    for ended, _ in results:
        if not ended.ok:
            errors.print(f"Error: {ended.site}: {ended.message}", style="red", soft_wrap=True)
            if ended.hint:
                errors.print(f"  {ended.hint}", soft_wrap=True)
    if summary.links_left:
        one = summary.links_left == 1
        left = "1 source link is" if one else f"{show_number(summary.links_left)} source links are"
        errors.print(f"{left} left to the next crawl.", soft_wrap=True)
    tell_unfiled(unfiled, summary.shipping, summary.filing_waits)


def _row(ended: Ended, run: Run | None, *, waits: bool) -> list[str]:
    state = "" if ended.ok else "failed"
    if run is None:
        return [ended.site, *[""] * 7, state]
    refused = ", ".join(f"{number} {reason}" for reason, number in sorted(run.rejected.items())) or "0"
    filed = ("waiting", "waiting") if waits else (run.stored, run.updated)  # counted when they are filed
    numbers = (run.discovered, run.fetched, *filed, run.unchanged)
    if not state and run.error:
        state = run.error
    return [ended.site, *map(str, numbers), refused, str(run.failed), state]


def _as_json(ended: Ended, run: Run | None, *, waits: bool) -> dict[str, object]:
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
        "stored": None if waits else run.stored,
        "updated": None if waits else run.updated,
        "unchanged": run.unchanged,
        "rejected": run.rejected,
        "failed": run.failed,
    }
