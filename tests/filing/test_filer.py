"""The filer: its lease, its stand-bys, and how it waits for a store that lets it do nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import LeaseLost, StoreBusy, StoreError, StoreFull, StoreReadOnly, StoreUnreachable
from monitor.filing import Filer, Tally, WaitNote, file_batch, waiting
from monitor.filing import filer as filing
from monitor.holders import holder_name
from monitor.records import Changes
from monitor.settings import FilingSettings
from monitor.store.embedded import open_store
from monitor.store.memory import MemoryStore
from monitor.store.port import FILER_LEASE, Store
from monitor.store.spooled import open_spooled
from tests.articles import stored
from tests.filing.visits import BRIDGE, analysis, gathered
from tests.store import troubled
from tests.store.troubled import Troubled
from tests.waiting import until

SETTINGS = FilingSettings(batch=5, lease_seconds=2)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "IDLE_WAIT", 0.02)


@contextmanager
def running(filer: Filer, stop: threading.Event | None = None) -> Iterator[threading.Event]:
    stop = stop or threading.Event()
    thread = threading.Thread(target=filer.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "store")) as opened:
        yield opened


def test_a_filer_files_what_arrives_and_makes_it_searchable_at_the_end(store: Store) -> None:
    with running(Filer(store, SETTINGS)):
        for number in range(12):
            store.settle([stored(f"a{number}", text=f"Text {number}")])
        until(lambda: not store.waiting())
    health = store.health(datetime.now(UTC))
    assert (health.articles, health.unprojected, health.filer) == (12, 0, "")


def test_until_idle_ends_by_itself_and_tells_how_many(store: Store) -> None:
    for number in range(12):
        store.settle([stored(f"a{number}")])
    told: list[Tally] = []
    assert Filer(store, SETTINGS).run(threading.Event(), until_idle=True, on_batch=told.append) == 12
    assert [tally.all for tally in told] == [5, 5, 2]


class _Waits(threading.Event):
    """Remembers for how long it was waited, and ends it all with the first look at an empty inbox."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout)
        if timeout == filing.IDLE_WAIT:
            self.set()
        return super().wait(timeout)


@pytest.mark.parametrize(("articles", "pauses"), [(10, 0), (12, 1)])
def test_after_a_batch_that_is_not_full_more_is_waited_for(
    store: Store, articles: int, pauses: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "IDLE_WAIT", 0.7)  # longer than any pause here
    monkeypatch.setattr(filing, "NOTICED", 1.0)  # so that a pause is one wait
    for number in range(articles):
        store.settle([stored(f"a{number}")])
    stop = _Waits()
    assert Filer(store, SETTINGS).run(stop) == articles
    paused = stop.waits[:-1]
    assert len(paused) == pauses
    assert all(wait is not None and 0 < wait <= SETTINGS.lease_seconds / 3 for wait in paused)


class _Resting(threading.Event):
    """Tells when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_for = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.waited_for.set()
        return super().wait(timeout)


def test_in_a_hurry_it_rests_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once where it rests already, and between the small batches that follow."""
    monkeypatch.setattr(Filer, "_pause", lambda self, spent: 600.0)
    calm = Filer(store, SETTINGS)
    calm._idle = 600.0
    stop = _Resting()
    with running(calm, stop):
        assert stop.waited_for.wait(60)
        store.settle([stored("a")])
        time.sleep(0.3)
        assert store.waiting() == 1
        calm.hurry()
        until(lambda: not store.waiting())
        for number in range(3):
            store.settle([stored(f"b{number}")])
            until(lambda: not store.waiting())


def test_a_second_filer_stands_by_until_the_first_gives_the_lease_back(store: Store) -> None:
    first, second = Filer(store, SETTINGS, holder="elsewhere:1:1"), Filer(store, SETTINGS, holder="elsewhere:2:1")
    with running(first) as stop:
        until(lambda: store.holder(FILER_LEASE, datetime.now(UTC)) == first.holder)
        with running(second):
            store.settle([stored("a")])
            until(lambda: not store.waiting())
            assert store.holder(FILER_LEASE, datetime.now(UTC)) == first.holder
            stop.set()
            until(lambda: store.holder(FILER_LEASE, datetime.now(UTC)) == second.holder)
            store.settle([stored("b")])
            until(lambda: not store.waiting())


