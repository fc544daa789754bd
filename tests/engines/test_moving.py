"""An index is replaced while others write and read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from monitor.errors import StoreReadOnly
from monitor.store.elastic import moving, writing
from monitor.store.elastic.alone import Alone
from monitor.store.elastic.moving import Move
from monitor.store.elastic.reading import EVERYTHING, Reader, portions
from monitor.store.elastic.setup import indices
from monitor.store.elastic.store import ElasticStore, open_store
from monitor.store.elastic.writing import migration_key
from tests.articles import again, changes, document, url
from tests.engines.engine import Engine
from tests.engines.stores import opened

pytestmark = pytest.mark.slow

_WRITERS = 6


def test_what_several_write_at_once_while_it_copies_is_not_lost(
    engine: Engine, fresh_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update was lost that ended after a later one of another writer, where a refresh had shown only that one. It
    is in the hands of the engine when this happens, so each document is updated once and there are many passes.
    """
    monkeypatch.setattr(moving, "_NEARLY", 0)  # passes until nothing was written any more
    with opened(engine, fresh_prefix, tmp_path) as store:
        keys = [f"{number:04}" for number in range(6000)]
        put_sources(store, keys, "0")
        with ThreadPoolExecutor(_WRITERS) as pool, moved(store, "sources") as move:
            writers = [pool.submit(put_sources, store, keys[number::_WRITERS], "1") for number in range(_WRITERS)]
            move.run(indices(store._connection, store._names)["sources"])
            for writer in writers:
                writer.result()
        found = store._reader.many("sources", keys)
        assert [key for key in keys if found[key].source != {"key": "1"}] == []


def test_a_pass_goes_on_behind_what_had_ended_and_not_behind_what_it_found(
    engine: Engine, fresh_prefix: str, tmp_path: Path
) -> None:
    """Where the engine puts off what ends an operation, it can be found before that."""
    with opened(engine, fresh_prefix, tmp_path) as store, moved(store, "sources") as move:
        index = indices(store._connection, store._names)["sources"]
        put_off = {"index.translog.durability": "async", "index.translog.sync_interval": "1h"}
        put_sources(store, ["a", "b"], "0")
        state = move._begun(index)
        assert move._copy(state) == 2
        assert state["done"] == {"0": 1}
        change(store, index.name, put_off)
        put_sources(store, ["a", "c"], "1")
        for _ in range(2):
            assert move._copy(state) == 2
            assert state["done"] == {"0": 1}
        change(store, index.name, dict.fromkeys(put_off))
        put_sources(store, ["d"], "2")
        assert move._copy(state) == 3
        assert state["done"] == {"0": 4}
        assert move._copy(state) == 0
        store._connection.call(lambda client: client.indices.refresh(index=state["new"]))
        old, new = (versions(store, name) for name in (index.name, state["new"]))
        assert new == old == {"a": 2, "b": 1, "c": 1, "d": 1}


def test_readers_do_not_notice_that_an_index_is_replaced(engine: Engine, fresh_prefix: str, tmp_path: Path) -> None:
    """A search found all its shards gone, and a count was that of the shards that were still there."""
    with closing(open_store(engine.settings(index_prefix=fresh_prefix, shards=3), tmp_path)) as store:
        keys = [str(number) for number in range(40)]
        again(store.file, changes(*map(document, keys)))
        store.refresh()
        over = threading.Event()
        every = {"query": EVERYTHING, "size": 0, "track_total_hits": True}

        def read(ask: Callable[[Reader], object]) -> set[object]:
            answers = set()
            while not over.is_set():
                answers.add(ask(store._reader))
            return answers

        asked: list[tuple[Callable[[Reader], object], object]] = [
            (lambda reader: reader.search("articles", every)["hits"]["total"]["value"], 40),
            (lambda reader: reader.several("articles", [every])[0]["hits"]["total"]["value"], 40),
            (lambda reader: reader.count("articles"), 40),
            (lambda reader: reader.refresh("articles"), None),
            (lambda reader: len(reader.many("articles", keys)), 40),
        ]
        with ThreadPoolExecutor(len(asked)) as pool:
            reading = [(pool.submit(read, ask), answer) for ask, answer in asked]
            try:
                for _ in range(4):
                    store.reindex()
            finally:
                over.set()
            for answers, answer in reading:
                assert answers.result() == {answer}


def test_a_block_is_told_where_a_replacing_was_killed_behind_its_swap(
    engine: Engine, fresh_prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its note stayed, and each write to an index that somebody blocked waited for two minutes."""
    monkeypatch.setattr(writing, "PATIENCE", 2.0)
    with opened(engine, fresh_prefix, tmp_path) as store:
        note = {"kind": "migration", "name": "urls", "value": {"old": "gone", "new": "there", "done": {}}}
        store._writer.settle(store._writer.put("notes", migration_key("urls"), note))
        change(store, store._names.write("urls"), {"index.blocks.write": True})
        with pytest.raises(StoreReadOnly, match="can't be written"):
            store.discover([url("a")])
        change(store, store._names.write("urls"), {"index.blocks.write": None})
        assert store.reindex() == 0
        assert store._reader.get("notes", migration_key("urls")) is None


def put_sources(store: ElasticStore, keys: list[str], value: str) -> None:
    for some in portions(keys, 40):
        store._writer.write([store._writer.put("sources", key, {"key": value}) for key in some])


@contextmanager
def moved(store: ElasticStore, kind: str) -> Iterator[Move]:
    with Alone(store._connection, store._names) as alone:
        yield Move(store._connection, store._layout, kind, dict, alone, None)


def versions(store: ElasticStore, index: str) -> dict[str, int]:
    answer = store._connection.call(lambda client: client.search(index=index, version=True).body)
    return {hit["_id"]: hit["_version"] for hit in answer["hits"]["hits"]}


def change(store: ElasticStore, index: str, settings: Mapping[str, object]) -> None:
    """As an operator does."""
    store._connection.call(lambda client: client.indices.put_settings(index=index, settings=settings))
