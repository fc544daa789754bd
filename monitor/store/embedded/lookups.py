"""What matching and tracing ask: each question once for a whole batch, by an index."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from monitor.records import Candidate, Decision, Edge, Furniture, Probe
from monitor.store.embedded.articles import exact_key
from monitor.store.embedded.database import Database
from monitor.store.embedded.fingerprints import Fingerprints
from monitor.store.embedded.packing import holes, moment, portions, unpack_text
from monitor.store.embedded.tables import Tables
from monitor.urls import article_id

K = TypeVar("K", str, bytes)

_EXACT = "SELECT exact, id, story_time FROM articles WHERE exact IN ({holes})"
_MEMBERS = """
WITH asked (id) AS (VALUES {places}),
    targets (id, story) AS (
        SELECT asked.id, ifnull(aliases.story, asked.id) FROM asked LEFT JOIN aliases ON alias = asked.id
    ),
    names (id, name) AS (
        SELECT id, story FROM targets
        UNION SELECT targets.id, alias FROM targets JOIN aliases ON aliases.story = targets.story
    )
SELECT names.id, articles.id, story_time FROM names JOIN articles ON articles.story = name
"""
_NAMED = """
SELECT {key}, articles.id, story_time FROM {table} JOIN articles ON articles.id = article WHERE {key} IN ({holes})
"""
EDGE_COLUMNS = "article, other, kind, containment, reverse, longest_run, article_revision, other_revision"
_EDGES = f"SELECT {EDGE_COLUMNS} FROM edges WHERE {{side}} IN ({{holes}})"
_DECISIONS = """
SELECT id, subject, verb, argument, author, at FROM decisions WHERE subject IN ({holes}) ORDER BY at, id
"""


class LookupTables(Tables):
    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._fingerprints = Fingerprints(database)

    def candidates(self, probes: Sequence[Probe]) -> list[list[Candidate]]:
        return self._fingerprints.candidates(probes)

    def same_text(self, exact: Collection[str]) -> dict[str, list[str]]:
        keys = {key: one for one in exact if (key := exact_key(one)) is not None}
        return {keys[key]: ids for key, ids in self._oldest_first(_EXACT, keys).items()}

    def members(self, stories: Collection[str]) -> dict[str, list[str]]:
        return self._oldest_first(_MEMBERS, stories)

    def linking(self, urls: Collection[str]) -> dict[str, list[str]]:
        return self._oldest_first(_NAMED.replace("{table}", "links").replace("{key}", "url"), urls)

    def located(self, urls: Collection[str]) -> dict[str, str]:
        """By the id that the address would give, and by the addresses of the articles whose id is another."""
        asked = {article_id(url): url for url in urls}
        named = self._oldest_first(_NAMED.replace("{table}", "addresses").replace("{key}", "url"), urls)
        found = {asked[id]: (id, at) for id, at in self._ages(asked).items()}
        ages = self._ages([ids[0] for ids in named.values()])
        for url, (id, *_) in named.items():
            if url not in found or (ages[id], id) < (found[url][1], found[url][0]):
                found[url] = (id, ages[id])
        return {url: id for url, (id, _) in found.items()}

    def _ages(self, ids: Collection[str]) -> dict[str, int]:
        """Story times of those that are there."""
        ages: dict[str, int] = {}
        with self._database.reading() as connection:
            for portion in portions(ids):
                query = f"SELECT id, story_time FROM articles WHERE id IN ({holes(len(portion))})"
                ages.update(connection.execute(query, portion).fetchall())
        return ages

    def dispatched(self, keys: Collection[str]) -> dict[str, list[str]]:
        return self._oldest_first(_NAMED.replace("{table}", "dispatches").replace("{key}", "dispatch"), keys)

    def edges(self, ids: Collection[str]) -> dict[str, list[Edge]]:
        asked = set(ids)
        found: set[Edge] = set()
        with self._database.reading() as connection:
            for portion in portions(asked):
                for side in ("article", "other"):
                    query = _EDGES.format(side=side, holes=holes(len(portion)))
                    found.update(Edge(*row) for row in connection.execute(query, portion).fetchall())
        by_id: dict[str, list[Edge]] = {}
        for edge in sorted(found, key=lambda one: (one.article, one.other)):
            for id in {edge.article, edge.other} & asked:
                by_id.setdefault(id, []).append(edge)
        return by_id

    def furniture(self, sites: Collection[str]) -> dict[str, Furniture]:
        found: dict[str, Furniture] = {}
        with self._database.reading() as connection:
            for portion in portions(sites):
                query = f"SELECT site, state FROM furniture WHERE site IN ({holes(len(portion))})"
                rows = connection.execute(query, portion).fetchall()
                found.update((site, Furniture(site, unpack_text(state))) for site, state in rows)
        return found

    def decided(self, subjects: Collection[str]) -> dict[str, list[Decision]]:
        found: dict[str, list[Decision]] = {}
        with self._database.reading() as connection:
            for portion in portions(subjects):
                rows = connection.execute(_DECISIONS.format(holes=holes(len(portion))), portion).fetchall()
                for id, subject, verb, argument, author, at in rows:
                    made = Decision(id, subject, verb, argument, author, moment(at))
                    found.setdefault(subject, []).append(made)
        return found

    def _oldest_first(self, query: str, keys: Iterable[K]) -> dict[K, list[str]]:
        """The rows (key, id, story time) of a query over the keys as ids by key."""
        found: dict[K, list[tuple[int, str]]] = {}
        with self._database.reading() as connection:
            for portion in portions(keys):
                filled = query.format(holes=holes(len(portion)), places=",".join(["(?)"] * len(portion)))
                for key, id, at in connection.execute(filled, portion).fetchall():
                    found.setdefault(key, []).append((at, id))
        return {key: [id for _, id in sorted(aged)] for key, aged in found.items()}
