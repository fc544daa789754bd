"""The in-memory store made to behave as a search engine may: late, interrupted, and repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from random import Random

from monitor.errors import Conflict
from monitor.records import Changes, Document, Outcome
from monitor.store.matching import Stem, no_stem
from monitor.store.memory import MemoryStore


class LaggingStore(MemoryStore):
    """Search sees what was there at the last `refresh`; a share of the calls of `file` and `settle` stops half-way.

    Such a call has written the first part of its records, in the contract's order, and raises Conflict; the same
    call again completes it. The schedule follows the seed.
    """

    def __init__(self, stem: Stem = no_stem, *, seed: int = 0, conflicts: float = 0.3) -> None:
        super().__init__(stem)
        self._schedule = Random(seed)  # noqa: S311 (a test's schedule, no secret)
        self._share = conflicts
        self._visible: dict[str, Document] = {}

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        self._perhaps_half(self._settling(outcomes), steps=3 * len(outcomes))

    def file(self, changes: Changes) -> None:
        parts = (changes.revisions, changes.documents, changes.edges, changes.stories, changes.filed)
        self._perhaps_half(self._filing(changes), steps=sum(map(len, parts)))

    def refresh(self) -> None:
        self._visible = dict(self._documents)

    def _searchable(self) -> dict[str, Document]:
        return self._visible

    def _perhaps_half(self, steps_to_do: Iterator[Callable[[], None]], steps: int) -> None:
        interrupted = self._schedule.random() < self._share
        for step in islice(steps_to_do, self._schedule.randrange(steps + 1) if interrupted else None):
            step()
        if interrupted:
            raise Conflict("another process wrote in between", hint="repeat the call")
