"""Looking for damage; copies of the whole store, and the way back."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from monitor.codec import decode
from monitor.errors import StoreBusy, StoreCorrupt, StoreError
from monitor.records import Analysis, Revision, Story
from monitor.store.embedded.articles import DOCUMENT, exact_key, unpacked
from monitor.store.embedded.database import FILE_NAME, Database, is_ours, pour, translated
from monitor.store.embedded.folder import IndexDamaged, IndexFolder, reading_index
from monitor.store.embedded.packing import unpack, unpack_text
from monitor.store.embedded.projection import NOT_MADE
from monitor.store.embedded.rebuilding import differences
from monitor.store.port import Finding

log = logging.getLogger(__name__)

INDEX = "index"  # folder below the store's
_SHOWN = 20  # findings of one kind; more of them are counted
_RESTORE = "`monitor store restore` takes a backup"
_REINDEX = "`monitor store reindex` makes it again"
_REANALYSE = "`monitor store reanalyse` makes the stories again"
_RECRAWL = "it is fetched again when its turn comes"


def check(database: Database, folder: IndexFolder) -> list[Finding]:
    """Everything that can be told by reading it all. Other processes may go on."""
    try:
        with database.reading() as connection:
            findings = [*_structure(connection)]
            if not findings:
                for look in (_articles, _revisions, _stories, differences, _addresses, _inbox):
                    findings += _first(look(connection))
                findings += _index(connection, folder)
    except StoreCorrupt as error:
        return [Finding(error.message, _RESTORE)]
    return findings


def _first(findings: Iterator[Finding]) -> list[Finding]:
    found = list(findings)
    if len(found) > _SHOWN:
        found[_SHOWN:] = [Finding(f"... and {len(found) - _SHOWN} more of this kind", found[0].hint)]
    return found


def _structure(connection: sqlite3.Connection) -> Iterator[Finding]:
    for (said,) in connection.execute(f"PRAGMA integrity_check({_SHOWN})").fetchall():
        if said != "ok":
            yield Finding(f"the database is damaged: {said}", _RESTORE)
    for table, number, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall():
        yield Finding(f"row {number} of {table} refers to nothing in {parent}", _RESTORE)


def _articles(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Each can be read, and is what its columns say."""
    query = f"SELECT id, story, revision, exact, {DOCUMENT} FROM articles WHERE number = ?"
    for number in _numbers(connection, "SELECT number FROM articles"):
        row = connection.execute(query, (number,)).fetchone()
        if row is None:
            continue
        try:
            document = unpacked(row[4:])
        except StoreCorrupt as error:
            yield Finding(f"article {row[0]} can't be read: {error.message}", _RESTORE)
            continue
        exact = exact_key(document.fingerprint.exact)
        if (document.id, document.story, document.revision, exact) != row[:4]:
            yield Finding(f"article {row[0]} is not what its row says", _RESTORE)


