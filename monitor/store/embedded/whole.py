"""All that is kept, one table after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from monitor.codec import decode
from monitor.records import (
    Alert,
    Alias,
    Decision,
    Document,
    Edge,
    Furniture,
    Note,
    Rejection,
    Revision,
    Rule,
    Run,
    SourceState,
    Story,
    UrlState,
)
from monitor.store.embedded import outbox, runs, urls
from monitor.store.embedded.articles import DOCUMENT, unpacked
from monitor.store.embedded.lookups import EDGE_COLUMNS
from monitor.store.embedded.notes import PREFIX
from monitor.store.embedded.packing import holes, moment, unpack, unpack_text
from monitor.store.embedded.tables import Tables

R = TypeVar("R")

_AT_ONCE = 200  # records in memory


@dataclass(frozen=True, slots=True)
class _Table:
    """`key`: columns that tell the rows apart and order them."""

    name: str
    key: str
    columns: str
    made: Callable[[Sequence[Any]], Any]
    where: str = "TRUE"

    def page(self, after: Sequence[Any]) -> str:
        behind = f"({self.key}) > ({holes(len(after))})" if after else "TRUE"
        return (
            f"SELECT {self.key}, {self.columns} FROM {self.name} WHERE {self.where} AND {behind} "
            f"ORDER BY {self.key} LIMIT {_AT_ONCE}"
        )


class WholeTables(Tables):
    def every(self, kind: type[R], after: str = "") -> Iterator[tuple[str, R]]:
        """A few at a time, with no transaction open between them."""
        table = _TABLES[kind]
        width = table.key.count(",") + 1
        mark: list[Any] = json.loads(after) if after else []
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(table.page(mark), mark).fetchall()
            for row in rows:
                mark = list(row[:width])
                yield json.dumps(mark), table.made(row[width:])
            if len(rows) < _AT_ONCE:
                return

    def number_of(self, kind: type[object]) -> int:
        table = _TABLES[kind]
        with self._database.reading() as connection:
            number: int = connection.execute(f"SELECT count(*) FROM {table.name} WHERE {table.where}").fetchone()[0]
        return number

    def restore(self, records: Sequence[Alias | Run | Rejection]) -> None:
        with self._database.writing() as connection:
            for record in records:
                match record:
                    case Alias():
                        row = (record.alias, record.story)
                        connection.execute("INSERT OR REPLACE INTO aliases VALUES (?, ?)", row)
                    case Run():
                        runs.restore(connection, record)
                    case Rejection():
                        runs.restore_rejection(connection, record)


def _revision(row: Sequence[Any]) -> Revision:
    return replace(decode(Revision, unpack(row[0])), text=unpack_text(row[1]))


def _decision(row: Sequence[Any]) -> Decision:
    id, subject, verb, argument, author, at = row
    return Decision(id, subject, verb, argument, author, moment(at))


def _rejection(row: Sequence[Any]) -> Rejection:
    run, site, url, reason, detail, at = row
    return Rejection(run, site, url, reason, detail, moment(at))


_TABLES: Mapping[type[object], _Table] = {
    Document: _Table("articles", "number", DOCUMENT, unpacked),
    Revision: _Table("revisions", "rowid", "record, text", _revision),
    Edge: _Table("edges", "article, other", EDGE_COLUMNS, lambda row: Edge(*row)),
    Story: _Table("stories", "rowid", "record", lambda row: decode(Story, unpack(row[0]))),
    Alias: _Table("aliases", "alias", "alias, story", lambda row: Alias(*row)),
    Furniture: _Table("furniture", "site", "site, state", lambda row: Furniture(row[0], unpack_text(row[1]))),
    Decision: _Table(
        "decisions",
        "rowid",
        "id, subject, verb, argument, author, at",
        _decision,
    ),
    Run: _Table("runs LEFT JOIN run_counts ON run_counts.run = runs.id", "runs.rowid", runs.COLUMNS, runs.run_of),
    Rejection: _Table("rejections", "number", "run, site, url, reason, detail, at", _rejection),
    UrlState: _Table("urls", "number", urls.COLUMNS, urls.state_of),
    SourceState: _Table("sources", "site, key", urls.SOURCE_COLUMNS, urls.source_state_of),
    Rule: _Table("rules", "id", "record", lambda row: decode(Rule, unpack(row[0]))),
    Alert: _Table("outbox", "number", "record", outbox.alert_of),
    Note: _Table(
        "meta", "name", "name, value", lambda row: Note(row[0].removeprefix(PREFIX), row[1]), f"name LIKE '{PREFIX}%'"
    ),
}
