"""Opening the embedded store: what is there, what is wrong with it, who may."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitor.errors import (
    MonitorError,
    SchemaTooNew,
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreReadOnly,
)
from monitor.query import Term
from monitor.records import UrlState
from monitor.store.embedded import EmbeddedStore, open_store
from monitor.store.embedded.database import open_database
from monitor.store.port import SearchRequest
from tests.articles import NOW, changes, document, found, put, stored, url

NOBODY = 65534


def as_nobody(work: Callable[[], None]) -> str:
    """What our error says when somebody without rights does the work, in a process of its own."""
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing went wrong"
        try:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            work()
        except MonitorError as error:
            said = f"{type(error).__name__}: {error.message} | {error.hint}"
        except BaseException as error:  # the child must say what happened and end, whatever it was
            said = f"UNEXPECTED {error!r}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


def open_to_all(path: Path) -> None:
    """Let others pass through the temporary folders above."""
    for parent in path.parents:
        if os.access(parent, os.W_OK) and parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)


def test_a_store_is_made_where_there_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "store"
    open_store(folder).close()
    assert (folder / "monitor.db").is_file()


def test_who_makes_the_same_store_at_that_moment_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself says at once that the file is locked, when the log is asked for while another begins to write."""
    file = tmp_path / "monitor.db"
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, lambda: other.execute("COMMIT")).start()
        open_database(file, busy_timeout=10, create=True, read_only=False).close()
        other.execute("BEGIN IMMEDIATE")
        other.execute("COMMIT")
    with closing(sqlite3.connect(tmp_path / "other.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="held by another process"):
            open_database(tmp_path / "other.db", busy_timeout=0.2, create=True, read_only=False)


def test_a_missing_store_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        open_store(tmp_path / "none", create=False)
    with pytest.raises(StoreError, match="there is no store"):
        open_store(tmp_path / "none", read_only=True)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("content", [b"no database at all" * 500, b"x"])
def test_a_file_that_is_no_database_is_named(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "monitor.db").write_bytes(content)
    with pytest.raises(StoreCorrupt, match=r"monitor\.db") as raised:
        open_store(folder)
    assert raised.value.hint
    assert (folder / "monitor.db").read_bytes() == content


def test_another_program_s_database_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    with sqlite3.connect(folder / "monitor.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StoreCorrupt, match="another program"):
        open_store(folder)


def test_a_truncated_database_is_damaged_and_says_so(folder: Path) -> None:
    with open_and_fill(folder) as _:
        pass
    file = folder / "monitor.db"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 3 // 4096 * 4096])

    def read_it_all() -> None:
        opened = open_store(folder)
        assert opened.check()
        list(opened.scan())

    with pytest.raises(StoreCorrupt, match=r"monitor\.db"):
        read_it_all()


def test_a_later_schema_is_refused(folder: Path) -> None:
    open_store(folder).close()
    with sqlite3.connect(folder / "monitor.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SchemaTooNew, match="schema 99"):
        open_store(folder)


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError):
        open_store(tmp_path / "store")


def test_a_folder_without_write_permission_is_one_clear_error(folder: Path) -> None:
    with open_and_fill(folder):
        pass
    open_to_all(folder / "x")
    said = as_nobody(lambda: open_store(folder).close())
    assert said.startswith("StoreReadOnly: ")
    assert str(folder) in said
    assert "permissions" in said


def test_a_folder_that_can_not_be_made_is_one_clear_error(tmp_path: Path) -> None:
    open_to_all(tmp_path / "x")
    said = as_nobody(lambda: open_store(tmp_path / "deep" / "store").close())
    assert said.startswith("StoreReadOnly: ")


def test_who_may_only_read_can_read_by_id(folder: Path) -> None:
    with open_and_fill(folder):
        pass
    open_to_all(folder / "x")

    def read() -> None:
        opened = open_store(folder, read_only=True)
        assert set(opened.documents(["a"])) == {"a"}
        assert [one.id for one in opened.scan()] == ["a", "b"]
        assert opened.known("kurier", [url("a").url])

    assert as_nobody(read) == "nothing went wrong"


def test_who_may_only_read_is_told_that_search_needs_more(folder: Path) -> None:
    """tantivy locks and lists its files where they lie."""
    with open_and_fill(folder):
        pass
    open_to_all(folder / "x")
    said = as_nobody(lambda: open_store(folder, read_only=True).search(SearchRequest()) and None)
    assert said.startswith("StoreReadOnly: ")
    assert str(folder) in said


def test_opened_for_reading_it_refuses_to_write(folder: Path) -> None:
    with open_and_fill(folder):
        pass
    opened = open_store(folder, read_only=True)
    assert found(opened, Term(None, "haus")) == ["a"]
    with pytest.raises(StoreReadOnly):
        opened.discover([UrlState("x", "https://x.example/")])
    opened.close()


def test_a_writer_that_takes_too_long_is_named(folder: Path, store: EmbeddedStore) -> None:
    other = open_store(folder, busy_timeout=0.05)
    with sqlite3.connect(folder / "monitor.db", isolation_level=None) as holding:
        holding.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another process"):
            other.discover([url("a")])
        assert other.known("kurier", [url("a").url]) == {}  # reading goes on
    holding.close()
    assert other.discover([url("a")]) == 1
    other.close()


def test_a_store_is_not_carried_over_a_fork(store: EmbeddedStore) -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            store.waiting()
            os.write(writing, b"worked")
        except StoreError as error:
            os.write(writing, error.message.encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    assert b"before a fork" in os.read(reading, 1000)
    os.close(reading)


def test_a_closed_store_says_so(store: EmbeddedStore) -> None:
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.waiting()
    store.close()


def test_threads_share_an_instance(store: EmbeddedStore) -> None:
    problems: list[Exception] = []

    def work(number: int) -> None:
        try:
            for n in range(20):
                name = f"{number}-{n}"
                store.settle([stored(name)])
                store.file(changes(document(name, text=f"wort{number}")))
                assert set(store.documents([name])) == {name}
                if n % 7 == 0:
                    store.refresh()
                    found(store, Term(None, f"wort{number}"))
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    store.refresh()
    assert [len(found(store, Term(None, f"wort{number}"))) for number in range(4)] == [20] * 4
    assert store.waiting() == 80


class open_and_fill:
    """A store with two articles, closed again at the end."""

    def __init__(self, folder: Path) -> None:
        self.store = open_store(folder)
        self.store.discover([url("a")])
        put(self.store, document("a", "Häuser"), document("b", at=NOW.replace(year=2025)))

    def __enter__(self) -> EmbeddedStore:
        return self.store

    def __exit__(self, *problem: object) -> None:
        self.store.close()
