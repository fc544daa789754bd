"""Writing one batch."""

from __future__ import annotations

from monitor.errors import Conflict
from monitor.records import Changes
from monitor.store.port import Store

MOST_CONFLICTS = 20  # in a row; only the holder of the lease writes here, so more is no coincidence


def write(store: Store, changes: Changes) -> None:
    """One batch; what collides with another writer is written again."""
    for attempt in range(1, MOST_CONFLICTS + 1):
        try:
            store.file(changes)
        except Conflict:
            if attempt == MOST_CONFLICTS:
                raise
            continue
        break