def test_a_stand_by_takes_over_when_the_lease_of_a_silent_filer_runs_out(store: Store) -> None:
    store.acquire(FILER_LEASE, "elsewhere:1:1", 4.0, datetime.now(UTC))
    store.settle([stored("a")])
    with running(Filer(store, SETTINGS)):
        time.sleep(0.3)
        assert store.waiting() == 1
        until(lambda: not store.waiting())


def test_a_stand_by_need_not_wait_for_a_filer_of_this_machine_that_died(store: Store) -> None:
    host = holder_name().split(":")[0]
    store.acquire(FILER_LEASE, f"{host}:{2**22 + 1}:1", 3600.0, datetime.now(UTC))
    store.settle([stored("a")])
    began = time.monotonic()
    assert Filer(store, SETTINGS).run(threading.Event(), until_idle=True) == 1
    assert time.monotonic() - began < 5


def test_a_filer_that_slept_through_its_lease_writes_nothing(store: Store) -> None:
    store.settle([stored("a")])
    store.acquire(FILER_LEASE, "another", 60.0, datetime.now(UTC))
    with pytest.raises(LeaseLost, match="another"):
        file_batch(store, 10, "sleeper")
    assert (store.waiting(), list(store.scan())) == (1, [])


def test_a_filer_that_lost_its_lease_stands_by_and_goes_on_later(store: Store) -> None:
    filer = Filer(store, SETTINGS, holder="sleeper")
    with running(filer):
        until(lambda: store.holder(FILER_LEASE, datetime.now(UTC)) == "sleeper")
        while not store.acquire(FILER_LEASE, "another", 4.0, datetime.now(UTC)):  # it may renew it in between
            store.release(FILER_LEASE, "sleeper")
        store.settle([stored("a")])
        time.sleep(0.3)
        assert store.waiting() == 1
        until(lambda: not store.waiting())
    assert len(list(store.scan())) == 1


def test_a_busy_store_makes_the_filer_wait_and_a_full_one_ends_it() -> None:
    class Troubled(MemoryStore):
        problems: list[Exception]

        def file(self, changes: Changes) -> None:
            if self.problems:
                raise self.problems.pop(0)
            super().file(changes)

    store = Troubled()
    gathered(store, [analysis()])
    store.problems = [StoreBusy("held"), StoreBusy("held")]
    with running(Filer(store, SETTINGS)):
        until(lambda: not store.waiting())
    gathered(store, [analysis(BRIDGE, fetched="/b")])
    store.problems = [StoreFull("no space left")]
    with pytest.raises(StoreFull, match="no space left"):
        Filer(store, SETTINGS).run(threading.Event(), until_idle=True)
    assert store.waiting() == 1


FULL = StoreFull("the disk of the engine is nearly full")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[Store, Troubled]]:
    """A store elsewhere with one article that waits there, and what makes trouble."""
    there = Troubled(MemoryStore())
    gathered(there.store, [analysis()])
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=1000)) as opened:
        yield opened, there


@pytest.mark.parametrize("writes", [("file",), ("file", "acquire", "renew", "release", "refresh")])
@pytest.mark.parametrize("error", [FULL, StoreReadOnly("the index can't be written"), StoreBusy("the engine failed")])
def test_a_store_elsewhere_that_takes_nothing_makes_the_filer_wait(
    elsewhere: tuple[Store, Troubled],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    error: StoreError,
    writes: tuple[str, ...],
) -> None:
    monkeypatch.setattr(waiting, "LONGEST_REST", 0.05)
    monkeypatch.setattr(troubled, "WRITES", writes)
    store, there = elsewhere
    there.error, there.writes_only = error, True
    refused = "acquire" if "acquire" in writes else "file"
    filer = Filer(store, SETTINGS)
    with running(filer):
        until(lambda: there.calls.count(refused) >= 3)
        if refused == "file":  # nobody else could write either
            assert there.store.holder(FILER_LEASE, datetime.now(UTC)) == filer.holder
        assert there.store.waiting() == 1
        there.error = None
        until(lambda: not there.store.waiting())
    assert [record.message for record in caplog.records].count(f"filing waits reason={error.message}") == 1
    assert not there.store.holder(FILER_LEASE, datetime.now(UTC))


