"""The database file: opening, transactions, and SQLite's errors in our words."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from monitor.errors import SchemaTooNew, StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly
from monitor.store.embedded import schema as embedded_schema

log = logging.getLogger(__name__)

FILE_NAME = "monitor.db"
_CACHE_KB = 16_000  # of one connection: 3,100 articles/s are filed at 200,000 stored, search index aside
_LONGEST_WAL = 64_000_000  # bytes that the write-ahead log keeps on disk when it is empty
_SMALLEST = 512  # bytes of a database with content; SQLite takes a shorter file for an empty one and overwrites it
_ALMOST_NOTHING = 2_000_000  # bytes free below which an I/O error is taken for a full disk


class Schema(Protocol):
    """A module that describes a file's tables; see `monitor.store.embedded.schema`."""

    APPLICATION: int
    MIGRATIONS: list[embedded_schema.Migration]

    def version(self) -> int: ...


class _Connection(sqlite3.Connection):
    """sqlite3's own class takes no weak references."""


class Database:
    """The truth, opened. Each thread gets its own connection; nothing of it may be carried over a fork."""

    def __init__(self, file: Path, *, busy_timeout: float, read_only: bool = False) -> None:
        self.file = file
        self.busy_timeout = busy_timeout
        self.read_only = read_only
        self._process = os.getpid()
        self._local = threading.local()
        self._opened: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection outside any transaction: each statement sees what is committed then."""
        try:
            yield self._connection()
        except (sqlite3.Error, OSError) as error:
            raise translated(error, self.file) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its beginning; nothing of it stays when it fails."""
        if self.read_only:
            raise StoreReadOnly(f"{self.file} was opened for reading only")
        try:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite itself has rolled back after some errors, as a full disk
                    with suppress(sqlite3.Error):  # the first error is the one to tell
                        connection.execute("ROLLBACK")
                raise
        except (sqlite3.Error, OSError) as error:
            raise translated(error, self.file) from error

    def make_durable(self) -> None:
        """Sync the write-ahead log to the disk.

        Commits are not synced one by one: a power cut may lose the last ones, whole. What is projected must not be
        among them, or the search index would know changes that the truth has forgotten.
        """
        try:
            log_file = os.open(f"{self.file}-wal", os.O_RDWR)
        except FileNotFoundError:
            return
        except OSError as error:
            raise translated(error, self.file) from error
        try:
            os.fsync(log_file)  # SQLite's locks lie on the other two files: closing this one drops none
        except OSError as error:
            raise translated(error, self.file) from error
        finally:
            os.close(log_file)

    def close(self) -> None:
        self._closed = True
        for connection in list(self._opened):
            with suppress(sqlite3.Error):  # a failed checkpoint at the end loses nothing
                connection.close()

    def _connection(self) -> sqlite3.Connection:
        if os.getpid() != self._process:
            raise StoreError(f"{self.file} was opened before a fork; open the store again in the new process")
        if self._closed:
            raise StoreError(f"{self.file} is closed")
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            opened = _open(self.file, self.busy_timeout, self.read_only)
            self._opened.add(opened)
            self._local.connection = connection = opened
        return connection


def _open(file: Path, busy_timeout: float, read_only: bool) -> _Connection:
    uri = f"{file.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    if read_only and not os.access(file.parent, os.W_OK) and not _has_content(Path(f"{file}-wal")):
        uri += "&immutable=1"  # SQLite can't make its lock files here; nobody else can write here either
    connection = sqlite3.connect(
        uri, uri=True, timeout=busy_timeout, isolation_level=None, check_same_thread=False, factory=_Connection
    )
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA journal_size_limit = {_LONGEST_WAL}")
    return connection


def _has_content(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError:
        return False


def open_database(
    file: Path, *, busy_timeout: float, create: bool, read_only: bool, schema: Schema = embedded_schema
) -> Database:
    """The database in this program's schema: made when it is missing, brought forward when it is older."""
    if not read_only:
        _prepare(file, create)
    elif not file.exists():
        raise _missing(file)
    database = Database(file, busy_timeout=busy_timeout, read_only=read_only)
    try:
        with database.reading() as connection:
            found = is_ours(connection, file, schema)
        if found < schema.version():
            if read_only:
                raise StoreError(
                    f"{file} has the older schema {found}", hint="open it once for writing: `monitor status`"
                )
            _migrate(database, found, schema)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(file: Path, create: bool) -> None:
    try:
        if file.exists():
            if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
            if 0 < file.stat().st_size < _SMALLEST:
                raise StoreCorrupt(f"{file} is no database", hint="name another folder in [store] path")
            return
        if not create:
            raise _missing(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o644))
    except OSError as error:
        raise translated(error, file) from error


