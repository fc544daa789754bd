"""The local copy: states of the sites crawled here, and the queue that ships them. Each write is one commit."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.codec import decode, encode
from monitor.records import Outcome, Run, SourceState, UrlState
from monitor.store.embedded.database import open_database
from monitor.store.embedded.leases import LeaseTable
from monitor.store.embedded.packing import holes, micros, moment, pack, portions, unpack
from monitor.store.embedded.urls import COLUMNS, NAMES, SOURCE_COLUMNS, UrlReading, row_of, source_row_of, state_of
from monitor.store.spooled import schema
from monitor.store.spooled.queue import Packed, QueueTable, packed, put

FILE_NAME = "inbox.db"
KEPT_RUNS = 20  # of each site; what was shipped is needed only while the remote store is away
_HELD = "SELECT 1 FROM queue WHERE queue.number = {0}.entry"
_NEW_URL = (
    f"INSERT INTO urls ({COLUMNS}, entry, settled) VALUES ({holes(len(NAMES) + 2)}) ON CONFLICT (site, url) DO NOTHING"
)
_PUT_URL = (
    f"INSERT INTO urls ({COLUMNS}, entry, settled) VALUES ({holes(len(NAMES) + 2)}) ON CONFLICT (site, url) "
    f"DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in (*NAMES[2:], 'entry', 'settled'))}"
)
_NAMED = ", ".join(f"urls.{name}" for name in NAMES)
# By the queue, which is short; the other way round the whole site would be looked through.
_UNSHIPPED = (
    f"SELECT {_NAMED}, urls.settled FROM queue CROSS JOIN urls "
    "ON urls.site = queue.site AND urls.url = queue.key AND urls.entry = queue.number "
    "WHERE queue.site = ? AND queue.kind IN ('discovered', 'settled')"
)


@dataclass(frozen=True, slots=True)
class Unshipped:
    """States of one site that the remote store has yet to get, by address."""

    settled: dict[str, UrlState]  # stand over what the remote store says
    discovered: dict[str, UrlState]  # count only where the remote store knows nothing

    def __bool__(self) -> bool:
        return bool(self.settled or self.discovered)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why shipping does not get on. `answers`: the remote store can be read, it only takes nothing."""

    since: datetime
    reason: str
    answers: bool


