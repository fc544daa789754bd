"""The stores that the contract's suite runs over."""

from __future__ import annotations

from pathlib import Path

from monitor.store.embedded import open_store
from monitor.store.embedded.index import stem
from monitor.store.memory import MemoryStore
from monitor.store.memory_lagging import LaggingStore
from monitor.store.port import Store
from monitor.store.spooled import open_spooled

ADAPTERS = ("memory", "lagging", "embedded", "spooled", "spooled-lagging")


def make(kind: str, folder: Path) -> Store:
    if kind == "memory":
        return MemoryStore(stem)
    if kind == "lagging":
        return LaggingStore(stem, seed=7)
    if kind.startswith("spooled"):
        return open_spooled(
            lambda: make("lagging" if kind == "spooled-lagging" else "memory", folder), folder / "spool", limit=1000
        )
    return open_store(folder / "store")
