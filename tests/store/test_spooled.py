"""The inbox of a gathering machine: what it answers and what it ships, however the store elsewhere does."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from monitor import inbox
from monitor.errors import (
    AccessRefused,
    Conflict,
    MappingConflict,
    SchemaTooNew,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnreachable,
)
from monitor.inbox import InboxWriter
from monitor.records import Changes, Filed, Outcome, SourceState, Status, UrlState
from monitor.store.memory import MemoryStore
from monitor.store.port import FILER_LEASE, SITE_LEASES, SearchRequest, answers, shipping_of
from monitor.store.spooled import SpooledStore, machine, open_spooled, remote, shipping
from tests.articles import NOW, analysis, later, run, stored, url
from tests.store.troubled import Troubled
from tests.waiting import until

AWAY = StoreUnreachable("nothing answers at https://search.example:9200")


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "FIRST_REST", 0.01)
    monkeypatch.setattr(remote, "LONGEST_REST", 0.05)
    monkeypatch.setattr(shipping, "IDLE", 0.01)
    monkeypatch.setattr(machine, "AT_THE_END", 2.0)


@pytest.fixture
def there() -> Troubled:
    return Troubled(MemoryStore())


@pytest.fixture
def store(there: Troubled, tmp_path: Path) -> Iterator[SpooledStore]:
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=1000)) as opened:
        yield opened


def shipped(store: SpooledStore) -> bool:
    return store.shipping().since is None and not store._copy.length()


def taken(there: Troubled) -> list[str]:
    return [item.analysis.article.id for item in there.store.take(10_000)]


# --- away ------------------------------------------------------------------------------------------------------------


def test_neither_the_folder_nor_the_store_is_touched_before_it_is_needed(tmp_path: Path) -> None:
    def never() -> MemoryStore:
        raise AssertionError("opened")

    open_spooled(never, tmp_path / "spool", limit=10).close()
    assert not (tmp_path / "spool").exists()


def test_a_crawl_begins_and_ends_while_the_store_is_away(store: SpooledStore, there: Troubled) -> None:
    there.error = AWAY
    assert store.acquire(SITE_LEASES + "kurier", "me", 60, NOW)
    store.put_run(run("run-1"))
    assert store.pending("kurier", NOW, 10) == []
    assert store.discover([url("a"), url("b"), url("c")]) == 3
    assert store.discover([url("a"), url("d")]) == 1
    assert [state.url for state in store.pending("kurier", NOW, 3)] == [url(name).url for name in "abc"]
    source = SourceState("kurier", "feed", '"e"', fetched_at=NOW)
    store.put_source(source)
    assert store.source("kurier", "feed") == source
    store.settle([stored("a"), Outcome(url("b", Status.REJECTED, reason="too-short"), run="run-1", detail="3 words")])
    assert store.counts("kurier") == {"stored": 1, "rejected": 1, "discovered": 2}
    assert set(store.known("kurier", [url("a").url, url("x").url])) == {url("a").url}
    assert (store.waiting(), store.waiting("run-1"), store.waiting("run-2")) == (1, 1, 0)
    store.put_run(run("run-1", finished_at=later(minutes=1), status="finished", fetched=2))
    ended = store.run("run-1")
    assert ended is not None
    assert (ended.status, ended.fetched, ended.stored) == ("finished", 2, 0)
    assert [one.id for one in store.runs()] == ["run-1"]
    assert store.last_runs() == {"kurier": ended}
    store.release(SITE_LEASES + "kurier", "me")
    assert taken(there) == []

    there.error = None
    until(lambda: shipped(store))
    assert taken(there) == ["a"]
    assert there.store.counts("kurier") == store.counts("kurier") == {"stored": 1, "rejected": 1, "discovered": 2}
    assert there.store.source("kurier", "feed") == source
    assert there.store.run("run-1") == ended
    assert [one.detail for one in there.store.rejections()] == ["3 words"]


def test_what_the_store_said_is_remembered_for_when_it_is_away(store: SpooledStore, there: Troubled) -> None:
    there.store.discover([url("a"), url("b")])
    there.store.settle([Outcome(url("b", Status.STORED, due_at=NOW))])
    there.store.put_source(SourceState("kurier", "feed", '"e"'))
    states = store.known("kurier", [url("a").url, url("b").url])
    store.source("kurier", "feed")
    there.error = AWAY
    assert store.known("kurier", list(states)) == states
    assert store.due("kurier", NOW, 10) == [states[url("b").url]]
    assert store.pending("kurier", NOW, 10) == [states[url("a").url]]
    assert store.source("kurier", "feed") == SourceState("kurier", "feed", '"e"')
    assert store.discover([url("a")]) == 0


def test_everything_else_says_that_the_store_is_away(store: SpooledStore, there: Troubled) -> None:
    there.error = AWAY
    for asked in (
        lambda: store.documents(["a"]),
        lambda: store.search(SearchRequest()),
        lambda: store.file(Changes()),
        lambda: store.take(1),
        lambda: store.acquire(FILER_LEASE, "me", 10, NOW),
        lambda: store.refresh(),
    ):
        with pytest.raises(StoreUnreachable, match="nothing answers"):
            asked()


def test_it_is_told_once_and_hardly_asked(
    store: SpooledStore, there: Troubled, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "FIRST_REST", 0.5)
    monkeypatch.setattr(remote, "LONGEST_REST", 0.5)
    store = open_spooled(there.opened, store._folder, limit=10)
    store.keep_shipping()
    there.error, there.calls = AWAY, []
    with caplog.at_level(logging.INFO), closing(store):
        for number in range(50):
            store.known("kurier", [url(str(number)).url])
            store.settle([stored(str(number))])
        assert len(there.calls) < 10
        there.error = None
        until(lambda: shipped(store))
    told = [record.message for record in caplog.records if "does not answer" in record.message]
    assert len(told) == 1
    assert any("answers again" in record.message for record in caplog.records)


def test_a_question_does_not_wait_for_a_store_that_somebody_probes(store: SpooledStore, there: Troubled) -> None:
    there.error = AWAY
    store.settle([stored("a")])
    until(lambda: store.shipping().since is not None)
    asked_by = len([name for name in there.calls if name == "known"])
    for _ in range(20):
        store.known("kurier", [url("a").url])
        time.sleep(0.005)
    assert len([name for name in there.calls if name == "known"]) == asked_by


def test_how_it_stands_is_known_to_every_process(store: SpooledStore, there: Troubled, tmp_path: Path) -> None:
    there.error = AWAY
    store.settle([stored("a"), stored("b")])
    since = store.shipping().since
    assert since is not None
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=1000, kind="elasticsearch")) as other:
        told = shipping_of(other)
        assert told is not None
        assert (told.waiting, told.since, told.reason, told.answers) == (2, since, AWAY.message, False)
        assert not answers(other)
        health = other.health(NOW)
        assert (health.kind, health.inbox, health.articles) == ("elasticsearch", 2, 0)
        assert health.shipping == told
        there.error = None
        until(lambda: shipped(store))
        assert other.health(NOW).inbox == 2
        assert answers(other)


def test_silence_noted_by_a_process_that_ended_is_no_news_once_it_answers(there: Troubled, tmp_path: Path) -> None:
    there.error = AWAY
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=1000)) as first:
        first.known("kurier", ["https://kurier.example/a"])
    there.error = None
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=1000)) as second:
        assert not answers(second)
        assert second.health(NOW).shipping == shipping_of(second)
        assert answers(second)


# --- takes nothing ---------------------------------------------------------------------------------------------------


TAKING_NOTHING = [
    StoreFull("no room"),
    StoreReadOnly("read-only"),
    StoreBusy("too many requests"),
    MappingConflict("the field words is of type boolean"),
]


@pytest.mark.parametrize("error", TAKING_NOTHING)
def test_what_is_not_shipped_lies_over_what_a_store_that_takes_nothing_says(
    store: SpooledStore, there: Troubled, error: StoreError
) -> None:
    there.store.discover([url(name, discovered_at=later(hours=hour)) for hour, name in enumerate("abcd")])
    there.store.settle([Outcome(url("d", Status.STORED, due_at=later(hours=-1)))])
    there.error, there.writes_only = error, True
    store.settle([stored("a"), Outcome(url("e", Status.STORED, due_at=later(hours=-2)))])
    assert store.discover([url("b"), url("f")]) >= 1
    assert [state.url[-1] for state in store.pending("kurier", later(days=1), 2)] in (["f", "b"], ["b", "f"])
    assert [state.url[-1] for state in store.due("kurier", NOW, 5)] == ["e", "d"]
    assert store.counts("kurier") == {"stored": 3, "discovered": 3}
    assert store.known("kurier", [url("b").url])[url("b").url].discovered_at == later(hours=1)
    there.store.put_run(run("run-0"))
    store.put_run(run("run-1", at=later(hours=1)))
    assert [one.id for one in store.runs()] == ["run-1", "run-0"]
    assert store.last_runs()["kurier"].id == "run-1"
    told = store.shipping()
    assert (told.reason, told.answers) == (error.message, True)
    there.error = None
    until(lambda: shipped(store))
    assert there.store.counts("kurier") == {"stored": 3, "discovered": 3}


def test_more_is_asked_for_when_the_first_answers_are_replaced_here(store: SpooledStore, there: Troubled) -> None:
    names = [f"{number:02}" for number in range(30)]
    there.store.discover([url(name) for name in names])
    there.error, there.writes_only = StoreFull("no room"), True
    store.settle([Outcome(url(name, Status.STORED)) for name in names[:20]])
    assert [state.url for state in store.pending("kurier", NOW, 5)] == [url(name).url for name in names[20:25]]
    assert len(store.pending("kurier", NOW, 50)) == 10


def test_what_is_settled_again_before_it_is_shipped_waits_once(store: SpooledStore, there: Troubled) -> None:
    there.error = AWAY
    for _ in range(3):
        store.settle([stored("a"), stored("b")])
    assert store.waiting() == 2
    there.error = None
    until(lambda: shipped(store))
    assert taken(there) == ["a", "b"]


def test_what_another_process_shipped_still_waits_for_one_that_leaves_the_store_alone(
    store: SpooledStore, there: Troubled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=1000)) as other:
        there.error = AWAY
        other.settle([stored("a")])
        monkeypatch.setattr(remote, "FIRST_REST", 600.0)
        monkeypatch.setattr(remote, "LONGEST_REST", 600.0)
        assert store.waiting("run-1") == 1
        there.error = None
        until(lambda: taken(there) == ["a"] and shipped(other))
        there.error = AWAY
        assert store.waiting("run-1") == 0
        assert store.shipping().since is not None
        there.error = None
        until(lambda: other.waiting("run-1") == 1 and other.shipping().since is None)
        assert store.waiting("run-1") == 1


def test_what_the_filer_counted_stands_beside_what_a_crawl_wrote_here(store: SpooledStore, there: Troubled) -> None:
    store.put_run(run("run-1"))
    store.settle([stored("a")])
    store.file(Changes(filed=(Filed(store.take(1)[0].number, "run-1", "stored"),)))
    there.error, there.writes_only = StoreFull("no room"), True
    store.put_run(run("run-1", fetched=7, stored=99))
    told = store.run("run-1")
    assert told is not None
    assert (told.fetched, told.stored) == (7, 1)


def test_a_full_inbox_pauses_the_crawl_and_is_drained_in_order(
    there: Troubled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "ASK_AGAIN", 0.01)
    there.error = AWAY
    ids = [f"{number:04}" for number in range(400)]
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=100)) as store:
        writer = InboxWriter(store, limit=100)
        for id in ids:
            writer.put(stored(id))
        until(lambda: writer.paused)
        assert 100 <= store.waiting() < 100 + inbox.GROUP
        there.error = None
        until(lambda: len(taken(there)) >= 100)
        while len(there.store.take(1000)) or store.waiting():  # a filer
            items = there.store.take(50)
            there.store.file(Changes(filed=tuple(Filed(item.number, "run-1", "stored") for item in items)))
            time.sleep(0.001)
            if not items and not writer.paused and not writer._queue:
                break
        writer.close()
        until(lambda: shipped(store))
    order = [outcome.state.article_id for outcome in there.settled]
    assert list(dict.fromkeys(order)) == ids


def test_what_is_shipped_between_two_questions_is_not_missed(tmp_path: Path) -> None:
    class Between(MemoryStore):
        full = True

        def discover(self, states: Sequence[UrlState]) -> int:
            if self.full:
                raise StoreFull("no room")
            return super().discover(states)

        def pending(self, site: str, now: datetime, limit: int) -> list[UrlState]:
            found = super().pending(site, now, limit)
            self._now_ship()
            return found

        def counts(self, site: str) -> dict[str, int]:
            found = super().counts(site)
            self._now_ship()
            return found

        def _now_ship(self) -> None:
            self.full = False
            until(lambda: not store._copy.length())

    there = Between()
    with closing(open_spooled(lambda: there, tmp_path / "spool", limit=1000)) as store:
        store.discover([url("a"), url("b")])
        assert [state.url[-1] for state in store.pending("kurier", NOW, 10)] == ["a", "b"]
        there.full = True
        store.discover([url("c"), url("d")])
        assert store.counts("kurier") == {"discovered": 4}


def test_an_answer_that_is_lost_counts_nothing_twice(tmp_path: Path) -> None:
    class Loses(MemoryStore):
        lost = 0

        def settle(self, outcomes: Sequence[Outcome]) -> None:
            super().settle(outcomes)
            self.lost += 1
            if self.lost % 2:
                raise StoreUnreachable("the answer was lost")

    there = Loses()
    there.put_run(run("run-1"))
    with closing(open_spooled(lambda: there, tmp_path / "spool", limit=1000)) as store:
        gone = url("a", Status.REJECTED, reason="too-short", fetched_at=NOW)
        back = url("a", Status.STORED, fetched_at=later(hours=1))
        store.settle([Outcome(gone, run="run-1"), Outcome(back, run="run-1", unchanged=True), stored("b")])
        until(lambda: shipped(store))
    told = there.run("run-1")
    assert told is not None
    assert (told.unchanged, there.waiting(), there.lost) == (1, 1, 4)


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", [None, ValueError])
def test_what_the_store_refuses_is_put_aside_with_the_reason_and_the_others_pass(
    store: SpooledStore, there: Troubled, tmp_path: Path, refusal: type[Exception] | None
) -> None:
    if refusal is not None:  # it does not say that it is the record's fault: seen from the others that pass
        there.refusal = refusal
    there.refused = {"b", "d"}
    store.settle([stored(name) for name in "abcde"])
    until(lambda: shipped(store))
    assert taken(there) == ["a", "c", "e"]
    assert there.store.counts("kurier") == {"stored": 5}  # it does not come up again in each crawl
    assert store.shipping().dead == 2
    files = sorted((tmp_path / "spool" / "dead").iterdir())
    assert "not in the mapping" in json.loads(files[0].read_text())["reason"]
    assert any("retry-dead" in finding.hint for finding in store.check())

    there.refused = {"d"}
    assert store.retry_dead() == 2
    if refusal is not None:
        store.settle([stored("z")])  # shows that the store takes others
    until(lambda: shipped(store))
    assert taken(there)[3] == "b"
    assert store.shipping().dead == 1
    assert store.known("kurier", [url("b").url])[url("b").url].status is Status.STORED


def test_what_is_tried_again_does_not_take_an_address_back(store: SpooledStore, there: Troubled) -> None:
    there.refused = {"a"}
    store.settle([stored("a")])
    newer = Outcome(url("a", Status.STORED, fetched_at=later(hours=1), checks=1), run="run-2", unchanged=True)
    store.settle([newer])
    until(lambda: shipped(store))
    there.refused = set()
    assert store.retry_dead() == 1
    until(lambda: shipped(store))
    assert taken(there) == ["a"]
    assert there.store.known("kurier", [url("a").url]) == {url("a").url: newer.state}


@pytest.mark.parametrize("error", [AccessRefused("wrong password"), SchemaTooNew("later version")])
def test_what_concerns_the_whole_store_puts_nothing_aside(
    store: SpooledStore, there: Troubled, error: AccessRefused
) -> None:
    there.error, there.writes_only = error, True
    store.settle([stored(name) for name in "abc"])
    until(lambda: store.shipping().since is not None)
    told = store.shipping()
    assert (told.waiting, told.dead, told.reason) == (3, 0, error.message)
    there.error = None
    until(lambda: shipped(store))
    assert taken(there) == ["a", "b", "c"]


@pytest.mark.parametrize("refusal", [StoreError, StoreBusy])
def test_a_fault_of_the_store_that_is_over_for_the_next_entry_is_not_blamed_on_one(
    store: SpooledStore, there: Troubled, refusal: type[StoreError]
) -> None:
    there.refused, there.refusal = {"a"}, refusal
    store.settle([stored(name) for name in "abc"])
    until(lambda: store.shipping().since is not None)
    told = store.shipping()
    assert (told.dead, told.waiting, told.reason) == (0, 3, "a has a field that is not in the mapping")
    there.refused = set()
    until(lambda: shipped(store))
    assert taken(there) == ["a", "b", "c"]
    assert store.shipping().dead == 0


def test_what_was_put_aside_stays_in_the_queue_until_its_state_is_shipped(
    store: SpooledStore, there: Troubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, times = there.store.settle, [0]

    def fails_first(outcomes: Sequence[Outcome]) -> None:
        times[0] += 1
        if times[0] == 1:
            raise StoreError("a node is closed")
        settle(outcomes)

    monkeypatch.setattr(there.store, "settle", fails_first)
    there.refused = {"a"}
    store.settle([stored("a"), stored("b")])
    until(lambda: shipped(store))
    assert store.shipping().dead == 1
    assert there.store.counts("kurier") == {"stored": 2}
    assert taken(there) == ["b"]


def test_a_fault_of_every_record_is_not_blamed_on_one(store: SpooledStore, there: Troubled) -> None:
    there.refused, there.refusal = set("abcdefghijklmnop"), RuntimeError
    store.settle([stored(name) for name in sorted(there.refused)])
    until(lambda: store.shipping().since is not None)
    assert (store.shipping().dead, store.waiting()) == (0, 16)
    there.refused = set()
    until(lambda: shipped(store))
    assert taken(there) == list("abcdefghijklmnop")


def test_what_the_store_put_aside_itself_is_tried_as_well(tmp_path: Path) -> None:
    engine = tmp_path / "spool" / "dead" / "engine"

    @dataclass
    class Retried:
        tried: int

    class PutsAside(MemoryStore):
        def retry_dead(self) -> Retried:
            for file in engine.glob("*.json"):
                file.unlink()
            return Retried(2)

    with closing(open_spooled(PutsAside, tmp_path / "spool", limit=10)) as store:
        engine.mkdir(parents=True)
        for name in "ab":
            (engine / f"{name}.json").write_text("{}")
        assert (store.health(NOW).dead, store.shipping().dead) == (2, 0)
        assert "the store refused 2 records" in [finding.what for finding in store.check()]
        assert store.retry_dead() == 2
        assert store.health(NOW).dead == 0


# --- the rest --------------------------------------------------------------------------------------------------------


def test_two_crawls_of_one_site_never_run_on_one_machine(store: SpooledStore, there: Troubled, tmp_path: Path) -> None:
    name = SITE_LEASES + "kurier"
    there.error = AWAY
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=1000)) as other:
        assert store.acquire(name, "one", 60, NOW)
        assert not other.acquire(name, "two", 60, NOW)
        assert other.holder(name, NOW) == "one"
        other.release(name, "one")
        assert other.acquire(name, "two", 60, NOW)


@pytest.mark.parametrize("error", TAKING_NOTHING)
def test_a_site_is_crawled_by_this_machine_s_lease_where_the_store_takes_none(
    store: SpooledStore, there: Troubled, error: StoreError
) -> None:
    name = SITE_LEASES + "kurier"
    there.error, there.writes_only = error, True
    assert store.acquire(name, "me", 60, NOW)
    assert store.renew(name, "me", 60, NOW)
    assert store.holder(name, NOW) == "me"
    store.release(name, "me")
    assert store.holder(name, NOW) == ""


def test_a_lease_that_an_error_ends_is_given_back_here_as_well(
    store: SpooledStore, there: Troubled, tmp_path: Path
) -> None:
    name = SITE_LEASES + "kurier"
    there.error = AccessRefused("wrong password")
    with pytest.raises(AccessRefused):
        store.acquire(name, "me", 60, NOW)
    there.error = None
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=1000)) as other:
        assert other.acquire(name, "another", 60, NOW)


def test_another_machines_lease_counts_as_soon_as_it_can_be_asked_for(store: SpooledStore, there: Troubled) -> None:
    name = SITE_LEASES + "kurier"
    there.store.acquire(name, "elsewhere", 60, NOW)
    assert not store.acquire(name, "me", 60, NOW)
    assert store.holder(name, NOW) == "elsewhere"
    there.error = AWAY
    assert store.acquire(name, "me", 60, NOW)


def test_the_next_process_ships_what_the_last_one_left(there: Troubled, tmp_path: Path) -> None:
    there.error = AWAY
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=1000)) as first:
        first.settle([stored("a")])
        began = time.monotonic()
    assert time.monotonic() - began < 1.5
    there.error = None
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=1000)) as second:
        second.keep_shipping()
        until(lambda: shipped(second))
    assert taken(there) == ["a"]


def test_conflicts_are_repeated_at_once(store: SpooledStore, there: Troubled) -> None:
    there.error = Conflict("somebody else wrote")
    store.settle([stored("a")])
    assert store.shipping().since is None
    there.error = None
    until(lambda: shipped(store))
    assert taken(there) == ["a"]


def test_conflicts_without_end_are_told(store: SpooledStore, there: Troubled) -> None:
    there.error = Conflict("somebody else wrote")
    store.settle([stored("a")])
    until(lambda: store.shipping().reason == "somebody else wrote")
    there.error = None
    until(lambda: shipped(store))


def test_a_later_fetch_is_not_taken_for_the_earlier(store: SpooledStore, there: Troubled) -> None:
    there.error = AWAY
    one = stored("a")
    two = Outcome(one.state, analysis("a", "Neu.", run="run-2", at=later(hours=1)), "run-2")
    store.settle([one, two])
    assert store.waiting() == 2
    there.error = None
    until(lambda: shipped(store))
    assert [item.analysis.run for item in there.store.take(5)] == ["run-1", "run-2"]
