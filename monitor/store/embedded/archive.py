"""Articles, revisions, stories: their tables and the filer's one transaction."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from monitor import faultpoints
from monitor.codec import decode, encode
from monitor.records import Changes, Decision, Document, Edge, Revision
from monitor.store.embedded import articles, inbox, leases, outbox, runs, stories
from monitor.store.embedded.articles import DOCUMENT, unpacked
from monitor.store.embedded.database import Database
from monitor.store.embedded.kept import Kept
from monitor.store.embedded.lookups import LookupTables
from monitor.store.embedded.packing import (
    holes,
    micros,
    moment,
    pack,
    pack_text,
    plain,
    portions,
    unpack,
    unpack_text,
)
from monitor.store.port import FILER_LEASE

_PUT_REVISION = """
INSERT OR REPLACE INTO revisions (number, article_id, text_hash, fetched_at, record, text) VALUES (?, ?, ?, ?, ?, ?)
"""
_AT_ONCE = 100  # documents in memory while scanning


class ArchiveTables(LookupTables):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._kept = Kept()

    def documents(self, ids: Collection[str]) -> dict[str, Document]:
        found: dict[str, Document] = {}
        with self._database.reading() as connection:
            for portion in portions(ids):
                query = f"SELECT id, change FROM articles WHERE id IN ({holes(len(portion))})"
                changes: dict[str, int] = dict(connection.execute(query, portion).fetchall())
                kept = {id: one for id, change in changes.items() if (one := self._kept.get(id, change))}
                found |= kept
                missing = [id for id in changes if id not in kept]
                query = f"SELECT change, {DOCUMENT} FROM articles WHERE id IN ({holes(len(missing))})"
                for change, *columns in connection.execute(query, missing).fetchall() if missing else ():
                    document = unpacked(columns)
                    found[document.id] = document
                    self._kept.put(change, document)
        return found

    def revisions(self, article_id: str) -> list[Revision]:
        query = "SELECT record, text FROM revisions WHERE article_id = ? ORDER BY number"
        with self._database.reading() as connection:
            rows = connection.execute(query, (article_id,)).fetchall()
        return [replace(decode(Revision, unpack(record)), text=unpack_text(text)) for record, text in rows]

    def decisions(self, subject: str) -> list[Decision]:
        query = "SELECT id, subject, verb, argument, author, at FROM decisions WHERE subject = ? ORDER BY at, id"
        with self._database.reading() as connection:
            rows = connection.execute(query, (subject,)).fetchall()
        return [Decision(id, of, verb, what, author, moment(at)) for id, of, verb, what, author, at in rows]

    def decide(self, decision: Decision) -> None:
        texts = (decision.id, decision.subject, decision.verb, plain(decision.argument), plain(decision.author))
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?, ?)", (*texts, micros(decision.at))
            )

    def file(self, changes: Changes) -> None:
        texts: dict[str, bytes] = {}  # an article's text is its newest revision's: packed once
        documents = [articles.packed(document, texts) for document in changes.documents]
        revisions = [_revision_row(revision, texts) for revision in changes.revisions]
        furniture = [(one.site, pack_text(one.state)) for one in changes.furniture]
        with self._database.writing() as connection:
            if changes.holder:
                leases.demand(connection, FILER_LEASE, changes.holder)
            connection.executemany(_PUT_REVISION, revisions)
            prints, last = articles.put(connection, documents)
            fresh = self._fingerprints.write(connection, prints)
            faultpoints.passing("while-filing")
            _put_edges(connection, changes.edges)
            for story in changes.stories:
                stories.put(connection, story)
            connection.executemany("INSERT OR REPLACE INTO furniture VALUES (?, ?)", furniture)
            outbox.put(connection, changes.alerts)
            for filed in changes.filed:
                if inbox.take_out(connection, filed.number) and filed.run:
                    runs.count(connection, filed.run, filed.result)
        self._fingerprints.written(fresh)
        for change, document in enumerate(changes.documents, last - len(changes.documents) + 1):
            self._kept.put(change, document)

    def _in_order(self, roles: Collection[str]) -> array[int]:
        """Numbers of all articles of these roles by story time and id."""
        query = f"SELECT number FROM articles WHERE role IN ({holes(len(roles))}) ORDER BY story_time, id"
        with self._database.reading() as connection:
            return array("q", (number for (number,) in connection.execute(query, tuple(roles))))

    def _put_in_order(self, numbers: Collection[int]) -> array[int]:
        """These numbers by their articles' story time and id."""
        keys: list[tuple[int, str, int]] = []
        with self._database.reading() as connection:
            for portion in portions(numbers):
                query = f"SELECT story_time, id, number FROM articles WHERE number IN ({holes(len(portion))})"
                keys += connection.execute(query, portion).fetchall()
        return array("q", (number for _, _, number in sorted(keys)))

    def _load(self, numbers: Sequence[int]) -> dict[int, Document]:
        """By number; those that are gone are absent."""
        query = f"SELECT number, {DOCUMENT} FROM articles WHERE number IN ({holes(len(numbers))})"
        with self._database.reading() as connection:
            rows = connection.execute(query, tuple(numbers)).fetchall()
        return {row[0]: unpacked(row[1:]) for row in rows}

    def _load_all(self, numbers: Sequence[int]) -> Iterator[Document]:
        """In this order, a few at a time, with no transaction open between them."""
        for portion in portions(numbers, _AT_ONCE):
            loaded = self._load(portion)
            yield from (loaded[number] for number in portion if number in loaded)


def _revision_row(revision: Revision, texts: dict[str, bytes]) -> tuple[Any, ...]:
    columns = revision.number, revision.article_id, revision.text_hash, micros(revision.fetched_at)
    return *columns, pack(encode(replace(revision, text=""))), articles.packed_text(revision.text, texts)


def _put_edges(connection: sqlite3.Connection, edges: Sequence[Edge]) -> None:
    rows = [
        (
            edge.article,
            edge.other,
            edge.kind,
            edge.containment,
            edge.reverse,
            edge.longest_run,
            edge.article_revision,
            edge.other_revision,
        )
        for edge in edges
    ]
    connection.executemany(f"INSERT OR REPLACE INTO edges VALUES ({holes(8)})", rows)
