"""Stores of every released schema are read; a schema that changes takes the store along or leaves it as it was."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreError, StoreFull
from monitor.query import Phrase, Range, Term
from monitor.records import Document, Probe, Status
from monitor.store.embedded import open_store, schema
from monitor.store.port import SearchRequest, Store
from monitor.urls import article_id
from tests.articles import changes, document, found, put

STORES = Path(__file__).parents[1] / "fixtures" / "stores"
URL = "https://hafenbote.example/faehre"
FAEHRE = article_id(URL)
AT = datetime(2024, 5, 16, 9, 30, tzinfo=UTC)


def test_there_is_a_fixture_of_every_schema() -> None:
    assert sorted(path.name for path in STORES.glob("v*")) == [f"v{n}" for n in range(1, schema.version() + 1)]


@pytest.mark.parametrize("released", sorted(path.name for path in STORES.glob("v*")))
def test_a_store_of_a_released_schema_is_read(released: str, folder: Path) -> None:
    shutil.copytree(STORES / released, folder)
    store = open_store(folder)
    assert store.check() == []
    documents = {one.article.url: one for one in store.scan()}
    assert len(documents) == 4
    faehre = documents["https://hafenbote.example/faehre"]
    assert faehre.article.text.endswith("Am Abend folgte ein Feuerwerk.")
    assert faehre.fingerprint.hashes == (1, 2**63, 2**64 - 1)
    assert [one.number for one in store.revisions(FAEHRE)] == [1, 2]
    if released >= "v3":
        assert [hit.rule for hit in store.match_rules([faehre], {})] == ["ferry"]
        assert [one.attempts[0].error for one in store.alerts()] == ["no answer"]
    assert store.stories(["story-1"])["story-1"].aliases == ("story-1",)
    ran = store.run("run-1")
    assert ran is not None
    assert (ran.stored, ran.status, store.rejections()[0].detail) == (1, "finished", "4 words")
    assert store.counts("hafenbote") == {"discovered": 1, "stored": 2, "rejected": 1}
    assert store.pending("hafenbote", AT, 9)[0].hint.title == "Neu"
    assert store.due("hafenbote", AT, 9)[0].status is Status.STORED
    assert store.source("hafenbote", "feed:https://hafenbote.example/feed") is not None
    assert store.take(9)[0].analysis.article.id == "wartet"
    assert store.decisions(FAEHRE)[0].argument == "Lizenz geprüft"
    assert store.search(SearchRequest(Term(None, "haus"))).total == 1
    assert store.search(SearchRequest(Phrase(None, "nach drei wochen"))).total == 2
    assert store.search(SearchRequest(Term(None, "ışıklı"))).total == 1
    assert_lookups(store, documents)
    assert store.check() == []
    put(store, document("new", "Häuser"))
    assert store.search(SearchRequest(Term(None, "haus"))).total == 2
    store.close()


def assert_lookups(store: Store, documents: dict[str, Document]) -> None:
    """What schema 1 did not know yet is made from its articles."""
    probe = Probe((2**63, 2**64 - 1, 5), AT - timedelta(hours=1), AT + timedelta(hours=1))
    assert [[one.id for one in found] for found in store.candidates([probe])] == [[FAEHRE]]
    every = [one.id for one in sorted(documents.values(), key=lambda one: one.story_time)]
    assert store.same_text(["0123456789abcdef"]) == {"0123456789abcdef": every}
    copy = documents["https://spiegelung.example/nachricht/faehre"].id
    assert store.linking(["https://hafenbote.example/faehre"]) == {"https://hafenbote.example/faehre": [copy]}
    assert store.located([URL]) == {URL: FAEHRE}
    assert store.members(["story-1"]) == {"story-1": [FAEHRE, copy]}
    hits = store.search(SearchRequest(Range("copies", 2, None), stories=True)).hits
    assert [hit.copies for hit in hits] == [2]
    if documents[URL].dispatches:
        assert store.dispatched(["xyz:240516-99-1"]) == {"xyz:240516-99-1": every}
        assert store.furniture(["hafenbote"])["hafenbote"].state == '{"seen": 3}'
        assert store.search(SearchRequest(Term("agency", "xyz"))).total == 4


def to_next(connection: sqlite3.Connection) -> None:
    schema.execute_all(
        connection,
        "ALTER TABLE articles ADD COLUMN colour TEXT;\n-- a comment\nCREATE TABLE colours (name);",
    )


def filled(folder: Path) -> None:
    store = open_store(folder)
    put(store, document("a", "Haus"))
    store.close()


def version_of(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_an_older_schema_is_brought_forward_and_kept_beside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(folder)
    before = schema.version()
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, to_next])
    with pytest.raises(StoreError, match="older schema"):
        open_store(folder, read_only=True)
    store = open_store(folder)
    assert found(store, Term(None, "haus")) == ["a"]
    assert version_of(folder / "monitor.db") == before + 1
    assert version_of(folder / f"monitor.db.schema-{before}") == before
    store.close()
    open_store(folder).close()
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == [
        "monitor.db",
        f"monitor.db.schema-{before}",
    ]


def test_a_migration_that_fails_leaves_the_store_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(folder)
    before = schema.version()

    def broken(connection: sqlite3.Connection) -> None:
        to_next(connection)
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, broken])
        with pytest.raises(StoreError):
            open_store(folder)
    assert version_of(folder / "monitor.db") == before
    store = open_store(folder)
    store.file(changes(document("b")))
    assert set(store.documents("ab")) == {"a", "b"}
    store.close()


def test_a_new_store_leaves_no_copy(folder: Path) -> None:
    filled(folder)
    assert not list(folder.glob("*.schema-*"))


def test_many_may_open_a_new_or_an_older_store_at_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems: list[BaseException] = []

    def open_it() -> None:
        try:
            open_store(folder).close()
        except BaseException as error:
            problems.append(error)

    def all_at_once() -> None:
        threads = [threading.Thread(target=open_it) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    all_at_once()
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, to_next])
    all_at_once()
    assert problems == []
    assert version_of(folder / "monitor.db") == schema.version()


def test_no_space_for_the_copy_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(folder)
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, to_next])

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(StoreFull):
            open_store(folder)
    assert version_of(folder / "monitor.db") == schema.version() - 1
    assert not list(folder.glob("*.part"))
