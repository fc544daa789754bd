"""Hashes that very many articles hold: one exact rule for every store, whatever became of the articles before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from monitor.records import Document, Fingerprint, Probe
from monitor.store.port import Store
from tests.articles import document, later, put
from tests.contract.adapters import few_holders

MOST = 20


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    few_holders(monkeypatch, MOST)


def printed(id: str, *hashes: int, **more: Any) -> Document:
    return replace(document(id, **more), fingerprint=Fingerprint("", hashes))


def copies(count: int, *hashes: int, name: str = "a", **more: Any) -> list[Document]:
    """Each with a hash of its own, too."""
    return [printed(f"{name}{n:02}", *hashes, 1000 + n, **more) for n in range(count)]


def ids(store: Store, *hashes: int) -> list[str]:
    return [one.id for one in store.candidates([Probe(hashes, later(hours=-12), later(hours=12), 100)])[0]]


def named(documents: Iterable[Document]) -> list[str]:
    return [one.id for one in documents]


def test_where_more_share_the_hashes_that_very_many_hold_count_for_nothing(store: Store) -> None:
    put(store, *(printed(f"a{n:02}", 1, 2, 100 + n % 2) for n in range(MOST + 1)))
    assert ids(store, 1, 2) == []
    assert ids(store, 1, 2, 100) == []  # one shared hash is left
    put(store, printed("rare", 2, 50, 51), printed("even", 1, 2, 50, 100))
    assert ids(store, 1, 2, 50, 51) == ["rare"]
    assert ids(store, 1, 2, 50, 100) == ["even"]


def test_where_no_more_share_every_hash_counts_however_many_hold_it(store: Store) -> None:
    several = copies(MOST, 1, 2)
    put(store, *several, *(printed(f"other{n:02}", 1) for n in range(MOST)))
    assert ids(store, 1, 2, 3) == named(several)
    put(store, printed("one", 1, 3))
    assert ids(store, 1, 2, 3) == []
    assert ids(store, 1, 3) == ["one"]


def test_hashes_that_no_more_hold_count_however_many_share(store: Store) -> None:
    first, second = copies(MOST, 1, 2), copies(MOST, 3, 4, name="b")
    put(store, *first, *second)
    assert ids(store, 1, 2, 3, 4) == [*named(first), *named(second)]


def test_those_that_share_by_a_rare_hash_make_a_crowd_too(store: Store) -> None:
    here = [printed(f"a{n:02}", 1, 10 + n % 4) for n in range(MOST)]
    put(store, *here, *(printed(f"other{n}", 1) for n in range(9)))
    asked = (1, 10, 11, 12, 13)
    assert ids(store, *asked) == named(here)
    put(store, *(printed(f"old{n}", 10, 11) for n in range(5)))
    assert ids(store, *asked) == [f"old{n}" for n in range(5)]
    put(store, *(printed(f"old{n}", 10, revision=2) for n in range(5)))
    assert ids(store, *asked) == named(here)
    put(store, printed("one", 1, 12, 13))
    assert ids(store, *asked) == ["one"]


def test_old_revisions_count_for_nothing(store: Store) -> None:
    here = copies(MOST, 1, 2)
    put(store, *here, *copies(15, 1, 2, name="old"))
    assert ids(store, 1, 2) == []
    put(store, *(printed(f"old{n:02}", 7, revision=2) for n in range(15)))
    assert ids(store, 1, 2) == named(here)
    put(store, printed("old00", 1, 2, revision=3))
    assert ids(store, 1, 2) == []
    put(store, printed("old00", revision=4))
    assert ids(store, 1, 2) == named(here)


def test_an_article_counts_once_however_often_it_was_written(store: Store) -> None:
    here = copies(MOST, 1, 2)
    for revision in range(1, 5):
        put(store, *(replace(one, revision=revision, story=f"s{revision}") for one in here))
        put(store, *(replace(one, story_time=later(hours=revision), revision=revision) for one in here))
    assert ids(store, 1, 2) == named(here)
    assert store.rebuild_fingerprints() == MOST
    store.refresh()
    assert ids(store, 1, 2) == named(here)


def test_articles_outside_of_the_window_count_for_nothing_and_both_ends_count(store: Store) -> None:
    put(store, *copies(MOST - 1, 1, 2))
    put(store, *copies(9, 1, 2, name="before", at=later(hours=-12, microseconds=-1)))
    put(store, *copies(9, 1, 2, name="after", at=later(hours=12, microseconds=1)))
    assert len(ids(store, 1, 2)) == MOST - 1
    put(store, printed("first", 1, 2, at=later(hours=-12)))
    assert len(ids(store, 1, 2)) == MOST
    put(store, printed("last", 1, 2, at=later(hours=12)))
    assert ids(store, 1, 2) == []
    put(store, printed("first", 1, 2, at=later(hours=-13)))
    assert len(ids(store, 1, 2)) == MOST


def test_each_probe_is_judged_by_itself(store: Store) -> None:
    put(store, *copies(MOST, 1, 2), *copies(MOST, 1, 2, 3, 4, name="b", at=later(days=-3)), printed("c", 3, 4))
    wide, narrow = (later(days=-4), later(days=4)), (later(hours=-1), later(hours=1))
    probes = [Probe((1, 2, 3, 4), *wide, 100), Probe((1, 2, 3, 4), *narrow, 100), Probe((5, 6), *wide, 100)]
    answers = [[one.id for one in found] for found in store.candidates(probes)]
    assert [len(found) for found in answers] == [0, MOST + 1, 0]
    assert store.candidates(probes[::-1]) == store.candidates(probes)[::-1]
