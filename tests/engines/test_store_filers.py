"""Several filers on one engine: one files, and one that was stopped past its lease does no harm."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import LeaseLost
from monitor.records import Edge, Filed, Fingerprint, Probe
from monitor.store.elastic import runs as runs_module
from monitor.store.elastic.store import ElasticStore
from monitor.store.port import FILER_LEASE, SITE_LEASES
from tests.articles import NOW, again, changes, document, later, run, stored
from tests.engines.engine import Engine
from tests.engines.stores import opened

pytestmark = pytest.mark.slow


@pytest.fixture
def one(engine: Engine, fresh_prefix: str, tmp_path: Path) -> Iterator[ElasticStore]:
    with opened(engine, fresh_prefix, tmp_path) as store:
        yield store


@pytest.fixture
def two(one: ElasticStore, engine: Engine, fresh_prefix: str, tmp_path: Path) -> Iterator[ElasticStore]:
    with opened(engine, fresh_prefix, tmp_path) as store:
        yield store


def test_of_many_that_want_the_lease_one_gets_it(one: ElasticStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: one.acquire(FILER_LEASE, f"filer-{n}", 10, NOW), range(8)))
    assert got.count(True) == 1


def test_a_filer_that_was_stopped_past_its_lease_writes_nothing(one: ElasticStore, two: ElasticStore) -> None:
    one.put_run(run("run-1"))
    again(one.settle, [stored("a")])
    assert one.acquire(FILER_LEASE, "one", 10, NOW)
    mine = changes(document("a", text="Alt."), filed=[Filed(one.take(9)[0].number, "run-1", "stored")])
    assert two.acquire(FILER_LEASE, "two", 10, later(seconds=11))
    theirs = changes(document("a", text="Neu."), filed=[Filed(two.take(9)[0].number, "run-1", "stored")])
    again(two.file, replace(theirs, holder="two"))
    two.release(FILER_LEASE, "two")
    with pytest.raises(LeaseLost):
        one.file(replace(mine, holder="one"))
    assert one.documents(["a"]) == {"a": document("a", text="Neu.")}
    counted = one.run("run-1")
    assert counted is not None
    assert (counted.stored, one.waiting()) == (1, 0)


def test_a_write_that_was_under_way_when_the_lease_changed_is_refused(one: ElasticStore, two: ElasticStore) -> None:
    assert one.acquire(FILER_LEASE, "one", 10, NOW)
    fence = one._fence("one")  # stopped behind this line
    assert two.acquire(FILER_LEASE, "two", 10, later(seconds=11))
    newer = changes(document("a", text="Neu."))
    again(two.file, replace(newer, holder="two"))
    stale = changes(document("a", text="Alt."), document("b"))
    assert [refused.id for refused in one._file_documents(stale.documents, fence.version())] == ["a"]
    assert [refused.id for refused in one._file_stories(stale.stories, fence.version())] == ["story-a"]
    assert two.documents(["a"])["a"].article.text == "Neu."


def test_other_leases_of_the_holder_do_not_touch_the_filers(one: ElasticStore, two: ElasticStore) -> None:
    assert two.acquire(FILER_LEASE, "two", 10, NOW)
    two.release(FILER_LEASE, "two")
    assert one.acquire(FILER_LEASE, "one", 10, NOW)
    assert one.acquire(f"{SITE_LEASES}kurier", "one", 10, NOW)
    again(one.file, replace(changes(document("a")), holder="one"))
    assert set(one.documents(["a"])) == {"a"}


def test_a_mark_is_made_once(one: ElasticStore, two: ElasticStore) -> None:
    one.put_run(run("run-1"))
    again(one.settle, [stored("a"), stored("b")])
    numbers = [item.number for item in one.take(9)]
    two.take(9)
    again(one.file, changes(filed=[Filed(number, "run-1", "stored") for number in numbers]))
    again(two.file, changes(filed=[Filed(number, "run-1", "unchanged") for number in numbers]))
    counted = two.run("run-1")
    assert counted is not None
    assert (counted.stored, counted.unchanged) == (2, 0)


def test_what_a_killed_filer_had_stored_is_counted_as_stored(
    one: ElasticStore, two: ElasticStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next filer finds the articles as they are to be, and takes them for unchanged."""
    one.put_run(run("run-1"))
    again(one.settle, [stored("a"), stored("b")])
    numbers = [item.number for item in one.take(9)]
    assert one.acquire(FILER_LEASE, "one", 10, NOW)
    monkeypatch.setattr(one, "_mark", lambda filed: None)  # killed before the marks
    batch = changes(document("a"), document("b"), filed=[Filed(number, "run-1", "stored") for number in numbers])
    again(one.file, replace(batch, holder="one"))
    assert two.acquire(FILER_LEASE, "two", 10, later(seconds=11))
    for number in numbers:  # in other batches than before
        again(two.file, replace(changes(filed=[Filed(number, "run-1", "unchanged")]), holder="two"))
    counted = two.run("run-1")
    assert counted is not None
    assert (counted.stored, counted.unchanged, two.waiting()) == (2, 0, 0)


