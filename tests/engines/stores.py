"""Stores on an engine under test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.store.elastic.setup import indices
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


def made_by_another(store: ElasticStore) -> str:
    """The index of articles with what is in it, but counting words by a boolean; its name."""
    index = indices(store._connection, store._names)["articles"].name
    read, write = store._names.read("articles"), store._names.write("articles")
    store.refresh()
    with store._connection.translating():
        client = store._connection.client
        hits = client.search(index=index, size=100).body["hits"]["hits"]
        client.indices.delete(index=index)
        client.indices.create(
            index=index,
            mappings={"properties": {"words": {"type": "boolean"}}},  # over that of the template
            aliases={read: {}, write: {"is_write_index": True}},
        )
        for hit in hits:
            source = {name: value for name, value in hit["_source"].items() if name != "words"}
            client.index(index=index, id=hit["_id"], document=source, refresh=True)
    return index
