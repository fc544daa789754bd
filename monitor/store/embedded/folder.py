"""The folder of the search index: which generation of it is current, how far it is, and who may write.

    index/current.json    {"format": 1, "generation": "g000002", "position": 4711}, replaced whole
    index/g000002/        tantivy's own files
    index/writer.lock     locked by the process that writes

An index that is built again grows beside the current one; readers go over to it when current.json names it.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson
import tantivy

from monitor.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly
from monitor.store.embedded.database import translated
from monitor.store.embedded.index import FORMAT, fields, register_words

log = logging.getLogger(__name__)

_ALMOST_NOTHING = 8_000_000  # bytes free below which a failed write is taken for a full disk


class IndexDamaged(StoreCorrupt):
    """The search index can't be read; it can be made again from the truth."""


@dataclass(frozen=True, slots=True)
class Current:
    """The generation in use and the last change that is in it."""

    generation: str
    position: int


class IndexFolder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._current = folder / "current.json"

    def current(self) -> Current | None:
        """None when there is no index of this program's format."""
        before = None
        while (named := self._named()) != before:  # another one, when it was replaced before its files were looked at
            if named is not None and (self.folder / named.generation / "meta.json").is_file():
                return named
            before = named
        return None

    def _named(self) -> Current | None:
        try:
            found = orjson.loads(self._current.read_bytes())
            named = Current(str(found["generation"]), int(found["position"]))
            return named if found["format"] == FORMAT else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put_current(self, current: Current) -> None:
        """On the disk before it returns. Call it after what it promises is there."""
        part = self._current.with_suffix(".part")
        data = {"format": FORMAT, "generation": current.generation, "position": current.position}
        try:
            with part.open("wb") as file:
                file.write(orjson.dumps(data))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._current)
        except OSError as error:
            raise translated(error, self._current) from error

    def holds_something(self) -> bool:
        """Was there an index before, whether it can be read or not?"""
        return any(self.folder.glob("g[0-9]*"))

    def begin(self) -> str:
        """An empty generation beside the current one; what earlier attempts left is removed. Hold the writer lock."""
        current = self.current()
        self.remove_all_but(current.generation if current else "")
        name = f"g{int(current.generation[1:]) + 1 if current else 1:06d}"
        try:
            (self.folder / name).mkdir()
            with reading_index(self.folder):
                tantivy.Index(fields(), str(self.folder / name), reuse=False)
        except OSError as error:
            raise translated(error, self.folder) from error
        return name

    def remove_all_but(self, generation: str) -> None:
        """Readers that have an old generation open keep it until they let go."""
        for old in self.folder.glob("g[0-9]*"):
            if old.name != generation:
                shutil.rmtree(old, ignore_errors=True)

    def open(self, generation: str) -> tantivy.Index:
        """Raises IndexDamaged."""
        with reading_index(self.folder):
            index = tantivy.Index.open(str(self.folder / generation))
            register_words(index)
            index.config_reader("manual")
        return index

    def stamp(self, generation: str) -> tuple[int, int, int]:
        """Changes with every commit."""
        try:
            status = (self.folder / generation / "meta.json").stat()
        except OSError:
            return (0, 0, 0)
        return status.st_ino, status.st_mtime_ns, status.st_size


class WriterLock:
    """One writer of the index at a time, over all processes; falls free when its process dies.

    It is SQLite's lock on an empty database: the one that works alike on every system.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None

    @property
    def held(self) -> bool:
        return self._connection is not None

    def take(self, seconds: float) -> bool:
        """Wait so long for it at most. Raises StoreReadOnly, StoreFull."""
        if self.held:
            return True
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._file, timeout=seconds, isolation_level=None, check_same_thread=False)
            try:
                connection.execute("PRAGMA journal_mode = MEMORY")  # else it begins with a file: not on a full disk
                connection.execute("BEGIN EXCLUSIVE")
            except BaseException:
                connection.close()
                raise
        except (sqlite3.Error, OSError) as error:
            problem = translated(error, self._file)
            if isinstance(problem, StoreBusy):
                return False
            raise problem from error
        self._connection = connection
        return True

    def release(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):  # nothing was written: closing alone lets go
                self._connection.close()
            self._connection = None


@contextmanager
def reading_index(folder: Path) -> Iterator[None]:
    """Whatever tantivy raises while it reads means that the index is damaged."""
    try:
        yield
    except (ValueError, OSError) as error:
        if _means(error, "permission denied", "read-only file system"):
            raise _read_only(folder, error) from error
        if _means(error, "no space left"):
            raise _full(folder) from error
        raise IndexDamaged(f"the search index in {folder} can't be read: {error}", hint=_REINDEX) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # tantivy's way to say that a file is not as it must be
            raise
        raise IndexDamaged(f"the search index in {folder} can't be read: {error}", hint=_REINDEX) from error


@contextmanager
def writing_index(folder: Path) -> Iterator[None]:
    """Whatever tantivy raises while it writes; the articles themselves are safe in the database."""
    try:
        yield
    except (ValueError, OSError) as error:
        if _means(error, "no space left") or _nothing_free(folder):
            raise _full(folder) from error
        if _means(error, "permission denied", "read-only file system"):
            raise _read_only(folder, error) from error
        raise StoreError(f"the search index in {folder} can't be written: {error}", hint=_REINDEX) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise StoreError(f"the search index in {folder} can't be written: {error}", hint=_REINDEX) from error


_REINDEX = "`monitor store reindex` makes it again; no article is lost"


def _full(folder: Path) -> StoreFull:
    return StoreFull(
        f"no space left for the search index in {folder}", hint="free some space; the articles are safe, search lags"
    )


def _read_only(folder: Path, error: Exception) -> StoreReadOnly:
    why = "read-only file system" if _means(error, "read-only file system") else "permission denied"
    return StoreReadOnly(f"{folder} can't be opened or written: {why}", hint="check the folder's owner and permissions")


def _means(error: Exception, *phrases: str) -> bool:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "no space left" in phrases
    return any(phrase in str(error).lower() for phrase in phrases)


def _nothing_free(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _ALMOST_NOTHING
    except OSError:
        return False
