"""What every store owes to the filer: inbox, leases, and filing once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.errors import LeaseLost
from monitor.records import Changes, Filed
from monitor.store.port import FILER_LEASE, Store
from tests.articles import NOW, again, changes, document, later, run, stored


def test_take_gives_the_first_waiting_items_and_leaves_them(store: Store) -> None:
    again(store.settle, [stored(name) for name in "abc"])
    first = store.take(2)
    assert [item.analysis.article.id for item in first] == ["a", "b"]
    assert store.take(2) == first
    assert [item.analysis.article.id for item in store.take(9, after=first[-1].number)] == ["c"]
    assert store.waiting() == 3


def test_waiting_counts_one_run_alone(store: Store) -> None:
    again(store.settle, [stored("a", run="run-1"), stored("b", run="run-2")])
    assert (store.waiting(), store.waiting("run-2"), store.waiting("run-3")) == (2, 1, 0)


def test_filing_takes_items_out_and_counts_each_once(store: Store) -> None:
    store.put_run(run("run-1"))
    again(store.settle, [stored(name) for name in "abc"])
    numbers = [item.number for item in store.take(9)]
    filed = [Filed(n, "run-1", result) for n, result in zip(numbers, ("stored", "updated", "unchanged"), strict=True)]
    for _ in range(3):
        again(store.file, changes(document("a"), document("b"), filed=filed))
    assert store.waiting() == 0
    counted = store.run("run-1")
    assert counted is not None
    assert (counted.stored, counted.updated, counted.unchanged) == (1, 1, 1)


def test_a_number_is_never_used_again(store: Store) -> None:
    again(store.settle, [stored("a")])
    number = store.take(1)[0].number
    again(store.file, Changes(filed=(Filed(number, "run-1", "unchanged"),)))
    again(store.settle, [stored("b")])
    assert store.take(1)[0].number > number


def test_settling_what_was_filed_already_puts_nothing_in(store: Store) -> None:
    """A crash between the commit and its answer: the crawl settles again."""
    again(store.settle, [stored("a")])
    again(store.file, changes(document("a"), filed=[Filed(store.take(1)[0].number, "run-1", "stored")]))
    again(store.settle, [stored("a")])
    assert store.waiting() == 0


def test_one_holder_at_a_time(store: Store) -> None:
    assert store.acquire("filer", "one", 10, NOW)
    assert not store.acquire("filer", "two", 10, later(seconds=9))
    assert store.acquire("other", "two", 10, NOW)
    assert store.holder("filer", later(seconds=9)) == "one"
    assert store.holder("nobody", NOW) == ""


def test_a_lease_is_renewed_by_its_holder_and_runs_out(store: Store) -> None:
    assert store.acquire("filer", "one", 10, NOW)
    assert store.acquire("filer", "one", 10, later(seconds=8))
    assert not store.acquire("filer", "two", 10, later(seconds=17))
    assert store.holder("filer", later(seconds=18)) == ""
    assert store.acquire("filer", "two", 10, later(seconds=18))
    assert not store.acquire("filer", "one", 10, later(seconds=19))


def test_who_has_had_a_lease_all_along_may_renew_it(store: Store) -> None:
    assert not store.renew(FILER_LEASE, "one", 10, NOW)
    assert store.acquire(FILER_LEASE, "one", 10, NOW)
    assert store.renew(FILER_LEASE, "one", 10, later(seconds=8))
    assert not store.acquire(FILER_LEASE, "two", 10, later(seconds=17))
    assert store.renew(FILER_LEASE, "one", 10, later(seconds=30))
    assert store.acquire(FILER_LEASE, "two", 10, later(seconds=41))
    assert not store.renew(FILER_LEASE, "one", 10, later(seconds=60))
    store.release(FILER_LEASE, "two")
    assert not store.renew(FILER_LEASE, "one", 10, later(seconds=61))
    assert store.holder(FILER_LEASE, later(seconds=61)) == ""


def test_only_the_holder_gives_a_lease_back(store: Store) -> None:
    store.acquire("filer", "one", 10, NOW)
    store.release("filer", "two")
    assert store.holder("filer", NOW) == "one"
    store.release("filer", "one")
    store.release("filer", "one")
    assert store.acquire("filer", "two", 10, NOW)


def test_a_filer_that_lost_the_lease_writes_nothing(store: Store) -> None:
    again(store.settle, [stored("a")])
    store.acquire(FILER_LEASE, "one", 10, NOW)
    store.acquire(FILER_LEASE, "two", 10, later(seconds=11))
    filed = Filed(store.take(1)[0].number, "run-1", "stored")
    whole = changes(document("a"), filed=[filed])
    with pytest.raises(LeaseLost):
        again(store.file, replace(whole, holder="one"))
    assert store.documents(["a"]) == {}
    assert store.waiting() == 1
    again(store.file, replace(whole, holder="two"))
    assert store.waiting() == 0


def test_a_lease_that_ran_out_and_nobody_took_still_lets_its_holder_write(store: Store) -> None:
    store.acquire(FILER_LEASE, "one", 0.001, NOW)
    again(store.file, Changes(documents=(document("a"),), holder="one"))
    assert set(store.documents(["a"])) == {"a"}
