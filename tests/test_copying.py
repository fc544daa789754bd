from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.copying import KINDS, Progress, copy
from monitor.errors import StoreBusy, StoreError
from monitor.query import Term
from monitor.store.embedded import open_store
from monitor.store.memory import MemoryStore
from monitor.store.memory_lagging import LaggingStore
from monitor.store.port import FILER_LEASE, SearchRequest, Store
from tests.articles import NOW, again, changes, document, stored, url
from tests.copied import ARTICLES, applied, fill, kept
from tests.store.troubled import Troubled

Opener = Callable[[str], Store]


class Killed(BaseException):
    pass


@pytest.fixture(scope="module")
def source() -> Store:
    store = MemoryStore()
    fill(store)
    return store


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Opener]:
    with ExitStack() as stack:

        def opened(kind: str) -> Store:
            if kind == "embedded":
                store: Store = open_store(tmp_path / "store")
            else:
                store = LaggingStore(seed=3) if kind == "lagging" else MemoryStore()
            stack.callback(store.close)
            return store

        yield opened


@pytest.mark.parametrize("kind", ["memory", "lagging", "embedded"])
def test_everything_is_there_and_found(source: Store, opener: Opener, kind: str) -> None:
    target = opener(kind)
    done = copy(source, target)
    assert kept(target) == kept(source)
    assert done.records == {name: len(rows) for name, rows in kept(source).items()}
    assert not done.resumed
    assert target.search(SearchRequest(Term(None, "kuriers"))).total == ARTICLES - ARTICLES // 50
    assert target.run("run-1") == source.run("run-1")
    assert target.stories(["olds0007"])["olds0007"].id == "s0007"
    assert target.holder(FILER_LEASE, NOW) == ""


def test_the_way_back_brings_the_same(source: Store, opener: Opener) -> None:
    between, back = opener("embedded"), opener("memory")
    copy(source, between)
    copy(between, back)
    assert kept(back) == kept(source)


def test_decisions_that_were_taken_up_count_as_taken_up(source: Store, opener: Opener) -> None:
    target = opener("embedded")
    copy(source, target)
    assert applied(target) == applied(source) == ["d0", "d1"]


@pytest.mark.parametrize("kind", ["memory", "embedded"])
def test_a_copy_that_is_killed_after_every_batch_goes_on_and_doubles_nothing(
    source: Store, opener: Opener, kind: str
) -> None:
    target, kills, steps = opener(kind), 0, []

    def killed(at: Progress) -> None:
        steps.append((at.kind, at.done))
        raise Killed

    while True:
        try:
            done = copy(source, target, on_step=killed)
        except Killed:
            kills += 1
        else:
            break
    assert kills > len(KINDS)
    assert len(set(steps)) == len(steps)  # no batch was copied twice
    assert done.resumed
    assert kept(target) == kept(source)


def test_a_copy_over_a_store_that_fails_all_the_time_comes_to_an_end(source: Store) -> None:
    """Also where the batch was written and only its answer was lost."""
    target = MemoryStore()
    for seed in range(200):
        troubled = Troubled(target, seed=seed, share=0.1)
        try:
            copy(source, troubled.opened())
        except StoreError:
            continue
        break
    assert kept(target) == kept(source)


def test_progress_is_counted(source: Store, opener: Opener) -> None:
    seen: list[Progress] = []
    copy(source, opener("memory"), on_step=seen.append)
    of_articles = [(at.done, at.all) for at in seen if at.kind == "articles"]
    assert of_articles == [(200, ARTICLES), (400, ARTICLES), (ARTICLES, ARTICLES)]


def test_a_store_that_holds_other_articles_is_refused(source: Store, opener: Opener) -> None:
    target = opener("embedded")
    again(target.file, changes(document("other")))
    with pytest.raises(StoreError, match="1 articles, 1 stories already") as raised:
        copy(source, target)
    assert "store.index_prefix" in raised.value.hint
    assert set(target.documents(["other", "a0000"])) == {"other"}


def test_an_unfinished_copy_of_another_store_is_refused(source: Store, opener: Opener) -> None:
    target, other = opener("memory"), MemoryStore()
    fill(other, 4)

    def killed(_: Progress) -> None:
        raise Killed

    with pytest.raises(Killed):
        copy(other, target, on_step=killed)
    with pytest.raises(StoreError, match="no unfinished copy of this one"):
        copy(source, target)


def test_a_finished_copy_is_not_written_again(source: Store, opener: Opener) -> None:
    target = opener("memory")
    copy(source, target)
    with pytest.raises(StoreError, match="already"):
        copy(source, target)


def test_what_waits_to_be_filed_is_to_be_filed_first(opener: Opener) -> None:
    here = opener("memory")
    here.settle([stored("a")])
    with pytest.raises(StoreError, match="1 articles wait in the inbox"):
        copy(here, opener("embedded"))


def test_a_filer_at_work_is_left_alone(source: Store, opener: Opener) -> None:
    target = opener("memory")
    assert target.acquire(FILER_LEASE, "elsewhere:1:2", 60, datetime.now(UTC))
    with pytest.raises(StoreBusy, match="elsewhere:1:2"):
        copy(source, target)


def test_what_comes_in_meanwhile_is_told_and_brought_over_by_the_next_run(opener: Opener) -> None:
    here, target = opener("memory"), opener("embedded")
    fill(here, 4)

    def crawled(at: Progress) -> None:
        if at.kind == "notes":
            here.discover([url("late", discovered_at=NOW)])

    with pytest.raises(StoreError, match="the copy is not the same: 8 addresses here and 7 there"):
        copy(here, target, on_step=crawled)
    done = copy(here, target)
    assert done.records["addresses"] == 8
    assert kept(target) == kept(here)


def test_records_with_odd_characters_arrive(opener: Opener) -> None:
    here, target = opener("memory"), opener("embedded")
    made: Any = document("o'dd", text="Zeile \x00 mit 😀.")
    again(here.file, changes(replace(made, article=replace(made.article, title='"\\'))))
    copy(here, target)
    assert target.documents(["o'dd"])["o'dd"].article.title == '"\\'
