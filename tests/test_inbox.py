"""The writer between gathering and filing."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from monitor import inbox
from monitor.errors import Conflict, StoreBusy, StoreError, StoreFull
from monitor.filing import file_batch
from monitor.inbox import GROUP, QUEUE, InboxWriter
from monitor.records import Outcome
from monitor.store.embedded import open_store
from monitor.store.memory_lagging import LaggingStore
from tests.articles import stored
from tests.waiting import until


class Desk:
    """A store's side of it: keeps what was settled; `problems` are raised first, one each."""

    def __init__(self, *problems: StoreError) -> None:
        self.problems = list(problems)
        self.groups: list[list[Outcome]] = []
        self.filed = 0

    def settle(self, outcomes: list[Outcome]) -> None:
        if self.problems:
            raise self.problems.pop(0)
        self.groups.append(list(outcomes))

    def waiting(self, run: str = "") -> int:
        return sum(map(len, self.groups)) - self.filed

    def ids(self) -> list[str]:
        return [outcome.state.article_id for group in self.groups for outcome in group]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "ASK_AGAIN", 0.02)


def test_outcomes_are_committed_in_order_and_in_groups() -> None:
    desk = Desk()
    writer = InboxWriter(desk, limit=10_000)
    ids = [f"{number:04}" for number in range(3 * GROUP + 5)]
    for id in ids:
        writer.put(stored(id))
    writer.close()
    assert desk.ids() == ids
    assert max(map(len, desk.groups)) == GROUP


def test_a_lone_outcome_does_not_wait_for_company_for_long() -> None:
    desk = Desk()
    writer = InboxWriter(desk, limit=100)
    writer.put(stored("a"))
    until(lambda: desk.ids() == ["a"], seconds=2)
    writer.close()


def test_whoever_listens_hears_of_every_committed_group() -> None:
    heard: list[Outcome] = []
    writer = InboxWriter(Desk(), limit=100, on_commit=heard.extend)
    writer.put(stored("a"))
    writer.put(stored("b"))
    writer.close()
    assert [outcome.state.article_id for outcome in heard] == ["a", "b"]


def test_a_full_inbox_pauses_the_caller_and_nothing_is_dropped() -> None:
    desk = Desk()
    writer = InboxWriter(desk, limit=2)
    writer.put(stored("a"))
    writer.put(stored("b"))
    until(lambda: len(desk.ids()) == 2)
    writer.put(stored("c"))
    until(lambda: writer.paused and writer.crowded())
    time.sleep(0.1)
    assert desk.ids() == ["a", "b"]
    desk.filed = 2  # the filer comes along
    until(lambda: desk.ids() == ["a", "b", "c"])
    until(lambda: not writer.crowded())
    writer.close()


def test_what_was_put_is_committed_at_the_end_even_when_the_inbox_is_full() -> None:
    desk = Desk()
    writer = InboxWriter(desk, limit=1)
    for id in "abc":
        writer.put(stored(id))
    writer.close()
    assert desk.ids() == ["a", "b", "c"]


def test_many_outcomes_at_once_are_a_crowd() -> None:
    gate = threading.Event()

    class Slow(Desk):
        def settle(self, outcomes: list[Outcome]) -> None:
            gate.wait(5)
            super().settle(outcomes)

    desk = Slow()
    writer = InboxWriter(desk, limit=10_000)
    for number in range(QUEUE + GROUP):
        writer.put(stored(str(number)))
    assert writer.crowded()
    gate.set()
    until(lambda: not writer.crowded())
    writer.close()
    assert len(desk.ids()) == QUEUE + GROUP


@pytest.mark.parametrize("problem", [Conflict("somebody wrote"), StoreBusy("held")])
def test_what_may_pass_is_repeated(problem: StoreError) -> None:
    desk = Desk(problem, problem)
    writer = InboxWriter(desk, limit=100)
    writer.put(stored("a"))
    writer.close()
    assert desk.ids() == ["a"]


def test_what_does_not_pass_within_the_patience_is_an_error() -> None:
    desk = Desk(*[StoreBusy("held")] * 1000)
    writer = InboxWriter(desk, limit=100, patience=0.05)
    writer.put(stored("a"))
    with pytest.raises(StoreBusy, match="held"):
        writer.close()


def test_a_full_disk_ends_the_writing_with_its_message() -> None:
    desk = Desk(StoreFull("no space left"))
    writer = InboxWriter(desk, limit=100)
    writer.put(stored("a"))
    until(lambda: writer.error is not None)
    with pytest.raises(StoreFull, match="no space left"):
        writer.put(stored("b"))
    with pytest.raises(StoreFull, match="no space left"):
        writer.close()
    assert desk.ids() == []
    assert not writer.crowded()  # nobody waits for room that will never come


def test_a_store_that_stops_half_way_takes_each_analysis_once() -> None:
    store = LaggingStore(seed=3, conflicts=0.5)
    writer = InboxWriter(store, limit=10_000)
    ids = [f"{number:03}" for number in range(150)]
    for number, id in enumerate(ids):
        writer.put(stored(id))
        if number % 40 == 0:
            time.sleep(0.25)  # several groups
    writer.close()
    assert [item.analysis.article.id for item in store.take(1000)] == ids


def test_the_real_store_takes_from_a_thread_and_the_filer_makes_room(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "store")) as store:
        writer = InboxWriter(store, limit=10)
        for number in range(50):
            writer.put(stored(f"{number:02}", text=f"Text der Nummer {number}"))
        until(lambda: writer.paused)
        while store.waiting() or writer.crowded():
            file_batch(store, 7)
        writer.close()
        file_batch(store, 100)
        assert len(list(store.scan())) == 50
