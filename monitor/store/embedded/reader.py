"""The index as one process sees it, and the questions put to it."""

from __future__ import annotations

import threading
from typing import Any, cast

import numpy
import tantivy

from monitor.store.embedded.folder import Current, IndexFolder, reading_index
from monitor.store.embedded.index import article_numbers, day
from monitor.store.port import SearchRequest

ORDERS: dict[str, tantivy.Order | None] = {
    "relevance": None,
    "newest": tantivy.Order.Desc,
    "oldest": tantivy.Order.Asc,
}
FACETS = ("site", "lang", "agency", "day")
# Hits whose stories are all looked at: 17 ms for 50,000. Of more, tantivy's estimate counts them (HyperLogLog; 3 % off
# for 230,000 stories).
COUNTED_EXACTLY = 50_000
_FIRST_TRY = 4  # hits for each story that is wanted, and how many times more when that was not enough
_MOST_VALUES = 10_000  # of a facet; counted exactly up to here, then the most frequent are picked
Place = tuple[Any, tantivy.DocAddress]  # what it is ordered by, where it is
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
    """Article numbers with their scores, the number of all hits (or their stories), the facets."""
    hits, total = _one_of_each_story(searcher, query, request) if request.stories else _hits(searcher, query, request)
    numbers = article_numbers(searcher, [place for _, place in hits])
    scores = [float(score) if ORDERS[request.sort] is None else 0.0 for score, _ in hits]
    facets = _facets(searcher, query, request) if request.facets else {}
    return list(zip(numbers, scores, strict=True)), total, facets


def _hits(searcher: tantivy.Searcher, query: tantivy.Query, request: SearchRequest) -> tuple[list[Place], int]:
    found = searcher.search(query, max(1, request.limit), offset=request.offset, **_order(request))
    return found.hits[: request.limit], cast(Any, found).count


def _order(request: SearchRequest) -> dict[str, Any]:
    order = ORDERS[request.sort]
    return {} if order is None else {"order_by_field": "order", "order": order}


def _one_of_each_story(
    searcher: tantivy.Searcher, query: tantivy.Query, request: SearchRequest
) -> tuple[list[Place], int]:
    """tantivy has no collapsing: the best hits are taken until they are of enough stories."""
    end = request.offset + request.limit
    count: int = cast(Any, searcher.search(query, 1)).count
    taken = count if count <= COUNTED_EXACTLY else _FIRST_TRY * max(end, 1)
    while True:
        hits = searcher.search(query, max(1, taken), **_order(request)).hits
        stories = numpy.array(searcher.fast_field_values("story_key", [place for _, place in hits]), numpy.uint64)
        best = numpy.sort(numpy.unique(stories, return_index=True)[1])
        if taken >= count or len(best) >= end:
            break
        taken *= _FIRST_TRY
    page = [hits[at] for at in best[request.offset : end].tolist()]
    total = len(best) if taken >= count else max(len(best), round(searcher.cardinality(query, "story_key")))
    return page, total


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
    return article_numbers(searcher, [place for _, place in found.hits])
