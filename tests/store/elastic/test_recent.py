"""What was filed since the last refresh, over what an engine finds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.records import Candidate, Fingerprint, Probe
from monitor.store.elastic.recent import Recent
from tests.articles import NOW, document, later
from tests.contract.adapters import few_holders

PROBE = Probe((1, 2, 3), later(hours=-1), later(hours=1))


def test_no_hash_is_left_out_for_how_many_hold_it_in_here(monkeypatch: pytest.MonkeyPatch) -> None:
    few_holders(monkeypatch, 2)
    recent = Recent()
    for id in "abcd":
        recent.put(replace(document(id), fingerprint=Fingerprint("", (1, 2))))
    recent.put(replace(document("later", at=later(hours=2)), fingerprint=Fingerprint("", (1, 2))))
    assert sorted(one.id for one in recent.sharing(PROBE)) == ["a", "b", "c", "d"]


def test_an_article_is_as_it_is_in_here_whatever_the_engine_says() -> None:
    recent = Recent()
    recent.put(replace(document("a"), fingerprint=Fingerprint("", (1, 2, 3))))
    recent.put(replace(document("b"), fingerprint=Fingerprint("", (7, 8))))
    found = [Candidate(id, f"old-{id}", "kurier", NOW, 2) for id in "abc"]
    laid = recent.laid(recent.sharing(PROBE), found, PROBE)
    assert [(one.id, one.story, one.shared) for one in laid] == [("a", "story-a", 3), ("c", "old-c", 2)]
