"""What is to be told: the table outbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from monitor.codec import decode, encode
from monitor.records import Alert
from monitor.store.embedded.packing import micros, pack, portions, unpack
from monitor.store.embedded.tables import Tables

_NEVER = -(2**63)
_ROW = "(rule, channel, subject, occurrence, state, made, due, ready, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_KEY = "rule, channel, subject, occurrence"
# From name to name in the index, and of each no more than what is due.
_DUE_CHANNELS = """
WITH RECURSIVE named(channel) AS (
    SELECT min(channel) FROM outbox WHERE state = 'waiting'
    UNION ALL
    SELECT (SELECT min(channel) FROM outbox WHERE state = 'waiting' AND channel > named.channel)
    FROM named WHERE channel IS NOT NULL
)
SELECT channel FROM named WHERE EXISTS (
    SELECT 1 FROM outbox AS one
    WHERE one.state = 'waiting' AND one.channel = named.channel AND one.due <= :now AND one.ready <= :now
)
"""


def put(connection: sqlite3.Connection, alerts: Sequence[Alert]) -> int:
    """Those whose keys are new; how many."""
    return connection.executemany(f"INSERT OR IGNORE INTO outbox {_ROW}", map(_row, alerts)).rowcount if alerts else 0


class OutboxTable(Tables):
    def put_alerts(self, alerts: Sequence[Alert]) -> int:
        with self._database.writing() as connection:
            return put(connection, alerts)

    def mark_alerts(self, alerts: Sequence[Alert]) -> None:
        with self._database.writing() as connection:
            connection.executemany(f"INSERT OR REPLACE INTO outbox {_ROW}", map(_row, alerts))

    def told(self, keys: Collection[tuple[str, str, str, str]]) -> dict[tuple[str, str, str, str], Alert]:
        found: dict[tuple[str, str, str, str], Alert] = {}
        with self._database.reading() as connection:
            for portion in portions(keys, 200):
                wanted = ", ".join(["(?, ?, ?, ?)"] * len(portion))
                query = f"SELECT record FROM outbox WHERE ({_KEY}) IN (VALUES {wanted})"
                rows = connection.execute(query, [part for key in portion for part in key]).fetchall()
                found |= {alert.key: alert for alert in map(alert_of, rows)}
        return found

    def due_alerts(self, channel: str, now: datetime, limit: int) -> list[Alert]:
        where = "channel = ? AND state = 'waiting' AND ready <= ?"
        query = f"SELECT record FROM outbox WHERE {where} ORDER BY due, {_KEY} LIMIT ?"
        with self._database.reading() as connection:
            return [alert_of(row) for row in connection.execute(query, (channel, micros(now), limit)).fetchall()]

    def due_channels(self, now: datetime) -> list[str]:
        with self._database.reading() as connection:
            return [name for (name,) in connection.execute(_DUE_CHANNELS, {"now": micros(now)}).fetchall()]

    def alerts(
        self, rule: str = "", channel: str = "", state: str = "", limit: int = 100, but: str = ""
    ) -> list[Alert]:
        named = {"rule": rule, "channel": channel, "state": state}
        given = {**named, "but": but, "limit": limit}
        where = " AND ".join([f"{name} = :{name}" for name, value in named.items() if value] + ["channel <> :but"])
        query = f"SELECT record FROM outbox WHERE {where} ORDER BY made DESC, {_KEY} LIMIT :limit"
        with self._database.reading() as connection:
            return [alert_of(row) for row in connection.execute(query, given).fetchall()]

    def alert_counts(self) -> dict[tuple[str, str], int]:
        query = "SELECT channel, state, count(*) FROM outbox GROUP BY channel, state"
        with self._database.reading() as connection:
            return {(channel, state): count for channel, state, count in connection.execute(query).fetchall()}


def alert_of(row: Sequence[Any]) -> Alert:
    return decode(Alert, unpack(row[0]))


def _row(alert: Alert) -> tuple[Any, ...]:
    due, following = _moment(alert.due), _moment(alert.next_try)
    return *alert.key, alert.state, _moment(alert.made), due, max(due, following), pack(encode(alert))


def _moment(at: datetime | None) -> int:
    return _NEVER if at is None else micros(at)
