"""Between gathering and filing: outcomes are committed in order, in small groups, by a thread of their own.

The crawl hands an outcome over and goes on; a URL leaves the state "discovered" only with the commit, so what a
killed process had not committed is simply fetched again. When the filer falls behind and the inbox reaches its
limit, `put` makes the caller wait: the crawl pauses, nothing is dropped.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from monitor import faultpoints
from monitor.errors import Conflict, StoreBusy, StoreError
from monitor.records import Outcome

log = logging.getLogger(__name__)

GROUP = 32  # outcomes in one commit at most; above that a commit costs the same per outcome (measured: 16 to 256)
LINGER = 0.2  # seconds an outcome waits for company
QUEUE = 256  # outcomes that may wait for the commit before `put` blocks
ASKED_PARTS = 10  # of the room in the inbox, used up before it is asked for again: a question costs an engine a refresh
ASK_AGAIN = 0.5  # seconds between two looks at a full inbox


class Desk(Protocol):
    """What the writer needs of a store."""

    def settle(self, outcomes: list[Outcome]) -> None: ...

    def waiting(self, run: str = "") -> int: ...


class InboxWriter:
    """Commits outcomes in the order in which they were put. Safe to use from several threads.

    `on_commit` is called with every committed group, on the writer's thread.
    """

    def __init__(
        self,
        store: Desk,
        *,
        limit: int,
        on_commit: Callable[[list[Outcome]], None] | None = None,
        patience: float = 120.0,
    ) -> None:
        self._store, self._limit, self._on_commit, self._patience = store, limit, on_commit, patience
        self._queue: list[Outcome] = []
        self._change = threading.Condition()
        self._closing = False
        self._error: StoreError | None = None
        self._room = 0  # outcomes that may be committed before it is asked again how many wait
        self.paused = False  # the inbox is full: the crawl waits for the filer
        self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)
        self._thread.start()

    @property
    def error(self) -> StoreError | None:
        """Why nothing can be committed any more; the crawl has to end."""
        return self._error

    def crowded(self) -> bool:
        """True while the caller should wait before it produces more."""
        return len(self._queue) >= QUEUE or self.paused

    def put(self, outcome: Outcome) -> None:
        """Hand over; never blocks (see `crowded`). Raises the error that ended the writing."""
        with self._change:
            if self._error:
                raise self._error
            self._queue.append(outcome)
            self._change.notify_all()

    def close(self) -> None:
        """Commit what is left and end. Raises the error that kept it from being committed."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join()
        if self._error:
            raise self._error

    def _run(self) -> None:
        while group := self._next_group():
            try:
                self._wait_for_room(len(group))
                self._commit(group)
            except StoreError as error:
                log.error("inbox not written error=%s", error.message)
                with self._change:
                    self._error = error
                    self._queue.clear()
                return

    def _next_group(self) -> list[Outcome]:
        """The next outcomes, at most GROUP; empty at the end."""
        with self._change:
            while not self._queue and not self._closing:
                self._change.wait()
            deadline = time.monotonic() + LINGER
            while len(self._queue) < GROUP and not self._closing:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._change.wait(left)
            group, self._queue = self._queue[:GROUP], self._queue[GROUP:]
            return group

    def _wait_for_room(self, outcomes: int) -> None:
        """Of the room that there is a part is used before it is asked for again: others fill the inbox, too."""
        self._room -= outcomes
        while self._room < 0 and not self._closing:
            free = self._limit - self._store.waiting()
            if free > 0:
                self._room = free // ASKED_PARTS
                break
            if not self.paused:
                log.warning("inbox full, crawl paused limit=%d", self._limit)
            self.paused = True
            with self._change:
                self._change.wait(ASK_AGAIN)
        self.paused = False

    def _commit(self, group: list[Outcome]) -> None:
        """Repeats what may pass: another writer in between, a store held longer than usual."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                faultpoints.passing("before-inbox-commit")
                self._store.settle(group)
                faultpoints.passing("after-inbox-commit")
            except (Conflict, StoreBusy) as error:
                if time.monotonic() > deadline:
                    raise
                log.warning("inbox commit repeated reason=%s", error.message)
                time.sleep(ASK_AGAIN)
            else:
                break
        if self._on_commit:
            self._on_commit(group)
