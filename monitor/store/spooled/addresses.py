"""States of addresses and sources, as the remote store has them with what is not yet shipped laid over it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from monitor.errors import RecordRefused
from monitor.records import Outcome, SourceState, UrlState
from monitor.store.addresses import due_order, is_due, is_pending, pending_order
from monitor.store.port import Store
from monitor.store.spooled.machine import Machine
from monitor.store.spooled.shipping import LATER

COUNTED_AGAIN = 5  # times at most, when shipping changes meanwhile what is counted


class Addresses(Machine):
    def discover(self, states: Sequence[UrlState]) -> int:
        """At the remote store at once where it takes them; else in the queue, and new is what is new here."""
        fresh = self._not_held(states)
        if not fresh:
            return 0
        try:
            new = self._remote.ask(lambda store: store.discover(fresh), writing=True)
        except (*LATER, RecordRefused):
            new = self._copy.discover(fresh)
            self._ship()
        else:
            self._copy.learn(fresh)
        return new

    def _not_held(self, states: Sequence[UrlState]) -> list[UrlState]:
        held: set[tuple[str, str]] = set()
        for site in {state.site for state in states}:
            unshipped = self._copy.unshipped(site, [state.url for state in states if state.site == site])
            held.update((site, url) for url in (*unshipped.settled, *unshipped.discovered))
        return [state for state in states if (state.site, state.url) not in held]

    def known(self, site: str, urls: Collection[str]) -> dict[str, UrlState]:
        over = self._copy.unshipped(site, urls)
        asked = [url for url in urls if url not in over.settled]
        try:
            theirs = self._known_there(site, asked)
        except LATER:
            return self._copy.known(site, urls)
        return {**over.discovered, **theirs, **over.settled}

    def _known_there(self, site: str, urls: Collection[str]) -> dict[str, UrlState]:
        if not urls:
            return {}
        as_of = self._copy.last()
        found = self._remote.ask(lambda store: store.known(site, urls))
        self._copy.remember(found.values(), as_of)
        return found

    def pending(self, site: str, now: datetime, limit: int) -> list[UrlState]:
        over = self._copy.unshipped(site)
        try:
            theirs = self._beside(over.settled, limit, lambda store, most: store.pending(site, now, most))
            also = self._known_there(site, over.discovered)
        except LATER:
            return self._copy.pending(site, now, limit)
        # Some may have been shipped since the first question: then only the second one's answer has them.
        found = {state.url: state for state in theirs} | over.discovered | also | over.settled
        return sorted((state for state in found.values() if is_pending(state, now)), key=pending_order)[:limit]

    def due(self, site: str, now: datetime, limit: int) -> list[UrlState]:
        over = self._copy.unshipped(site)
        try:
            theirs = self._beside(over.settled, limit, lambda store, most: store.due(site, now, most))
        except LATER:
            return self._copy.due(site, now, limit)
        mine = (state for state in over.settled.values() if is_due(state, now))
        return sorted((*theirs, *mine), key=due_order)[:limit]

    def _beside(
        self, over: Collection[str], limit: int, question: Callable[[Store, int], list[UrlState]]
    ) -> list[UrlState]:
        """The first answers of the remote store that are not replaced here; it is asked for more until they do."""
        most = limit
        as_of = self._copy.last()
        while True:
            found = self._remote.ask(lambda store, most=most: question(store, most))  # type: ignore[misc]
            kept = [state for state in found if state.url not in over]
            if len(kept) >= limit or len(found) < most:
                self._copy.remember(kept, as_of)
                return kept
            most *= 2

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        self._copy.settle(outcomes)
        self._ship()

    def counts(self, site: str) -> dict[str, int]:
        for _ in range(COUNTED_AGAIN):
            over = self._copy.unshipped(site)
            try:
                counted = Counter(self._remote.ask(lambda store: store.counts(site)))
                theirs = self._known_there(site, [*over.settled, *over.discovered])
            except LATER:
                return self._copy.counts(site)
            if self._copy.unshipped(site) == over:  # else some were shipped between the two questions
                break
        counted -= Counter(state.status.value for state in theirs.values())
        counted += Counter(state.status.value for state in (over.discovered | theirs | over.settled).values())
        return dict(counted)

    def source(self, site: str, key: str) -> SourceState | None:
        if self._copy.is_source_unshipped(site, key):
            return self._copy.source(site, key)
        as_of = self._copy.last()
        try:
            theirs = self._remote.ask(lambda store: store.source(site, key))
        except LATER:
            return self._copy.source(site, key)
        if theirs is not None and theirs != self._copy.source(site, key):
            self._copy.remember_source(theirs, as_of)
        return theirs

    def put_source(self, state: SourceState) -> None:
        self._copy.put_source(state)
        self._ship()
