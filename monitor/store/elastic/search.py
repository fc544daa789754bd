"""Searching articles: one request to the engine, one by id for the stories' numbers of copies."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from monitor.errors import AccessRefused, QueryError, StoreError
from monitor.query import All, Node
from monitor.records import Document
from monitor.store.asked import Asked, ask
from monitor.store.elastic.documents import ARTICLE_PARTS, article
from monitor.store.elastic.lookups import Lookups
from monitor.store.elastic.query import stored, translate
from monitor.store.elastic.reading import EVERYTHING, Hit, Query, column
from monitor.store.elastic.sizing import MOST_CLAUSES, clauses, first_beyond, leaves
from monitor.store.hits import hit as shown
from monitor.store.marking import Marker
from monitor.store.matching import Stem, no_stem
from monitor.store.of_stories import looked_up
from monitor.store.port import SearchRequest, SearchResult
from monitor.store.stemming import stem
from monitor.text import digest

ORDERS: dict[str, list[Any]] = {
    "relevance": ["_score", {"id": "asc"}],
    "newest": [{"micros.published": "desc"}, {"id": "asc"}],
    "oldest": [{"micros.published": "asc"}, {"id": "asc"}],
}
FACETS = {"site": "site", "lang": "lang", "agency": "agency", "day": "keys.day"}
DEEPEST = 10_000  # hits that one request can leave out and give
_LANGUAGES_FOR = 60.0  # seconds that the languages of the articles are remembered
_MOST_LANGUAGES = 200
_SHARD_VALUES = 1000  # of a facet, from each shard: so many are counted exactly


_TOO_MANY = re.compile("too_many|max_?clause_?count", re.IGNORECASE)


class Search(Lookups):
    _languages_until = float("-inf")

    def search(self, request: SearchRequest) -> SearchResult:
        if request.sort not in ORDERS:
            _refuse("order", request.sort, ORDERS)
        for name in request.facets:
            if name not in FACETS:
                _refuse("facet", name, FACETS)
        asked = looked_up(ask(request.query), self)
        query = self._translated(asked, request.roles)
        answer = self._found(query, request)
        stories, total = answer.get("aggregations", {}).get("stories"), answer["hits"]["total"]["value"]
        hits = answer["hits"].get("hits", ())
        if request.offset + request.limit > DEEPEST:
            hits = self._far(query, request)
        documents = [article(hit["_source"]) for hit in hits]
        copies = self._copies({document.story for document in documents})
        marker = Marker(asked, self._stem) if request.highlight else None
        made = (
            shown(document, _score(hit, request), marker, copies.get(document.story, 1))
            for hit, document in zip(hits, documents, strict=True)
        )
        return SearchResult(int(stories["value"]) if stories else total, tuple(made), _facets(answer, request))

    def scan(self, query: Node | None = None, roles: Collection[str] = ("article",)) -> Iterator[Document]:
        asked = looked_up(ask(query or All()), self)
        if query is None:
            self._see_everything()
        return self._in_order(self._translated(asked, roles))

    def _translated(self, asked: Asked, roles: Collection[str]) -> Query:
        query = translate(asked, self._spoken(), roles)
        if clauses(query) <= MOST_CLAUSES:
            return query
        try:
            query = translate(asked, self._spoken(), roles, together=self._engine_stems)
        except AccessRefused:  # to ask for its stems; ours are nearly the same
            query = translate(asked, self._spoken(), roles, together=stem)
        if clauses(query) <= MOST_CLAUSES:
            return query
        raise QueryError(
            f"{sum(1 for _ in leaves(asked))} words and phrases are more than the engine can look for at once",
            text=first_beyond(asked, lambda one: clauses(stored(one, self._spoken()))),
            column=0,
            hint="ask for fewer at a time; of single words with OR between them there may be thousands",
        )

    # --- one request -------------------------------------------------------------------------------------------------

    def _found(self, query: Query, request: SearchRequest) -> Any:
        deep = request.offset + request.limit > DEEPEST
        body: dict[str, Any] = {
            "query": query,
            "from": 0 if deep else request.offset,
            "size": 0 if deep else request.limit,
            "sort": ORDERS[request.sort],
            "_source": list(ARTICLE_PARTS),
            "track_total_hits": True,
        }
        aggs = {name: _counted(name, request.facet_size) for name in request.facets}
        if request.stories:
            body["collapse"] = {"field": "story"}
            # Linear counting of hashes of 25 bits: of 500 stories one is missed in one search of 300.
            aggs["stories"] = {"cardinality": {"field": "story", "precision_threshold": 40_000}}
        if aggs:
            body["aggs"] = aggs
        with _asking():
            return self._reader.search(
                "articles", body, only="hits.total,hits.hits._source,hits.hits.sort,aggregations"
            )

    def _far(self, query: Query, request: SearchRequest) -> list[Hit]:
        """Hits beyond DEEPEST: read on from the first one, as an engine does not skip so many."""
        order, end = ORDERS[request.sort], request.offset + request.limit
        with _asking():
            hits = self._reader.hits("articles", query, order, fields=["story"], page=DEEPEST)
            chosen = list(_page(_first_of_each(hits) if request.stories else hits, request.offset, end))
        found = self._reader.many("articles", [hit["_id"] for hit in chosen], ARTICLE_PARTS)
        return [{**hit, "_source": found[hit["_id"]].source} for hit in chosen if hit["_id"] in found]

    # --- languages ---------------------------------------------------------------------------------------------------

    @property
    def _stem(self) -> Stem:
        """To mark the words that the engine found by their stems."""
        return stem if self.stemming else no_stem

    def _spoken(self) -> list[str]:
        """Languages of the articles. Of another process's first article in a language they miss it for a minute."""
        if not self.stemming:
            return []
        if time.monotonic() > self._languages_until:
            aggs = {"by": {"terms": {"field": "lang", "size": _MOST_LANGUAGES}}}
            body = {"query": EVERYTHING, "size": 0, "track_total_hits": False, "aggs": aggs}
            answer = self._reader.search("articles", body)
            self._languages.update(one["key"] for one in answer["aggregations"]["by"]["buckets"])
            self._languages_until = time.monotonic() + _LANGUAGES_FOR
        return sorted(self._languages)


