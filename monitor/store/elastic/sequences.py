"""An index in the order in which its documents were written last, by the engine's own sequence numbers.

An operation gets its number before it can be found, and several are under way at once: a refresh may show 7 and not
yet 6. So the highest number that was found does not tell that all below it were found; `complete` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def complete(connection: Connection, index: str) -> dict[str, int]:
    """By shard, the number up to which every operation has ended in every copy of it: a refresh that begins after this
    shows them, whichever copy is searched, and no other primary takes them back. Of its primary alone the number would
    be higher than what a replica may show.
    """
    only = "indices.*.shards.*.routing.primary,indices.*.shards.*.seq_no.global_checkpoint"
    answer = connection.call(
        lambda client: client.indices.stats(index=index, metric="docs", level="shards", filter_path=only).body
    )
    return checkpoints(answer, index)


def checkpoints(answer: Mapping[str, Any], index: str) -> dict[str, int]:
    """Of the statistics. A shard without a primary at the moment is absent."""
    found = answer.get("indices", {}).get(index, {}).get("shards", {})
    return {
        shard: copy["seq_no"]["global_checkpoint"]
        for shard, copies in found.items()
        for copy in copies
        if copy["routing"]["primary"] and "seq_no" in copy
    }


def go_on_behind(before: int, seen: int, ended: int) -> int:
    """Where the next pass begins. `before`: where this one began; `seen`: the highest number that it found; `ended`:
    what `complete` said before its refresh.
    """
    return max(before, min(seen, ended))


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
