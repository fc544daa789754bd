"""Analyses on their way to the filer: the table inbox."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from monitor.codec import decode, encode
from monitor.records import Analysis, InboxItem
from monitor.store.embedded.packing import pack, unpack
from monitor.store.embedded.tables import Tables
from monitor.store.keys import inbox_key


class Packed(NamedTuple):
    """An analysis ready to be written, so that the transaction is short."""

    key: str
    run: str
    record: bytes


def packed(analysis: Analysis) -> Packed:
    return Packed(inbox_key(analysis), analysis.run, pack(encode(analysis)))


def put(connection: sqlite3.Connection, item: Packed) -> None:
    """At the end; nothing happens when it waits already."""
    query = "INSERT INTO inbox (key, run, record) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE key = ?)"
    connection.execute(query, (*item, item.key))


def take_out(connection: sqlite3.Connection, number: int) -> bool:
    """False when it was taken out before."""
    return connection.execute("DELETE FROM inbox WHERE number = ?", (number,)).rowcount > 0


class InboxTable(Tables):
    def take(self, limit: int, after: int = 0) -> list[InboxItem]:
        query = "SELECT number, record FROM inbox WHERE number > ? ORDER BY number LIMIT ?"
        with self._database.reading() as connection:
            rows = connection.execute(query, (after, limit)).fetchall()
        return [InboxItem(number, decode(Analysis, unpack(record))) for number, record in rows]

    def waiting(self, run: str = "") -> int:
        query = "SELECT count(*) FROM inbox" + (" WHERE run = ?" if run else "")
        with self._database.reading() as connection:
            waiting: int = connection.execute(query, (run,) if run else ()).fetchone()[0]
        return waiting