def test_an_item_that_another_process_took_can_be_marked(one: ElasticStore, two: ElasticStore) -> None:
    again(one.settle, [stored("a")])
    number = one.take(1)[0].number
    again(two.file, changes(filed=[Filed(number, "run-1", "stored")]))
    assert one.waiting() == 0


def test_what_was_just_filed_is_looked_up_before_any_search_sees_it(one: ElasticStore) -> None:
    prints = Fingerprint("same", (1, 2, 3))
    a, b = (replace(document(id, story="s1"), fingerprint=prints) for id in "ab")
    again(one.file, changes(a))
    one.refresh()
    again(one.file, replace(changes(b), edges=(Edge("b", "a", "near", 0.9, 0.9),)))
    moved = replace(a, story="s2", fingerprint=Fingerprint("other", (7, 8)))
    again(one.file, changes(moved))
    around = Probe((1, 2, 3), later(hours=-1), later(hours=1))
    assert [one.id for one in one.candidates([around])[0]] == ["b"]
    assert one.same_text(["same", "other"]) == {"same": ["b"], "other": ["a"]}
    assert one.members(["s1", "s2"]) == {"s1": ["b"], "s2": ["a"]}
    assert set(one.edges(["a"])) == {"a"}
    before = one.health(NOW).unprojected
    one.refresh()
    assert (before, one.health(NOW).unprojected) == (2, 0)
    assert one.same_text(["same", "other"]) == {"same": ["b"], "other": ["a"]}


def test_a_filer_that_takes_over_sees_what_the_one_before_it_wrote(one: ElasticStore, two: ElasticStore) -> None:
    assert one.acquire(FILER_LEASE, "one", 10, NOW)
    again(one.file, replace(changes(replace(document("a"), fingerprint=Fingerprint("same", (1, 2)))), holder="one"))
    assert two.acquire(FILER_LEASE, "two", 10, later(seconds=11))
    assert two.same_text(["same"]) == {"same": ["a"]}


def test_counts_stay_when_old_marks_go(one: ElasticStore, monkeypatch: pytest.MonkeyPatch) -> None:
    one.put_run(run("run-1", site="kurier"))
    for name in "ab":
        again(one.settle, [stored(name)])
        filed = [Filed(item.number, "run-1", "stored") for item in one.take(9)]
        again(one.file, changes(document(name), filed=filed))
    monkeypatch.setattr(runs_module, "KEPT", timedelta(seconds=-5))
    for _ in range(2):
        one._tidied_at = float("-inf")
        one._counted_anew.add("run-1")
        one.refresh()
        assert [kept.stored for kept in one.runs()] == [2]
    one._reader.refresh("inbox")
    assert one._reader.count("inbox") == 0
    again(one.settle, [stored("a")])  # the crawl settles again what it had settled
    assert one.waiting() == 0
