"""Analyses on their way to the filer, and the marks of those that were filed.

An item that is filed stays as a mark of a few bytes: shipping it again finds it there, and a run's counts are the
number of its marks, so nothing is ever counted twice. Marks older than KEPT are taken away, run by run, after their
counts are written into the run's record for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.codec import decode
from monitor.errors import Conflict
from monitor.records import Analysis, Filed, InboxItem
from monitor.store.elastic.bulk import Action
from monitor.store.elastic.encoding import instant, packed, unpacked
from monitor.store.elastic.parts import Part
from monitor.store.elastic.reading import Found, Query, all_of, any_of, any_one, column, portions
from monitor.store.values import plain

KEPT = timedelta(days=30)  # of marks: nobody ships what waited longer
_WAITING: Query = {"term": {"waiting": True}}
_REMEMBERED = 20_000  # items that were taken, without what they bring: some batches of the largest size
_LEVEL = 1  # of zstd
_TRIES = 10  # to mark what others mark
_RUNS_AT_ONCE = 1000
_DELETED_AT_ONCE = 500


class Inbox(Part):
    def take(self, limit: int, after: int = 0) -> list[InboxItem]:
        """Of two items with one number, which two machines may make by chance, the second waits for its turn."""
        self._reader.refresh("inbox")
        query = all_of(_WAITING, {"range": {"number": {"gt": after}}})
        ids: dict[int, str] = {}
        for hit in self._reader.hits("inbox", query, ["number"], fields=["number"], limit=limit):
            ids.setdefault(column(hit, "number"), hit["_id"])
        found = self._reader.many("inbox", ids.values())
        waiting = {number: found[id] for number, id in ids.items() if id in found and found[id].source["waiting"]}
        self._remember({number: (ids[number], _without_payload(one)) for number, one in waiting.items()})
        return [InboxItem(number, analysis_of(one.source["payload"])) for number, one in waiting.items()]

    def waiting(self, run: str = "") -> int:
        self._reader.refresh("inbox")
        return self._reader.count("inbox", all_of(_WAITING, _of_run(run)) if run else _WAITING)

    def _mark(self, filed: Sequence[Filed]) -> None:
        """Each once: what is marked already stays as it is."""
        ids = self._ids([one.number for one in filed])
        left = {ids[one.number]: one for one in filed if one.number in ids}
        self._counted_anew.update(one.run for one in left.values() if one.run)
        found = dict(self._taken[one.number] for one in left.values() if one.number in self._taken)
        for _ in range(_TRIES):
            found |= self._reader.many("inbox", left.keys() - found.keys(), ["waiting", "key", "number"])
            waiting = {id: one for id, one in found.items() if one.source["waiting"]}
            others = self._writer.write([self._marked(id, one, left[id]) for id, one in waiting.items()])
            left, found = {one.id: left[one.id] for one in others}, {}
            if not left:
                return
        raise Conflict("others file the same items", hint="try again")

    def _marked(self, id: str, item: Found, filed: Filed) -> Action:
        mark = {
            "number": item.source["number"],
            "key": item.source["key"],
            "run": plain(filed.run),
            "result": filed.result,
            "waiting": False,
            "filed_at": instant(datetime.now(UTC)),
        }
        return self._writer.replace("inbox", id, mark, item)

    def _ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """Ids of the items; most were taken by this process."""
        known = {number: self._taken[number][0] for number in numbers if number in self._taken}
        others = [number for number in numbers if number not in known]
        if others:
            self._reader.refresh("inbox")
        for portion in portions(others, 1000):
            query = all_of(any_of("number", portion))
            for hit in self._reader.hits("inbox", query, ["number"], fields=["number"]):
                known.setdefault(column(hit, "number"), hit["_id"])
        return known

    def _remember(self, items: Mapping[int, tuple[str, Found]]) -> None:
        self._taken.update(items)
        while len(self._taken) > _REMEMBERED:
            self._taken.popitem(last=False)

    # --- counts ------------------------------------------------------------------------------------------------------

    def _counted(self, closed: Mapping[str, int]) -> dict[str, dict[str, int]]:
        """How often each result was marked, by run. `closed`: up to when (seconds) a run's marks do not count."""
        self._reader.refresh("inbox")
        found: dict[str, dict[str, int]] = {}
        for portion in portions(closed, _RUNS_AT_ONCE):
            which = [any_of("run", [run for run in portion if not closed[run]])]
            which += [all_of(_of_run(run), _filed(after=closed[run])) for run in portion if closed[run]]
            query: Query = {"bool": {"filter": [{"exists": {"field": "result"}}], "must": [any_one(which)]}}
            aggs = {"runs": {"terms": {"field": "run", "size": len(portion)}, "aggs": _RESULTS}}
            answer = self._reader.search("inbox", {"query": query, "size": 0, "aggs": aggs})
            for of_run in answer["aggregations"]["runs"]["buckets"]:
                found[of_run["key"]] = {one["key"]: one["doc_count"] for one in of_run["results"]["buckets"]}
        return found

    def _runs_with_marks(self, after: int | None, up_to: int, limit: int) -> list[str]:
        """Some runs that have marks of that time."""
        aggs = {"runs": {"terms": {"field": "run", "size": limit}}}
        answer = self._reader.search("inbox", {"query": _filed(after=after, up_to=up_to), "size": 0, "aggs": aggs})
        return [one["key"] for one in answer["aggregations"]["runs"]["buckets"]]

    def _marked_between(self, run: str, after: int, up_to: int) -> dict[str, int]:
        query = all_of(_of_run(run), _filed(after=after, up_to=up_to))
        answer = self._reader.search("inbox", {"query": query, "size": 0, "aggs": _RESULTS})
        return {one["key"]: one["doc_count"] for one in answer["aggregations"]["results"]["buckets"]}

    def _forget_marks(self, run: str, up_to: int) -> None:
        body = {"query": all_of(_of_run(run), _filed(up_to=up_to)), "size": _DELETED_AT_ONCE, "_source": False}
        while True:
            hits = self._reader.search("inbox", body)["hits"]["hits"]
            self._writer.write([self._writer.delete("inbox", hit["_id"]) for hit in hits], refresh=True)
            if len(hits) < _DELETED_AT_ONCE:
                return


_RESULTS: Any = {"results": {"terms": {"field": "result", "size": 10}}}


def payload_of(analysis: Analysis) -> str:
    """As it lies in the inbox."""
    return packed(analysis, _LEVEL)


def analysis_of(payload: str) -> Analysis:
    """Raises StoreCorrupt."""
    if payload.startswith("{"):  # of an earlier version of the program
        return decode(Analysis, payload)
    return unpacked(Analysis, payload)


def _without_payload(item: Found) -> Found:
    return replace(item, source={name: value for name, value in item.source.items() if name != "payload"})


def _of_run(run: str) -> Query:
    return {"term": {"run": plain(run)}}


def _filed(*, after: int | None = None, up_to: int | None = None) -> Query:
    """Marks of a time, in seconds since 1970: without the first, with the last."""
    bounds = {"gt": after, "lte": up_to}
    given = {name: seconds * 1000 for name, seconds in bounds.items() if seconds is not None}
    return {"range": {"filed_at": {**given, "format": "epoch_millis"}}}
