from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.store.elastic import known
from monitor.store.elastic.known import KEPT, Known
from tests.articles import document


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(clock: Clock) -> Known:
    """One that a holder of the lease has, with an article in it."""
    kept = Known(clock)
    kept.hold(30)
    _, changes = kept.among(["a"])
    kept.put([document("a")], changes)
    return kept


def ids(kept: Known) -> set[str]:
    return set(kept.among(["a", "b"])[0])


def test_what_was_read_is_known(kept: Known) -> None:
    assert kept.among(["a", "b"])[0] == {"a": document("a")}


def test_nothing_is_kept_without_the_lease(clock: Clock) -> None:
    kept = Known(clock)
    kept.put([document("a")], kept.among(["a"])[1])
    assert not ids(kept)


def test_it_ends_with_the_lease(kept: Known, clock: Clock) -> None:
    clock.now += 30
    assert not ids(kept)
    kept.hold(30)
    assert not ids(kept)


def test_it_goes_on_where_the_lease_is_renewed(kept: Known, clock: Clock) -> None:
    clock.now += 20
    kept.hold(30)
    clock.now += 20
    assert ids(kept) == {"a"}


def test_a_lease_that_is_lost_or_given_back_ends_it(kept: Known) -> None:
    kept.end()
    kept.hold(30)
    assert not ids(kept)


def test_what_is_written_is_read_anew(kept: Known) -> None:
    kept.written(["a"])
    assert not ids(kept)


def test_what_was_read_before_it_was_written_is_not_kept(kept: Known) -> None:
    old = document("b")
    _, changes = kept.among(["b"])
    kept.written(["b"])
    kept.put([old], changes)
    assert ids(kept) == {"a"}


def test_what_was_read_before_the_lease_was_lost_is_not_kept(kept: Known) -> None:
    _, changes = kept.among(["b"])
    kept.end()
    kept.hold(30)
    kept.put([document("b")], changes)
    assert not ids(kept)


def test_nothing_is_kept_for_long(kept: Known, clock: Clock) -> None:
    kept.hold(KEPT * 3)
    clock.now += KEPT + 1
    assert not ids(kept)


def test_it_does_not_grow(kept: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", 2)
    one = document("a")
    _, changes = kept.among([])
    kept.put([replace(one, article=replace(one.article, id=id)) for id in "bcd"], changes)
    assert not ids(kept)
