"""Looking whether all is well, every minute, and telling of what is not through the outbox.

What the store tells, and the sites of all machines, is judged by one machine of those that share it, which holds a
lease; what only a machine can see, by that machine. While the store does not answer nothing can be put into its outbox:
then the notice is sent at once, and again with every look until it got through, and is in the history as soon as the
store is back.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from monitor.errors import MonitorError, StoreError, StoreFull, StoreReadOnly
from monitor.health.channels import tries_of
from monitor.health.disks import disks_of
from monitor.health.heartbeat import Heartbeat
from monitor.health.judging import Judged, Limits, Seen, of_machine, of_store, unasked
from monitor.health.ledger import Ledger
from monitor.health.machines import crawled, note_machine
from monitor.health.silences import Silences, silences_of
from monitor.health.site_files import are_lost
from monitor.health.standing import INCIDENTS_NOTE, machine_note, removed
from monitor.health.telling import Audience, Teller
from monitor.health.yields import Histories
from monitor.holders import holder_name
from monitor.store.leasing import take_lease
from monitor.store.port import FILER_LEASE, Store, shipping_of

__all__ = ["LEASE", "LOOK", "HealthWatch", "Watched"]

log = logging.getLogger(__name__)

LOOK = 60.0  # seconds
LEASE = "health"  # of who judges what the store tells; with a machine's name: of who judges that machine
LEASE_SECONDS = 3 * LOOK


@dataclass(frozen=True)
class Watched:
    """What is looked at, and who is told. `sites`: ids of those that are crawled, as they are now; `unread`: what is
    wrong with site files, asked for after these.
    """

    sites: Callable[[], Iterable[str]]
    folders: tuple[Path, ...]
    audience: Audience
    limits: Limits
    remind: timedelta
    heartbeat: str = ""
    unread: Callable[[], Mapping[str, str]] = dict


class HealthWatch:
    """Its memory is in notes of the store: a program that starts again tells nothing twice."""

    def __init__(self, store: Store, watched: Watched, *, host: str = "", holder: str = "") -> None:
        self._store, self._watched = store, watched
        self._host, self._holder = host or socket.gethostname(), holder or holder_name()
        self._histories = Histories(store)
        self._shared = Ledger(store, INCIDENTS_NOTE)
        self._own = Ledger(store, machine_note(self._host))
        self._teller = Teller(store, watched.audience)
        self._heartbeat = Heartbeat(watched.heartbeat)
        self._idle_since: datetime | None = None
        self._lost = False  # this machine crawled sites, and crawls none
        self._leads = self._speaks = False  # for all machines; for this one
        self._silences = Silences()  # as they were when the store last answered
        self._refuses = False  # the store, which answers, takes nothing

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(LOOK):
            try:
                self.look(datetime.now(UTC))
            except MonitorError as error:
                log.warning("health not looked at reason=%s", error.message)
            except Exception:  # a defect of ours must not end the watch
                log.exception("looking at the health failed")
        self.end()

    def end(self) -> None:
        """Give the leases back."""
        with suppress(StoreError):
            for name in (LEASE, self._own_lease):
                self._store.release(name, self._holder)

    def look(self, now: datetime) -> Seen:
        """One look, and what is to be told of it."""
        seen = self._seen(now)
        if self._speaks or seen.store_error:
            self._tell(self._own, self._of_machine(seen), now)
        if seen.store_error:
            self._teller.send_at_once(now)
            return seen
        if self._leads:
            judged = of_store(seen, self._watched.limits)
            left = unasked(self._shared.problems(), seen)
            ended = removed(self._store, left, now)
            judged = replace(judged, unknown=judged.unknown | (left - ended))
            self._tell(self._shared, judged, now, ended)
        self._teller.write()
        self._own.write()
        self._shared.write()
        if seen.inbox_since is None:
            self._heartbeat.beat()
        return seen

    def _of_machine(self, seen: Seen) -> Judged:
        judged = of_machine(seen, self._watched.limits, self._host)
        if not self._refuses:
            return judged
        named = (replace(one, what="store-full") if one.what == "store" else one for one in judged.problems)
        return replace(judged, problems=tuple(named))

    def _tell(self, ledger: Ledger, judged: Judged, now: datetime, ended: frozenset[str] = frozenset()) -> None:
        """`ended`: names of problems that go without a word."""
        remind, channels = self._watched.remind, self._watched.audience.channels
        silent = partial(self._silences.covers, now=now)
        told = ledger.follow(judged, now, remind, channels, silent)
        self._teller.add([one for one in told if one.incident.problem.name not in ended], now)

    @property
    def _own_lease(self) -> str:
        return f"{LEASE}:{self._host}"

    def _seen(self, now: datetime) -> Seen:
        disks = disks_of(self._watched.folders)
        blank = Seen(now, disks=disks.room, disk_errors=disks.errors)
        sites, unread = tuple(sorted(self._watched.sites())), self._watched.unread()
        here: int | None = None
        with suppress(StoreError):
            here = self._waiting_here()  # known also while the store is away
        try:
            self._silences = silences_of(self._store)
            self._own.read(now)  # first: a store that is full can still be read, and what was told is not told again
            self._hold()
            here = self._waiting_here()
            waiting = max(0, self._store.waiting() - here)
            filer = self._store.holder(FILER_LEASE, now)
            self._idle_since = None if filer or not waiting else self._idle_since or now
            own = replace(blank, inbox=waiting, inbox_here=here, inbox_since=self._idle_since)
            if self._speaks:
                note_machine(self._store, self._host, sites, now)
                self._lost = are_lost(self._store, self._host, sites, now)
            own = replace(own, unread=unread, sites_lost=self._lost)
            return self._with_shared(own, here, sites) if self._leads else own
        except StoreError as error:
            self._refuses = isinstance(error, StoreFull | StoreReadOnly)
            lost = self._lost and not sites
            return replace(blank, store_error=error.message, inbox_here=here, unread=unread, sites_lost=lost)

    def _waiting_here(self) -> int:
        shipping = shipping_of(self._store)
        return shipping.waiting if shipping is not None else 0

    def _hold(self) -> None:
        """Who does not hold a lease remembers nothing of what the holder goes on with."""
        self._speaks = take_lease(self._store, self._own_lease, self._holder, LEASE_SECONDS)
        self._leads = take_lease(self._store, LEASE, self._holder, LEASE_SECONDS)
        if not self._speaks:
            self._own.forget()
        if not self._leads:
            self._shared.forget()
            self._histories.forget()

    def _with_shared(self, own: Seen, here: int, sites: Iterable[str]) -> Seen:
        since = self._shared.read(own.at)
        asked = sorted({*sites, *crawled(self._store, own.at)})
        histories, unfiled = self._histories.of(asked, own.inbox + here, own.at)
        return replace(own, sites=histories, since=since, unfiled=unfiled, tries=tries_of(self._store, own.at))
