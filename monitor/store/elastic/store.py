"""The store on an engine, put together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.errors import MappingConflict
from monitor.settings import StoreSettings
from monitor.store.elastic import setup
from monitor.store.elastic.connection import Connection, open_connection
from monitor.store.elastic.dead import DeadLetters, Retried
from monitor.store.elastic.mapping import KINDS, Names
from monitor.store.elastic.migrating import migrate
from monitor.store.elastic.moving import Progress
from monitor.store.elastic.reading import Reader
from monitor.store.elastic.setup import Layout
from monitor.store.elastic.upkeep import Upkeep
from monitor.store.elastic.whole import Whole
from monitor.store.elastic.writing import Writer

DEAD_LETTERS = "dead"  # folder below the spool
_LATELY = timedelta(hours=6)  # a filer that died within has perhaps not come to show the counts of its runs
_MOST_RUNS = 1000  # of them


class ElasticStore(Upkeep, Whole):
    """The indices of one prefix. Several threads may use one instance; a forked process must open its own."""

    def refresh(self) -> None:
        """Make everything written so far visible to search, and bring the counts of runs up to date."""
        self._see_everything()
        now = datetime.now(UTC)
        if self._counts_in_doubt:
            self._reader.refresh("inbox")
            since, until = int((now - _LATELY).timestamp()), int(now.timestamp()) + 1
            self._counted_anew.update(self._runs_with_marks(since, until, _MOST_RUNS))
            self._counts_in_doubt = False
        if runs := frozenset(self._counted_anew):
            left = self._recount(runs)
            self._counted_anew -= runs - left
            self._tidy(now)

    def conflict(self) -> MappingConflict | None:
        """Why nothing can be written, if so."""
        return self._writer.conflict()

    def retry_dead(self) -> Retried:
        """Have the documents written that the engine refused before."""
        return self._writer.retry_dead()

    def close(self) -> None:
        self._connection.close()


def open_store(settings: StoreSettings, folder: Path, *, create: bool = True) -> ElasticStore:
    """Open the store that the settings name, in this program's schema. Paths in the settings are taken from `folder`.

    Raises what `open_connection` does, and StoreError (no indices and `create` not set; an older schema), SchemaTooNew.
    Where an index has not the fields that the program writes, whatever writes raises MappingConflict.
    """
    connection = open_connection(settings, folder)
    try:
        return _opened(connection, settings, folder, create=create)
    except BaseException:
        connection.close()
        raise


def make_store(settings: StoreSettings, folder: Path) -> ElasticStore:
    """Open it, made where it is not there, and ready to be written. Raises as `open_store`, and MappingConflict."""
    store = open_store(settings, folder)
    if (wrong := store.conflict()) is not None:
        store.close()
        raise wrong
    return store


def migrate_store(settings: StoreSettings, folder: Path, *, on_step: Callable[[Progress], None] | None = None) -> int:
    """Bring indices of an older schema to this program's, while others use them; number of indices replaced.

    A run that was cut short goes on where it was. Raises as `open_store`, and StoreError when a document does not fit.
    """
    connection = open_connection(settings, folder)
    try:
        return migrate(connection, layout(connection, settings), on_step=on_step)
    finally:
        connection.close()


def remove_store(settings: StoreSettings, folder: Path) -> None:
    """Take all indices of the prefix away, and their templates."""
    connection = open_connection(settings, folder)
    try:
        setup.remove(connection, layout(connection, settings))
    finally:
        connection.close()


def layout(connection: Connection, settings: StoreSettings) -> Layout:
    """How indices are made there."""
    dialect = connection.dialect
    return Layout(
        Names(settings.index_prefix),
        dialect.language_analyzers,
        settings.shards,
        settings.replicas,
        percolating=dialect.percolator,
    )


def _opened(connection: Connection, settings: StoreSettings, folder: Path, *, create: bool) -> ElasticStore:
    made = layout(connection, settings)
    names = made.names
    there = setup.indices(connection, names)
    if create and len(there) < len(KINDS):
        setup.init(connection, made)
        there = setup.indices(connection, names)
    setup.demand(there, names)
    dead = DeadLetters(folder / settings.spool / DEAD_LETTERS)
    reader, writer = Reader(connection, names), Writer(connection, names, dead, setup.conflict(there))
    stemming, percolating = there["articles"].stemming, there["rules"].percolating
    return ElasticStore(connection, made, reader, writer, stemming=stemming, percolating=percolating)
