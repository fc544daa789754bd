"""Asking the index, and making hits of what it finds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator
from typing import NoReturn, TypeVar

import tantivy

from monitor.errors import QueryError, StoreBusy, StoreError, StoreFull, StoreReadOnly
from monitor.query import Node
from monitor.records import Document
from monitor.store.asked import Asked, ask
from monitor.store.embedded.archive import ArchiveTables
from monitor.store.embedded.database import Database
from monitor.store.embedded.folder import IndexDamaged, IndexFolder, reading_index
from monitor.store.embedded.projection import Projection
from monitor.store.embedded.query import translate
from monitor.store.embedded.reader import FACETS, ORDERS, Reader, find, find_all
from monitor.store.embedded.rules import RuleTable
from monitor.store.embedded.stories import StoryTable
from monitor.store.hits import hit
from monitor.store.marking import Marker
from monitor.store.of_stories import looked_up
from monitor.store.port import SearchRequest, SearchResult
from monitor.store.stemming import stem

log = logging.getLogger(__name__)
A = TypeVar("A")

_SHORT_TAIL = 2000  # articles that a search takes into the index itself: about two seconds
_WAIT = 2.0  # seconds that `refresh` waits for another process: a commit of 2,000 articles takes as long
_SECONDS_BETWEEN = 1.0  # and how often at most: a filer at work commits by itself


class SearchTables(ArchiveTables, StoryTable, RuleTable):
    """The archive with its index."""

    def __init__(self, database: Database, folder: IndexFolder, projection: Projection) -> None:
        super().__init__(database)
        self._folder = folder
        self._projection = projection
        self._reader = Reader(folder)
        self._caught_up_at = float("-inf")

    def search(self, request: SearchRequest) -> SearchResult:
        if request.sort not in ORDERS:
            _refuse("order", request.sort, ORDERS)
        for name in request.facets:
            if name not in FACETS:
                _refuse("facet", name, FACETS)
        asked = looked_up(ask(request.query), self)
        query = translate(asked, self._languages(), request.roles)
        self._catch_up()
        numbers, total, facets = self._sure(lambda searcher: find(searcher, query, request))
        documents = self._load([number for number, _ in numbers]) if numbers else {}
        marker = Marker(asked, stem) if request.highlight else None
        shown = [(documents[number], score) for number, score in numbers if number in documents]
        copies = self._copies({document.story for document, _ in shown})
        hits = (hit(document, score, marker, copies.get(document.story, 1)) for document, score in shown)
        return SearchResult(total, tuple(hits), facets)

    def scan(self, query: Node | None = None, roles: Collection[str] = ("article",)) -> Iterator[Document]:
        if query is None:
            return self._load_all(self._in_order(roles))
        asked = looked_up(ask(query), self)
        self._catch_up()
        return self._load_all(self._put_in_order(self._numbers(asked, roles)))

    def refresh(self) -> None:
        """Takes the whole tail into the index. While another process does that, waits for it a little.

        What is then left is found by the next search or projection; nothing is raised, for the articles are safe.
        """
        until = time.monotonic() + _WAIT
        target = self._projection.last_change()
        while not self._reaches(target):
            left = until - time.monotonic()
            self._projection.project(wait=max(0.0, min(left, 0.2)))
            if left <= 0:
                break

    def project(self, limit: int | None = None) -> int:
        """Take up to `limit` changed articles (None: all) into the search index and commit it; how many.

        For the filer, at its own pace. 0 when there are none, or another process is doing it. May raise StoreFull
        and StoreReadOnly; the articles are safe, and the next call begins where this one stopped.
        """
        return self._projection.project(limit)

    def unprojected(self) -> int:
        """Number of articles whose newest state search can't find yet."""
        return self._projection.tail()

    def rest(self) -> None:
        """Finish the index's merging and let other processes project. Done by `project` when it had little to do."""
        self._projection.rest()

    def _reaches(self, target: int) -> bool:
        current = self._folder.current()
        return current is not None and target <= current.position <= self._projection.last_change()

    def _catch_up(self) -> None:
        """Make sure that there is an index, and take in a short tail that a killed process may have left."""
        last, current = self._projection.last_change(), self._folder.current()
        if current is None or current.position > last:
            self._make()
        elif current.position < last and time.monotonic() - self._caught_up_at > _SECONDS_BETWEEN:
            self._caught_up_at = time.monotonic()
            if self._database.read_only:
                return
            try:
                self._projection.project(_SHORT_TAIL)
            except (StoreFull, StoreReadOnly) as error:
                log.warning("searching without the newest articles: %s", error.message)

    def _make(self) -> None:
        if self._database.read_only:
            raise StoreError(f"{self._folder.folder} holds no usable search index", hint="run `monitor store reindex`")
        if not self._projection.project(wait=self._database.busy_timeout) and self._folder.current() is None:
            raise StoreBusy("another process makes the search index again", hint="try again when it is done")

    def _sure(self, ask_index: Callable[[tantivy.Searcher], A]) -> A:
        """The answer of an index that can be read: a damaged one is made again, once."""
        try:
            return self._answer(ask_index)
        except IndexDamaged as error:
            self._reader.forget()
            if self._database.read_only or self._is_sound():
                raise
            log.warning("%s", error.message)
        self._projection.build(self._database.busy_timeout)
        return self._answer(ask_index)

    def _answer(self, ask_index: Callable[[tantivy.Searcher], A]) -> A:
        searcher = self._open()
        with reading_index(self._folder.folder):
            return ask_index(searcher)

    def _open(self) -> tantivy.Searcher:
        for _ in range(5):  # a generation may be replaced between reading its name and opening it
            current = self._folder.current()
            if current is None:
                break
            try:
                return self._reader.searcher(current)
            except IndexDamaged:
                after = self._folder.current()
                if after is None or after.generation == current.generation:
                    raise
        raise IndexDamaged(f"{self._folder.folder} holds no usable search index", hint="run `monitor store reindex`")

    def _is_sound(self) -> bool:
        """Does the index answer at all? Then it was the question that failed, and making it again is no help."""
        try:
            self._answer(lambda searcher: find(searcher, tantivy.Query.all_query(), SearchRequest(facets=FACETS)))
        except IndexDamaged:
            return False
        finally:
            self._reader.forget()
        return True

    def _numbers(self, asked: Asked, roles: Collection[str]) -> list[int]:
        query = translate(asked, self._languages(), roles)
        return self._sure(lambda searcher: find_all(searcher, query))

    def _languages(self) -> list[str]:
        with self._database.reading() as connection:
            return [code for (code,) in connection.execute("SELECT code FROM languages").fetchall()]


def _refuse(kind: str, name: str, known: Collection[str]) -> NoReturn:
    raise QueryError(f"no {kind} is called {name!r}", text=name, column=0, hint=f"one of {', '.join(known)}")
