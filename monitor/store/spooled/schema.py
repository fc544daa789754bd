"""Tables of a gathering machine's inbox: what has yet to be shipped, in order, and a copy of the states of its sites.

`entry` is the number of the queue's entry that carries what the row says; it is shipped when the queue no longer has
that entry, and 0 where the remote store itself said it.
"""

from __future__ import annotations

import sqlite3

from monitor.store.embedded.schema import Migration, execute_all

APPLICATION = 0x6D656473  # "meds": PRAGMA application_id, so that another program's file is told apart

VERSION_1 = """
-- kind: discovered | settled | source | run; `key` the address, the source's key or the run's id; `run` the run of the
-- analysis that a settled outcome carries (`analysis` 1), which waits to be filed.
CREATE TABLE queue (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, site TEXT NOT NULL, key TEXT NOT NULL,
    analysis INTEGER NOT NULL, run TEXT NOT NULL, record BLOB NOT NULL
);
CREATE INDEX queue_waiting ON queue (run) WHERE analysis = 1;
CREATE INDEX queue_site ON queue (site, kind);

-- `settled` 0: only discovered here, so that what the remote store knows of it counts.
CREATE TABLE urls (
    site TEXT NOT NULL, url TEXT NOT NULL, status TEXT NOT NULL,
    discovered_at INTEGER, fetched_at INTEGER, article_id TEXT NOT NULL, reason TEXT NOT NULL,
    attempts INTEGER NOT NULL, due_at INTEGER, checks INTEGER NOT NULL, etag TEXT NOT NULL,
    last_modified TEXT NOT NULL, content_hash TEXT NOT NULL, via TEXT NOT NULL, remote_id TEXT NOT NULL,
    hint TEXT NOT NULL, entry INTEGER NOT NULL, settled INTEGER NOT NULL,
    UNIQUE (site, url)
);
CREATE INDEX urls_status ON urls (site, status);
CREATE INDEX urls_discovered ON urls (site, discovered_at, url) WHERE status = 'discovered';
CREATE INDEX urls_failed ON urls (site, due_at) WHERE status = 'failed';
CREATE INDEX urls_due ON urls (site, due_at, url) WHERE status = 'stored';
CREATE TABLE sources (
    site TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL,
    fetched_at INTEGER, full_at INTEGER, cursor TEXT NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (site, key)
) WITHOUT ROWID;
CREATE TABLE runs (
    id TEXT PRIMARY KEY, site TEXT NOT NULL, started_at INTEGER NOT NULL, trigger TEXT NOT NULL, record BLOB NOT NULL,
    entry INTEGER NOT NULL
);
CREATE INDEX runs_site ON runs (site, started_at, id);
CREATE INDEX runs_time ON runs (started_at, id);
CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
-- One row while shipping does not get on: since when, why, and whether the remote store answers at all.
CREATE TABLE trouble (
    one INTEGER PRIMARY KEY CHECK (one = 1), since INTEGER NOT NULL, reason TEXT NOT NULL, answers INTEGER NOT NULL
);
"""


def _to_1(connection: sqlite3.Connection) -> None:
    execute_all(connection, VERSION_1)


# MIGRATIONS[n] leads from version n to n + 1, in one transaction. A released one is never changed.
MIGRATIONS: list[Migration] = [_to_1]


def version() -> int:
    """The schema this program writes."""
    return len(MIGRATIONS)
