"""The filer's lease, held by who writes in its place for a while."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from monitor.errors import LeaseLost, StoreBusy
from monitor.holders import holder_name
from monitor.store.leasing import take_lease
from monitor.store.port import FILER_LEASE, Store

LEASE_SECONDS = 60.0


class Holder:
    """The filer's lease, renewed on the way."""

    def __init__(self, store: Store) -> None:
        self._store, self.name, self._renewed = store, holder_name(), 0.0

    def __enter__(self) -> Holder:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def take(self) -> None:
        if not take_lease(self._store, FILER_LEASE, self.name, LEASE_SECONDS):
            other = self._store.holder(FILER_LEASE, datetime.now(UTC))
            raise StoreBusy(f"a filer is at work ({other})", hint="end `monitor run` or `monitor file` first")
        self._renewed = time.monotonic()

    def renew(self) -> None:
        if time.monotonic() - self._renewed < LEASE_SECONDS / 4:
            return
        if not self._store.acquire(FILER_LEASE, self.name, LEASE_SECONDS, datetime.now(UTC)):
            raise LeaseLost("another filer took the lease")
        self._renewed = time.monotonic()

    def release(self) -> None:
        self._store.release(FILER_LEASE, self.name)
