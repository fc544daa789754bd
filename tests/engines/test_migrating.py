"""Another schema under running writes: nothing is lost and nothing doubled, also when it is killed on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.errors import SchemaTooNew, StoreBusy
from monitor.records import Document, Edge, Filed
from monitor.store.elastic.alone import Alone
from monitor.store.elastic.migrating import migrate
from monitor.store.elastic.setup import indices, init
from monitor.store.elastic.store import ElasticStore
from monitor.store.port import FILER_LEASE
from tests.articles import NOW, again, changes, document, later, run, stored
from tests.engines.engine import Engine
from tests.engines.stores import opened

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


class Writing:
    """Files, revises, links and takes apart until it is told to stop; knows what must be there then."""

    def __init__(self, store: ElasticStore) -> None:
        self.store = store
        self.documents: dict[str, Document] = {}
        self.edges: set[Edge] = set()
        self.rounds = 0
        self.error: BaseException | None = None
        self._stop = threading.Event()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
        if self.error:
            raise self.error

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.one_round()
        except BaseException as error:  # told by `going_on`
            self.error = error

    def one_round(self) -> None:
        number, self.rounds = self.rounds, self.rounds + 1
        assert self.store.acquire(FILER_LEASE, "me", 60, later(seconds=number))
        again(self.store.settle, [stored(f"in-{number}", f"Text {number}", run="run-1")])
        filed = [Filed(item.number, "run-1", "stored") for item in self.store.take(9)]
        new = document(f"in-{number}", text=f"Text {number}", at=later(minutes=number))
        made = [new]
        edges = []
        if number >= 3:
            edges.append(Edge(new.id, f"in-{number - 3}", "near", 0.9, 0.9))
        if number % 4 == 3:  # revised: its edges of the first revision go
            made.append(document(f"in-{number - 2}", text=f"Anders {number}", revision=2, at=later(minutes=number)))
            self.edges = {one for one in self.edges if made[1].id not in (one.article, one.other)}
        again(self.store.file, replace(changes(*made, filed=filed), edges=tuple(edges), holder="me"))
        self.documents |= {one.id: one for one in made}
        self.edges |= set(edges)


def test_a_migration_that_is_killed_twice_under_running_writes_loses_and_doubles_nothing(
    engine: Engine, fresh_prefix: str, tmp_path: Path
) -> None:
    with opened(engine, fresh_prefix, tmp_path) as store:
        store.put_run(run("run-1"))
        kept = [document(f"kept-{n:04}", text=f"Text {n}", at=later(minutes=-n)) for n in range(1200)]
        for at in range(0, len(kept), 200):
            again(store.file, changes(*kept[at : at + 200]))
        writing = Writing(store)
        for _ in range(6):
            writing.one_round()
        with writing.going_on():
            assert migrated(engine, fresh_prefix, fault="while-migrating:2") == "killed"
            assert migrated(engine, fresh_prefix, fault="before-swap:2") == "killed"
            assert migrated(engine, fresh_prefix) != "killed"
        writing.one_round()
        store.refresh()
        assert {index.version for index in indices(store._connection, store._names).values()} == {2}
        everything = {one.id: one for one in kept} | writing.documents
        assert {one.id: one for one in store.scan()} == everything
        assert store.documents(everything) == everything
        assert store.health(NOW).articles == len(everything)
        found = store.edges(everything)
        assert {edge for edges in found.values() for edge in edges} == writing.edges
        counted = store.run("run-1")
        assert counted is not None
        assert (counted.stored, counted.unchanged, store.waiting()) == (writing.rounds, 0, 0)
        assert store.check() == []
        on_a_shelf = store._reader.count("articles", {"term": {"shelf": "old"}})
        assert on_a_shelf >= len(kept)


def test_reindexing_under_running_writes_loses_nothing(engine: Engine, fresh_prefix: str, tmp_path: Path) -> None:
    with opened(engine, fresh_prefix, tmp_path) as store, opened(engine, fresh_prefix, tmp_path) as other:
        writing = Writing(store)
        writing.one_round()
        with writing.going_on():
            for _ in range(2):
                other.reindex()
        store.refresh()
        assert {one.id: one for one in store.scan()} == writing.documents
        assert store.check() == []


def test_an_earlier_version_leaves_all_as_it_is(engine: Engine, fresh_prefix: str, tmp_path: Path) -> None:
    """It put its templates, took the lease and gave up what the later version had under way."""
    with opened(engine, fresh_prefix, tmp_path) as store, engine.connected() as connection:
        again(store.file, changes(document("a")))
        assert migrated(engine, fresh_prefix, fault="before-swap:2") == "killed"  # some are of schema 2, one on its way

        def everything() -> list[object]:
            client = connection.client
            client.indices.refresh(index=f"{fresh_prefix}-*")
            notes = client.search(index=f"{fresh_prefix}-notes", version=True).body["hits"]["hits"]
            notes.sort(key=lambda one: one["_id"])
            parts = client.cluster.get_component_template(name=f"{fresh_prefix}-*").body["component_templates"]
            return [notes, sorted(parts, key=str), dict(client.indices.get(index=f"{fresh_prefix}-*").body)]

        before = everything()
        for refused in (lambda: migrate(store._connection, store._layout), lambda: init(connection, store._layout)):
            with pytest.raises(SchemaTooNew, match="has schema 2, this version knows up to 1"):
                refused()
        assert everything() == before
        assert any(note["_id"].startswith("migration:") for note in before[0])  # type: ignore[attr-defined]


def test_one_process_at_a_time_replaces_an_index(engine: Engine, fresh_prefix: str, tmp_path: Path) -> None:
    """The second one took the first's new index away, and the first put an empty one in its place."""
    with opened(engine, fresh_prefix, tmp_path) as store, opened(engine, fresh_prefix, tmp_path) as other:
        again(store.file, changes(document("a"), document("b")))
        with Alone(store._connection, store._names):
            for replacing in (other.reindex, lambda: migrate(other._connection, other._layout)):
                with pytest.raises(StoreBusy, match="an index is being replaced by"):
                    replacing()
        assert other.reindex() == 2
        assert set(store.documents("ab")) == {"a", "b"}


def migrated(engine: Engine, prefix: str, fault: str = "") -> str:
    """What the migrating process said, or "killed"."""
    settings = engine.settings(index_prefix=prefix)
    given = {"kind": "elasticsearch", "url": list(settings.url), "index_prefix": prefix, "user": engine.user}
    if engine.user:
        given["password"] = engine.password
    done = subprocess.run(
        [sys.executable, "-m", "tests.engines.migrating_worker", json.dumps(given)],
        cwd=ROOT,
        env={**os.environ, "MONITOR_FAULT": fault},
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=240,
    )
    if done.returncode < 0:
        return "killed"
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
