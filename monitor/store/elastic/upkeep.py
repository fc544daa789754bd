"""Care of the store as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from monitor.errors import AccessRefused
from monitor.store.elastic.checking import Checking
from monitor.store.elastic.documents import ARTICLE_PARTS, article, article_document
from monitor.store.elastic.mapping import KINDS, SCHEMA_VERSION
from monitor.store.elastic.migrating import remake
from monitor.store.elastic.parts import TAG_BITS
from monitor.store.elastic.reading import EVERYTHING, column, portions
from monitor.store.elastic.rules import NOT_PERCOLATED
from monitor.store.port import FILER_LEASE, Health
from monitor.store.values import moment

_REWRITTEN_AT_ONCE = 200  # articles


class Upkeep(Checking):
    def health(self, now: datetime) -> Health:
        self._reader.refresh("articles", "revisions")
        return Health(
            "elasticsearch",
            SCHEMA_VERSION,
            articles=self._reader.count("articles"),
            revisions=self._reader.count("revisions"),
            inbox=self.waiting(),
            unprojected=None,  # each process knows what it wrote itself
            filer=self.holder(FILER_LEASE, now),
            details=dict(self._details(now)),
            dead=len(self._writer.dead),
        )

    def forget_derived(self) -> None:
        version = self._fence("").version()
        self._forget_edges(version)
        self._forget_stories(version)
        self._forget_furniture(version)
        self._see_everything()

    def reindex(self) -> int:
        """A new index of articles, made from their records, in the place of the old one. Needs the room of a second.

        Other indices are made anew as well where they have not the fields that the program writes.
        """
        layout = self._layout
        count = remake(self._connection, layout)
        self.stemming = layout.stemming
        self._see_everything()
        return count

    def rebuild_fingerprints(self) -> int:
        """Every article again from its record, in its place. One that is filed meanwhile is as its filer wrote it."""
        self._see_everything()
        count = 0
        keys = [hit["_id"] for hit in self._reader.hits("articles", EVERYTHING, ["id"], page=5000)]
        for portion in portions(keys, _REWRITTEN_AT_ONCE):
            found = self._reader.many("articles", portion, ARTICLE_PARTS)
            made = {one: article_document(article(hit.source), stemming=self.stemming) for one, hit in found.items()}
            self._writer.write([self._writer.replace("articles", one, made[one], hit) for one, hit in found.items()])
            count += len(found)
        self._see_everything()
        return count

    def _details(self, now: datetime) -> Iterator[tuple[str, str]]:
        yield "engine", self._connection.dialect.described
        yield "address", self._connection.where
        yield "indices", f"{self._names.prefix}-*"
        if (wrong := self._writer.conflict()) is not None:
            yield "nothing is written", wrong.message
        if not self.stemming:
            yield "word forms", "found as they are written: the engine has no stemmers"
        if not self.percolating:
            yield "alert rules", "held against articles by this program: the engine has no percolator"
        elif count := self._reader.count("rules", NOT_PERCOLATED):
            yield "alert rules", f"{count} held against articles by this program: too large for the engine's percolator"
        with suppress(AccessRefused):
            yield from self._of_cluster([self._names.read(kind) for kind in KINDS])
        with suppress(AccessRefused):
            yield from self._blocked()
        oldest = self._reader.search("inbox", _OLDEST)["hits"]["hits"]
        if oldest:
            waited = now - moment(column(oldest[0], "number") >> TAG_BITS)
            yield "waiting for", f"{max(0, round(waited.total_seconds()))} s"

    def _of_cluster(self, names: Collection[str]) -> Iterator[tuple[str, str]]:
        asked = ",".join(names)
        health = self._connection.call(lambda client: client.cluster.health(index=asked).body)
        yield "health", health["status"]
        stats = self._connection.call(
            lambda client: client.indices.stats(index=asked, metric="store", filter_path="_all.total.store").body
        )
        yield "size", f"{stats['_all']['total']['store']['size_in_bytes'] / 1e6:.1f} MB"

    def _blocked(self) -> Iterator[tuple[str, str]]:
        """Indices that take nothing, as on a full disk; also while no filer runs that could say so."""
        found = self._reader.blocks(*map(self._names.read, KINDS))
        if told := [f"{name} ({', '.join(blocks)})" for name, blocks in found.items() if blocks]:
            yield "takes nothing", "; ".join(told)


_OLDEST: dict[str, Any] = {
    "query": {"term": {"waiting": True}},
    "sort": ["number"],
    "size": 1,
    "_source": False,
    "docvalue_fields": ["number"],
}
