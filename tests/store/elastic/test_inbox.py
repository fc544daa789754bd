"""How an analysis lies in the engine's inbox; what becomes of it there is the contract's."""

from __future__ import annotations

import pytest

from monitor.codec import encode
from monitor.errors import StoreCorrupt
from monitor.store.elastic.inbox import analysis_of, payload_of
from tests.articles import analysis


def test_it_comes_out_as_it_went_in() -> None:
    one = analysis("a", "Ein Text. " * 200)
    assert analysis_of(payload_of(one)) == one
    assert len(payload_of(one)) < len(encode(one)) / 2


def test_one_of_an_earlier_version_can_be_read() -> None:
    one = analysis("a")
    assert analysis_of(encode(one).decode()) == one


@pytest.mark.parametrize("payload", ["", "AAAA", "no base64", payload_of(analysis("a"))[:-8]])
def test_a_damaged_one_is_told(payload: str) -> None:
    with pytest.raises(StoreCorrupt):
        analysis_of(payload)
