"""Runs and the leases of crawls, here and at the remote store."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from monitor.errors import Conflict
from monitor.records import Run
from monitor.store.port import SITE_LEASES
from monitor.store.spooled.machine import Machine
from monitor.store.spooled.shipping import LATER


class Runs(Machine):
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
        except BaseException:
            self._copy.release(name, holder)
            raise
        if not held:
            self._copy.release(name, holder)
        return held

    def renew(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        if name.startswith(SITE_LEASES):
            return self.holder(name, now) == holder and self.acquire(name, holder, seconds, now)
        return self._remote.ask(lambda store: store.renew(name, holder, seconds, now), writing=True)

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
