"""What has yet to be shipped, in the order in which it was written here: the table queue."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from monitor.codec import decode, encode
from monitor.records import Outcome, Run, SourceState, UrlState
from monitor.store.embedded.packing import holes, pack, portions, unpack
from monitor.store.embedded.tables import Tables

Record = UrlState | Outcome | SourceState | Run


class Kind(StrEnum):
    DISCOVERED = "discovered"
    SETTLED = "settled"
    SOURCE = "source"
    RUN = "run"


_TYPES: dict[Kind, type[Record]] = {
    Kind.DISCOVERED: UrlState,
    Kind.SETTLED: Outcome,
    Kind.SOURCE: SourceState,
    Kind.RUN: Run,
}


@dataclass(frozen=True, slots=True)
class Packed:
    """A record ready to be written, so that the transaction is short."""

    kind: Kind
    site: str
    key: str
    analysis: bool
    run: str
    record: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    kind: Kind
    record: Record


def packed(record: Record) -> Packed:
    data = pack(encode(record))
    match record:
        case UrlState():
            return Packed(Kind.DISCOVERED, record.site, record.url, False, "", data)
        case Outcome():
            run = record.analysis.run if record.analysis else ""
            return Packed(Kind.SETTLED, record.state.site, record.state.url, bool(record.analysis), run, data)
        case SourceState():
            return Packed(Kind.SOURCE, record.site, record.key, False, "", data)
        case Run():
            return Packed(Kind.RUN, record.site, record.id, False, "", data)


def put(connection: sqlite3.Connection, item: Packed) -> int:
    """At the end; its number."""
    query = "INSERT INTO queue (kind, site, key, analysis, run, record) VALUES (?, ?, ?, ?, ?, ?)"
    row = (item.kind.value, item.site, item.key, item.analysis, item.run, item.record)
    number: int | None = connection.execute(query, row).lastrowid
    assert number is not None  # noqa: S101  (after an INSERT it is set)
    return number


def read(kind: Kind, data: bytes) -> Record:
    """Raises StoreCorrupt when the bytes are not such a record."""
    return decode(_TYPES[kind], data)


class QueueTable(Tables):
    def first(self, limit: int) -> list[Entry]:
        """The first entries that are of one kind, and each of another address: then a repeated call changes nothing,
        whatever the store takes for a change.
        """
        query = "SELECT number, kind, site, key, record FROM queue ORDER BY number LIMIT ?"
        with self._database.reading() as connection:
            rows = connection.execute(query, (limit,)).fetchall()
        entries, seen = [], set()
        for number, kind, site, key, record in rows:
            if kind != rows[0][1] or (site, key) in seen:
                break
            seen.add((site, key))
            entries.append(Entry(number, Kind(kind), read(Kind(kind), unpack(record))))
        return entries

    def drop(self, numbers: Collection[int]) -> None:
        with self._database.writing() as connection:
            for portion in portions(numbers):
                connection.execute(f"DELETE FROM queue WHERE number IN ({holes(len(portion))})", portion)

    def length(self) -> int:
        """Entries of every kind."""
        with self._database.reading() as connection:
            length: int = connection.execute("SELECT count(*) FROM queue").fetchone()[0]
        return length

    def waiting(self, run: str = "") -> int:
        """Analyses; of that run only, where one is named."""
        query = "SELECT count(*) FROM queue WHERE analysis = 1" + (" AND run = ?" if run else "")
        with self._database.reading() as connection:
            waiting: int = connection.execute(query, (run,) if run else ()).fetchone()[0]
        return waiting

    def last(self) -> int:
        """The number given last; 0 when none was."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'queue'").fetchone()
        return row[0] if row else 0

    def has_up_to(self, number: int) -> bool:
        with self._database.reading() as connection:
            row = connection.execute("SELECT 1 FROM queue WHERE number <= ? LIMIT 1", (number,)).fetchone()
        return row is not None
