"""What is to be told, and what was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from monitor.records import Alert
from monitor.store.elastic.journal import alert, alert_document
from monitor.store.elastic.parts import Part
from monitor.store.elastic.reading import EVERYTHING, Query, Sort, all_of
from monitor.store.values import micros, plain
from monitor.text import digest

Key = tuple[str, str, str, str]

_KEYS = ("rule", "channel", "subject", "occurrence")
_MOST_CHANNELS = 10_000


class Outbox(Part):
    def put_alerts(self, alerts: Sequence[Alert]) -> int:
        made = {_id(one.key): one for one in reversed(alerts)}  # of two with one key the first
        refused = self._writer.write(
            [self._writer.create("outbox", id, alert_document(one)) for id, one in reversed(made.items())]
        )
        return len(made) - len(refused)

    def mark_alerts(self, alerts: Sequence[Alert]) -> None:
        self._writer.write([self._writer.put("outbox", _id(one.key), alert_document(one)) for one in alerts])

    def told(self, keys: Collection[Key]) -> dict[Key, Alert]:
        found = self._reader.many("outbox", [_id(key) for key in keys], ["record"])
        return {made.key: made for made in (alert(one.source) for one in found.values())}

    def due_alerts(self, channel: str, now: datetime, limit: int) -> list[Alert]:
        ready = {"range": {"ready": {"lte": micros(now)}}}
        query = all_of({"term": {"channel": plain(channel)}}, {"term": {"state": "waiting"}}, ready)
        return self._alerts(query, ["order", *_KEYS], limit)

    def due_channels(self, now: datetime) -> list[str]:
        query = all_of({"term": {"state": "waiting"}}, {"range": {"ready": {"lte": micros(now)}}})
        terms = {"terms": {"field": "channel", "size": _MOST_CHANNELS, "order": {"_key": "asc"}}}
        return [bucket["key"] for bucket in self._buckets(query, terms)]

    def alerts(
        self, rule: str = "", channel: str = "", state: str = "", limit: int = 100, but: str = ""
    ) -> list[Alert]:
        named = {"rule": rule, "channel": channel, "state": state}
        wanted = [{"term": {name: plain(value)}} for name, value in named.items() if value]
        query: Query = {"bool": {"filter": wanted, "must_not": [{"term": {"channel": plain(but)}}] if but else []}}
        return self._alerts(query if wanted or but else EVERYTHING, [{"made_at": "desc"}, *_KEYS], limit)

    def alert_counts(self) -> dict[tuple[str, str], int]:
        states = {"by": {"terms": {"field": "state"}}}
        channels = {"terms": {"field": "channel", "size": _MOST_CHANNELS}, "aggs": states}
        return {
            (channel["key"], state["key"]): state["doc_count"]
            for channel in self._buckets(EVERYTHING, channels)
            for state in channel["by"]["buckets"]
        }

    def _buckets(self, query: Query, by: dict[str, Any]) -> list[Any]:
        self._reader.refresh("outbox")
        body = {"query": query, "size": 0, "track_total_hits": False, "aggs": {"by": by}}
        buckets: list[Any] = self._reader.search("outbox", body)["aggregations"]["by"]["buckets"]
        return buckets

    def _alerts(self, query: Query, order: Sort, limit: int) -> list[Alert]:
        self._reader.refresh("outbox")
        hits = self._reader.hits("outbox", query, order, parts=["record"], limit=limit)
        return [alert(hit["_source"]) for hit in hits]


def _id(key: Key) -> str:
    return digest("alert", *key)