class LocalCopy(UrlReading, QueueTable, LeaseTable):
    """One SQLite file for each machine. Several threads and processes may use it."""

    def __init__(self, folder: Path, *, busy_timeout: float) -> None:
        super().__init__(
            open_database(folder / FILE_NAME, busy_timeout=busy_timeout, create=True, read_only=False, schema=schema)
        )

    # --- addresses ---------------------------------------------------------------------------------------------------

    def unshipped(self, site: str, urls: Collection[str] | None = None) -> Unshipped:
        """Of those addresses; of all of the site, where none are named."""
        found = Unshipped({}, {})
        with self._database.reading() as connection:
            for *row, settled in self._unshipped_rows(connection, site, urls):
                (found.settled if settled else found.discovered)[row[1]] = state_of(row)
        return found

    def _unshipped_rows(
        self, connection: sqlite3.Connection, site: str, urls: Collection[str] | None
    ) -> Iterator[Sequence[Any]]:
        if urls is None:
            yield from connection.execute(_UNSHIPPED, (site,))
            return
        for portion in portions(urls):
            query = (
                f"SELECT {COLUMNS}, settled FROM urls WHERE site = ? AND url IN ({holes(len(portion))}) "
                f"AND EXISTS ({_HELD.format('urls')})"
            )
            yield from connection.execute(query, (site, *portion))

    def learn(self, states: Sequence[UrlState]) -> None:
        """The remote store has them, new as given unless this machine knows more."""
        with self._database.writing() as connection:
            connection.executemany(_NEW_URL, [(*row_of(state), 0, 1) for state in states])

    def discover(self, states: Sequence[UrlState]) -> int:
        """New ones into the queue; what this machine knows stays untouched. Number of new ones."""
        items = [(state, packed(state)) for state in states]
        with self._database.writing() as connection:
            new = 0
            for state, item in items:
                if connection.execute(_NEW_URL, (*row_of(state), 0, 0)).rowcount:
                    _mark(connection, put(connection, item), item)
                    new += 1
        return new

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """States and analyses together. One that is the last word of its address already is not put in again."""
        items = [(outcome, packed(outcome)) for outcome in outcomes]
        with self._database.writing() as connection:
            for outcome, item in items:
                if not _is_last_word(connection, item):
                    number = put(connection, item)
                    connection.execute(_PUT_URL, (*row_of(outcome.state), number, 1))

    def put_again(self, state: UrlState) -> None:
        """Discovered once more; what is known of it here stays."""
        item = packed(state)
        with self._database.writing() as connection:
            put(connection, item)

    def remember(self, states: Iterable[UrlState], as_of: int) -> None:
        """What the remote store said when the queue's last number was `as_of`: kept unless written here since."""
        with self._database.reading() as connection:
            query = f"SELECT {COLUMNS} FROM urls WHERE site = ? AND url = ?"
            rows = [row_of(state) for state in states]
            fresh = [row for row in rows if connection.execute(query, row[:2]).fetchone() != row]
        if not fresh:
            return
        guarded = f"{_PUT_URL} WHERE urls.settled = 0 OR urls.entry <= ? AND NOT EXISTS ({_HELD.format('urls')})"
        with self._database.writing() as connection:
            connection.executemany(guarded, [(*row, 0, 1, as_of) for row in fresh])

    # --- sources -----------------------------------------------------------------------------------------------------

    def put_source(self, state: SourceState) -> None:
        item = packed(state)
        with self._database.writing() as connection:
            row = (*source_row_of(state), put(connection, item))
            connection.execute(f"INSERT OR REPLACE INTO sources VALUES ({holes(8)})", row)

    def remember_source(self, state: SourceState, as_of: int) -> None:
        guarded = (
            f"INSERT INTO sources ({SOURCE_COLUMNS}, entry) VALUES ({holes(8)}) ON CONFLICT (site, key) DO UPDATE SET "
            + ", ".join(f"{name} = excluded.{name}" for name in (*SOURCE_COLUMNS.split(", ")[2:], "entry"))
            + f" WHERE sources.entry <= ? AND NOT EXISTS ({_HELD.format('sources')})"
        )
        with self._database.writing() as connection:
            connection.execute(guarded, (*source_row_of(state), 0, as_of))

    def is_source_unshipped(self, site: str, key: str) -> bool:
        query = f"SELECT 1 FROM sources WHERE site = ? AND key = ? AND EXISTS ({_HELD.format('sources')})"
        with self._database.reading() as connection:
            return connection.execute(query, (site, key)).fetchone() is not None

    # --- runs --------------------------------------------------------------------------------------------------------

    def put_run(self, run: Run) -> None:
        """What the filer counts is the remote store's: it is left out here."""
        item, bare = packed(run), replace(run, stored=0, updated=0, unchanged=0)
        row = (run.id, run.site, micros(run.started_at), run.trigger, pack(encode(bare)))
        prune = (
            "DELETE FROM runs WHERE site = ? AND id NOT IN (SELECT id FROM runs WHERE site = ? "
            f"ORDER BY started_at DESC, id DESC LIMIT {KEPT_RUNS}) AND NOT EXISTS ({_HELD.format('runs')})"
        )
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?)", (*row, put(connection, item)))
            connection.execute(prune, (run.site, run.site))

    def runs(self, *, id: str = "", site: str = "", unshipped: bool = False, limit: int = -1) -> list[Run]:
        """Newest first, nothing counted."""
        asked = {name: value for name, value in (("id", id), ("site", site)) if value}
        where = [f"{name} = :{name}" for name in asked] + [f"EXISTS ({_HELD.format('runs')})"] * unshipped
        query = (
            f"SELECT record FROM runs WHERE {' AND '.join(where) or 'TRUE'} ORDER BY started_at DESC, id DESC LIMIT :n"
        )
        with self._database.reading() as connection:
            rows = connection.execute(query, {**asked, "n": limit}).fetchall()
        return [decode(Run, unpack(record)) for (record,) in rows]

    # --- trouble -----------------------------------------------------------------------------------------------------

    def trouble(self) -> Trouble | None:
        with self._database.reading() as connection:
            row = connection.execute("SELECT since, reason, answers FROM trouble").fetchone()
        return Trouble(moment(row[0]), row[1], bool(row[2])) if row else None

    def note_trouble(self, reason: str, *, answers: bool) -> None:
        """It lasts since it was first noted, by whichever process."""
        query = (
            "INSERT INTO trouble VALUES (1, ?, ?, ?) "
            "ON CONFLICT (one) DO UPDATE SET reason = excluded.reason, answers = excluded.answers"
        )
        with self._database.writing() as connection:
            connection.execute(query, (micros(datetime.now(UTC)), reason, answers))

    def forget_trouble(self, *, only_silence: bool = False) -> None:
        """Shipping gets on again; with `only_silence` the remote store only answers again."""
        if self.trouble() is None:
            return
        with self._database.writing() as connection:
            connection.execute("DELETE FROM trouble" + (" WHERE answers = 0" if only_silence else ""))

    def close(self) -> None:
        self._database.close()


def _mark(connection: sqlite3.Connection, number: int, item: Packed) -> None:
    connection.execute("UPDATE urls SET entry = ? WHERE site = ? AND url = ?", (number, item.site, item.key))


def _is_last_word(connection: sqlite3.Connection, item: Packed) -> bool:
    query = (
        "SELECT queue.record FROM urls JOIN queue ON queue.number = urls.entry "
        "WHERE urls.site = ? AND urls.url = ? AND queue.kind = ?"
    )
    row = connection.execute(query, (item.site, item.key, item.kind.value)).fetchone()
    return row is not None and row[0] == item.record
