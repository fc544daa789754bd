"""Stores on an engine under test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.store.elastic.store import ElasticStore, open_store
from tests.engines.engine import Engine


@contextmanager
def opened(engine: Engine, prefix: str, folder: Path) -> Iterator[ElasticStore]:
    """As another process has it: nothing is shared but the engine."""
    store = open_store(engine.settings(index_prefix=prefix), folder)
    try:
        yield store
    finally:
        store.close()
