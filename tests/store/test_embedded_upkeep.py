"""Looking for damage, copying, and the way back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from monitor.errors import SchemaTooNew, StoreBusy, StoreCorrupt, StoreError
from monitor.query import All
from monitor.records import Changes, Outcome, Status, Story
from monitor.store.embedded import EmbeddedStore, backup, open_store, restore, runs, schema, upkeep
from tests.articles import NOW, changes, document, found, put, run, stored, url


def spoil(store: EmbeddedStore, statement: str) -> None:
    with store._database.writing() as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE articles SET record = x'0102' WHERE id = 'a'", "article a can't be read"),
        ("UPDATE articles SET text = x'28b52ffd' WHERE id = 'a'", "article a can't be read"),
        ("UPDATE articles SET hashes = x'01' WHERE id = 'a'", "article a can't be read"),
        ("UPDATE articles SET revision = 2 WHERE id = 'a'", "article a is not what its row says"),
        ("DELETE FROM revisions WHERE article_id = 'a'", "article a is at revision 1 and has 0"),
        ("UPDATE revisions SET number = 2 WHERE article_id = 'a'", "article a is at revision 1 and has 1, numbers 2"),
        ("UPDATE revisions SET text = x'00' WHERE article_id = 'a'", "revision 1 of article a can't be read"),
        (
            "INSERT INTO revisions SELECT 1, 'lost', '', 0, record, text FROM revisions LIMIT 1",
            "revisions of article lost",
        ),
        ("DELETE FROM stories WHERE id = 'story-a'", "article a is of story story-a"),
        ("UPDATE stories SET record = x'00' WHERE id = 'story-a'", "story story-a can't be read"),
        ("UPDATE articles SET story = 'story-b' WHERE id = 'a'", "story story-a has no articles"),
        ("UPDATE inbox SET record = x'00'", "item 1 of the inbox can't be read"),
        ("DELETE FROM inbox", "https://kurier.example/waits counts as stored"),
    ],
)
def test_check_names_what_is_wrong(store: EmbeddedStore, statement: str, says: str) -> None:
    put(store, document("a"), document("b"))
    store.settle([stored("waits"), Outcome(url("a", Status.STORED, article_id="a"))])
    assert store.check() == []
    spoil(store, statement)
    findings = store.check()
    assert [finding for finding in findings if says in finding.what], findings
    assert all(finding.hint for finding in findings)


def test_check_shortens_what_is_wrong_in_the_same_way_everywhere(store: EmbeddedStore) -> None:
    put(store, *(document(f"{number}") for number in range(50)))
    spoil(store, "UPDATE articles SET record = x'00'")
    assert "and 30 more of this kind" in " ".join(finding.what for finding in store.check())


def test_check_takes_an_alias_for_its_story(store: EmbeddedStore) -> None:
    put(store, document("a"))
    store.file(Changes(stories=(Story("older", "b", 2, NOW, NOW, aliases=("story-a",)),)))
    assert store.check() == []


def test_check_finds_a_damaged_page(folder: Path) -> None:
    store = open_store(folder)
    put(store, *(document(f"{number}", text="Text " * 300) for number in range(200)))
    store.close()
    file = folder / "monitor.db"
    content = bytearray(file.read_bytes())
    for page in range(20, len(content) // 4096, 7):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    file.write_bytes(content)
    store = open_store(folder)
    findings = store.check()
    assert "damaged" in findings[0].what
    assert "restore" in findings[0].hint
    store.close()


def test_its_size_is_told_while_files_come_and_go(store: EmbeddedStore, folder: Path) -> None:
    put(store, document("a"))
    done = threading.Event()

    def merge() -> None:
        number = 0
        while not done.is_set():
            number += 1
            inside = folder / "index" / f"g{number % 7}"
            inside.mkdir(exist_ok=True)
            for name in ("meta.json", "segment.pos"):
                (inside / name).write_bytes(b"x" * 1000)
            for file in inside.iterdir():
                file.unlink()
            inside.rmdir()

    merging = threading.Thread(target=merge)
    merging.start()
    try:
        for _ in range(1000):
            assert store.health(NOW).details["search index"].endswith(" MB")
    finally:
        done.set()
        merging.join()


def test_a_backup_is_a_store_of_its_own(store: EmbeddedStore, folder: Path, tmp_path: Path) -> None:
    store.put_run(run("r"))
    store.settle([stored("waits")])
    put(store, document("a", "Haus"), document("b"))
    size = backup(folder, tmp_path / "copies" / "one")
    assert [file.name for file in (tmp_path / "copies" / "one").iterdir()] == ["monitor.db"]
    assert size == (tmp_path / "copies" / "one" / "monitor.db").stat().st_size
    store.file(changes(document("later")))
    copy = open_store(tmp_path / "copies" / "one")
    assert found(copy, All()) == ["a", "b"]
    assert (copy.waiting(), copy.run("r"), copy.check()) == (1, run("r"), [])
    copy.close()


def test_a_backup_is_whole_while_others_write(store: EmbeddedStore, folder: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            store.file(changes(document(f"a{number}"), document(f"b{number}")))
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    for number in range(3):
        backup(folder, tmp_path / str(number))
    stop.set()
    thread.join()
    for number in range(3):
        copy = open_store(tmp_path / str(number))
        assert copy.health(NOW).articles % 2 == 0
        assert copy.check() == []
        copy.close()


def test_a_backup_overwrites_nothing(store: EmbeddedStore, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").write_text("dear")
    with pytest.raises(StoreError, match="is not empty"):
        backup(folder, tmp_path / "full")
    with pytest.raises(StoreError, match="there is no store"):
        backup(tmp_path / "nothing", tmp_path / "copy")


def backed_up(tmp_path: Path) -> Path:
    made = open_store(tmp_path / "old")
    put(made, document("old"))
    made.close()
    backup(tmp_path / "old", tmp_path / "backup")
    return tmp_path / "backup"


def test_a_backup_is_restored_into_a_new_or_an_empty_folder(tmp_path: Path) -> None:
    source = backed_up(tmp_path)
    open_store(tmp_path / "empty").close()
    for name in ("new", "empty"):
        restore(source, tmp_path / name)
        store = open_store(tmp_path / name)
        assert found(store, All()) == ["old"]
        assert store.check() == []
        store.close()


def test_restoring_over_articles_asks_for_force(tmp_path: Path, folder: Path) -> None:
    source = backed_up(tmp_path)
    store = open_store(folder)
    put(store, document("a"), document("b"), document("c"))
    store.close()
    with pytest.raises(StoreError, match="holds articles") as raised:
        restore(source, folder)
    assert "--force" in raised.value.hint
    store = open_store(folder)
    assert found(store, All()) == ["a", "b", "c"]
    store.close()
    restore(source, folder, force=True)
    store = open_store(folder)
    assert found(store, All()) == ["old"]
    put(store, document("next"))
    assert found(store, All()) == ["next", "old"]
    assert store.check() == []
    store.close()


def test_a_store_that_is_in_use_is_not_replaced(tmp_path: Path, folder: Path) -> None:
    source = backed_up(tmp_path)
    put(store := open_store(folder), document("a"))
    store.close()
    program = (
        "import sys, pathlib; from monitor.store.embedded import open_store\n"
        "store = open_store(pathlib.Path(sys.argv[1])); store.waiting(); print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreBusy, match="another process"):
            restore(source, folder, force=True, busy_timeout=0.2)
        other.communicate("\n")
    restore(source, folder, force=True)
    store = open_store(folder)
    assert found(store, All()) == ["old"]
    store.close()


def test_a_damaged_store_is_replaced_and_kept_beside(tmp_path: Path, folder: Path) -> None:
    source = backed_up(tmp_path)
    folder.mkdir()
    (folder / "monitor.db").write_bytes(b"nonsense" * 1000)
    with pytest.raises(StoreError):
        restore(source, folder)
    restore(source, folder, force=True)
    assert (folder / "monitor.db.damaged").read_bytes().startswith(b"nonsense")
    store = open_store(folder)
    assert found(store, All()) == ["old"]
    store.close()


def test_a_damaged_or_missing_backup_changes_nothing(tmp_path: Path, folder: Path) -> None:
    put(store := open_store(folder), document("a"))
    store.close()
    with pytest.raises(StoreError, match="is not there"):
        restore(tmp_path / "none", folder, force=True)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "monitor.db").write_bytes(b"nonsense" * 1000)
    with pytest.raises(StoreCorrupt):
        restore(tmp_path / "bad", folder, force=True)
    source = backed_up(tmp_path)
    with closing(sqlite3.connect(source / "monitor.db")) as connection:
        connection.execute(f"PRAGMA user_version = {schema.version() + 1}")
    with pytest.raises(SchemaTooNew):
        restore(source, folder, force=True)
    store = open_store(folder)
    assert found(store, All()) == ["a"]
    store.close()


def test_old_rejections_go(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "KEPT_REJECTIONS", 5)
    for number in range(4):
        states = [url(f"{number}-{n}", Status.REJECTED, reason="short", fetched_at=NOW) for n in range(3)]
        store.settle([Outcome(state, run="r") for state in states])
    assert len(store.rejections()) == 5
    assert store.rejections()[0].url.endswith("/3-2")


def test_the_index_folder_has_one_name() -> None:
    assert upkeep.INDEX == "index"
