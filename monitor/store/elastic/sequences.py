"""An index in the order in which its documents were written last, by the engine's own sequence numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from monitor.store.elastic.connection import Connection
from monitor.store.elastic.reading import Hit

_IDS_AT_ONCE = 5000


def shards(connection: Connection, index: str) -> list[str]:
    """Each has numbers of its own."""
    answer = connection.call(
        lambda client: client.indices.get_settings(index=index, name="index.number_of_shards", flat_settings=True).body
    )
    number = int(answer[index]["settings"]["index.number_of_shards"])
    return [str(shard) for shard in range(number)]


def written_after(
    connection: Connection, index: str, shard: str, number: int, limit: int, *, source: bool = True
) -> list[Hit]:
    """The next documents of the shard behind this number, which is `sort` of each."""
    body: dict[str, Any] = {
        "query": {"range": {"_seq_no": {"gt": number}}},
        "sort": [{"_seq_no": "asc"}],
        "size": limit,
        "version": True,
        "source": source,
        "track_total_hits": False,
        "preference": f"_shards:{shard}",
        "allow_partial_search_results": False,
    }
    hits: list[Hit] = connection.call(lambda client: client.search(index=index, **body).body)["hits"]["hits"]
    return hits


def ids_of(connection: Connection, index: str) -> Iterator[list[str]]:
    """All, in portions."""
    for shard in shards(connection, index):
        after = -1
        while hits := written_after(connection, index, shard, after, _IDS_AT_ONCE, source=False):
            yield [hit["_id"] for hit in hits]
            after = hits[-1]["sort"][0]
