"""Stories: their records, what they are called, and how many copies they have."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from typing import Any

from monitor.codec import decode, encode
from monitor.errors import QueryError
from monitor.records import Story
from monitor.store.asked import Amount, OfStories
from monitor.store.embedded.packing import micros, pack, portions, unpack
from monitor.store.embedded.tables import Tables

_ANY_MEMBER = "SELECT 1 FROM articles WHERE story = ? LIMIT 1"
MOST_STORIES = 100_000  # that one query can name; the index takes 0.25 s for so many
_RESOLVED = """
WITH asked (id) AS (VALUES {places}) SELECT asked.id, {column} FROM asked
LEFT JOIN aliases ON alias = asked.id JOIN stories ON stories.id = ifnull(aliases.story, asked.id)
"""


class StoryTable(Tables):
    def stories(self, ids: Collection[str]) -> dict[str, Story]:
        return {asked: decode(Story, unpack(record)) for asked, record in self._resolved("record", ids)}

    def called(self, story: str) -> str:
        """The id that the story has now."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT story FROM aliases WHERE alias = ?", (story,)).fetchone()
        return row[0] if row else story

    def with_copies(self, amount: Amount) -> OfStories:
        """Most stories have one copy: where those are asked for too, the others are named."""
        others = amount.holds(1)
        low, high = (
            f"copies {'>=' if amount.include_low else '>'} ?1",
            f"copies {'<=' if amount.include_high else '<'} ?2",
        )
        inside = f"(?1 IS NULL OR {low}) AND (?2 IS NULL OR {high})"
        query = f"SELECT id FROM stories WHERE {'NOT ' if others else ''}({inside}) LIMIT ?3"
        with self._database.reading() as connection:
            rows = connection.execute(query, (amount.low, amount.high, MOST_STORIES + 1)).fetchall()
        if len(rows) > MOST_STORIES:
            message = f"more than {MOST_STORIES:,} stories would have to be told apart by their copies"
            raise QueryError(message, text=amount.field, column=0, hint=f"ask for more, for example {amount.field}:>=5")
        return OfStories(frozenset(id for (id,) in rows), others)

    def _copies(self, stories: Collection[str]) -> dict[str, int]:
        return dict(self._resolved("copies", stories))

    def _resolved(self, column: str, ids: Iterable[str]) -> list[tuple[str, Any]]:
        """The column of the stories, by the ids that were asked."""
        rows: list[tuple[str, Any]] = []
        with self._database.reading() as connection:
            for portion in portions(ids):
                query = _RESOLVED.format(places=",".join(["(?)"] * len(portion)), column=column)
                rows += connection.execute(query, portion).fetchall()
        return rows


def put(connection: sqlite3.Connection, story: Story) -> None:
    """Its aliases resolve to it from now on, and those that resolved to one of them. An empty one goes."""
    if story.copies == 0 and not connection.execute(_ANY_MEMBER, (story.id,)).fetchone():
        connection.execute("DELETE FROM stories WHERE id = ?", (story.id,))
        connection.execute("DELETE FROM aliases WHERE story = ?", (story.id,))
        return
    row = (story.id, micros(story.first), micros(story.last), story.copies, pack(encode(story)))
    connection.execute("INSERT OR REPLACE INTO stories VALUES (?, ?, ?, ?, ?)", row)
    connection.execute("DELETE FROM aliases WHERE alias = ?", (story.id,))
    for alias in story.aliases:
        connection.execute("DELETE FROM stories WHERE id = ?", (alias,))
        connection.execute("UPDATE aliases SET story = ? WHERE story = ?", (story.id, alias))
        connection.execute("INSERT OR REPLACE INTO aliases VALUES (?, ?)", (alias, story.id))
