"""The embedded store, put together."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from monitor.store.embedded import database, schema
from monitor.store.embedded.database import Database, open_database
from monitor.store.embedded.folder import IndexFolder
from monitor.store.embedded.inbox import InboxTable
from monitor.store.embedded.leases import LeaseTable
from monitor.store.embedded.notes import NoteTables
from monitor.store.embedded.outbox import OutboxTable
from monitor.store.embedded.projection import Projection
from monitor.store.embedded.rebuilding import is_due, rebuild
from monitor.store.embedded.runs import RunTables
from monitor.store.embedded.search import SearchTables
from monitor.store.embedded.upkeep import INDEX, check
from monitor.store.embedded.urls import UrlTables
from monitor.store.embedded.whole import WholeTables
from monitor.store.port import FILER_LEASE, Finding, Health


class EmbeddedStore(UrlTables, InboxTable, LeaseTable, SearchTables, RunTables, OutboxTable, NoteTables, WholeTables):
    """One folder. Several threads may use one instance; a forked process must open its own."""

    def __init__(self, folder: Path, opened: Database, *, index_memory_mb: int) -> None:
        self.folder = folder
        index = IndexFolder(folder / INDEX)
        SearchTables.__init__(self, opened, index, Projection(opened, index, memory_mb=index_memory_mb))

    def health(self, now: datetime) -> Health:
        with self._database.reading() as connection:
            articles, revisions, inbox = connection.execute(
                "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM revisions), (SELECT count(*) FROM inbox)"
            ).fetchone()
        return Health(
            "embedded",
            schema.version(),
            articles=articles,
            revisions=revisions,
            inbox=inbox,
            unprojected=self.unprojected(),
            filer=self.holder(FILER_LEASE, now),
            details={
                "folder": str(self.folder),
                "database": _megabytes(self._database.file),
                "search index": _megabytes(self.folder / INDEX),
            },
        )

    def check(self) -> list[Finding]:
        return check(self._database, self._folder)

    def rebuild_fingerprints(self) -> int:
        return rebuild(self._database)

    def reindex(self) -> int:
        """After `rebuild_fingerprints`. Needs the room of a second index.

        Raises StoreBusy when another process goes on writing the index.
        """
        self.rebuild_fingerprints()
        return self._projection.build(self._database.busy_timeout)

    def close(self) -> None:
        self._projection.rest()
        self._database.close()


def open_store(
    folder: Path,
    *,
    busy_timeout: float = 30.0,
    index_memory_mb: int = 64,
    create: bool = True,
    read_only: bool = False,
) -> EmbeddedStore:
    """Open the store in the folder, in this program's schema.

    Raises StoreReadOnly, StoreCorrupt, StoreFull, StoreBusy, SchemaTooNew, and StoreError when there is none and
    `create` is not set.
    """
    opened = open_database(folder / database.FILE_NAME, busy_timeout=busy_timeout, create=create, read_only=read_only)
    store = EmbeddedStore(folder, opened, index_memory_mb=index_memory_mb)
    if not read_only:
        with opened.reading() as connection:
            due = is_due(connection)
        if due:
            store.rebuild_fingerprints()
    return store


def _megabytes(path: Path) -> str:
    """Of a folder with all in it, or of a file with its companions; any of them may go away meanwhile."""
    inside = [Path(folder) / name for folder, _, names in os.walk(path) for name in names]
    total = 0
    for file in inside if path.is_dir() else path.parent.glob(f"{path.name}*"):
        with suppress(FileNotFoundError):
            total += file.stat().st_size
    return f"{total / 1e6:.1f} MB"
