"""What is promised to those who import it."""

from __future__ import annotations

import doctest
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import monitor.duplicates
from monitor.duplicates import memory
from monitor.duplicates.match import Placed
from monitor.records import Fingerprint, Probe

AT = datetime(2024, 5, 16, tzinfo=UTC)


def test_the_example_runs() -> None:
    failed, tried = doctest.testmod(monitor.duplicates)
    assert tried > 5
    assert failed == 0


def test_the_memory_lookup_forgets_edges_and_hashes_of_old_revisions() -> None:
    from tests.duplicates.making import HARBOUR, ORCHARD, document, placed, revised

    lookup = placed(document("a", HARBOUR), document("b", HARBOUR, 1))
    placed(revised(lookup, "a", ORCHARD), lookup=lookup)
    assert not lookup.edges(["a", "b"])
    assert lookup.same_text([document("x", HARBOUR).fingerprint.exact]) == {
        document("x", HARBOUR).fingerprint.exact: ["b"]
    }


def test_the_memory_lookup_counts_who_holds_a_hash_as_a_store_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_HOLDERS", 2)
    lookup = memory.MemoryLookup()

    def put(id: str, *hashes: int, hours: int = 0) -> None:
        document = memory.plain_document(id, f"Text {id}", at=AT + timedelta(hours=hours))
        lookup.file(Placed((replace(document, fingerprint=Fingerprint("", hashes)),)))

    def found(*hashes: int) -> list[str]:
        probe = Probe(hashes, AT - timedelta(hours=1), AT + timedelta(hours=1))
        return [one.id for one in lookup.candidates([probe])[0]]

    for id in "ab":
        put(id, 1, 2, 3)
    put("single", 1)
    put("later", 1, 2, 3, hours=2)
    assert found(1, 2, 3) == ["a", "b"]
    put("c", 1, 2)
    assert found(1, 2, 3) == []
    put("d", 4, 5)
    assert found(1, 3, 4, 5) == ["d"]
