"""Taking a lease for a while, also from a process of this machine that died with it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from monitor.holders import is_dead
from monitor.store.port import Leases


def take_lease(store: Leases, name: str, holder: str, seconds: float) -> bool:
    """Take or renew it from now on; False while another holder, which lives as far as is known, has it."""
    now = datetime.now(UTC)
    if store.acquire(name, holder, seconds, now):
        return True
    other = store.holder(name, now)
    if not is_dead(other):
        return False
    store.release(name, other)
    return store.acquire(name, holder, seconds, now)


class Held:
    """Leases that one process takes and keeps: each is renewed when a third of its time is over. One that another has
    is asked for again after a while.
    """

    def __init__(self, store: Leases, holder: str, seconds: float) -> None:
        self._store, self._holder, self._seconds = store, holder, seconds
        self._renewed: dict[str, float] = {}
        self._refused: dict[str, float] = {}

    def hold(self, name: str) -> bool:
        """Take, or go on holding; False while another holder has it. Raises StoreError."""
        if time.monotonic() - self._renewed.get(name, float("-inf")) < self._seconds / 3:
            return True
        began = time.monotonic()
        if began - self._refused.get(name, float("-inf")) < self._seconds / 6:
            return False
        self._renewed.pop(name, None)
        if not take_lease(self._store, name, self._holder, self._seconds):
            self._refused[name] = began
            return False
        self._refused.pop(name, None)
        self._renewed[name] = began
        return True

    def release(self) -> None:
        """Give all back. Raises StoreError."""
        for name in list(self._renewed):
            self._store.release(name, self._holder)
            del self._renewed[name]
