"""Who does what alone: notes of the kind lease, taken by compare-and-set.

Each change of holder gives the lease a higher epoch. It is never taken away, so that the epoch only grows. The filer's
is renewed while it writes, too: a batch that a busy engine takes long for would go from one filer to the next for ever.
"""

from __future__ import annotations

import time
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


@dataclass(frozen=True, slots=True)
class _Tenure:
    """How long the filer's lease was taken for, and when: by the caller's clock and by the monotonic one."""

    holder: str
    seconds: float
    now: datetime
    at: float

    def prolonged(self) -> _Tenure:
        at = time.monotonic()
        return _Tenure(self.holder, self.seconds, self.now + timedelta(seconds=at - self.at), at)

    @property
    def due(self) -> bool:
        """A third of it is over."""
        return time.monotonic() - self.at > self.seconds / 3

    @property
    def until(self) -> int:
        return micros(self.now + timedelta(seconds=self.seconds))


class Leases(Part):
    _tenure: _Tenure | None = None

    def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        tenure = _Tenure(holder, seconds, now, time.monotonic())
        for _ in range(_TRIES):
            lease = self._lease(name)
            if lease.holder not in ("", holder) and lease.until > micros(now):
                return False
            epoch = lease.epoch + (lease.holder != holder or lease.found is None)
            if self._put_lease(name, _Lease(holder, tenure.until, epoch, lease.found)):
                if name == FILER_LEASE:
                    self._begin(tenure, epoch)
                return True
        raise Conflict(f"the lease {name!r} is written by others all the time", hint="try again")

    def _begin(self, tenure: _Tenure, epoch: int) -> None:
        """The epoch is another one also where the answer to an earlier attempt was lost, and this one finds its own
        lease.
        """
        self._tenure = tenure
        if self._epochs.get(tenure.holder) != epoch:
            self._epochs[tenure.holder] = epoch
            self._begun, self._in_doubt = None, True

    def release(self, name: str, holder: str) -> None:
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

        One that ran out and nobody took is as good as held, and renewed.
        """
        lease = self._lease(FILER_LEASE)
        if holder and (lease.holder not in ("", holder) or lease.epoch > self._epochs.get(holder, lease.epoch)):
            self._recent.clear()
            other = lease.holder or "another"
            raise LeaseLost(f"{other} holds the lease {FILER_LEASE!r} now, not {holder}")
        if lease.holder == holder and not self._renewed(lease):
            return self._fence(holder)
        return Fence(lease.epoch)

    def _renewed(self, lease: _Lease) -> bool:
        """Where that is due. False when somebody wrote the lease since it was found."""
        if self._tenure is None or self._tenure.holder != lease.holder or not self._tenure.due:
            return True
        tenure = self._tenure.prolonged()
        if not self._put_lease(FILER_LEASE, _Lease(lease.holder, tenure.until, lease.epoch, lease.found)):
            return False
        self._tenure = tenure
        return True

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
        return not self._writer.write([self._writer.replace("notes", _key(name), source, lease.found)])


def _key(name: str) -> str:
    return digest("lease", name)
