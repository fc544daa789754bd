"""Small things to remember, what people decided lately, and forgetting what is derived."""

from __future__ import annotations

from monitor.records import Decision
from monitor.store.embedded.packing import moment
from monitor.store.embedded.tables import Tables

PREFIX = "note:"  # in `meta`, beside what the store keeps there for itself


class NoteTables(Tables):
    def note(self, name: str) -> str:
        with self._database.reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = ?", (PREFIX + name,)).fetchone()
        return str(row[0]) if row else ""

    def put_note(self, name: str, value: str) -> None:
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (PREFIX + name, value))

    def new_decisions(self, after: int, limit: int) -> list[tuple[int, Decision]]:
        query = (
            "SELECT rowid, id, subject, verb, argument, author, at FROM decisions WHERE rowid > ? "
            "ORDER BY rowid LIMIT ?"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, (after, limit)).fetchall()
        return [
            (number, Decision(id, subject, verb, argument, author, moment(at)))
            for number, id, subject, verb, argument, author, at in rows
        ]

    def forget_derived(self) -> None:
        with self._database.writing() as connection:
            for table in ("edges", "stories", "furniture"):
                connection.execute(f"DELETE FROM {table}")
