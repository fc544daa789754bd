"""Asking the engine: by id, which is real-time, and by search, which sees what was there at the last refresh.

Where an index is replaced the engine may still ask the old one, which is gone; `steadily` asks again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import orjson
from elasticsearch import Elasticsearch, NotFoundError

from monitor.store.elastic.connection import Connection
from monitor.store.elastic.mapping import Names
from monitor.store.elastic.refusals import RequestTooLarge, busy, missing, of_document, of_request, passes, told
from monitor.store.elastic.transport import ATTEMPTS, LATER, pause

T = TypeVar("T")
Hit = Mapping[str, Any]
Query = Mapping[str, Any]
Sort = Sequence[Any]

AT_ONCE = 500  # ids of one mget
SEARCHES_AT_ONCE = 10_000  # in one request
PAGE = 1000  # hits of one answer while reading on; an engine gives 10,000 at most
EVERYTHING: Query = {"match_all": {}}
_GONE = 404  # the index, or what a search had opened of it
_TOTAL = "hits.total.value"


@dataclass(frozen=True, slots=True)
class Found:
    """A document as it is now. `seq_no` and `primary_term` tell whether somebody wrote it since."""

    source: Mapping[str, Any]
    seq_no: int
    primary_term: int


class Reader:
    """Everything is read by the kinds' read aliases."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names
        self._several_at_once = SEARCHES_AT_ONCE

    # --- by id -------------------------------------------------------------------------------------------------------

    def get(self, kind: str, key: str) -> Found | None:
        return self.many(kind, [key]).get(key)

    def many(self, kind: str, keys: Iterable[str], parts: Sequence[str] | None = None) -> dict[str, Found]:
        """By key; what is not there is absent. `parts`: of the source, where not all of it is wanted."""
        return {key: found for (_, key), found in self.mixed([(kind, key) for key in keys], parts).items()}

    def mixed(
        self, wanted: Iterable[tuple[str, str]], parts: Sequence[str] | None = None
    ) -> dict[tuple[str, str], Found]:
        """By (kind, key)."""
        pairs = list(dict.fromkeys(wanted))
        found = self.standing([(self._names.read(kind), key) for kind, key in pairs], parts)
        return {pair: one for pair, one in zip(pairs, found, strict=True) if one is not None}

    def standing(self, places: Iterable[tuple[str, str]], parts: Sequence[str] | None = None) -> Iterator[Found | None]:
        """What stands there now, each an alias of one index and an id, in their order."""
        for portion in portions(places, AT_ONCE):
            asked = [{"_index": index, "_id": id} for index, id in portion]
            for one in get_many(self._connection, asked, True if parts is None else list(parts) or False):
                is_there = one.get("found")
                yield Found(one.get("_source", {}), one["_seq_no"], one["_primary_term"]) if is_there else None

    # --- by search ---------------------------------------------------------------------------------------------------

    def refresh(self, *kinds: str) -> None:
        """Searches of these kinds see everything that was written before."""
        names = ",".join(self._names.read(kind) for kind in kinds)
        steadily(self._connection, lambda client: client.indices.refresh(index=names))

    def search(self, kind: str, body: Mapping[str, Any], *, only: str = "") -> Any:
        """The engine's answer. `only`: the parts of it that are wanted (`filter_path`)."""
        more: dict[str, Any] = {"filter_path": only} if only else {}
        name = self._names.read(kind)
        more["allow_partial_search_results"] = False
        return steadily(self._connection, lambda client: client.search(index=name, **_parameters(body), **more).body)

    def several(self, kind: str, bodies: Sequence[Mapping[str, Any]], *, only: str = "") -> list[Any]:
        """The answers to several searches in one request, in their order; in more where a proxy lets no large ones
        through.
        """
        return [one for part in portions(bodies, self._several_at_once) for one in self._together(kind, part, only)]

    def _together(self, kind: str, bodies: Sequence[Mapping[str, Any]], only: str) -> list[Any]:
        try:
            return self._answers(kind, bodies, only)
        except RequestTooLarge:
            half = len(bodies) // 2
            if not half:
                raise
            self._several_at_once = max(half, 1)  # from now on
            return [*self._together(kind, bodies[:half], only), *self._together(kind, bodies[half:], only)]

    def _answers(self, kind: str, bodies: Sequence[Mapping[str, Any]], only: str) -> list[Any]:
        head = orjson.dumps({"index": self._names.read(kind), "allow_partial_search_results": False}).decode()
        lines: Any = [line for body in bodies for line in (head, orjson.dumps(body).decode())]
        more: dict[str, Any] = {"filter_path": f"responses.error,responses.status,{only}"} if only else {}
        responses: list[Any] = steadily(
            self._connection, lambda client: client.msearch(searches=lines, **more).body["responses"], _errors
        )
        if failed := _errors(responses):
            raise self._refusal(failed[0])
        return responses

    def hits(
        self,
        kind: str,
        query: Query,
        sort: Sort,
        *,
        fields: Sequence[str] = (),
        parts: Sequence[str] | bool = False,
        limit: int | None = None,
        page: int = PAGE,
        after: Sequence[Any] | None = None,
    ) -> Iterator[Hit]:
        """All that the query finds, in this order, page by page. The last key of the order must be unique.

        `fields`: read from the index's columns; `parts`: of the source. `after`: the `sort` of the hit before
        the first.
        """
        body: dict[str, Any] = {
            "query": query,
            "sort": list(sort),
            "_source": _wanted(parts),
            "track_total_hits": False,
        }
        if fields:
            body["docvalue_fields"] = list(fields)
        if after is not None:
            body["search_after"] = list(after)
        left = limit
        while left is None or left > 0:
            body["size"] = page if left is None else min(page, left)
            found = self.search(kind, body, only="hits.hits")
            hits: list[Hit] = found.get("hits", {}).get("hits", [])
            yield from hits
            if len(hits) < body["size"]:
                return
            left = None if left is None else left - len(hits)
            body["search_after"] = hits[-1]["sort"]

    def count(self, kind: str, query: Query = EVERYTHING) -> int:
        return number_of(self._connection, self._names.read(kind), query)

    def blocks(self, *names: str) -> dict[str, list[str]]:
        """By index behind these aliases, which of its blocks are set: write, read_only_allow_delete and others."""
        asked = ",".join(names)
        answer = steadily(
            self._connection,
            lambda client: client.indices.get_settings(index=asked, name="index.blocks.*", flat_settings=True).body,
        )
        return {
            name: [
                block.removeprefix("index.blocks.")
                for block, on in one.get("settings", {}).items()
                if str(on) == "true"
            ]
            for name, one in sorted(answer.items())
        }

    def _refusal(self, answer: Mapping[str, Any]) -> Exception:
        """Of one search among several."""
        status, where = int(answer.get("status", 500)), self._connection.where
        kind, reason = told(answer)
        if kind == "index_not_found_exception":
            return missing(where, kind, reason)
        if passes(status) or status == _GONE:
            return busy(where, status, answer)
        return of_request(where, kind, reason, status)


