"""Addresses and sources: their tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from monitor.codec import decode, encode
from monitor.records import Hint, Outcome, SourceState, Status, UrlState
from monitor.store.embedded import inbox, runs
from monitor.store.embedded.packing import holes, micros, micros_or_none, moment_or_none, plain, portions
from monitor.store.embedded.tables import Tables

COLUMNS = (
    "site, url, status, discovered_at, fetched_at, article_id, reason, attempts, due_at, checks, etag, last_modified, "
    "content_hash, via, remote_id, hint"
)
NAMES = COLUMNS.split(", ")
SOURCE_COLUMNS = "site, key, etag, last_modified, fetched_at, full_at, cursor"
_NEW = f"INSERT INTO urls ({COLUMNS}) VALUES ({holes(len(NAMES))}) ON CONFLICT (site, url) DO NOTHING"
# Changes nothing, and says so, when the row is as it was: then the call is a repeated one.
_REPLACE = (
    f"INSERT INTO urls ({COLUMNS}) VALUES ({holes(len(NAMES))}) ON CONFLICT (site, url) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in NAMES[2:])
    + f" WHERE ({', '.join(NAMES[2:])}) IS NOT ({', '.join(f'excluded.{name}' for name in NAMES[2:])})"
)
SELECT = f"SELECT {COLUMNS} FROM urls "
_NO_HINT = Hint()


class UrlReading(Tables):
    """What is asked of the tables urls and sources, however they are written."""

    def known(self, site: str, urls: Collection[str]) -> dict[str, UrlState]:
        found: dict[str, UrlState] = {}
        with self._database.reading() as connection:
            for portion in portions(urls):
                query = f"{SELECT} WHERE site = ? AND url IN ({holes(len(portion))})"
                found.update((row[1], state_of(row)) for row in connection.execute(query, (site, *portion)))
        return found

    def pending(self, site: str, now: datetime, limit: int) -> list[UrlState]:
        order = "ORDER BY discovered_at, url LIMIT ?"
        query = (
            f"SELECT * FROM ({SELECT} WHERE site = ? AND status = 'discovered' {order}) UNION ALL "
            f"SELECT * FROM ({SELECT} WHERE site = ? AND status = 'failed' AND due_at <= ? {order}) {order}"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, (site, limit, site, micros(now), limit, limit)).fetchall()
        return [state_of(row) for row in rows]

    def due(self, site: str, now: datetime, limit: int) -> list[UrlState]:
        query = f"{SELECT} WHERE site = ? AND status = 'stored' AND due_at <= ? ORDER BY due_at, url LIMIT ?"
        with self._database.reading() as connection:
            return [state_of(row) for row in connection.execute(query, (site, micros(now), limit)).fetchall()]

    def counts(self, site: str) -> dict[str, int]:
        with self._database.reading() as connection:
            query = "SELECT status, count(*) FROM urls WHERE site = ? GROUP BY status"
            return dict(connection.execute(query, (site,)).fetchall())

    def source(self, site: str, key: str) -> SourceState | None:
        with self._database.reading() as connection:
            row = connection.execute(
                f"SELECT {SOURCE_COLUMNS} FROM sources WHERE site = ? AND key = ?", (site, key)
            ).fetchone()
        return source_state_of(row) if row else None


class UrlTables(UrlReading):
    def discover(self, states: Sequence[UrlState]) -> int:
        with self._database.writing() as connection:
            return sum(connection.execute(_NEW, row_of(state)).rowcount for state in states)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        packed = [inbox.packed(outcome.analysis) if outcome.analysis else None for outcome in outcomes]
        with self._database.writing() as connection:
            for outcome, item in zip(outcomes, packed, strict=True):
                state = outcome.state
                changed = connection.execute(_REPLACE, row_of(state)).rowcount > 0
                if item:
                    _put_in(connection, state, item)
                if outcome.run and outcome.unchanged and changed:
                    runs.count(connection, outcome.run, "unchanged")
            rejected = [outcome for outcome in outcomes if outcome.run and outcome.state.status is Status.REJECTED]
            if rejected:
                runs.reject(connection, rejected)

    def put_source(self, state: SourceState) -> None:
        with self._database.writing() as connection:
            connection.execute(f"INSERT OR REPLACE INTO sources VALUES ({holes(7)})", source_row_of(state))


def _put_in(connection: sqlite3.Connection, state: UrlState, item: inbox.Packed) -> None:
    """Unless it is what this address put in last."""
    mark = "UPDATE urls SET settled = ? WHERE site = ? AND url = ? AND settled <> ?"
    if connection.execute(mark, (item.key, state.site, state.url, item.key)).rowcount:
        inbox.put(connection, item)


def source_row_of(state: SourceState) -> tuple[Any, ...]:
    times = micros_or_none(state.fetched_at), micros_or_none(state.full_at)
    return (state.site, state.key, plain(state.etag), plain(state.last_modified), *times, plain(state.cursor))


def source_state_of(row: Sequence[Any]) -> SourceState:
    site, key, etag, modified, fetched_at, full_at, cursor = row
    return SourceState(site, key, etag, modified, moment_or_none(fetched_at), moment_or_none(full_at), cursor)


def row_of(state: UrlState) -> tuple[Any, ...]:
    return (
        state.site,
        state.url,
        state.status.value,
        micros_or_none(state.discovered_at),
        micros_or_none(state.fetched_at),
        state.article_id,
        plain(state.reason),
        state.attempts,
        micros_or_none(state.due_at),
        state.checks,
        plain(state.etag),
        plain(state.last_modified),
        state.content_hash,
        state.via,
        plain(state.remote_id),
        "" if state.hint == _NO_HINT else encode(state.hint).decode("utf-8"),
    )


def state_of(row: Sequence[Any]) -> UrlState:
    return UrlState(
        site=row[0],
        url=row[1],
        status=Status(row[2]),
        discovered_at=moment_or_none(row[3]),
        fetched_at=moment_or_none(row[4]),
        article_id=row[5],
        reason=row[6],
        attempts=row[7],
        due_at=moment_or_none(row[8]),
        checks=row[9],
        etag=row[10],
        last_modified=row[11],
        content_hash=row[12],
        via=row[13],
        remote_id=row[14],
        hint=decode(Hint, row[15]) if row[15] else _NO_HINT,
    )