def _revisions(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Those of an article are numbered 1 to its newest, and each can be read."""
    query = """
        SELECT id, revision, count(r.number), ifnull(min(r.number), 0), ifnull(max(r.number), 0)
        FROM articles LEFT JOIN revisions AS r ON article_id = id GROUP BY id
        HAVING count(r.number) <> revision OR min(r.number) <> 1 OR max(r.number) <> revision
    """
    for id, newest, count, first, last in connection.execute(query).fetchall():
        yield Finding(f"article {id} is at revision {newest} and has {count}, numbers {first} to {last}", _RESTORE)
    lost = "SELECT DISTINCT article_id FROM revisions WHERE article_id NOT IN (SELECT id FROM articles)"
    for (id,) in connection.execute(lost).fetchall():
        yield Finding(f"there are revisions of article {id}, but not the article", _RESTORE)
    for number in _numbers(connection, "SELECT rowid FROM revisions"):
        row = connection.execute(
            "SELECT article_id, number, record, text FROM revisions WHERE rowid = ?", (number,)
        ).fetchone()
        try:
            if row is not None:
                decode(Revision, unpack(row[2]))
                unpack_text(row[3])
        except StoreCorrupt as error:
            yield Finding(f"revision {row[1]} of article {row[0]} can't be read: {error.message}", _RESTORE)


def _stories(connection: sqlite3.Connection) -> Iterator[Finding]:
    query = """
        SELECT id, story FROM articles WHERE story NOT IN (SELECT id FROM stories)
        AND story NOT IN (SELECT alias FROM aliases JOIN stories ON stories.id = aliases.story)
    """
    for id, story in connection.execute(query).fetchall():
        yield Finding(f"article {id} is of story {story}, which is not there", _RESTORE)
    empty = """
        SELECT id FROM stories WHERE id NOT IN (SELECT story FROM articles)
        AND id NOT IN (SELECT aliases.story FROM aliases JOIN articles ON articles.story = alias)
    """
    for (id,) in connection.execute(empty).fetchall():
        yield Finding(f"story {id} has no articles", _REANALYSE)
    for id, record in connection.execute("SELECT id, record FROM stories"):
        try:
            decode(Story, unpack(record))
        except StoreCorrupt as error:
            yield Finding(f"story {id} can't be read: {error.message}", _RESTORE)


def _addresses(connection: sqlite3.Connection) -> Iterator[Finding]:
    """What is stored is there, or waits in the inbox."""
    query = """
        SELECT url, article_id FROM urls WHERE status = 'stored' AND article_id NOT IN (SELECT id FROM articles)
        AND settled NOT IN (SELECT key FROM inbox)
    """
    for url, article_id in connection.execute(query).fetchall():
        yield Finding(f"{url} counts as stored, but article {article_id} is not there", _RECRAWL)


def _inbox(connection: sqlite3.Connection) -> Iterator[Finding]:
    for number in _numbers(connection, "SELECT number FROM inbox"):
        row = connection.execute("SELECT record FROM inbox WHERE number = ?", (number,)).fetchone()
        try:
            if row is not None:  # filed meanwhile
                decode(Analysis, unpack(row[0]))
        except StoreCorrupt as error:
            yield Finding(f"item {number} of the inbox can't be read: {error.message}", _RESTORE)


def _index(connection: sqlite3.Connection, folder: IndexFolder) -> Iterator[Finding]:
    """It can be opened, is not ahead of the truth, and holds as many articles."""
    last = connection.execute("SELECT value FROM counters WHERE name = 'change'").fetchone()[0]
    current = folder.current()
    if current is None:
        if connection.execute("SELECT 1 FROM meta WHERE name = 'index'").fetchone():
            yield Finding(f"there is no usable search index in {folder.folder}", _REINDEX)
        return
    if current.position > last:
        yield Finding(f"the search index knows change {current.position}, the database ends at {last}", _REINDEX)
        return
    try:
        index = folder.open(current.generation)
        with reading_index(folder.folder):
            indexed = index.searcher().num_docs
    except IndexDamaged as error:
        yield Finding(error.message, _REINDEX)
        return
    query = "SELECT count(*) FROM articles WHERE change <= ?"
    expected = connection.execute(query, (current.position,)).fetchone()[0]
    changed = connection.execute("SELECT count(*) FROM articles").fetchone()[0] - expected
    if not expected <= indexed <= expected + changed:
        yield Finding(f"the search index holds {indexed} articles, the database {expected} up to there", _REINDEX)


def _numbers(connection: sqlite3.Connection, query: str) -> list[int]:
    """Read at once, so that no transaction stays open while the rows are looked at."""
    return [number for (number,) in connection.execute(query).fetchall()]


def backup(folder: Path, target: Path) -> int:
    """Copy the store in `folder` into the new folder `target` while it is in use; bytes written.

    The search index is left out: it is made again from the copy. Raises StoreError when `target` holds something.
    """
    source, file = folder / FILE_NAME, target / FILE_NAME
    part = file.with_name(f"{FILE_NAME}.part")
    if not source.is_file():
        raise StoreError(f"there is no store at {folder}")
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise StoreError(f"{target} is not empty", hint="name a new folder for the backup")
        target.mkdir(parents=True, exist_ok=True)
        try:
            pour(source, part)
            with closing(sqlite3.connect(part, isolation_level=None)) as copy:
                copy.execute("PRAGMA journal_mode = OFF")
                copy.execute(NOT_MADE)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
        return file.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise translated(error, target) from error


def restore(source: Path, folder: Path, *, force: bool = False, busy_timeout: float = 5.0) -> None:
    """Put the backup in `source` in the place of the store in `folder`.

    Raises StoreCorrupt for a damaged backup, StoreError when the store holds articles and `force` is not set,
    StoreBusy while another process has it open. When it fails, the store is as it was.
    """
    backed_up, file = source / FILE_NAME, folder / FILE_NAME
    _test_backup(backed_up)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = sqlite3.connect(file, isolation_level=None, timeout=busy_timeout)
    except (sqlite3.Error, OSError) as error:
        raise translated(error, file) from error
    with closing(target):
        readable = _take_alone(target, file)
        if not force and not (readable and _is_empty(target)):
            raise StoreError(f"{folder} holds articles", hint="`--force` puts the backup in their place")
        shutil.rmtree(folder / INDEX, ignore_errors=True)
        if readable:
            _pour(backed_up, target, file)
    if not readable:
        _exchange(backed_up, file)
    log.warning("%s is restored from %s", folder, source)


def _test_backup(file: Path) -> None:
    if not file.is_file():
        raise StoreError(f"{file} is not there", hint="name the folder that `monitor store backup` wrote")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            is_ours(connection, file)
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise translated(error, file) from error
    if said != "ok":
        raise StoreCorrupt(f"{file} is damaged: {said}", hint="take another backup")


def _take_alone(target: sqlite3.Connection, file: Path) -> bool:
    """Lock out everybody else. False when the file can't be read as a database."""
    try:
        target.execute("PRAGMA locking_mode = EXCLUSIVE")
        target.execute("BEGIN EXCLUSIVE")
        target.execute("COMMIT")  # the lock stays until it is closed
        target.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        problem = translated(error, file)
        if isinstance(problem, StoreCorrupt):
            return False
        if isinstance(problem, StoreBusy):
            raise StoreBusy(f"another process has {file} open", hint="stop `monitor run` and every crawl") from error
        raise problem from error
    return True


def _is_empty(target: sqlite3.Connection) -> bool:
    tables = {name for (name,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()}
    return not tables or ("articles" in tables and not target.execute("SELECT count(*) FROM articles").fetchone()[0])


def _pour(backed_up: Path, target: sqlite3.Connection, file: Path) -> None:
    """In one transaction of the target."""
    try:
        with closing(sqlite3.connect(f"{backed_up.absolute().as_uri()}?immutable=1", uri=True)) as source:
            source.backup(target)
    except sqlite3.Error as error:
        raise translated(error, file) from error


def _exchange(backed_up: Path, file: Path) -> None:
    """Instead of a file that is no database any more; it is kept beside."""
    part = file.with_name(f"{file.name}.part")
    try:
        shutil.copyfile(backed_up, part)
        for suffix in ("-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        file.replace(file.with_name(f"{file.name}.damaged"))
        part.replace(file)
    except OSError as error:
        raise translated(error, file) from error
    finally:
        part.unlink(missing_ok=True)
