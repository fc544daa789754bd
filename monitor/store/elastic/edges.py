"""Verified pairs of articles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from monitor.records import Document, Edge
from monitor.store.elastic.bulk import Refused
from monitor.store.elastic.documents import edge, edge_document, edge_key
from monitor.store.elastic.parts import Part
from monitor.store.elastic.reading import EVERYTHING, Query, any_of, portions
from monitor.store.values import plain

_IDS_AT_ONCE = 1000
_DELETED_AT_ONCE = 1000
_ORDER = ("article", "other")


class Edges(Part):
    def edges(self, ids: Collection[str]) -> dict[str, list[Edge]]:
        asked = set(ids)
        by_id: dict[str, list[Edge]] = {}
        for one in self._recent.edges(self._edges_of(asked), lambda edge: not asked.isdisjoint(_ends(edge))):
            for id in _ends(one) & asked:
                by_id.setdefault(id, []).append(one)
        return by_id

    def _drop_outdated(self, documents: Sequence[Document], fresh: Sequence[Edge], version: int) -> list[Refused]:
        """Edges in which a document stands at an older revision, but those that are written anew in any case."""
        newest = {document.id: document.revision for document in documents if document.revision > 1}
        if not newest:
            return []
        written = {(one.article, one.other) for one in fresh}
        found = self._recent.edges(self._edges_of(newest), lambda edge: not newest.keys().isdisjoint(_ends(edge)))
        outdated = [one for one in found if _is_outdated(one, newest) and (one.article, one.other) not in written]
        with self._filing:
            refused = self._writer.write([self._writer.delete("edges", _key(one), version) for one in outdated])
            for one in outdated:
                self._recent.drop_edge((one.article, one.other))
        return refused

    def _file_edges(self, edges: Sequence[Edge], version: int) -> list[Refused]:
        made = [self._writer.put("edges", _key(one), edge_document(one), version) for one in edges]
        with self._filing:
            refused = self._writer.write(made)
            for one in edges:
                self._recent.put_edge(one)
        return refused

    def _forget_edges(self, version: int) -> None:
        self._reader.refresh("edges")
        hits = self._reader.hits("edges", EVERYTHING, _ORDER, page=_DELETED_AT_ONCE)
        for portion in portions(hits, _DELETED_AT_ONCE):
            self._writer.write([self._writer.delete("edges", hit["_id"], version) for hit in portion])

    def _edges_of(self, ids: Collection[str]) -> Iterator[Edge]:
        """As a search sees them."""
        for portion in portions(ids, _IDS_AT_ONCE):
            named = [plain(id) for id in portion]
            sides = [any_of("article", named), any_of("other", named)]
            query: Query = {"bool": {"should": sides, "minimum_should_match": 1}}
            for hit in self._reader.hits("edges", query, _ORDER, parts=True):
                yield edge(hit["_source"])


def _key(edge: Edge) -> str:
    return edge_key(edge.article, edge.other)


def _ends(edge: Edge) -> set[str]:
    return {edge.article, edge.other}


def _is_outdated(edge: Edge, newest: Mapping[str, int]) -> bool:
    return edge.article_revision < newest.get(edge.article, 0) or edge.other_revision < newest.get(edge.other, 0)
