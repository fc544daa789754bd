"""What `Lookups` finds articles by, made again from the articles, and held against them."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Sequence

import numpy

from monitor.errors import StoreCorrupt
from monitor.store.embedded import articles
from monitor.store.embedded.articles import DOCUMENT, Packed, distinct, packed, unpacked
from monitor.store.embedded.database import Database
from monitor.store.embedded.fingerprints import MOST_ENTRIES, put
from monitor.store.embedded.packing import holes, portions
from monitor.store.embedded.sharing import WEEK
from monitor.store.embedded.sorted_runs import Print, SortedRun, build, unpack
from monitor.store.port import Finding

log = logging.getLogger(__name__)

_AT_ONCE = 500  # articles in memory
_REBUILD = "`monitor store reindex` makes them again"
_DROP_EMPTY_WEEKS = """
DELETE FROM fingerprints WHERE NOT EXISTS (
    SELECT 1 FROM articles WHERE story_time >= week * :week AND story_time < (week + 1) * :week
)
"""
_MISSING = "SELECT 1 FROM meta WHERE name = 'lookups'"


def is_due(connection: sqlite3.Connection) -> bool:
    """Are they still to be made, after a change of schema?"""
    return connection.execute(_MISSING).fetchone() is not None


def rebuild(database: Database) -> int:
    """Make them again, a week in one transaction, while others go on; number of articles."""
    done, week = 0, _week_from(database, -(2**63))
    while week is not None:
        with database.writing() as connection:
            done += _rebuild_week(connection, week)
        week = _week_from(database, (week + 1) * WEEK)
    with database.writing() as connection:
        connection.execute(_DROP_EMPTY_WEEKS, {"week": WEEK})
        for table in ("links", "dispatches", "addresses"):
            connection.execute(f"DELETE FROM {table} WHERE article NOT IN (SELECT id FROM articles)")
        connection.execute("DELETE FROM meta WHERE name = 'lookups'")
    return done


def _week_from(database: Database, at: int) -> int | None:
    """The first with articles of that time or later."""
    with database.reading() as connection:
        query = "SELECT min(story_time) FROM articles WHERE story_time >= ?"
        first: int | None = connection.execute(query, (at,)).fetchone()[0]
    return None if first is None else first // WEEK


def _rebuild_week(connection: sqlite3.Connection, week: int) -> int:
    connection.execute("DELETE FROM fingerprints WHERE week = ?", (week,))
    query = "SELECT number FROM articles WHERE story_time BETWEEN ? AND ? ORDER BY ifnull(print, change)"
    numbers = [number for (number,) in connection.execute(query, (week * WEEK, (week + 1) * WEEK - 1)).fetchall()]
    waiting: list[Print] = []
    for portion in portions(numbers, _AT_ONCE):
        waiting += _rebuild_articles(connection, portion)
        if sum(len(one.hashes) for one in waiting) > MOST_ENTRIES:
            put(connection, week, build(waiting))
            waiting = []
    if waiting:
        put(connection, week, build(waiting))
    return len(numbers)


def _rebuild_articles(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Print]:
    """Their columns, links and dispatches; their fingerprints, which keep their numbers. Broken articles have none."""
    query = (
        f"SELECT ifnull(print, change), number, id, {DOCUMENT} FROM articles WHERE number IN ({holes(len(numbers))})"
    )
    prints: list[Print] = []
    read: list[Packed] = []
    for number, article, id, *document in sorted(connection.execute(query, numbers).fetchall()):
        try:
            made = packed(unpacked(document), {})
            hashes = distinct(made.row.hashes)
        except StoreCorrupt as error:
            log.error("article %s can't be found by what it says: %s", id, error.message)
            continue
        read.append(made)
        if len(hashes):
            prints.append(Print(number, made.row.story_time, hashes))
        values = (number if len(hashes) else None, made.row.exact, article)
        connection.execute("UPDATE articles SET print = ?, exact = ? WHERE number = ?", values)
    articles.put_names(connection, read, [one.row.id for one in read])
    return prints


def differences(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Runs that can't be read, and articles whose fingerprint is not in them as it is."""
    if is_due(connection):
        yield Finding("the fingerprints are still to be made from the articles", "`monitor status` opens the store")
        return
    last = connection.execute("SELECT value FROM counters WHERE name = 'change'").fetchone()[0]
    looked_at: set[int] = set()
    found: set[int] = set()
    while fresh := set(_numbers(connection, "SELECT number FROM fingerprints")) - looked_at:  # others go on merging
        for number in sorted(fresh):
            yield from _run_differences(connection, number, found)
        looked_at |= fresh
    query = "SELECT id, print FROM articles WHERE change <= ? AND (print IS NOT NULL OR length(hashes) > 0)"
    for id, print in connection.execute(query, (last,)).fetchall():
        if print not in found:
            yield Finding(f"the fingerprint of article {id} is in no run", _REBUILD)


def _run_differences(connection: sqlite3.Connection, number: int, found: set[int]) -> Iterator[Finding]:
    """Adds the prints of the run to those that are found."""
    row = connection.execute("SELECT week, entries, data FROM fingerprints WHERE number = ?", (number,)).fetchone()
    if row is None:  # merged meanwhile
        return
    try:
        run = unpack(row[2])
    except StoreCorrupt as error:
        yield Finding(f"run {number} of fingerprints: {error.message}", _REBUILD)
        return
    if len(run) != row[1] or (run.hashes[1:] < run.hashes[:-1]).any() or (run.times // WEEK != row[0]).any():
        yield Finding(f"run {number} of fingerprints is not what its row says", _REBUILD)
    found.update(run.prints.tolist())
    expected = _sums(run)
    for portion in portions(expected):
        query = f"SELECT id, print, story_time, hashes FROM articles WHERE print IN ({holes(len(portion))})"
        for id, print, story_time, hashes in connection.execute(query, portion).fetchall():
            if (story_time, *_sum(hashes)) != expected[print]:
                yield Finding(f"the fingerprint of article {id} is another one in run {number}", _REBUILD)


_Sum = tuple[int, int, int]  # story time, number of hashes, their sum


def _sums(run: SortedRun) -> dict[int, _Sum]:
    """By print."""
    counts = numpy.bincount(run.owners, minlength=len(run.prints))
    sums = numpy.zeros(len(run.prints), dtype=numpy.uint64)
    numpy.add.at(sums, run.owners, run.hashes)  # wraps around
    rows = zip(run.prints.tolist(), run.times.tolist(), counts.tolist(), sums.tolist(), strict=True)
    return {print: (time, count, total) for print, time, count, total in rows}


def _sum(packed_hashes: bytes) -> tuple[int, int]:
    try:
        hashes = distinct(packed_hashes)
    except StoreCorrupt:  # named where the articles are looked at
        return -1, 0
    return len(hashes), int(hashes.sum(dtype=numpy.uint64))


def _numbers(connection: sqlite3.Connection, query: str) -> list[int]:
    return [number for (number,) in connection.execute(query).fetchall()]
