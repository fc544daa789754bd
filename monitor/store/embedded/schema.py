"""Tables of the embedded store and the way from one version to the next.

Times are microseconds since 1970-01-01 UTC. BLOBs named `record` are JSON of `monitor.codec`, packed with zstd.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

APPLICATION = 0x6D65646D  # "medm": PRAGMA application_id, so that another program's file is told apart

VERSION_1 = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counters VALUES ('change', 0);

-- Addresses. `settled` is the key of the analysis that was put into the inbox last.
CREATE TABLE urls (
    number INTEGER PRIMARY KEY,
    site TEXT NOT NULL, url TEXT NOT NULL, status TEXT NOT NULL,
    discovered_at INTEGER, fetched_at INTEGER, article_id TEXT NOT NULL, reason TEXT NOT NULL,
    attempts INTEGER NOT NULL, due_at INTEGER, checks INTEGER NOT NULL, etag TEXT NOT NULL,
    last_modified TEXT NOT NULL, content_hash TEXT NOT NULL, via TEXT NOT NULL, remote_id TEXT NOT NULL,
    hint TEXT NOT NULL, settled TEXT NOT NULL DEFAULT '',
    UNIQUE (site, url)
);
CREATE INDEX urls_status ON urls (site, status);
CREATE INDEX urls_discovered ON urls (site, discovered_at, url) WHERE status = 'discovered';
CREATE INDEX urls_failed ON urls (site, due_at) WHERE status = 'failed';
CREATE INDEX urls_due ON urls (site, due_at, url) WHERE status = 'stored';
CREATE TABLE sources (
    site TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL,
    fetched_at INTEGER, full_at INTEGER, cursor TEXT NOT NULL,
    PRIMARY KEY (site, key)
) WITHOUT ROWID;

CREATE TABLE inbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE, run TEXT NOT NULL, record BLOB NOT NULL
);
CREATE INDEX inbox_run ON inbox (run);

-- Articles. `number` is the key of the search index, `change` the change sequence that it follows; `text` is packed
-- text, `hashes` the fingerprint as little-endian 64 bit numbers; both are left out of `record`.
CREATE TABLE articles (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, change INTEGER NOT NULL UNIQUE,
    site TEXT NOT NULL, role TEXT NOT NULL, language TEXT NOT NULL, story TEXT NOT NULL,
    story_time INTEGER NOT NULL, first_seen INTEGER NOT NULL, revision INTEGER NOT NULL,
    record BLOB NOT NULL, text BLOB NOT NULL, hashes BLOB NOT NULL
);
CREATE INDEX articles_time ON articles (story_time, id, role);
CREATE INDEX articles_story ON articles (story);
CREATE TABLE languages (code TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE revisions (
    number INTEGER NOT NULL, article_id TEXT NOT NULL,
    text_hash TEXT NOT NULL, fetched_at INTEGER NOT NULL, record BLOB NOT NULL, text BLOB NOT NULL,
    UNIQUE (article_id, number)
);
CREATE TABLE edges (
    article TEXT NOT NULL, other TEXT NOT NULL, kind TEXT NOT NULL, containment REAL NOT NULL, reverse REAL NOT NULL,
    longest_run INTEGER NOT NULL, article_revision INTEGER NOT NULL, other_revision INTEGER NOT NULL,
    PRIMARY KEY (article, other)
) WITHOUT ROWID;
CREATE INDEX edges_other ON edges (other);
CREATE TABLE stories (
    id TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, copies INTEGER NOT NULL, record BLOB NOT NULL
);
CREATE INDEX stories_last ON stories (last);
CREATE TABLE aliases (alias TEXT PRIMARY KEY, story TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX aliases_story ON aliases (story);
CREATE TABLE decisions (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, verb TEXT NOT NULL, argument TEXT NOT NULL, author TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX decisions_subject ON decisions (subject, at);

CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
    id TEXT PRIMARY KEY, site TEXT NOT NULL, started_at INTEGER NOT NULL, trigger TEXT NOT NULL, record BLOB NOT NULL
);
CREATE INDEX runs_time ON runs (started_at, id);
CREATE INDEX runs_site ON runs (site, started_at, id);
-- Apart from `runs`: what is filed may be counted before the run is written, and is never overwritten by it.
CREATE TABLE run_counts (
    run TEXT PRIMARY KEY, stored INTEGER NOT NULL DEFAULT 0, updated INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE rejections (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL, site TEXT NOT NULL, url TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (run, site, url)
);
CREATE INDEX rejections_site ON rejections (site);
"""

