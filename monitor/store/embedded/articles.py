"""Articles as rows of their table, and back."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import numpy

from monitor.codec import decode, encode
from monitor.errors import StoreCorrupt
from monitor.records import Article, Document, Fingerprint
from monitor.store.embedded.packing import (
    holes,
    micros,
    pack,
    pack_hashes,
    pack_text,
    plain,
    portions,
    unpack,
    unpack_hashes,
    unpack_text,
)
from monitor.store.embedded.sorted_runs import Hashes, Print
from monitor.store.linked import addresses, linked

DOCUMENT = "record, text, hashes"  # the columns that make a document
_PUT = """
INSERT INTO articles (id, site, role, language, story, story_time, first_seen, revision, record, text, hashes, exact,
    change, print)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    change = excluded.change, site = excluded.site, role = excluded.role, language = excluded.language,
    story = excluded.story, story_time = excluded.story_time, first_seen = excluded.first_seen,
    revision = excluded.revision, record = excluded.record, text = excluded.text, hashes = excluded.hashes,
    exact = excluded.exact, print = excluded.print
"""
_OF_DOCUMENT = tuple(one.name for one in fields(Document))
_OF_ARTICLE = tuple(one.name for one in fields(Article))


class Row(NamedTuple):
    """All columns but those that the transaction alone knows: the change number and the print."""

    id: str
    site: str
    role: str
    language: str
    story: str
    story_time: int
    first_seen: int
    revision: int
    record: bytes
    text: bytes
    hashes: bytes
    exact: bytes | None


class Packed(NamedTuple):
    """An article ready to be written, so that the transaction is short."""

    row: Row
    links: frozenset[str]
    dispatches: frozenset[str]
    addresses: frozenset[str]


def packed(document: Document, texts: dict[str, bytes]) -> Packed:
    """`texts`: packed already."""
    article, fingerprint = document.article, document.fingerprint
    bare = {name: getattr(document, name) for name in _OF_DOCUMENT}  # a seventh of what `replace` costs
    bare["article"] = {name: getattr(article, name) for name in _OF_ARTICLE} | {"text": ""}
    bare["fingerprint"] = Fingerprint(fingerprint.exact)
    row = Row(
        article.id,
        article.site,
        article.role,
        document.language.code,
        document.story,
        micros(document.story_time),
        micros(document.first_seen),
        document.revision,
        pack(encode(bare)),
        packed_text(article.text, texts),
        pack_hashes(fingerprint.hashes),
        exact_key(fingerprint.exact),
    )
    return Packed(row, linked(article), frozenset(map(plain, document.dispatches)), addresses(document))


def packed_text(text: str, texts: dict[str, bytes]) -> bytes:
    if text not in texts:
        texts[text] = pack_text(text)
    return texts[text]


def unpacked(row: Sequence[Any]) -> Document:
    """The document of a row of DOCUMENT columns. Raises StoreCorrupt."""
    record, text, hashes = row
    document = decode(Document, unpack(record))
    # Nobody has seen it yet; `replace`, twice, costs as much as reading the record does.
    object.__setattr__(document.article, "text", unpack_text(text))
    object.__setattr__(document.fingerprint, "hashes", unpack_hashes(hashes))
    return document


def exact_key(exact: str) -> bytes | None:
    """Under which an exact hash is looked up: 16 bytes, whatever its length."""
    return hashlib.blake2b(exact.encode("utf-8", "replace"), digest_size=16).digest() if exact else None


def distinct(hashes: bytes) -> Hashes:
    """The hashes that a fingerprint is looked up by. Raises StoreCorrupt."""
    if len(hashes) % 8:
        raise StoreCorrupt("a stored fingerprint has a broken length", hint="run `monitor store check`")
    return numpy.unique(numpy.frombuffer(hashes, dtype="<u8"))


def put(connection: sqlite3.Connection, articles: Sequence[Packed]) -> tuple[list[Print], int]:
    """Write them; the fingerprints that are new, in ascending order, and the change number of the last."""
    if not articles:
        return [], 0
    connection.execute("UPDATE counters SET value = value + ? WHERE name = 'change'", (len(articles),))
    last: int = connection.execute("SELECT value FROM counters WHERE name = 'change'").fetchone()[0]
    known = _known(connection, [one.row.id for one in articles])
    prints: list[Print] = []
    rows: list[tuple[Any, ...]] = []
    for change, one in enumerate(articles, last - len(articles) + 1):
        row, number = one.row, known[one.row.id].print if one.row.id in known else None
        if number is None or known[row.id][1:] != (row.story_time, row.hashes):
            number = change if row.hashes else None
            if number is not None:
                prints.append(Print(number, row.story_time, distinct(row.hashes)))
        rows.append((*row, change, number))
    connection.executemany(_PUT, rows)
    connection.executemany("INSERT OR IGNORE INTO languages VALUES (?)", {(one.row.language,) for one in articles})
    put_names(connection, articles, [one.row.id for one in articles if one.row.id in known])
    _drop_outdated_edges(connection, [one.row for one in articles if one.row.revision > 1])
    return prints, last


class _Known(NamedTuple):
    print: int | None
    story_time: int
    hashes: bytes


def _known(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, _Known]:
    known: dict[str, _Known] = {}
    for portion in portions(ids):
        query = f"SELECT id, print, story_time, hashes FROM articles WHERE id IN ({holes(len(portion))})"
        known.update((id, _Known(*columns)) for id, *columns in connection.execute(query, portion))
    return known


def put_names(connection: sqlite3.Connection, articles: Sequence[Packed], known: Collection[str]) -> None:
    """The addresses and dispatches that the articles name; `known` are those that may have had some."""
    for table in ("links", "dispatches", "addresses"):
        connection.executemany(f"DELETE FROM {table} WHERE article = ?", [(id,) for id in known])
    links = [(url, one.row.id) for one in articles for url in one.links]
    dispatches = [(dispatch, one.row.id) for one in articles for dispatch in one.dispatches]
    connection.executemany("INSERT OR IGNORE INTO links VALUES (?, ?)", links)
    connection.executemany("INSERT OR IGNORE INTO dispatches VALUES (?, ?)", dispatches)
    own = [(url, one.row.id) for one in articles for url in one.addresses]
    connection.executemany("INSERT OR IGNORE INTO addresses VALUES (?, ?)", own)


def _drop_outdated_edges(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    for side in ("article", "other"):
        query = f"DELETE FROM edges WHERE {side} = ? AND {side}_revision < ?"
        connection.executemany(query, [(row.id, row.revision) for row in rows])
