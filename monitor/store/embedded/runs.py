"""What was crawled and what was refused: the tables runs, run_counts, rejections."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from monitor.codec import decode, encode
from monitor.records import Outcome, Rejection, Run
from monitor.store.embedded.packing import micros, moment, pack, plain, unpack
from monitor.store.embedded.tables import Tables

KEPT_REJECTIONS = 100_000  # newest of all sites; about 30 MB
_LONGEST_DETAIL = 1000  # characters
_COUNT = {
    result: f"INSERT INTO run_counts (run, {result}) VALUES (?, 1) "
    f"ON CONFLICT (run) DO UPDATE SET {result} = {result} + 1"
    for result in ("stored", "updated", "unchanged")
}
COLUMNS = "record, ifnull(stored, 0), ifnull(updated, 0), ifnull(unchanged, 0)"
_SELECT = f"SELECT {COLUMNS} FROM runs LEFT JOIN run_counts ON run_counts.run = runs.id "
_LAST = f"""{_SELECT} WHERE id IN (
    SELECT (SELECT id FROM runs AS r WHERE r.site = s.site AND r.trigger <> 'import'
            ORDER BY started_at DESC, id DESC LIMIT 1)
    FROM (SELECT DISTINCT site FROM runs) AS s)
"""
_REJECT = """
INSERT OR REPLACE INTO rejections (run, site, url, reason, detail, at) VALUES (?, ?, ?, ?, ?, ?)
"""


def count(connection: sqlite3.Connection, run: str, result: str) -> None:
    """One more `stored`, `updated` or `unchanged` article of the run."""
    connection.execute(_COUNT[result], (run,))


def reject(connection: sqlite3.Connection, outcomes: Sequence[Outcome]) -> None:
    """Keep why; the oldest beyond KEPT_REJECTIONS go."""
    rows = [
        (
            outcome.run,
            outcome.state.site,
            outcome.state.url,
            plain(outcome.state.reason),
            plain(outcome.detail[:_LONGEST_DETAIL]),
            micros(outcome.state.fetched_at or outcome.state.discovered_at or datetime.now(UTC)),
        )
        for outcome in outcomes
    ]
    connection.executemany(_REJECT, rows)
    _drop_oldest(connection)


def restore(connection: sqlite3.Connection, run: Run) -> None:
    """With its counts."""
    put(connection, run)
    row = (run.id, run.stored, run.updated, run.unchanged)
    connection.execute("INSERT OR REPLACE INTO run_counts (run, stored, updated, unchanged) VALUES (?, ?, ?, ?)", row)


def restore_rejection(connection: sqlite3.Connection, one: Rejection) -> None:
    row = (one.run, one.site, one.url, plain(one.reason), plain(one.detail), micros(one.at))
    connection.execute(_REJECT, row)
    _drop_oldest(connection)


def put(connection: sqlite3.Connection, run: Run) -> None:
    row = (run.id, run.site, micros(run.started_at), run.trigger, pack(encode(run)))
    connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?)", row)


def _drop_oldest(connection: sqlite3.Connection) -> None:
    connection.execute(
        "DELETE FROM rejections WHERE number <= (SELECT max(number) FROM rejections) - ?", (KEPT_REJECTIONS,)
    )


class RunTables(Tables):
    def put_run(self, run: Run) -> None:
        with self._database.writing() as connection:
            put(connection, run)

    def run(self, run_id: str) -> Run | None:
        found = self._runs("WHERE id = ?", (run_id,))
        return found[0] if found else None

    def runs(self, site: str = "", limit: int = 20) -> list[Run]:
        where = "WHERE site = ?" if site else ""
        return self._runs(f"{where} ORDER BY started_at DESC, id DESC LIMIT ?", (*([site] if site else []), limit))

    def last_runs(self) -> dict[str, Run]:
        with self._database.reading() as connection:
            return {run.site: run for run in map(run_of, connection.execute(_LAST).fetchall())}

    def rejections(self, run: str = "", site: str = "", limit: int = 100) -> list[Rejection]:
        named = {name: value for name, value in (("run", run), ("site", site)) if value}
        where = " AND ".join(f"{name} = :{name}" for name in named) or "TRUE"
        query = (
            f"SELECT run, site, url, reason, detail, at FROM rejections WHERE {where} ORDER BY number DESC LIMIT :limit"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, {**named, "limit": limit}).fetchall()
        return [Rejection(run, site, url, why, detail, moment(at)) for run, site, url, why, detail, at in rows]

    def _runs(self, where: str, values: tuple[Any, ...]) -> list[Run]:
        with self._database.reading() as connection:
            return [run_of(row) for row in connection.execute(_SELECT + where, values).fetchall()]


def run_of(row: Sequence[Any]) -> Run:
    return replace(decode(Run, unpack(row[0])), stored=row[1], updated=row[2], unchanged=row[3])
