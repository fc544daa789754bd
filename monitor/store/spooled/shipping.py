"""Ships the queue to the remote store, in order, by calls that may be repeated. One ships at a time for each folder.

An entry leaves the queue after the remote store has taken it: a process that is killed in between ships it again, which
changes nothing there. What the store will not take at all is put aside with the reason, and the others pass. Every
other error of the store says nothing about an entry, though the next one may pass because the fault is over by then: it
is told (`trouble` of the local copy), the queue stays as it is, and the same is tried again later.
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from monitor import faultpoints
from monitor.errors import (
    Conflict,
    MappingConflict,
    MonitorError,
    RecordRefused,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreReadOnly,
)
from monitor.records import Outcome, Run, SourceState, UrlState
from monitor.store.embedded.database import translated
from monitor.store.port import Store
from monitor.store.spooled.dead import DeadLetters
from monitor.store.spooled.local import LocalCopy
from monitor.store.spooled.queue import Entry, Kind
from monitor.store.spooled.remote import Remote, Rest

log = logging.getLogger(__name__)

LOCK = "shipping.lock"
BATCH = 100  # entries in one call; a text has about 3 kB
CONFLICTS = 20  # times a call is repeated at once when somebody else wrote in between
CONFLICTS_TOLD = 5  # times all of that is in vain, one after the other, before it is told as other errors are
# Calls in which the program fails, one after the other, each with one entry, before the fault is not sought in the
# entries any more.
ALONE = 10
# What a store elsewhere says that gives no answer, or takes nothing, until it or somebody there has put that right.
LATER = (StoreBusy, StoreFull, StoreReadOnly, MappingConflict, Conflict)
# Seconds between two looks at the queue: other processes write into it. A call costs a store elsewhere as much for nine
# entries as for ninety.
IDLE = 1.0

_locks: dict[Path, threading.Lock] = {}


class Shipper:
    """Safe to use from several threads and processes; one of them ships, the others go on."""

    def __init__(self, copy: LocalCopy, remote: Remote, folder: Path) -> None:
        self._copy, self._remote, self.dead = copy, remote, DeadLetters(folder)
        self._lock_file = folder / LOCK
        self._rest = Rest()
        self._in_vain = 0  # times in a row that conflicts ended it
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    # --- at once -----------------------------------------------------------------------------------------------------

    def ship(self, seconds: float) -> bool:
        """Ship what waits, for so long at most. False when something is left: another one ships, or it is too early.

        Never raises for what the remote store says; `trouble` of the local copy tells it.
        """
        if self._rest.left() or self._stop.is_set():
            return False
        deadline = time.monotonic() + seconds
        with self._alone() as mine:
            return mine and self._pass(lambda: time.monotonic() > deadline)

    def _pass(self, enough: Callable[[], bool], up_to: int | None = None) -> bool:
        """`up_to`: the last number that is sent; without, all that comes meanwhile as well."""
        try:
            while (entries := self._copy.first(BATCH)) and (up_to is None or entries[0].number <= up_to):
                if enough():
                    return False
                self._send(entries)
                self._gets_on()
        except LATER as error:
            self._does_not_get_on(error, logging.WARNING)
            return False
        except MonitorError as error:
            self._does_not_get_on(error, logging.ERROR)
            return False
        return True

    def _gets_on(self) -> None:
        self._rest.over()
        self._in_vain = 0
        self._copy.forget_trouble()

    def _does_not_get_on(self, error: MonitorError, level: int) -> None:
        self._rest.failed()
        if isinstance(error, Conflict):
            self._in_vain += 1
            if self._in_vain < CONFLICTS_TOLD:
                return
        told = self._copy.trouble()
        if told is None or told.reason != error.message:
            log.log(level, "not shipped, tried again later reason=%s", error.message)
            self._copy.note_trouble(error.message, answers=not self._remote.silent)

    # --- in the background -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Ship in a thread from now on, also what other processes leave."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="shipper", daemon=True)
                self._remote.somebody_probes = True
                self._thread.start()

    def wake(self) -> None:
        """The remote store answers again: no need to wait any longer."""
        self._rest.over()
        self._wake.set()

    def close(self, patience: float) -> None:
        """Ship what can be shipped, for so long at most, and end."""
        deadline = time.monotonic() + patience
        mine = self._copy.last()
        while self._copy.has_up_to(mine) and time.monotonic() < deadline and not self._remote.silent:
            if not self.ship(deadline - time.monotonic()):
                time.sleep(0.05)
                if self._copy.trouble() is not None:
                    break
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(max(1.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while not self._stop.is_set():
            at_once = False
            try:
                if not self._rest.left():
                    at_once = self._attempt()
            except StoreError as error:  # of this machine: what waits stays where it is
                if not self._stop.is_set():
                    log.error("shipping is held up reason=%s", error.message)
                self._rest.failed()
            self._wake.wait(self._rest.left() or (0.0 if at_once else IDLE))
            self._wake.clear()

    def _attempt(self) -> bool:
        """Send what waits by now. Whether as much as a whole call holds has come meanwhile."""
        if self._remote.due:
            try:
                self._remote.ask(lambda store: store.waiting(), probing=True)
            except MonitorError as error:
                self._does_not_get_on(error, logging.WARNING)
                return False
        if self._remote.silent or not self._copy.length():
            return False
        with self._alone() as mine:
            return mine and self._pass(self._stop.is_set, self._copy.last()) and self._copy.length() >= BATCH

    # --- one call ----------------------------------------------------------------------------------------------------

    def _send(self, entries: Sequence[Entry]) -> None:
        """Afterwards the entries are out of the queue: taken, or put aside."""
        faultpoints.passing("before-shipping")
        try:
            self._write(entries)
        except RecordRefused:
            self._one_by_one(entries)
            return
        except MonitorError:
            raise
        except Exception:  # process border: a record that brings out a defect of ours must not hold up the others
            log.exception("not shipped kind=%s", entries[0].kind)
            self._one_by_one(entries)
            return
        faultpoints.passing("after-shipping")
        self._copy.drop([entry.number for entry in entries])

    def _one_by_one(self, entries: Sequence[Entry]) -> None:
        """What the store refuses for itself is put aside. So is what the program fails at, if an entry after it passes.

        Any other error of the store ends it. That an entry after it passes would prove nothing there: an engine that
        closes a node or moves a shard fails for a moment, at whichever entry comes then.
        """
        failed: list[tuple[Entry, Exception]] = []
        for entry in entries:
            try:
                self._write([entry])
            except RecordRefused as error:
                self._bury(entry, error)
                continue
            except MonitorError:
                raise
            except Exception as error:  # process border, as above
                failed.append((entry, error))
                if len(failed) >= ALONE:
                    break
                continue
            for blamed, why in failed:
                self._bury(blamed, why)
            self._copy.drop([entry.number])
            failed.clear()
        if failed:
            why = failed[0][1]
            raise StoreError(f"nothing can be shipped: {type(why).__name__}: {why}", hint="the log has more")

    def _bury(self, entry: Entry, error: Exception) -> None:
        """Its address does not come up again in each crawl: the state alone is shipped."""
        self.dead.bury(entry, error.message if isinstance(error, MonitorError) else f"{type(error).__name__}: {error}")
        faultpoints.passing("after-dead-letter")
        outcome = entry.record
        if isinstance(outcome, Outcome) and outcome.analysis is not None:
            try:
                self._write([replace(entry, record=replace(outcome, analysis=None))])
            except Exception as also:  # process border, as above
                if isinstance(also, MonitorError) and not isinstance(also, RecordRefused):
                    raise  # the entry stays, and is put aside again
                log.error("state not shipped either url=%s reason=%s", outcome.state.url, also)
        self._copy.drop([entry.number])

    def _write(self, entries: Sequence[Entry]) -> None:
        for attempt in range(1, CONFLICTS + 1):
            try:
                self._remote.ask(lambda store: _put(store, entries), probing=True, writing=True)
            except Conflict:
                if attempt == CONFLICTS:
                    raise
            else:
                return

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether this thread is the one that ships from the folder. The lock goes with the process."""
        inside = _locks.setdefault(self._lock_file.absolute(), threading.Lock())
        if not inside.acquire(blocking=False):
            yield False
            return
        try:
            with self._lock_file.open("a") as file:
                try:
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # of the process: a fork does not keep it
                except BlockingIOError:
                    yield False
                    return
                yield True
        except OSError as error:
            raise translated(error, self._lock_file) from error
        finally:
            inside.release()


def _put(store: Store, entries: Sequence[Entry]) -> None:
    records = [entry.record for entry in entries]
    match entries[0].kind:
        case Kind.DISCOVERED:
            store.discover([record for record in records if isinstance(record, UrlState)])
        case Kind.SETTLED:
            store.settle([record for record in records if isinstance(record, Outcome)])
        case Kind.SOURCE:
            for record in records:
                if isinstance(record, SourceState):
                    store.put_source(record)
        case Kind.RUN:
            for record in records:
                if isinstance(record, Run):
                    store.put_run(record)
