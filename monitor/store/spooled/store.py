"""A store elsewhere with an inbox on this machine between: gathering goes on while the store does not.

What gathering writes is committed here, in one transaction as in the embedded store, and shipped in order. What it asks
is what the remote store says with what is not yet shipped laid over it; while the remote store does not answer, this
machine's own copy answers alone. Everything else goes to the remote store and raises its errors.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from monitor.records import Outcome, Run, SourceState, UrlState
from monitor.store.port import Finding, Health, Store
from monitor.store.spooled.addresses import Addresses
from monitor.store.spooled.runs import Runs
from monitor.store.spooled.shipping import LATER


class _Retried(Protocol):
    @property
    def tried(self) -> int: ...


@runtime_checkable
class _PutsAside(Protocol):
    """A remote store with dead letters of its own."""

    def retry_dead(self) -> _Retried: ...


class SpooledStore(Addresses, Runs):
    """Several threads may use one instance, several processes one folder; a forked process must open its own.

    Neither the folder nor the remote store is touched before it is needed. `limit` is the number of waiting analyses at
    which crawls pause (they ask `waiting`); it is only shown.
    """

    def health(self, now: datetime) -> Health:
        """While the remote store does not answer, only what waits here is known."""
        here = self._copy.waiting()
        try:
            theirs = self._remote.ask(lambda store: store.health(now))
        except LATER:
            theirs = Health(self._kind, 0, articles=0, revisions=0, inbox=0, unprojected=None)
        details = {**theirs.details, "inbox of this machine": f"{self._folder}, crawls pause at {self._limit} waiting"}
        dead = self._here().shipper.dead.of_store()
        return replace(theirs, inbox=theirs.inbox + here, details=details, dead=dead, shipping=self.shipping())

    def check(self) -> list[Finding]:
        letters = self._here().shipper.dead
        dead = len(letters) + letters.of_store()
        hint = f"their files in {letters.folder} say why; `monitor store retry-dead` tries again"
        mine = [Finding(f"the store refused {dead} records", hint)] if dead else []
        return [*super().check(), *mine]

    def retry_dead(self) -> int:
        """What this machine knows of an address, a source or a run by now is shipped, not what it knew then. What the
        remote store has put aside itself is tried as well; raises its errors.
        """
        dead = self._here().shipper.dead
        number = 0
        for file, letter in dead.letters():
            self._put_again(letter.record)
            file.unlink(missing_ok=True)
            number += 1
        self._ship()
        return number + self._remote.ask(_retry_there, writing=True)

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


def _retry_there(store: Store) -> int:
    return store.retry_dead().tried if isinstance(store, _PutsAside) else 0


def _with_latest(outcome: Outcome, known: UrlState | None) -> Outcome:
    then = outcome.state.fetched_at
    if known is None or known.fetched_at is None or (then is not None and known.fetched_at <= then):
        return outcome
    return replace(outcome, state=known)