def get_many(connection: Connection, asked: list[dict[str, str]], source: bool | list[str]) -> list[Any]:
    """The engine's answer to each. Raises StoreError where it can't tell of one of them whether it is there: its part
    of the index is not up yet.
    """
    answers: list[Any] = steadily(
        connection, lambda client: client.mget(docs=asked, source=source).body["docs"], _errors
    )
    if failed := _errors(answers):
        raise of_document(connection.where, failed[0])
    return answers


def number_of(connection: Connection, index: str, query: Query) -> int:
    """A search: what an engine counts by its own API are the documents of the parts that are there, without a word."""
    body: dict[str, Any] = {"query": dict(query), "size": 0, "track_total_hits": True, "filter_path": _TOTAL}
    body["allow_partial_search_results"] = False
    answer = steadily(connection, lambda client: client.search(index=index, **body).body)
    return int(answer["hits"]["total"]["value"])


def steadily(
    connection: Connection, ask: Callable[[Elasticsearch], T], errors: Callable[[T], Sequence[Any]] = lambda _: ()
) -> T:
    """What the engine answers, asked again for a second or two where the index or a part of it is gone or not up: when
    an index is replaced a question may come to the old one, and the next one goes to the new one.

    `errors`: of the answer's own parts, which the caller judges at last. Raises as `Connection.call`.
    """
    with connection.translating():
        for attempt in range(ATTEMPTS - 1):
            with suppress(NotFoundError):
                answer = ask(connection.client)
                if not any(map(_may_settle, errors(answer))):
                    return answer
            time.sleep(pause(attempt))
        return ask(connection.client)


def _errors(answers: Sequence[Any]) -> list[Any]:
    return [one for one in answers if "error" in one]


def _may_settle(answer: Mapping[str, Any]) -> bool:
    """Answers by id have no status."""
    status = answer.get("status")
    return told(answer)[0] != "security_exception" and (status is None or status == _GONE or status in LATER)


def _wanted(parts: Sequence[str] | bool) -> Any:
    return parts if isinstance(parts, bool) else list(parts)


def _parameters(body: Mapping[str, Any]) -> dict[str, Any]:
    """A search's body as the client's arguments."""
    return {{"_source": "source", "from": "from_"}.get(name, name): value for name, value in body.items()}


def column(hit: Hit, name: str, missing: Any = None) -> Any:
    """The first value of a field that was asked for by `fields`."""
    return hit.get("fields", {}).get(name, [missing])[0]


def any_of(field: str, values: Collection[Any]) -> Query:
    return {"terms": {field: list(values)}}


def all_of(*filters: Query) -> Query:
    return {"bool": {"filter": list(filters)}}


def any_one(filters: Sequence[Query]) -> Query:
    return {"bool": {"should": list(filters), "minimum_should_match": 1}}


def portions(values: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(values)
    while portion := list(islice(rest, size)):
        yield portion
