"""The in-memory store made to behave as a search engine may: late, interrupted, and repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from random import Random

from monitor.errors import Conflict
from monitor.records import Changes, Edge, Outcome
from monitor.store.catalogue import Catalogue
from monitor.store.matching import Stem, no_stem
from monitor.store.memory import MemoryStore


class LaggingStore(MemoryStore):
    """Search, and what else may lag, sees what was there at the last `refresh`; a share of the calls of `file` and
    `settle` stops half-way.

    Such a call has written the first part of its records, in the contract's order, and raises Conflict; the same
    call again completes it. The schedule follows the seed.
    """

    def __init__(self, stem: Stem = no_stem, *, seed: int = 0, conflicts: float = 0.3) -> None:
        super().__init__(stem)
        self._schedule = Random(seed)  # noqa: S311 (a test's schedule, no secret)
        self._share = conflicts
        self._seen = Catalogue()
        self._seen_edges: dict[tuple[str, str], Edge] = {}

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        self._perhaps_half(self._settling(outcomes), steps=3 * len(outcomes))

    def file(self, changes: Changes) -> None:
        written = (changes.revisions, changes.documents, changes.edges, changes.stories, changes.furniture)
        self._perhaps_half(self._filing(changes), steps=sum(map(len, (*written, changes.alerts, changes.filed))))

    def refresh(self) -> None:
        for document in self._catalogue.documents.values():
            self._seen.put(document)
        self._seen_edges = dict(self._edges)

    def _visible(self) -> Catalogue:
        return self._seen

    def _visible_edges(self) -> dict[tuple[str, str], Edge]:
        return self._seen_edges

    def _perhaps_half(self, steps_to_do: Iterator[Callable[[], None]], steps: int) -> None:
        interrupted = self._schedule.random() < self._share
        for step in islice(steps_to_do, self._schedule.randrange(steps + 1) if interrupted else None):
            step()
        if interrupted:
            raise Conflict("another process wrote in between", hint="repeat the call")