VERSION_2 = """
-- What matching looks articles up by. `print` is the change that filed the article's present fingerprint, by which its
-- hashes are known in the sorted runs of `fingerprints` (NULL: it has none); `exact` a digest of its exact hash.
ALTER TABLE articles ADD COLUMN print INTEGER;
ALTER TABLE articles ADD COLUMN exact BLOB;
CREATE UNIQUE INDEX articles_print ON articles (print) WHERE print IS NOT NULL;
CREATE INDEX articles_exact ON articles (exact) WHERE exact IS NOT NULL;
CREATE TABLE fingerprints (
    number INTEGER PRIMARY KEY AUTOINCREMENT, week INTEGER NOT NULL, entries INTEGER NOT NULL, data BLOB NOT NULL
);
CREATE INDEX fingerprints_week ON fingerprints (week, entries);
CREATE TABLE links (url TEXT NOT NULL, article TEXT NOT NULL, PRIMARY KEY (url, article)) WITHOUT ROWID;
CREATE INDEX links_article ON links (article);
CREATE TABLE dispatches (dispatch TEXT NOT NULL, article TEXT NOT NULL, PRIMARY KEY (dispatch, article)) WITHOUT ROWID;
CREATE INDEX dispatches_article ON dispatches (article);
CREATE INDEX stories_copies ON stories (copies);
-- Addresses of articles whose id is not made from them.
CREATE TABLE addresses (url TEXT NOT NULL, article TEXT NOT NULL, PRIMARY KEY (url, article)) WITHOUT ROWID;
CREATE INDEX addresses_article ON addresses (article);
CREATE TABLE furniture (site TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
-- They are made from the articles by whoever opens the store next for writing, not by the migration: it would change
-- with the program.
INSERT INTO meta VALUES ('lookups', 'missing');
"""

VERSION_3 = """
CREATE TABLE rules (id TEXT PRIMARY KEY, record BLOB NOT NULL, question TEXT NOT NULL) WITHOUT ROWID;
-- `due`: when it is to be sent; `ready`: when it is to be tried (again), not before that.
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL, channel TEXT NOT NULL, subject TEXT NOT NULL, occurrence TEXT NOT NULL,
    state TEXT NOT NULL, made INTEGER NOT NULL, due INTEGER NOT NULL, ready INTEGER NOT NULL, record BLOB NOT NULL,
    UNIQUE (rule, channel, subject, occurrence)
);
CREATE INDEX outbox_waiting ON outbox (channel, due, rule, subject, occurrence) WHERE state = 'waiting';
CREATE INDEX outbox_made ON outbox (made);
CREATE INDEX outbox_rule ON outbox (rule, made);
"""

Migration = Callable[[sqlite3.Connection], None]


def execute_all(connection: sqlite3.Connection, script: str) -> None:
    """Statement by statement inside the caller's transaction; `executescript` would commit it."""
    statement = ""
    for line in script.splitlines():
        statement += f"{line}\n"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _to_1(connection: sqlite3.Connection) -> None:
    execute_all(connection, VERSION_1)


def _to_2(connection: sqlite3.Connection) -> None:
    execute_all(connection, VERSION_2)


def _to_3(connection: sqlite3.Connection) -> None:
    execute_all(connection, VERSION_3)


# MIGRATIONS[n] leads from version n to n + 1, in one transaction. A released one is never changed.
MIGRATIONS: list[Migration] = [_to_1, _to_2, _to_3]


def version() -> int:
    """The schema this program writes."""
    return len(MIGRATIONS)
