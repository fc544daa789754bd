"""All that is kept, one kind of record after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson

from monitor.records import (
    Alert,
    Alias,
    Decision,
    Document,
    Edge,
    Furniture,
    Note,
    Rejection,
    Revision,
    Rule,
    Run,
    SourceState,
    Story,
    UrlState,
)
from monitor.store.elastic import journal
from monitor.store.elastic.documents import ARTICLE_PARTS, article, edge, revision, story
from monitor.store.elastic.encoding import Source
from monitor.store.elastic.notes import Notes
from monitor.store.elastic.reading import EVERYTHING, Hit, Query, portions
from monitor.store.elastic.rules import Rules
from monitor.store.elastic.runs import Runs
from monitor.store.elastic.search import Search
from monitor.store.elastic.urls import Urls

R = TypeVar("R")

_AT_ONCE = 200  # records in memory


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where records of a kind are: the order's last key is unique."""

    index: str
    order: Sequence[str]
    made: Callable[[Source], Any]
    parts: Sequence[str] = ("record",)
    query: Query = field(default_factory=lambda: EVERYTHING)


def _of_notes(kind: str, made: Callable[[Source], Any], *parts: str) -> _Kept:
    return _Kept("notes", ("name",), made, ("name", *parts), {"term": {"kind": kind}})


_KEPT: Mapping[type[object], _Kept] = {
    Document: _Kept("articles", ("id",), article, ARTICLE_PARTS),
    Revision: _Kept("revisions", ("article", "number"), revision),
    Edge: _Kept("edges", ("article", "other"), edge, ("*",)),
    Story: _Kept("stories", ("id",), story),
    Alias: _of_notes("alias", lambda source: Alias(source["name"], source["target"]), "target"),
    Furniture: _of_notes("furniture", lambda source: Furniture(source["name"], source["value"]), "value"),
    Decision: _Kept("decisions", ("number", "id"), journal.decision),
    Run: _Kept("runs", ("id",), journal.run, ("*",)),
    Rejection: _Kept("rejections", ("number", "id"), journal.rejection),
    UrlState: _Kept("urls", ("site", "url"), journal.url_state),
    SourceState: _Kept("sources", ("site", "key"), journal.source_state),
    Rule: _Kept("rules", ("id",), journal.rule),
    Alert: _Kept("outbox", ("rule", "channel", "subject", "occurrence"), journal.alert),
    Note: _of_notes("note", lambda source: Note(source["name"], source["value"]), "value"),
}


class Whole(Urls, Search, Rules, Runs, Notes):
    def every(self, kind: type[R], after: str = "") -> Iterator[tuple[str, R]]:
        kept = _KEPT[kind]
        self._reader.refresh(kept.index)
        mark = orjson.loads(after) if after else None
        hits = self._reader.hits(kept.index, kept.query, kept.order, parts=list(kept.parts), page=_AT_ONCE, after=mark)
        for portion in portions(hits, _AT_ONCE):
            for hit, record in zip(portion, self._records(kind, portion), strict=True):
                yield orjson.dumps(hit["sort"]).decode(), record

    def number_of(self, kind: type[object]) -> int:
        kept = _KEPT[kind]
        self._reader.refresh(kept.index)
        return self._reader.count(kept.index, kept.query)

    def restore(self, records: Sequence[Alias | Run | Rejection]) -> None:
        aliases = {one.alias: one.story for one in records if isinstance(one, Alias)}
        if aliases:
            pointed = self._pointed(aliases, self._fence("").version())
            self._demand(self._writer.write(pointed, refresh=True), "")
        rejections = [one for one in records if isinstance(one, Rejection)]
        self._writer.write([self._put_rejection(one) for one in rejections])
        for one in records:
            if isinstance(one, Run):
                self._restore_run(one)

    def _records(self, kind: type[object], hits: Sequence[Hit]) -> Sequence[Any]:
        sources = [hit["_source"] for hit in hits]
        return self._with_counts(sources) if kind is Run else [_KEPT[kind].made(source) for source in sources]

    def _restore_run(self, run: Run) -> None:
        """Its counts are kept for good; marks up to now do not count to it."""
        counts = {"stored": run.stored, "updated": run.updated, "unchanged": run.unchanged}
        self._until_written(
            run.id, lambda found: self._write_run(run, found, counts, closed=int(time.time()), kept=counts)
        )