@contextmanager
def _asking() -> Iterator[None]:
    """A question that is too large for the engine is the question's fault."""
    try:
        yield
    except StoreError as error:
        if not _TOO_MANY.search(str(getattr(error.__cause__, "body", ""))):
            raise
        raise QueryError(
            "more words begin so than the engine can look for at once",
            text="",
            column=0,
            hint="write more letters before the *, or fewer words",
        ) from error


def _score(hit: Hit, request: SearchRequest) -> float:
    return float(hit["sort"][0]) if request.sort == "relevance" else 0.0


def _counted(name: str, size: int) -> dict[str, Any]:
    if name == "day":
        return {"terms": {"field": FACETS[name], "size": size, "order": {"_key": "desc"}}}
    order = [{"_count": "desc"}, {"_key": "asc"}]
    return {"terms": {"field": FACETS[name], "size": size, "shard_size": size + _SHARD_VALUES, "order": order}}


def _facets(answer: Any, request: SearchRequest) -> Mapping[str, tuple[tuple[str, int], ...]]:
    facets = {}
    for name in request.facets:
        buckets = answer["aggregations"][name]["buckets"]
        counted = [(str(one["key"]), int(one["doc_count"])) for one in buckets]
        facets[name] = tuple(sorted(counted) if name == "day" else counted)
    return facets


def _first_of_each(hits: Iterable[Hit]) -> Iterator[Hit]:
    """The best of each story."""
    seen: set[str] = set()
    for hit in hits:
        story = digest(column(hit, "story"), size=8)
        if story not in seen:
            seen.add(story)
            yield hit


def _page(hits: Iterable[Hit], start: int, end: int) -> Iterator[Hit]:
    for number, hit in enumerate(hits):
        if number >= end:
            return
        if number >= start:
            yield hit


def _refuse(kind: str, name: str, known: Collection[str]) -> NoReturn:
    raise QueryError(f"no {kind} is called {name!r}", text=name, column=0, hint=f"one of {', '.join(known)}")
