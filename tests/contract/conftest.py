"""One suite, three adapters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store.embedded import open_store
from monitor.store.embedded.index import stem
from monitor.store.memory import MemoryStore
from monitor.store.memory_lagging import LaggingStore
from monitor.store.port import Store

ADAPTERS = ("memory", "lagging", "embedded")


def make(kind: str, folder: Path) -> Store:
    if kind == "memory":
        return MemoryStore(stem)
    if kind == "lagging":
        return LaggingStore(stem, seed=7)
    return open_store(folder / "store")


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = make(request.param, tmp_path)
    yield made
    made.close()