def _missing(file: Path) -> StoreError:
    return StoreError(f"there is no store at {file.parent}", hint="`monitor crawl` or `monitor store init` makes one")


def is_ours(connection: sqlite3.Connection, file: Path, schema: Schema = embedded_schema) -> int:
    """Schema version of a file that is ours; an empty file is version 0. Raises StoreCorrupt, SchemaTooNew."""
    # The tables first: another process may be making them, and its mark comes in the same transaction.
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != schema.APPLICATION:
        if tables:
            raise StoreCorrupt(f"{file} is a database of another program", hint="name another folder in [store] path")
        return 0
    if version > schema.version():
        raise SchemaTooNew(
            f"{file} has schema {version}, this program knows up to {schema.version()}",
            hint="use the version of the program that wrote it, or a later one",
        )
    return version


def _migrate(database: Database, found: int, schema: Schema) -> None:
    """Step by step, each in a transaction of its own; another process may be doing the same."""
    with database.reading() as connection:
        _keep_a_log(connection, database.busy_timeout)
    for number in range(found, schema.version()):
        with database.writing() as connection:
            if is_ours(connection, database.file, schema) != number:
                continue
            if number == found and number > 0:
                _copy(database.file, number)
            schema.MIGRATIONS[number](connection)
            connection.execute(f"PRAGMA application_id = {schema.APPLICATION}")
            connection.execute(f"PRAGMA user_version = {number + 1}")
        if found > 0:
            log.warning("schema changed file=%s from=%d to=%d", database.file, number, number + 1)


def _keep_a_log(connection: sqlite3.Connection, patience: float) -> None:
    """Write-ahead logging. SQLite itself does not wait for others here, as for those that make the same new file."""
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _copy(file: Path, version: int) -> None:
    """The whole file beside itself, as it is before its schema is changed. Nobody may write meanwhile."""
    target = file.with_name(f"{file.name}.schema-{version}")
    part = target.with_name(f"{target.name}.part")
    try:
        pour(file, part)
        part.replace(target)
    except OSError as error:
        raise translated(error, target) from error
    finally:
        part.unlink(missing_ok=True)
    log.warning("copied before a change of schema file=%s copy=%s", file, target)


def pour(source: Path, part: Path) -> None:
    """The database as it is committed now, into one new file that is on the disk when it returns."""
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(part, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = OFF")  # it is thrown away when anything fails
        copy.execute("PRAGMA synchronous = OFF")
        reading.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    with part.open("rb") as written:
        os.fsync(written.fileno())


def translated(error: sqlite3.Error | OSError, file: Path) -> StoreError:
    """The error in our words: which file, what, and what to do."""
    kind = _kind(error, file)
    if kind is StoreFull:
        return StoreFull(
            f"no space left for {file}: nothing of the batch was written", hint="free some space and repeat"
        )
    if kind is StoreReadOnly:
        return StoreReadOnly(
            f"{file} can't be opened or written: {error}", hint="check the folder's owner and permissions"
        )
    if kind is StoreBusy:
        return StoreBusy(
            f"{file} is held by another process for too long", hint="try again; [store] busy_timeout is the time limit"
        )
    if kind is StoreCorrupt:
        return StoreCorrupt(
            f"{file} is damaged: {error}",
            hint="`monitor store check` says more, `monitor store restore` takes a backup",
        )
    return StoreError(f"{file}: {error}", hint="`monitor store check` looks for damage")


def _kind(error: sqlite3.Error | OSError, file: Path) -> type[StoreError]:
    if isinstance(error, OSError):
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return StoreFull
        return StoreReadOnly if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) else StoreError
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return StoreFull
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return StoreFull if _is_full(file) else StoreReadOnly
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreCorrupt
        case sqlite3.SQLITE_IOERR:
            return StoreFull if _is_full(file) else StoreCorrupt if _is_short(code) else StoreError
    return StoreError


def _is_short(code: int) -> bool:
    return code == sqlite3.SQLITE_IOERR_SHORT_READ


def _is_full(file: Path) -> bool:
    """SQLite calls a full disk an I/O error where it maps its shared memory."""
    try:
        return shutil.disk_usage(file.parent).free < _ALMOST_NOTHING
    except OSError:
        return False
