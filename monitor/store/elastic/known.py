"""Articles that a filer has read lately. Matching and tracing ask for each some seven times, in batch after batch.

True while the filer's lease is held: nobody else writes articles then, and what this process writes is read anew. As a
holder may sleep past its lease without knowing, it is given only as long as the lease was last asked for; what is filed
on a text that is no longer true is refused, for the lease is looked at before anything is written. What was put aside
and is written later goes past the lease, so nothing is kept for long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable

from monitor.records import Document

KEPT = 60.0  # seconds
MOST = 4000  # articles


class Known:
    """Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._documents: dict[str, Document] = {}
        self._since = self._until = 0.0
        self._changes = 0
        self._lock = threading.Lock()

    def hold(self, seconds: float) -> None:
        """From now on, for so long."""
        with self._lock:
            self._until = self._clock() + seconds

    def end(self) -> None:
        """The lease is another's, or nobody's."""
        with self._lock:
            self._until = 0.0
            self._forget()

    def among(self, ids: Collection[str]) -> tuple[dict[str, Document], int]:
        """Those that are known, and how often something was forgotten so far."""
        with self._lock:
            now = self._clock()
            if now >= self._until or now - self._since > KEPT or len(self._documents) > MOST:
                self._forget()
                self._since = now
            return {id: self._documents[id] for id in ids if id in self._documents}, self._changes

    def put(self, documents: Iterable[Document], changes: int) -> None:
        """They were read after `among` had said `changes`: if anything was written meanwhile, they may be old."""
        with self._lock:
            if changes == self._changes and self._clock() < self._until:
                self._documents |= {one.id: one for one in documents}

    def written(self, ids: Iterable[str]) -> None:
        with self._lock:
            self._changes += 1
            for id in ids:
                self._documents.pop(id, None)

    def _forget(self) -> None:
        self._changes += 1
        self._documents = {}
