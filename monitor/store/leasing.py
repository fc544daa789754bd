"""Taking a lease for a while, also from a process of this machine that died with it."""

from __future__ import annotations

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
