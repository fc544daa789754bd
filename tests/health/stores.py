"""Stores that fail as they are told."""

from __future__ import annotations

from monitor.errors import StoreUnreachable
from monitor.store.memory import MemoryStore


class Unsteady(MemoryStore):
    """Does not answer while `away`."""

    away = False

    def waiting(self, run: str = "") -> int:
        if self.away:
            raise StoreUnreachable("nothing answers at the engine's address")
        return super().waiting(run)
