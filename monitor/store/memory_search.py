"""Ranking, counting and showing what a query found, for the in-memory store: the reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from monitor.errors import QueryError
from monitor.records import Document
from monitor.store.asked import ask
from monitor.store.hits import hit
from monitor.store.marking import Marker
from monitor.store.matching import Stem, values
from monitor.store.port import Hit, SearchRequest, SearchResult

FACETS = ("site", "lang", "agency", "day")


def search(found: Sequence[Document], request: SearchRequest, stem: Stem, copies: Callable[[str], int]) -> SearchResult:
    """What is shown of the documents that answer; `copies` by story."""
    asked = ask(request.query)
    marker = Marker(asked, stem)
    ranked = _ranked([Hit(document, _frequency(marker, document)) for document in found], request.sort)
    if request.stories:
        best: dict[str, Hit] = {}
        for one in ranked:
            best.setdefault(one.document.story, one)
        ranked = list(best.values())
    shown = ranked[request.offset : request.offset + request.limit]
    shown_marker = marker if request.highlight else None
    return SearchResult(
        total=len(ranked),
        hits=tuple(hit(one.document, one.score, shown_marker, copies(one.document.story)) for one in shown),
        facets={name: _facet(name, found, request.facet_size) for name in request.facets},
    )


def _ranked(hits: list[Hit], sort: str) -> list[Hit]:
    match sort:
        case "relevance":
            return sorted(hits, key=lambda one: -one.score)
        case "newest" | "oldest":
            return sorted(hits, key=lambda one: one.document.story_time, reverse=sort == "newest")
    raise QueryError(f"no order is called {sort!r}", text=sort, column=0, hint="relevance, newest or oldest")


def _frequency(marker: Marker, document: Document) -> float:
    """How often the asked words occur, title words three times as heavy: a plain order by relevance."""
    article, language = document.article, document.language.code
    in_title, in_text = marker.marks(article.title, "title", language), marker.marks(article.text, "text", language)
    return 3.0 * len(in_title) + len(in_text)


def _facet(name: str, documents: Sequence[Document], size: int) -> tuple[tuple[str, int], ...]:
    if name not in FACETS:
        raise QueryError(f"no facet is called {name!r}", text=name, column=0, hint=f"one of {', '.join(FACETS)}")
    if name == "day":
        days = Counter(document.story_time.date().isoformat() for document in documents)
        return tuple(sorted(days.items())[-size:])
    counted = Counter(value for document in documents for value in values(document, name))
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:size])
