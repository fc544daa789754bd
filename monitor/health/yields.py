"""The histories of the sites that are crawled, from the runs in the store; kept in its notes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from monitor.codec import decode, encode
from monitor.health.history import AHEAD, History, known_at
from monitor.health.taking_in import taken_in
from monitor.records import Run
from monitor.store.port import Store

_RUNS_AT_ONCE = 10
_MOST_RUNS = 10_000  # of a site
_SITE_NOTE = "health:site:"
_PATIENCE = timedelta(hours=12)  # for what a run brought to be filed; what waits longer is not counted as its own


class Histories:
    """As far as they were read. A run is taken in when all it brought is filed: only then its numbers are whole."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, History] = {}

    def forget(self) -> None:
        """Another goes on with them."""
        self._known.clear()

    def of(self, sites: Iterable[str], waiting: int, now: datetime) -> tuple[dict[str, History], frozenset[str]]:
        """By site, and the sites of which something waits to be filed. `waiting`: how much waits in all."""
        asked = list(sites)
        for site in asked:
            if site not in self._known:
                text = self._store.note(_SITE_NOTE + site)
                self._known[site] = decode(History, text) if text else History()
            self._known[site] = known_at(self._known[site], now)
        unfiled: set[str] = set()
        for site, runs in self._new_runs(set(asked), now).items():
            filed = self._filed(runs, waiting, now)
            if len(filed) < len(runs):
                unfiled.add(site)
            if filed:
                self._known[site] = taken_in(self._known[site], filed)
                self._store.put_note(_SITE_NOTE + site, encode(self._known[site]).decode())
        return {site: self._known[site] for site in asked}, frozenset(unfiled)

    def _filed(self, runs: list[Run], waiting: int, now: datetime) -> list[Run]:
        """The oldest ones, up to the first of which something waits."""
        filed: list[Run] = []
        for run in sorted(runs, key=lambda one: one.started_at):
            late = run.finished_at is not None and now - run.finished_at > _PATIENCE
            if waiting and not late and self._store.waiting(run.id):
                break
            filed.append(run)
        return filed

    def _new_runs(self, sites: set[str], now: datetime) -> dict[str, list[Run]]:
        """Finished ones that are in no history yet, without those that a wrong clock has put behind now. Only of a site
        with a new run more than its newest is read: a site that is seldom crawled does not have all others read again.
        """
        new: dict[str, list[Run]] = {}
        for site, newest in self._store.last_runs().items():
            until = self._known[site].until if site in sites else None
            if site not in sites or (until is not None and newest.started_at <= until):
                continue
            ended = [run for run in self._runs_after(site, until) if run.finished_at is not None]
            if sound := [run for run in ended if run.started_at <= now + AHEAD]:
                new[site] = sound
        return new

    def _runs_after(self, site: str, until: datetime | None) -> list[Run]:
        limit = _RUNS_AT_ONCE
        while True:
            runs = self._store.runs(site, limit)
            if len(runs) < limit or limit >= _MOST_RUNS or (until is not None and runs[-1].started_at <= until):
                return [run for run in runs if until is None or run.started_at > until]
            limit = min(limit * 4, _MOST_RUNS)
