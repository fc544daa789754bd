"""The search index is a projection: lost, damaged or behind, it comes back from the truth."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from pathlib import Path

import pytest

from monitor.errors import StoreBusy, StoreFull
from monitor.query import All, Term
from monitor.store.embedded import EmbeddedStore, open_store, projection
from monitor.store.embedded.folder import Current, IndexFolder
from monitor.store.port import SearchRequest
from tests.articles import NOW, changes, document, found, put

HAUS = Term(None, "haus")


def fill(folder: Path, count: int = 3) -> None:
    store = open_store(folder)
    put(store, *(document(f"a{number}", f"Haus {number}") for number in range(count)))
    store.close()


def generation(folder: Path) -> Path:
    found_ = sorted((folder / "index").glob("g[0-9]*"))
    assert len(found_) == 1
    return found_[0]


def remove(folder: Path) -> None:
    shutil.rmtree(folder / "index")


def remove_generation(folder: Path) -> None:
    shutil.rmtree(generation(folder))


def empty_meta(folder: Path) -> None:
    (generation(folder) / "meta.json").write_text("")


def cut_segments(folder: Path) -> None:
    for file in generation(folder).glob("*.*"):
        if file.name not in ("meta.json", ".managed.json"):
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def remove_segments(folder: Path) -> None:
    for file in generation(folder).glob("*.term"):
        file.unlink()


def other_format(folder: Path) -> None:
    current = json.loads((folder / "index" / "current.json").read_text())
    (folder / "index" / "current.json").write_text(json.dumps({**current, "format": 0}))


def broken_position(folder: Path) -> None:
    (folder / "index" / "current.json").write_text("{")


def ahead_of_the_truth(folder: Path) -> None:
    """As after a backup of the database alone was copied back by hand."""
    index = IndexFolder(folder / "index")
    current = index.current()
    assert current is not None
    index.put_current(Current(current.generation, current.position + 1000))


DAMAGE = [
    remove,
    remove_generation,
    empty_meta,
    cut_segments,
    remove_segments,
    other_format,
    broken_position,
    ahead_of_the_truth,
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_made_again_and_logged(folder: Path, caplog: pytest.LogCaptureFixture, damage) -> None:  # type: ignore[no-untyped-def]
    fill(folder)
    damage(folder)
    caplog.set_level(logging.INFO)
    store = open_store(folder)
    assert found(store, HAUS) == ["a0", "a1", "a2"]
    assert "the search index is made" in caplog.text
    assert store.check() == []
    store.close()
    assert len(list((folder / "index").glob("g[0-9]*"))) == 1


@pytest.mark.parametrize("damage", DAMAGE)
def test_check_names_a_damaged_index(folder: Path, damage) -> None:  # type: ignore[no-untyped-def]
    fill(folder)
    damage(folder)
    store = open_store(folder)
    findings = store.check()
    assert [finding for finding in findings if "index" in finding.what and "reindex" in finding.hint]
    assert store.reindex() == 3
    assert store.check() == []
    store.close()


def test_check_names_an_index_that_lacks_articles(store: EmbeddedStore, folder: Path) -> None:
    put(store, document("a"), document("b"))
    index = IndexFolder(folder / "index")
    store.file(changes(document("c")))
    current = index.current()
    assert current is not None
    assert store.check() == []  # behind is no damage
    index.put_current(Current(current.generation, current.position + 1))
    assert ["the search index holds 2 articles" in finding.what for finding in store.check()] == [True]


def test_what_another_process_left_unprojected_is_found(folder: Path) -> None:
    fill(folder)
    killed = open_store(folder)
    killed.file(changes(document("tail", "Haus")))
    reader = open_store(folder)
    assert found(reader, HAUS) == ["a0", "a1", "a2", "tail"]
    killed.close()
    reader.close()


def test_a_reader_sees_what_another_process_commits(folder: Path) -> None:
    fill(folder)
    reader, writer = open_store(folder), open_store(folder)
    assert len(found(reader, HAUS)) == 3
    for number in range(3, 6):
        put(writer, document(f"a{number}", "Haus"))
        assert len(found(reader, HAUS)) == number + 1
    assert writer.reindex() == 6
    assert len(found(reader, HAUS)) == 6
    put(writer, document("a6", "Haus"))
    assert len(found(reader, HAUS)) == 7
    writer.close()
    reader.close()


def test_an_article_is_in_the_index_once_however_often_it_is_written(store: EmbeddedStore) -> None:
    for number in range(5):
        store.file(changes(document("a", f"Haus {number}", revision=1)))
        store.file(changes(document("a", f"Haus {number}", revision=1), document("b", "Haus")))
        if number % 2:
            store.refresh()
    store.refresh()
    assert found(store, HAUS) == ["a", "b"]
    assert store.check() == []


def test_a_crash_between_commit_and_position_projects_again_without_doubles(
    store: EmbeddedStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, document("a", "Haus"))
    store.file(changes(document("a", "Haus neu", revision=2), document("b", "Haus")))

    def crash(self: IndexFolder, current: Current) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(IndexFolder, "put_current", crash)
        with pytest.raises(KeyboardInterrupt):
            store.refresh()
    assert store.unprojected() == 2
    assert found(store, HAUS) == ["a", "b"]
    assert store.unprojected() == 0
    assert store.check() == []


def test_a_search_goes_on_while_another_process_holds_the_index(folder: Path, store: EmbeddedStore) -> None:
    put(store, document("a", "Haus"))
    other = open_store(folder, busy_timeout=0.1)
    assert store._projection._lock.take(0)
    other.file(changes(document("b", "Haus")))
    assert found(other, HAUS) == ["a"]
    with pytest.raises(StoreBusy, match="search index"):
        other.reindex()
    store._projection._lock.release()
    other.refresh()
    assert found(other, HAUS) == ["a", "b"]
    other.close()


def test_a_long_tail_is_taken_in_portions(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "_AT_ONCE", 3)
    monkeypatch.setattr(projection, "_IN_ONE_COMMIT", 7)
    put(store, document("first", "Haus"))
    store.file(changes(*(document(f"a{number}", "Haus") for number in range(20))))
    assert store.project(limit=5) == 5
    assert store.unprojected() == 15
    assert store.project() == 15
    assert store.project() == 0
    assert len(found(store, HAUS)) == 21


def test_readers_go_on_while_the_index_is_made_again(folder: Path) -> None:
    fill(folder, 300)
    writer, reader = open_store(folder), open_store(folder)
    stop, counts = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            counts.append(reader.search(SearchRequest(HAUS, limit=1)).total)

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(3):
        assert writer.reindex() == 300
    stop.set()
    thread.join()
    assert set(counts) == {300}
    writer.close()
    reader.close()


def test_an_index_that_is_replaced_while_its_name_is_read_is_taken_for_the_new_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(folder)
    store = open_store(folder)
    names = iter([Current("g000000", 0)])  # of a generation that is gone by now
    read = IndexFolder._named
    monkeypatch.setattr(IndexFolder, "_named", lambda self: next(names, None) or read(self))
    assert len(found(store, HAUS)) == 3
    store.close()


def test_a_killed_reindex_leaves_the_index_in_use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(folder)
    store = open_store(folder)

    def crash(self: IndexFolder, current: Current) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(IndexFolder, "put_current", crash)
        with pytest.raises(KeyboardInterrupt):
            store.reindex()
    assert len(found(store, HAUS)) == 3
    assert store.reindex() == 3
    assert len(list((folder / "index").glob("g[0-9]*"))) == 1
    store.close()


def test_an_unreadable_article_hides_no_other(store: EmbeddedStore) -> None:
    store.file(changes(*(document(f"a{number}", "Haus") for number in range(3))))
    with store._database.writing() as connection:
        connection.execute("UPDATE articles SET record = x'00' WHERE id = 'a1'")
    store.refresh()
    assert store.search(SearchRequest(HAUS, limit=0)).total == 2
    assert [finding.what for finding in store.check() if "a1" in finding.what]


def test_a_full_disk_while_committing_loses_nothing(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, document("a", "Haus"))
    store.file(changes(document("b", "Haus")))

    class Full:
        def __init__(self, writer: object) -> None:
            self.writer = writer

        def __getattr__(self, name: str) -> object:
            return getattr(self.writer, name)

        def commit(self) -> None:
            raise ValueError("An IO error occurred: 'No space left on device (os error 28)'")

    opened = projection.Projection._open_writer

    def open_full(self: projection.Projection, name: str) -> object:
        self._writer = Full(opened(self, name))  # type: ignore[assignment]
        return self._writer

    with monkeypatch.context() as patched:
        patched.setattr(projection.Projection, "_open_writer", open_full)
        with pytest.raises(StoreFull, match="search index"):
            store.refresh()
        assert found(store, HAUS) == ["a"]  # search goes on with what it has
    assert set(store.documents(["a", "b"])) == {"a", "b"}
    store.refresh()
    assert found(store, HAUS) == ["a", "b"]


def test_a_writer_with_little_to_do_lets_others_write(folder: Path) -> None:
    one, two = open_store(folder), open_store(folder)
    put(one, document("a"))
    put(two, document("b"))
    put(one, document("c"))
    assert found(two, All()) == ["a", "b", "c"]
    one.close()
    two.close()


def test_a_busy_writer_keeps_the_lock_and_gives_it_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "_KEEP_FROM", 1)
    monkeypatch.setattr(projection, "_KEEP_SECONDS", 0.3)
    one, two = open_store(folder), open_store(folder)
    put(one, document("first"))
    put(one, document("a"))
    two.file(changes(document("b")))
    assert two.project() == 0
    two.refresh()  # waits until the other rests
    assert found(two, All()) == ["a", "b", "first"]
    one.close()
    two.close()


def test_health_tells_how_far_search_is_behind(store: EmbeddedStore) -> None:
    put(store, document("a"))
    store.file(changes(document("a", revision=1), document("b")))
    assert store.health(NOW).unprojected == 2
    assert store.health(NOW).details["folder"] == str(store.folder)
