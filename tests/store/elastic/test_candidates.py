"""How look-ups are put into requests; what they find is the business of the contract's suite."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.records import Probe
from monitor.store.elastic.candidates import CLAUSES_AT_ONCE, _Asked, _requests

AT = datetime(2024, 5, 13, tzinfo=UTC)


def asked(*hashes: int) -> dict[int, _Asked]:
    """Look-ups of so many hashes each."""
    return {n: _Asked(Probe(tuple(range(number)), AT, AT), 20) for n, number in enumerate(hashes)}


def test_a_batch_is_asked_for_in_one_request() -> None:
    assert list(_requests(asked(*[100] * 400))) == [list(range(400))]


@pytest.mark.parametrize("hashes", [[1000] * 150, [CLAUSES_AT_ONCE, 1, CLAUSES_AT_ONCE + 5, 3, 4], [], [7]])
def test_no_request_is_larger_than_it_may_be_and_none_is_left_out(hashes: list[int]) -> None:
    parts = list(_requests(asked(*hashes)))
    assert [n for part in parts for n in part] == list(range(len(hashes)))
    assert all(len(part) == 1 or sum(hashes[n] for n in part) <= CLAUSES_AT_ONCE for part in parts)
