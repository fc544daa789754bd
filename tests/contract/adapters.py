"""The stores that the contract's suite runs over."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from monitor.store import catalogue, port
from monitor.store.elastic import candidates
from monitor.store.elastic.mapping import KINDS
from monitor.store.elastic.store import ElasticStore
from monitor.store.elastic.store import open_store as open_on_engine
from monitor.store.embedded import fingerprints, open_store
from monitor.store.matching import Stem, no_stem
from monitor.store.memory import MemoryStore
from monitor.store.memory_lagging import LaggingStore
from monitor.store.port import Store
from monitor.store.spooled import open_spooled
from monitor.store.stemming import stem
from tests.engines import running
from tests.engines.engine import Engine

ENGINES = running.KINDS
ADAPTERS = (
    "memory",
    "lagging",
    "embedded",
    "spooled",
    pytest.param("spooled-lagging", marks=pytest.mark.slow),
    *(pytest.param(kind, marks=[pytest.mark.slow, pytest.mark.engines]) for kind in ENGINES),
)

_free: dict[str, list[str]] = {}  # prefixes of empty stores, by kind of engine: making indices takes a second
_made: dict[str, list[str]] = {}


def make(kind: str, folder: Path) -> Store:
    if kind == "memory":
        return MemoryStore(stem)
    if kind == "lagging":
        return LaggingStore(stem, seed=7)
    if kind == "embedded":
        return open_store(folder / "store")
    if kind.startswith("spooled"):
        return open_spooled(
            lambda: make("lagging" if kind == "spooled-lagging" else "memory", folder), folder / "spool", limit=1000
        )
    return _on_engine(kind, folder)


def examples(kind: str, usual: int) -> int:
    """Of a property, for this kind of store: each costs an engine a second, and tells little of what is in memory."""
    return max(2, usual // 6) if kind in (*ENGINES, "memory", "spooled") else usual


def few_holders(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """MOST_HOLDERS as small as a test needs it, in all stores."""
    for module in (port, catalogue, fingerprints, candidates):
        monkeypatch.setattr(module, "MOST_HOLDERS", most)


def stemmer(store: Store) -> Stem:
    """For the in-memory store that is to find the same."""
    return stem if not isinstance(store, ElasticStore) or store.stemming else no_stem


def demand_stems(store: Store) -> None:
    if stemmer(store) is no_stem:
        pytest.skip("this engine has no stemmers: the module analysis-common is not in its distribution")


def remove_made() -> None:
    """The indices of this session."""
    for kind, prefixes in _made.items():
        for prefix in prefixes:
            running.running(kind).remove(prefix)
    _made.clear()
    _free.clear()


def _on_engine(kind: str, folder: Path) -> Store:
    engine = running.running(kind)
    free = _free.setdefault(kind, [])
    if not free:
        free.append(f"t{uuid.uuid4().hex[:12]}")
        _made.setdefault(kind, []).append(free[0])
    return _Reused(engine, free, folder)


class _Reused(ElasticStore):
    """Gives its indices back, empty, when it is closed."""

    def __init__(self, engine: Engine, free: list[str], folder: Path) -> None:
        self._free, self._prefix = free, free.pop()
        opened = open_on_engine(engine.settings(index_prefix=self._prefix), folder)
        self.__dict__ |= opened.__dict__

    def close(self) -> None:
        while self._documents():
            pass
        super().close()
        self._free.append(self._prefix)

    def _documents(self) -> int:
        """Takes some away; how many. Of leases the epochs stay: what was written behind them has left its versions."""
        client = self._connection.client
        names = ",".join(self._names.read(kind) for kind in KINDS)
        client.indices.refresh(index=names)
        query = {"bool": {"must_not": [{"term": {"kind": "lease"}}]}}
        hits = client.search(index=names, query=query, size=10_000, source=False)["hits"]["hits"]
        deleted = [{"_op_type": "delete", "_index": hit["_index"], "_id": hit["_id"]} for hit in hits]
        self._connection.bulk(deleted)
        for lease in client.search(index=self._names.read("notes"), query={"term": {"kind": "lease"}})["hits"]["hits"]:
            given_back = lease["_source"] | {"value": "", "until": 0}
            client.index(index=lease["_index"], id=lease["_id"], document=given_back)
        return len(deleted)
