"""How far an index was copied, when its operations end in another order than they began."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.store.elastic.sequences import checkpoints, go_on_behind


@pytest.mark.parametrize(
    ("before", "seen", "ended", "next"),
    [
        (-1, 7, 7, 7),
        (-1, 7, 5, 5),  # 6 may have been under way, and 7 was found without it
        (-1, 7, 9, 7),  # 8 and 9 took documents away, or the refresh came before them
        (5, 7, 5, 5),
        (5, 7, -1, 5),  # nobody knows
        (-1, 7, -2, -1),  # the primary has not begun to count
    ],
)
def test_the_next_pass_begins_where_every_operation_had_ended(before: int, seen: int, ended: int, next: int) -> None:
    assert go_on_behind(before, seen, ended) == next


def test_the_primary_knows_what_ended_in_every_copy() -> None:
    def copy(primary: bool, number: int) -> dict[str, Any]:
        return {"routing": {"primary": primary}, "seq_no": {"global_checkpoint": number}}

    told = {"0": [copy(False, 3), copy(True, 4)], "1": [copy(True, 9)], "2": [{"routing": {"primary": True}}]}
    answer = {"indices": {"m-articles-v1-000001": {"shards": told}}}
    assert checkpoints(answer, "m-articles-v1-000001") == {"0": 4, "1": 9}
    assert checkpoints({}, "m-articles-v1-000001") == {}
