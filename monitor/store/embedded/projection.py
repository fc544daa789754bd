"""Bringing the search index up to the truth: by change number, in batches, by whoever holds the writer lock."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

import tantivy

from monitor import faultpoints
from monitor.errors import StoreBusy, StoreCorrupt, StoreError, StoreFull
from monitor.store.embedded.articles import DOCUMENT, unpacked
from monitor.store.embedded.database import Database
from monitor.store.embedded.folder import Current, IndexFolder, WriterLock, reading_index, writing_index
from monitor.store.embedded.index import entry, forget, indexed

log = logging.getLogger(__name__)

_AT_ONCE = 250  # documents in memory
# Documents in one commit: single ones come to 28 a second, portions of 2,000 to 800; a killed process does this again.
_IN_ONE_COMMIT = 5000
# A writer that had so much to do is kept open so long: its merging goes on beside the next filing.
_KEEP_FROM = 1000
_KEEP_SECONDS = 10.0
# So that `check` can tell an index that was lost from one that was not needed yet.
MADE = "INSERT OR IGNORE INTO meta VALUES ('index', 'made')"
NOT_MADE = "DELETE FROM meta WHERE name = 'index'"
_TAIL = f"SELECT change, number, {DOCUMENT} FROM articles WHERE change > ? ORDER BY change LIMIT ?"


class Projection:
    """One process's hand on the index. Its calls exclude each other; several processes may try."""

    def __init__(self, database: Database, folder: IndexFolder, *, memory_mb: int) -> None:
        self._database = database
        self._folder = folder
        self._memory = memory_mb * 1_000_000
        self._lock = WriterLock(folder.folder / "writer.lock")
        self._calls = threading.RLock()
        self._writer: tantivy.IndexWriter | None = None
        self._index: tantivy.Index | None = None
        self._resting: threading.Timer | None = None

    def last_change(self) -> int:
        """The number of the newest change of the truth."""
        with self._database.reading() as connection:
            last: int = connection.execute("SELECT value FROM counters WHERE name = 'change'").fetchone()[0]
        return last

    def tail(self) -> int:
        """Number of articles whose newest state is not in the index."""
        current = self._folder.current()
        with self._database.reading() as connection:
            query = "SELECT count(*) FROM articles WHERE change > ?"
            count: int = connection.execute(query, (current.position if current else -1,)).fetchone()[0]
        return count

    def is_usable(self) -> bool:
        """Is there an index, and is it one of this truth?"""
        current = self._folder.current()
        return current is not None and current.position <= self.last_change()

    def project(self, limit: int | None = None, wait: float = 0.0) -> int:
        """Take up to `limit` changed articles (None: all) into the index; how many. 0 while another process does it.

        An index that is missing, damaged or ahead of the truth is made again first, whatever the limit.
        """
        with self._calls:
            if not self._lock.take(wait):
                return 0
            try:
                if not self.is_usable():
                    return self._build()
                done = self._advance(limit)
            except BaseException:
                self.rest()
                raise
            if done < _KEEP_FROM:
                self.rest()
            else:
                self._rest_later()
            return done

    def build(self, wait: float) -> int:
        """Make the index again beside the current one and go over to it; number of articles."""
        with self._calls:
            if not self._lock.take(wait):
                raise StoreBusy("another process writes the search index", hint="try again when it is done")
            return self._build()

    def rest(self) -> None:
        """Finish merging and let others write."""
        with self._calls:
            if self._resting is not None:
                self._resting.cancel()
                self._resting = None
            self._close_writer()
            self._lock.release()

    def _rest_later(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        self._resting = threading.Timer(_KEEP_SECONDS, self.rest)
        self._resting.daemon = True
        self._resting.start()

    def _build(self) -> int:
        self._close_writer()
        level = logging.WARNING if self._folder.holds_something() else logging.INFO
        generation, count = self._folder.begin(), self._number_of_articles()
        log.log(level, "making the search index folder=%s articles=%d", self._folder.folder, count)
        current, done = Current(generation, 0), 0
        try:
            self._open_writer(generation)
            while (step := self._commit(current, None)) is not None:
                current, done = step[0], done + step[1]
            self._folder.put_current(current)
            self._folder.remove_all_but(generation)
            with suppress(StoreBusy, StoreFull), self._database.writing() as connection:  # a note for `check` alone
                connection.execute(MADE)
        finally:
            self.rest()
        log.log(level, "the search index is made folder=%s articles=%d", self._folder.folder, done)
        return done

    def _advance(self, limit: int | None) -> int:
        current, done = self._folder.current(), 0
        if current is None:  # removed by hand this very moment
            return 0
        while limit is None or done < limit:
            step = self._commit(current, None if limit is None else limit - done)
            if step is None:
                break
            current = step[0]
            self._folder.put_current(current)
            done += step[1]
        return done

    def _commit(self, current: Current, limit: int | None) -> tuple[Current, int] | None:
        """One commit of what follows the position; None when nothing does."""
        most = min(_IN_ONE_COMMIT, _IN_ONE_COMMIT if limit is None else limit)
        position, done = current.position, 0
        added: set[int] = set()
        while done < most and (rows := self._following(position, min(_AT_ONCE, most - done))):
            writer = self._writer or self._open_writer(current.generation)
            with writing_index(self._folder.folder):
                self._put(writer, rows, added)
            position, done = rows[-1][0], done + len(rows)
        if not done or self._writer is None:
            return None
        faultpoints.passing("while-projecting")
        self._database.make_durable()
        with writing_index(self._folder.folder):
            self._writer.commit()
        faultpoints.passing("after-index-commit")
        if self._index is not None:
            with reading_index(self._folder.folder):
                self._index.reload()
        return Current(current.generation, position), done

    def _following(self, position: int, limit: int) -> list[tuple[Any, ...]]:
        with self._database.reading() as connection:
            return connection.execute(_TAIL, (position, limit)).fetchall()

    def _put(self, writer: tantivy.IndexWriter, rows: Sequence[tuple[Any, ...]], added: set[int]) -> None:
        """Instead of what the index has of these articles, be it older or from a commit that was cut short."""
        numbers = {row[1] for row in rows}
        for number in self._indexed(numbers) | (numbers & added):
            forget(writer, number)
        for _, number, *columns in rows:
            try:
                writer.add_document(entry(number, unpacked(columns)))
            except StoreCorrupt as error:  # one broken article must not hide all that follow; `check` names it
                log.error("article number %d is left out of the search index: %s", number, error.message)
        added |= numbers

    def _indexed(self, numbers: Collection[int]) -> set[int]:
        """Which of the articles are in the index: as a rule none, and then nothing has to be deleted."""
        if self._index is None:
            return set()
        searcher = self._index.searcher()
        if not searcher.num_docs:
            return set()
        return indexed(searcher, numbers)

    def _open_writer(self, generation: str) -> tantivy.IndexWriter:
        self._index = self._folder.open(generation)
        with writing_index(self._folder.folder):
            self._writer = self._index.writer(self._memory, 1)
        return self._writer

    def _close_writer(self) -> None:
        writer, self._writer, self._index = self._writer, None, None
        if writer is None:
            return
        try:
            with writing_index(self._folder.folder):
                writer.wait_merging_threads()
        except StoreError as error:
            log.warning("merging the search index failed, it goes on unmerged: %s", error.message)

    def _number_of_articles(self) -> int:
        with self._database.reading() as connection:
            count: int = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        return count
