"""A store elsewhere with an inbox on this machine between: gathering goes on while the store does not.

What gathering writes is committed here, in one transaction as in the embedded store, and shipped in order. What it asks
is what the remote store says with what is not yet shipped laid over it; while the remote store does not answer, this
machine's own copy answers alone. Everything else goes to the remote store and raises its errors.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from monitor.errors import Conflict, RecordRefused, StoreError
from monitor.records import Outcome, Run, SourceState, UrlState
from monitor.store.addresses import due_order, is_due, is_pending, pending_order
from monitor.store.port import SITE_LEASES, Finding, Health, Shipping, Store
from monitor.store.spooled.local import LocalCopy
from monitor.store.spooled.passed import Passed
from monitor.store.spooled.remote import Remote
from monitor.store.spooled.shipping import LATER, Shipper

log = logging.getLogger(__name__)

AT_ONCE = 2.0  # seconds that a write spends on shipping before it leaves the rest to the background
COUNTED_AGAIN = 5  # times at most, when shipping changes meanwhile what is counted
AT_THE_END = 15.0  # seconds that closing spends on it before it leaves the rest to the next process


@dataclass(frozen=True, slots=True)
class _Here:
    copy: LocalCopy
    shipper: Shipper


class SpooledStore(Passed):
    """Several threads may use one instance, several processes one folder; a forked process must open its own.

    Neither the folder nor the remote store is touched before it is needed. `limit` is the number of waiting analyses at
    which crawls pause (they ask `waiting`); it is only shown.
    """

    def __init__(
        self,
        remote: Callable[[], Store],
        folder: Path,
        limit: int,
        *,
        kind: str = "remote",
        busy_timeout: float = 30.0,
    ) -> None:
        super().__init__(Remote(remote, on_silence=self._fell_silent, on_answer=self._answers_again))
        self._folder, self._limit, self._kind, self._busy_timeout = folder, limit, kind, busy_timeout
        self._opened: _Here | None = None
        self._opening = threading.Lock()
        self._gathers = False  # ships at the end, and tells how the remote store does

    # --- addresses ---------------------------------------------------------------------------------------------------

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

    # --- inbox and leases --------------------------------------------------------------------------------------------

    def waiting(self, run: str = "") -> int:
        """Here and there. What is on its way may be counted twice for a moment, never not at all."""
        here = self._copy.waiting(run)
        try:
            return here + self._remote.ask(lambda store: store.waiting(run))
        except LATER:
            return here

    def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        """A site's lease is held here as well, and here alone while the remote store can't give one."""
        if not name.startswith(SITE_LEASES):
            return self._remote.ask(lambda store: store.acquire(name, holder, seconds, now), writing=True)
        self._gathers = True
        if not self._copy.acquire(name, holder, seconds, now):
            return False
        try:
            held = self._remote.ask(lambda store: store.acquire(name, holder, seconds, now), writing=True)
        except Conflict:
            held = False
        except LATER:
            return True
        if not held:
            self._copy.release(name, holder)
        return held

    def release(self, name: str, holder: str) -> None:
        if not name.startswith(SITE_LEASES):
            self._remote.ask(lambda store: store.release(name, holder), writing=True)
            return
        self._copy.release(name, holder)
        with suppress(*LATER):  # then it runs out
            self._remote.ask(lambda store: store.release(name, holder), writing=True)

    def holder(self, name: str, now: datetime) -> str:
        if not name.startswith(SITE_LEASES):
            return self._remote.ask(lambda store: store.holder(name, now))
        if here := self._copy.holder(name, now):
            return here
        try:
            return self._remote.ask(lambda store: store.holder(name, now))
        except LATER:
            return ""

    # --- runs --------------------------------------------------------------------------------------------------------

    def put_run(self, run: Run) -> None:
        self._copy.put_run(run)
        self._ship()

    def run(self, run_id: str) -> Run | None:
        held = self._copy.runs(id=run_id, unshipped=True)
        try:
            theirs = self._remote.ask(lambda store: store.run(run_id))
        except LATER:
            return next(iter(self._copy.runs(id=run_id)), None)
        return _counted(held[0], theirs) if held else theirs

    def runs(self, site: str = "", limit: int = 20) -> list[Run]:
        held = self._copy.runs(site=site, unshipped=True)
        try:
            found = {run.id: run for run in self._remote.ask(lambda store: store.runs(site, limit))}
        except LATER:
            return self._copy.runs(site=site, limit=limit)
        found |= {run.id: _counted(run, found.get(run.id)) for run in held}
        return sorted(found.values(), key=_run_order, reverse=True)[:limit]

    def last_runs(self) -> dict[str, Run]:
        held = self._copy.runs(unshipped=True)
        try:
            found = self._remote.ask(lambda store: store.last_runs())
        except LATER:
            return _last({}, self._copy.runs())
        return _last(found, held)

    # --- upkeep ------------------------------------------------------------------------------------------------------

    def health(self, now: datetime) -> Health:
        """While the remote store does not answer, only what waits here is known."""
        here = self._copy.waiting()
        try:
            theirs = self._remote.ask(lambda store: store.health(now))
        except LATER:
            theirs = Health(self._kind, 0, articles=0, revisions=0, inbox=0, unprojected=0)
        details = {**theirs.details, "inbox of this machine": f"{self._folder}, crawls pause at {self._limit} waiting"}
        return replace(theirs, inbox=theirs.inbox + here, details=details, shipping=self.shipping())

    def check(self) -> list[Finding]:
        dead = len(self._here().shipper.dead)
        hint = f"their files in {self._here().shipper.dead.folder} say why; `monitor store retry-dead` tries again"
        mine = [Finding(f"the store refused {dead} records", hint)] if dead else []
        return [*super().check(), *mine]

    def shipping(self) -> Shipping:
        here = self._here()
        waiting, dead = here.copy.waiting(), len(here.shipper.dead)
        trouble = here.copy.trouble()
        if trouble is not None and not trouble.answers and self._remote.answered:
            here.copy.forget_trouble(only_silence=True)  # noted by a process that has ended
            trouble = None
        if trouble is None or (trouble.answers and not here.copy.length()):
            return Shipping(waiting, dead)
        return Shipping(waiting, dead, trouble.since, trouble.reason, trouble.answers)

    def keep_shipping(self) -> None:
        """Asks the remote store once, so that it is known whether it answers."""
        self._gathers = True
        self._here().shipper.start()
        self.waiting()

    def retry_dead(self) -> int:
        """What this machine knows of an address, a source or a run by now is shipped, not what it knew then."""
        dead = self._here().shipper.dead
        number = 0
        for file, letter in dead.letters():
            self._put_again(letter.record)
            file.unlink(missing_ok=True)
            number += 1
        self._ship()
        return number

    def _put_again(self, record: UrlState | Outcome | SourceState | Run) -> None:
        match record:
            case UrlState():
                self._copy.put_again(record)
            case Outcome():
                known = self.known(record.state.site, [record.state.url]).get(record.state.url)
                self._copy.settle([_with_latest(record, known)])
            case SourceState():
                self._copy.put_source(self._copy.source(record.site, record.key) or record)
            case Run():
                self._copy.put_run(next(iter(self._copy.runs(id=record.id)), record))

    def close(self) -> None:
        """Ships first what waits, where this process gathered, for AT_THE_END seconds at most."""
        if self._opened is not None:
            self._opened.shipper.close(AT_THE_END if self._gathers else 0.0)
        self._remote.close()
        if self._opened is not None:
            self._opened.copy.close()

    # --- this machine's side -----------------------------------------------------------------------------------------

    def _here(self) -> _Here:
        with self._opening:
            if self._opened is None:
                copy = LocalCopy(self._folder, busy_timeout=self._busy_timeout)
                self._opened = _Here(copy, Shipper(copy, self._remote, self._folder))
            return self._opened

    @property
    def _copy(self) -> LocalCopy:
        return self._here().copy

    def _ship(self) -> None:
        """At once where that is possible, in the background else."""
        self._gathers = True
        shipper = self._here().shipper
        if not shipper.ship(AT_ONCE):
            shipper.start()

    def _fell_silent(self, reason: str) -> None:
        level = logging.WARNING if self._gathers else logging.DEBUG  # others are told by the error
        log.log(level, "store does not answer, gathering goes on reason=%s", reason)
        try:
            self._copy.note_trouble(reason, answers=False)
        except StoreError as error:
            log.error("not noted that the store does not answer reason=%s", error.message)

    def _answers_again(self) -> None:
        log.info("store answers again")
        try:
            self._copy.forget_trouble(only_silence=True)
            self._here().shipper.wake()
        except StoreError as error:
            log.error("not noted that the store answers again reason=%s", error.message)


def _with_latest(outcome: Outcome, known: UrlState | None) -> Outcome:
    then = outcome.state.fetched_at
    if known is None or known.fetched_at is None or (then is not None and known.fetched_at <= then):
        return outcome
    return replace(outcome, state=known)


def _counted(run: Run, theirs: Run | None) -> Run:
    if theirs is None:
        return replace(run, stored=0, updated=0, unchanged=0)
    return replace(run, stored=theirs.stored, updated=theirs.updated, unchanged=theirs.unchanged)


def _run_order(run: Run) -> tuple[datetime, str]:
    return run.started_at, run.id


def _last(found: dict[str, Run], more: Iterable[Run]) -> dict[str, Run]:
    """The newest run of each site; imports left out."""
    newest = dict(found)
    for run in more:
        other = newest.get(run.site)
        if run.trigger == "import" or (other is not None and _run_order(other) > _run_order(run)):
            continue
        newest[run.site] = _counted(run, other if other is not None and other.id == run.id else None)
    return newest
