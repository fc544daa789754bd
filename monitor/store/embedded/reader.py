"""The index as one process sees it, and the questions put to it."""

from __future__ import annotations

import threading
from typing import Any, cast

import tantivy

from monitor.store.embedded.folder import Current, IndexFolder, reading_index
from monitor.store.embedded.index import article_number, day
from monitor.store.port import SearchRequest

ORDERS: dict[str, tantivy.Order | None] = {
    "relevance": None,
    "newest": tantivy.Order.Desc,
    "oldest": tantivy.Order.Asc,
}
FACETS = ("site", "lang", "day")
_MOST_VALUES = 10_000  # of a facet; counted exactly up to here, then the most frequent are picked
Facets = dict[str, tuple[tuple[str, int], ...]]


class Reader:
    """The index as this process sees it; opened again when another generation or commit is there."""

    def __init__(self, folder: IndexFolder) -> None:
        self._folder = folder
        self._opening = threading.Lock()
        self._seen: tuple[str, tuple[int, int, int]] | None = None
        self._index: tantivy.Index | None = None
        self._searcher: tantivy.Searcher | None = None

    def searcher(self, current: Current) -> tantivy.Searcher:
        """Raises IndexDamaged."""
        with self._opening:
            seen = (current.generation, self._folder.stamp(current.generation))
            if self._searcher is None or seen != self._seen:
                if self._index is None or self._seen is None or self._seen[0] != current.generation:
                    self._index = self._folder.open(current.generation)
                with reading_index(self._folder.folder):
                    self._index.reload()
                    self._searcher = self._index.searcher()
                self._seen = seen
            return self._searcher

    def forget(self) -> None:
        with self._opening:
            self._seen = self._index = self._searcher = None


def find(
    searcher: tantivy.Searcher, query: tantivy.Query, request: SearchRequest
) -> tuple[list[tuple[int, float]], int, Facets]:
    """Article numbers with their scores, the number of all hits, the facets."""
    order = ORDERS[request.sort]
    by_time: dict[str, Any] = {} if order is None else {"order_by_field": "order", "order": order}
    found = searcher.search(query, max(1, request.limit), offset=request.offset, **by_time)
    places = found.hits[: request.limit]
    numbers = [(article_number(searcher, place), float(score) if order is None else 0.0) for score, place in places]
    return numbers, cast(Any, found).count, _facets(searcher, query, request) if request.facets else {}


def _facets(searcher: tantivy.Searcher, query: tantivy.Query, request: SearchRequest) -> Facets:
    asked = {
        name: {"terms": {"field": name, "size": request.facet_size, "order": {"_key": "desc"}}}
        if name == "day"
        else {"terms": {"field": name, "size": _MOST_VALUES}}
        for name in request.facets
    }
    counted = searcher.aggregate(query, asked)
    facets = {}
    for name in request.facets:
        values = [(one["key"], int(one["doc_count"])) for one in counted[name]["buckets"]]
        if name == "day":
            facets[name] = tuple((day(int(key)), count) for key, count in sorted(values))
        else:
            facets[name] = tuple(sorted(values, key=lambda one: (-one[1], one[0]))[: request.facet_size])
    return facets


def find_all(searcher: tantivy.Searcher, query: tantivy.Query) -> list[int]:
    if not searcher.num_docs:
        return []
    found = searcher.search(query, searcher.num_docs, count=False)
    return [article_number(searcher, place) for _, place in found.hits]
