"""Addresses, sources and what is put into the inbox. One crawl at a time writes those of a site.

A search of addresses refreshes their index first: a crawl asks for them once, and has to see them all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from monitor.records import Analysis, Outcome, Rejection, SourceState, Status, UrlState
from monitor.store.elastic.bulk import Action
from monitor.store.elastic.inbox import payload_of
from monitor.store.elastic.journal import rejection_document, source_document, source_state, url_document, url_state
from monitor.store.elastic.parts import Part
from monitor.store.elastic.reading import Query, all_of
from monitor.store.keys import inbox_key
from monitor.store.values import micros, plain
from monitor.text import digest

_LONGEST_DETAIL = 1000  # characters
_STATUSES = len(Status)


@dataclass(frozen=True, slots=True)
class _Address:
    """What is kept of an address beside its state."""

    state: UrlState | None = None
    turn: int = 0  # changes so far: of it and the address are made the ids of what it puts in
    settled: str = ""  # inbox key of what it put in last
    put_in: tuple[str, ...] = ()  # ids of inbox items that may still wait


class Urls(Part):
    def discover(self, states: Sequence[UrlState]) -> int:
        first: dict[str, UrlState] = {}
        for state in states:
            first.setdefault(_key(state.site, state.url), state)
        actions = [self._writer.create("urls", key, url_document(state)) for key, state in first.items()]
        return len(actions) - len(self._writer.write(actions))

    def known(self, site: str, urls: Collection[str]) -> dict[str, UrlState]:
        keys = {_key(site, url): url for url in urls}
        found = self._reader.many("urls", keys, ["record"])
        return {keys[key]: url_state(one.source) for key, one in found.items()}

    def pending(self, site: str, now: datetime, limit: int) -> list[UrlState]:
        failed = all_of(_status(Status.FAILED), {"range": {"due": {"lte": micros(now)}}})
        query = all_of(_site(site), {"bool": {"should": [_status(Status.DISCOVERED), failed]}})
        return self._states(query, "discovered", limit)

    def due(self, site: str, now: datetime, limit: int) -> list[UrlState]:
        query = all_of(_site(site), _status(Status.STORED), {"range": {"due": {"lte": micros(now)}}})
        return self._states(query, "due", limit)

    def counts(self, site: str) -> dict[str, int]:
        self._reader.refresh("urls")
        counted = {"by": {"terms": {"field": "status", "size": _STATUSES}}}
        answer = self._reader.search("urls", {"query": _site(site), "size": 0, "aggs": counted})
        return {one["key"]: one["doc_count"] for one in answer["aggregations"]["by"]["buckets"]}

    def source(self, site: str, key: str) -> SourceState | None:
        found = self._reader.get("sources", digest(site, key))
        return source_state(found.source) if found else None

    def put_source(self, state: SourceState) -> None:
        self._writer.write([self._writer.put("sources", digest(state.site, state.key), source_document(state))])

    # --- settling ----------------------------------------------------------------------------------------------------

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        addresses = self._addresses(outcomes)
        waiting = self._still_waiting(outcomes, addresses)
        before = dict(addresses)
        items: list[Action] = []
        for outcome in outcomes:
            key = _key(outcome.state.site, outcome.state.url)
            old = addresses.get(key, _Address())
            new = self._turned(key, old, outcome, waiting, items)
            addresses[key] = old if replace(new, turn=old.turn) == old else new
        # In this order: an analysis is in the inbox before its address leaves the state discovered.
        self._writer.write(items)
        self._writer.write([self._rejected(one) for one in outcomes if one.run and _is_rejected(one)])
        changed = {key: one for key, one in addresses.items() if one != before.get(key)}
        self._writer.write([self._writer.put("urls", key, _document(one)) for key, one in changed.items()])

    def _turned(
        self, key: str, old: _Address, outcome: Outcome, waiting: dict[str, str], items: list[Action]
    ) -> _Address:
        """The address after the outcome; what it puts into the inbox is added to `items` and `waiting` (id -> key)."""
        new = _Address(outcome.state, old.turn + 1, old.settled, old.put_in)
        if outcome.analysis is not None:
            new = replace(new, put_in=tuple(id for id in old.put_in if id in waiting))
            content = inbox_key(outcome.analysis)
            if content != old.settled and content not in (waiting[id] for id in new.put_in):
                id = digest(key, str(new.turn), content)
                items.append(self._writer.create("inbox", id, self._item(outcome.analysis, content)))
                waiting[id] = content
                new = replace(new, put_in=(*new.put_in, id))
            new = replace(new, settled=content)
        if outcome.unchanged and outcome.run and old.state != outcome.state:
            mark = {"run": plain(outcome.run), "result": "unchanged", "waiting": False, "filed_at": _now()}
            items.append(self._writer.create("inbox", digest(key, str(new.turn), "unchanged"), mark))
        return new

    def _addresses(self, outcomes: Sequence[Outcome]) -> dict[str, _Address]:
        keys = {_key(outcome.state.site, outcome.state.url) for outcome in outcomes}
        return {key: _address(found.source) for key, found in self._reader.many("urls", keys).items()}

    def _still_waiting(self, outcomes: Sequence[Outcome], addresses: Mapping[str, _Address]) -> dict[str, str]:
        """Of what the addresses put in before, where they put something in again: id -> key of what still waits."""
        again = {_key(one.state.site, one.state.url) for one in outcomes if one.analysis is not None} & set(addresses)
        ids = {id for key in again for id in addresses[key].put_in}
        found = self._reader.many("inbox", ids, ["waiting", "key"])
        return {id: one.source["key"] for id, one in found.items() if one.source["waiting"]}

    def _item(self, analysis: Analysis, content: str) -> dict[str, Any]:
        return {
            "number": self._numbers.next(),
            "run": plain(analysis.run),
            "article_id": plain(analysis.article.id),
            "waiting": True,
            "key": content,
            "payload": payload_of(analysis),
        }

    def _rejected(self, outcome: Outcome) -> Action:
        state = outcome.state
        at = state.fetched_at or state.discovered_at or datetime.now(UTC)
        detail = outcome.detail[:_LONGEST_DETAIL]
        return self._put_rejection(Rejection(outcome.run, state.site, state.url, state.reason, detail, at))

    def _put_rejection(self, rejection: Rejection) -> Action:
        """As the newest."""
        id = digest(rejection.run, rejection.site, rejection.url)
        return self._writer.put("rejections", id, {"id": id, **rejection_document(rejection, self._numbers.next())})

    def _states(self, query: Query, order: str, limit: int) -> list[UrlState]:
        self._reader.refresh("urls")
        hits = self._reader.hits("urls", query, [order, "url"], parts=["record"], limit=limit)
        return [url_state(hit["_source"]) for hit in hits]


def _key(site: str, url: str) -> str:
    return digest("url", site, url)


def _address(source: Mapping[str, Any]) -> _Address:
    put_in = tuple(source.get("put_in", ()))
    return _Address(url_state(source), source.get("turn", 0), source.get("settled", ""), put_in)


def _document(address: _Address) -> dict[str, Any]:
    assert address.state is not None  # noqa: S101 (settled ones have one)
    kept = {"turn": address.turn, "settled": address.settled, "put_in": list(address.put_in)}
    return url_document(address.state) | kept


def _is_rejected(outcome: Outcome) -> bool:
    return outcome.state.status is Status.REJECTED


def _site(site: str) -> Query:
    return {"term": {"site": plain(site)}}


def _status(status: Status) -> Query:
    return {"term": {"status": status.value}}


def _now() -> str:
    return datetime.now(UTC).isoformat()
