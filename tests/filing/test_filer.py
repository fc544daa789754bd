"""The filer: documents, revisions, twins and strangers, the lease."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import FilingSettings
from monitor.errors import Conflict, LeaseLost, StoreBusy, StoreError, StoreFull, StoreReadOnly, StoreUnreachable
from monitor.filing import Filer, Tally, WaitNote, file_batch, waiting
from monitor.filing import filer as filing
from monitor.holders import holder_name
from monitor.records import Analysis, Article, Changes, Document, Language, Outcome, Run, Status, UrlState
from monitor.store.embedded import open_store
from monitor.store.memory import MemoryStore
from monitor.store.memory_lagging import LaggingStore
from monitor.store.port import FILER_LEASE, Store
from monitor.store.spooled import open_spooled
from monitor.text import text_hash
from monitor.urls import article_id
from tests.articles import again, stored
from tests.store import troubled
from tests.store.troubled import Troubled

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
HOST = "https://blatt.example"
HARBOUR = "Der Hafen wird tiefer, und drei Bagger arbeiten schon in der breiten Fahrrinne vor der alten Mole."
HARBOUR_NEW = HARBOUR + " Ein vierter kommt im Juli dazu, sagte der Leiter des Amtes."
BRIDGE = "Two cracks were found below the northern pillar, so buses take another road until further notice."


def analysis(
    text: str = HARBOUR, *, fetched: str = "/a", canonical: str = "", hours: float = 0, **more: object
) -> Analysis:
    """As analysis gives it: the id comes from the canonical address of the same host, else from the fetched one."""
    url = HOST + (canonical or fetched)
    at = NOW + timedelta(hours=hours)
    article = Article(article_id(url), url, "blatt", "Titel", text, at, **more)  # type: ignore[arg-type]
    language = Language("de", 0.9, "text")
    return Analysis(article, language, text_hash("Titel", text), fetched_url=HOST + fetched, run="r")


def gathered(store: Store, analyses: Sequence[Analysis]) -> None:
    """Put them into the inbox as crawls do, one commit each."""
    for number, one in enumerate(analyses):
        state = UrlState("blatt", f"{HOST}/visit/{number}", Status.STORED, discovered_at=NOW, article_id=one.article.id)
        again(store.settle, [Outcome(state, one, "r")])


def filed(*analyses: Analysis, batch: int = 100) -> MemoryStore:
    store = MemoryStore()
    gathered(store, analyses)
    while file_batch(store, batch).all:
        pass
    return store


def documents(store: MemoryStore) -> list[Document]:
    return list(store.scan())


def only(store: MemoryStore) -> Document:
    (document,) = documents(store)
    return document


# --- one article ---


def test_a_new_article_is_stored_with_a_revision_and_a_story_of_its_own() -> None:
    store = filed(analysis(published_at=NOW - timedelta(hours=3)))
    document = only(store)
    assert (document.revision, document.is_root, document.fetched_from) == (1, True, f"{HOST}/a")
    assert (document.first_seen, document.story_time) == (NOW, NOW - timedelta(hours=3))
    story = store.stories([document.story])[document.story]
    assert (story.root, story.copies, story.sites) == (document.id, 1, ("blatt",))
    assert [revision.number for revision in store.revisions(document.id)] == [1]
    assert store.waiting() == 0


def test_the_same_text_again_changes_nothing() -> None:
    store = MemoryStore()
    gathered(store, [analysis(), analysis(hours=1)])
    assert file_batch(store, 100) == Tally(stored=1, unchanged=1)
    assert only(store).last_seen == NOW
    assert len(store.revisions(only(store).id)) == 1


def test_a_changed_text_is_a_revision_and_keeps_first_seen_and_story() -> None:
    before = only(filed(analysis()))
    store = filed(analysis(), analysis(HARBOUR_NEW, hours=2))
    document = only(store)
    assert (document.revision, document.story, document.first_seen) == (2, before.story, NOW)
    assert document.last_seen == NOW + timedelta(hours=2)
    assert [revision.text for revision in store.revisions(document.id)] == [HARBOUR, HARBOUR_NEW]


def test_a_text_that_goes_back_is_a_third_revision() -> None:
    store = filed(analysis(), analysis(HARBOUR_NEW, hours=1), analysis(hours=2))
    assert [revision.number for revision in store.revisions(only(store).id)] == [1, 2, 3]


def test_a_page_that_is_dated_anew_on_every_visit_keeps_its_place_in_time() -> None:
    store = filed(
        analysis(published_at=NOW - timedelta(hours=1)),
        analysis(HARBOUR_NEW, hours=5, published_at=NOW + timedelta(hours=5)),
    )
    assert only(store).story_time == NOW - timedelta(hours=1)


def test_each_item_is_counted_once_to_its_run() -> None:
    store = filed(analysis(), analysis(hours=1), analysis(HARBOUR_NEW, hours=2), batch=1)
    store.put_run(Run("r", "blatt", NOW))
    run = store.run("r")
    assert run is not None
    assert (run.stored, run.updated, run.unchanged) == (1, 1, 1)


# --- twins and strangers ---


@pytest.mark.parametrize("twin", ["/a?print=1", "/amp/a"])
def test_the_print_or_amp_twin_is_the_same_article_and_does_not_revise_it(twin: str) -> None:
    store = filed(
        analysis(canonical="/a"),
        analysis(HARBOUR_NEW, fetched=twin, canonical="/a", hours=1),
        analysis(canonical="/a", hours=2),
    )
    assert (only(store).revision, only(store).article.text) == (1, HARBOUR)


def test_whichever_dress_came_first_is_the_one_that_revises() -> None:
    store = filed(
        analysis(fetched="/amp/a", canonical="/a"),
        analysis(fetched="/a", canonical="/a", hours=1),
        analysis(HARBOUR_NEW, fetched="/amp/a", canonical="/a", hours=2),
    )
    assert (only(store).revision, only(store).fetched_from) == (2, f"{HOST}/amp/a")


def test_strangers_that_claim_one_canonical_address_are_articles_of_their_own() -> None:
    store = filed(analysis(canonical="/"), analysis(BRIDGE, fetched="/b", canonical="/"))
    urls = {document.article.url: document.article.text for document in documents(store)}
    assert urls == {f"{HOST}/": HARBOUR, f"{HOST}/b": BRIDGE}
    assert {document.id for document in documents(store)} == {article_id(url) for url in urls}


def test_a_stranger_is_found_again_at_its_own_address() -> None:
    store = filed(
        analysis(canonical="/"),
        analysis(BRIDGE, fetched="/b", canonical="/"),
        analysis(BRIDGE + " Ferries run.", fetched="/b", canonical="/", hours=1),
        analysis(HARBOUR_NEW, fetched="/a", canonical="/", hours=1),
        batch=1,
    )
    assert {document.article.url: document.revision for document in documents(store)} == {f"{HOST}/": 2, f"{HOST}/b": 2}


def imported(text: str, *, fetched: str = "/a", hours: float = 0, **more: object) -> Analysis:
    """A record with an id of its own."""
    made = analysis(text, fetched=fetched, hours=hours, **more)
    return replace(made, article=replace(made.article, id="dpa:261120-99-80001"))


@pytest.mark.parametrize("text", [HARBOUR_NEW, BRIDGE])
def test_an_import_under_the_same_id_is_a_revision_whatever_its_address(text: str) -> None:
    store = filed(imported(HARBOUR, fetched="/80001-1"), imported(text, fetched="/80001-2"))
    assert (only(store).revision, only(store).article.text) == (2, text)
    assert only(store).fetched_from == f"{HOST}/80001-2"


# --- versions of a dispatch ---


def version(number: int, text: str, *, changed: float | None = None, published: float = 0) -> Analysis:
    made = imported(
        text,
        role="reference",
        version=number,
        published_at=NOW + timedelta(hours=published),
        modified_at=None if changed is None else NOW + timedelta(hours=changed),
    )
    return replace(made, article=replace(made.article, fetched_at=NOW + timedelta(days=1)))


def reference(store: MemoryStore) -> Document:
    (document,) = store.scan(roles=["reference"])
    return document


def test_an_older_version_of_a_dispatch_replaces_nothing() -> None:
    store = filed(version(2, HARBOUR_NEW), version(1, HARBOUR), version(3, BRIDGE), version(2, HARBOUR_NEW))
    assert reference(store).article.text == BRIDGE
    assert [one.text for one in store.revisions(reference(store).id)] == [HARBOUR_NEW, BRIDGE]


def test_between_versions_of_one_number_the_later_changed_one_stays() -> None:
    store = filed(version(1, HARBOUR_NEW, changed=2), version(1, HARBOUR, changed=1))
    assert reference(store).article.text == HARBOUR_NEW


def test_without_a_number_or_a_time_the_last_to_come_stays() -> None:
    assert reference(filed(version(0, HARBOUR_NEW), version(0, HARBOUR))).article.text == HARBOUR
    assert reference(filed(version(2, HARBOUR_NEW), version(0, HARBOUR))).article.text == HARBOUR


def test_an_older_version_still_dates_the_dispatch() -> None:
    store = filed(version(2, HARBOUR_NEW, published=5), version(1, HARBOUR, published=1))
    assert reference(store).story_time == NOW + timedelta(hours=1)
    assert reference(store).article.text == HARBOUR_NEW


# --- order, batches, a store that stops half-way ---


@st.composite
def histories(draw: st.DrawFn) -> list[Analysis]:
    """Visits in time: a few addresses, some sharing a canonical one, texts that come, change and go back."""
    texts = (HARBOUR, HARBOUR_NEW, BRIDGE, "日本の港が深くなる。" * 4)
    visits = draw(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from(["", "/", "/a"]), st.sampled_from(texts)), max_size=12
        )
    )
    return [
        analysis(text, fetched=f"/{path}", canonical=canonical, hours=number)
        for number, (path, canonical, text) in enumerate(visits)
    ]


def archive(store: MemoryStore) -> object:
    found = documents(store)
    stories = store.stories([document.story for document in found])
    return found, [store.revisions(document.id) for document in found], stories


@given(histories(), st.lists(st.integers(1, 12), min_size=1, max_size=4), st.integers(0, 1000))
def test_batches_and_interruptions_change_nothing(history: list[Analysis], sizes: list[int], seed: int) -> None:
    plain = filed(*history, batch=1)
    lagging = LaggingStore(seed=seed, conflicts=0.4)
    for store in (MemoryStore(), lagging):
        gathered(store, history)
        batches = itertools.cycle(sizes)
        while file_batch(store, next(batches)).all:
            store.refresh()  # matching sees what a store's lookups see
        assert archive(store) == archive(plain)
        store.put_run(Run("r", "blatt", NOW))
    plain.put_run(Run("r", "blatt", NOW))
    assert lagging.run("r") == plain.run("r")


@given(histories())
def test_every_visit_is_accounted_for(history: list[Analysis]) -> None:
    store = MemoryStore()
    gathered(store, history)
    tally = file_batch(store, 100)
    assert tally.all == len(history)
    assert tally.stored == len(documents(store))
    assert tally.stored + tally.updated == sum(len(store.revisions(one.id)) for one in documents(store))


def test_conflicts_without_end_are_an_error() -> None:
    class Contested(MemoryStore):
        def file(self, changes: Changes) -> None:
            raise Conflict("somebody wrote")

    store = Contested()
    gathered(store, [analysis()])
    with pytest.raises(Conflict):
        file_batch(store, 10)
    assert store.waiting() == 1


# --- the lease ---


SETTINGS = FilingSettings(batch=5, lease_seconds=2)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "IDLE_WAIT", 0.02)


@contextmanager
def running(filer: Filer) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=filer.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def until(done: Callable[[], bool], seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "never happened"
        time.sleep(0.02)


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
        return self.is_set()


@pytest.mark.parametrize(("articles", "pauses"), [(10, 0), (12, 1)])
def test_after_a_batch_that_is_not_full_more_is_waited_for(store: Store, articles: int, pauses: int) -> None:
    for number in range(articles):
        store.settle([stored(f"a{number}")])
    stop = _Waits()
    assert Filer(store, SETTINGS).run(stop) == articles
    paused = stop.waits[:-1]
    assert len(paused) == pauses
    assert all(wait is not None and 0 < wait <= SETTINGS.lease_seconds / 3 for wait in paused)


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
    store.acquire(FILER_LEASE, "elsewhere:1:1", 1.0, datetime.now(UTC))
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
        store.release(FILER_LEASE, "sleeper")
        store.acquire(FILER_LEASE, "another", 1.0, datetime.now(UTC))
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
