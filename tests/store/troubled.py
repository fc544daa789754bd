"""A store that fails as one elsewhere does: away, full, refusing, interrupted, its answer lost on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, cast

from monitor.errors import Conflict, RecordRefused, StoreBusy, StoreError, StoreFull, StoreReadOnly, StoreUnreachable
from monitor.records import Outcome
from monitor.store.port import Store

PASSING = (StoreUnreachable, StoreBusy, StoreFull, StoreReadOnly, Conflict)
WRITES = ("discover", "settle", "put_source", "put_run", "file", "acquire", "release", "put_note", "decide")


class Troubled:
    """Calls go to `store`, one at a time, unless something is wrong.

    `error`: what every call raises, or with `writes_only` every write. `share` of the calls fail by the seed's
    schedule, half of them after they were done. Analyses of the articles `refused` are never taken.
    """

    def __init__(self, store: Store, *, seed: int = 0, share: float = 0.0) -> None:
        self.store = store
        self.error: StoreError | None = None
        self.writes_only = False
        self.share = share
        self.refused: set[str] = set()
        self.refusal: Callable[[str], Exception] = RecordRefused
        self.calls: list[str] = []
        self.settled: list[Outcome] = []
        self._schedule = Random(seed)
        self._lock = threading.RLock()

    def __getattr__(self, name: str) -> Any:
        done = getattr(self.store, name)

        if name == "close":
            return done

        def call(*arguments: Any, **more: Any) -> Any:
            with self._lock:
                self.calls.append(name)
                if self.error is not None and (name in WRITES or not self.writes_only):
                    raise type(self.error)(self.error.message)
                fails = self._schedule.random() < self.share
                kind, late = self._schedule.choice(PASSING), self._schedule.random() < 0.5
                if fails and not late:
                    raise kind("by the schedule, before")
                if name == "settle":
                    self._take(arguments[0])
                answer = done(*arguments, **more)
                if fails:
                    raise kind("by the schedule, after")
                return answer

        return call

    def _take(self, outcomes: Iterable[Outcome]) -> None:
        """Those before the refused one are written."""
        for outcome in outcomes:
            if outcome.analysis is not None and outcome.analysis.article.id in self.refused:
                raise self.refusal(f"{outcome.analysis.article.id} has a field that is not in the mapping")
            self.settled.append(outcome)
            self.store.settle([outcome])

    def opened(self) -> Store:
        """As an opener of `open_spooled`: opening fails as asking does."""
        if self.error is not None and not self.writes_only:
            raise type(self.error)(self.error.message)
        return cast(Store, self)
