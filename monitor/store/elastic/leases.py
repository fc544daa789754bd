"""Who does what alone: notes of the kind lease, taken by compare-and-set.

Each change of holder gives the lease a higher epoch. It is never taken away, so that the epoch only grows.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.errors import Conflict, LeaseLost
from monitor.store.elastic.parts import Part
from monitor.store.elastic.reading import Found
from monitor.store.elastic.writing import Fence
from monitor.store.port import FILER_LEASE
from monitor.store.values import micros, plain
from monitor.text import digest

_TRIES = 10  # to write the lease while others write it


@dataclass(frozen=True, slots=True)
class _Lease:
    holder: str  # empty: given back
    until: int  # microseconds
    epoch: int
    found: Found | None


class Leases(Part):
    _looked_at = 0.0  # at the filer's lease, in seconds since 1970

    def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        until = micros(now + timedelta(seconds=seconds))

        def taken(lease: _Lease) -> _Lease | None:
            if lease.holder not in ("", holder) and lease.until > micros(now):
                return None
            epoch = lease.epoch + (lease.holder != holder or lease.found is None)
            return _Lease(holder, until, epoch, lease.found)

        began = time.monotonic()
        lease = self._changed(name, taken)
        if lease is not None and name == FILER_LEASE:
            self._begin(holder, lease.epoch)
            self._known.hold(seconds - (time.monotonic() - began))
        return lease is not None

    def _begin(self, holder: str, epoch: int) -> None:
        """The epoch is another one also where the answer to an earlier attempt was lost, and this one finds its own
        lease.
        """
        if self._epochs.get(holder) != epoch:
            self._epochs[holder] = epoch
            self._filer, self._begun, self._in_doubt = holder, None, True
            self._counts_in_doubt = True
            self._known.end()

    def renew(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        until = micros(now + timedelta(seconds=seconds))

        def prolonged(lease: _Lease) -> _Lease | None:
            if lease.holder != holder or (name == FILER_LEASE and lease.epoch != self._epochs.get(holder)):
                return None
            return _Lease(holder, until, lease.epoch, lease.found)

        began = time.monotonic()
        renewed = self._changed(name, prolonged) is not None
        if renewed and name == FILER_LEASE:
            self._known.hold(seconds - (time.monotonic() - began))
        return renewed

    def release(self, name: str, holder: str) -> None:
        if name == FILER_LEASE:
            self._known.end()
        lease = self._lease(name)
        while lease.found is not None and lease.holder == holder:
            if self._put_lease(name, _Lease("", 0, lease.epoch, lease.found)):
                return
            lease = self._lease(name)

    def holder(self, name: str, now: datetime) -> str:
        lease = self._lease(name)
        return lease.holder if lease.until > micros(now) else ""

    def _fence(self, holder: str) -> Fence:
        """To write behind, for `holder` (empty: whoever). Raises LeaseLost when another has the lease, or had it since.

        One that ran out and nobody took is as good as held.
        """
        self._looked_at = time.time()
        lease = self._lease(FILER_LEASE)
        if holder and (lease.holder not in ("", holder) or lease.epoch > self._epochs.get(holder, lease.epoch)):
            self._recent.clear()
            self._known.end()
            other = lease.holder or "another"
            raise LeaseLost(f"{other} holds the lease {FILER_LEASE!r} now, not {holder}")
        return Fence(lease.epoch)

    def _changed(self, name: str, change: Callable[[_Lease], _Lease | None]) -> _Lease | None:
        """The lease as `change` made it of the one that is there, written; None where `change` leaves that as it is.

        Raises Conflict.
        """
        for _ in range(_TRIES):
            lease = change(self._lease(name))
            if lease is None or self._put_lease(name, lease):
                return lease
        raise Conflict(f"the lease {name!r} is written by others all the time", hint="try again")

    def _lease(self, name: str) -> _Lease:
        found = self._reader.get("notes", _key(name))
        if found is None:
            return _Lease("", 0, 0, None)
        source = found.source
        return _Lease(source["value"], source["until"], source["epoch"], found)

    def _put_lease(self, name: str, lease: _Lease) -> bool:
        """False when somebody wrote it since it was found."""
        source = {
            "kind": "lease",
            "name": plain(name),
            "value": plain(lease.holder),
            "until": lease.until,
            "epoch": lease.epoch,
        }
        return self._writer.settle(self._writer.replace("notes", _key(name), source, lease.found))


def _key(name: str) -> str:
    return digest("lease", name)
