"""What is promised to those who import it."""

from __future__ import annotations

import doctest

import monitor.duplicates


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