@pytest.mark.parametrize("error", [FULL, StoreReadOnly("the index can't be written"), StoreBusy("the engine failed")])
def test_until_idle_such_a_store_is_an_error(elsewhere: tuple[Store, Troubled], error: StoreError) -> None:
    store, there = elsewhere
    there.error, there.writes_only = error, True
    with pytest.raises(type(error), match=error.message):
        Filer(store, SETTINGS).run(threading.Event(), until_idle=True)
    assert there.store.waiting() == 1


def test_why_it_waits_is_noted_until_it_goes_on(
    elsewhere: tuple[Store, Troubled], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "LONGEST_REST", 0.05)
    note = WaitNote(tmp_path)
    store, there = elsewhere
    there.error, there.writes_only = FULL, True
    with running(Filer(store, SETTINGS, holder="elsewhere:1:1", note=note)):
        until(lambda: note.read() is not None)
    first = note.read()
    assert first is not None
    assert (first.reason, first.holder, first.lasting) == (FULL.message, "elsewhere:1:1", True)
    there.error = StoreReadOnly("the index can't be written")
    with pytest.raises(StoreReadOnly):
        Filer(store, SETTINGS, holder="elsewhere:1:1", note=note).run(threading.Event(), until_idle=True)
    second = note.read()
    assert second is not None
    assert (second.since, second.reason) == (first.since, "the index can't be written")
    there.error = None
    Filer(store, SETTINGS, holder="elsewhere:1:1", note=note).run(threading.Event(), until_idle=True)
    assert note.read() is None


def test_a_note_that_can_not_be_written_stops_nothing(elsewhere: tuple[Store, Troubled], tmp_path: Path) -> None:
    note = WaitNote(tmp_path / "nowhere")
    store, there = elsewhere
    there.error, there.writes_only = FULL, True
    with pytest.raises(StoreFull):
        Filer(store, SETTINGS, note=note).run(threading.Event(), until_idle=True)
    assert note.read() is None
    there.error = None
    assert Filer(store, SETTINGS, note=note).run(threading.Event(), until_idle=True) == 1


def test_the_rests_grow_and_the_lease_is_kept_over_them(elsewhere: tuple[Store, Troubled]) -> None:
    class Stop(_Waits):
        def wait(self, timeout: float | None = None) -> bool:
            self.waits.append(timeout)
            if len(self.waits) == 12:
                self.set()
            return self.is_set()

    store, there = elsewhere
    there.error, there.writes_only = FULL, True
    stop = Stop()
    Filer(store, SETTINGS).run(stop)
    rests = [wait for wait in stop.waits if wait is not None]
    assert rests == sorted(rests)
    assert (rests[0], rests[1], rests[-1]) == (0.02, 0.04, SETTINGS.lease_seconds / 3)


def test_a_full_store_in_a_folder_ends_the_filer() -> None:
    there = Troubled(MemoryStore())
    gathered(there.store, [analysis()])
    there.error, there.writes_only = FULL, True
    with pytest.raises(StoreFull):
        Filer(there.opened(), SETTINGS).run(threading.Event())


def test_a_filer_keeps_the_lease_over_a_batch_that_takes_longer() -> None:
    class Slow(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.renewed = threading.Event()

        def renew(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
            self.renewed.set()
            return super().renew(name, holder, seconds, now)

        def file(self, changes: Changes) -> None:
            assert self.renewed.wait(60)
            super().file(changes)

    store = Slow()
    gathered(store, [analysis()])
    Filer(store, FilingSettings(lease_seconds=2)).run(threading.Event(), until_idle=True)
    assert not store.waiting()


def test_a_store_that_does_not_answer_makes_the_filer_wait(caplog: pytest.LogCaptureFixture) -> None:
    class Away(MemoryStore):
        calls = 0

        def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
            self.calls += 1
            if self.calls <= 3:
                raise StoreUnreachable("nothing answers")
            return super().acquire(name, holder, seconds, now)

    store = Away()
    gathered(store, [analysis()])
    with pytest.raises(StoreUnreachable):
        Filer(store, SETTINGS).run(threading.Event(), until_idle=True)
    with running(Filer(store, SETTINGS)):
        until(lambda: not store.waiting())
    assert [record.message for record in caplog.records].count("filing waits reason=nothing answers") == 1
