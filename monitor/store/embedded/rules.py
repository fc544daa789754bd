"""What people want to be told of: the table rules."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence

from monitor.codec import decode, encode
from monitor.query import Node, kept, read_kept
from monitor.records import Document, Rule, Story
from monitor.store.embedded.database import Database
from monitor.store.embedded.packing import pack, unpack
from monitor.store.embedded.tables import Tables
from monitor.store.port import RuleHit
from monitor.store.rule_keeping import KeptRules

_COUNT = "INSERT INTO counters VALUES ('rules', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"


class RuleTable(Tables):
    """Rules are read again when somebody wrote one: each writing goes up with a counter."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._known_rules = KeptRules()
        self._rules_read_at = -1

    def put_rules(self, rules: Sequence[tuple[Rule, Node]]) -> None:
        rows = [(rule.id, pack(encode(rule)), kept(node)) for rule, node in rules]
        with self._database.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO rules (id, record, question) VALUES (?, ?, ?)", rows)
            connection.execute(_COUNT)

    def remove_rules(self, ids: Collection[str]) -> None:
        with self._database.writing() as connection:
            connection.executemany("DELETE FROM rules WHERE id = ?", [(id,) for id in ids])
            connection.execute(_COUNT)

    def rules(self) -> list[Rule]:
        with self._database.reading() as connection:
            rows = connection.execute("SELECT record FROM rules ORDER BY id").fetchall()
        return [decode(Rule, unpack(record)) for (record,) in rows]

    def match_rules(self, documents: Sequence[Document], stories: Mapping[str, Story]) -> list[RuleHit]:
        with self._database.reading() as connection:
            written = _writings(connection)
            if written != self._rules_read_at:
                rows = connection.execute("SELECT record, question FROM rules ORDER BY id").fetchall()
                self._known_rules.replace([(decode(Rule, unpack(record)), read_kept(asked)) for record, asked in rows])
                self._rules_read_at = written
        return self._known_rules.matching(documents, stories)


def _writings(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM counters WHERE name = 'rules'").fetchone()
    return int(row[0]) if row else 0
