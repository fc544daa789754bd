"""Who does what alone: the table leases."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from monitor.errors import LeaseLost
from monitor.store.embedded.packing import micros
from monitor.store.embedded.tables import Tables

_ACQUIRE = """
INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until)
ON CONFLICT (name) DO UPDATE SET holder = :holder, until = :until WHERE holder = :holder OR until <= :now
"""


def demand(connection: sqlite3.Connection, name: str, holder: str) -> None:
    """Raises LeaseLost when another took the lease. One that ran out and nobody took is as good as held."""
    row = connection.execute("SELECT holder FROM leases WHERE name = ?", (name,)).fetchone()
    if row and row[0] != holder:
        raise LeaseLost(f"{row[0]} holds the lease {name!r} now, not {holder}")


class LeaseTable(Tables):
    def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        until = micros(now + timedelta(seconds=seconds))
        with self._database.writing() as connection:
            values = {"name": name, "holder": holder, "until": until, "now": micros(now)}
            return connection.execute(_ACQUIRE, values).rowcount > 0

    def renew(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        until = micros(now + timedelta(seconds=seconds))
        with self._database.writing() as connection:
            renewed = connection.execute(
                "UPDATE leases SET until = ? WHERE name = ? AND holder = ?", (until, name, holder)
            )
            return renewed.rowcount > 0

    def release(self, name: str, holder: str) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM leases WHERE name = ? AND holder = ?", (name, holder))

    def holder(self, name: str, now: datetime) -> str:
        query = "SELECT holder FROM leases WHERE name = ? AND until > ?"
        with self._database.reading() as connection:
            row = connection.execute(query, (name, micros(now))).fetchone()
        return row[0] if row else ""
