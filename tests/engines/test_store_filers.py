"""Several filers on one engine: one files, and one that was stopped past its lease does no harm."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import LeaseLost, StoreError, StoreFull, StoreUnreachable
from monitor.filing import Aside, Filer
from monitor.records import Changes, Document, Edge, Filed, Fingerprint, Probe, Story
from monitor.settings import FilingSettings
from monitor.store.elastic import archive as archive_module
from monitor.store.elastic import intents as intents_module
from monitor.store.elastic import runs as runs_module
from monitor.store.elastic.bulk import Refused
from monitor.store.elastic.store import ElasticStore
from monitor.store.port import FILER_LEASE, SITE_LEASES
from tests.articles import NOW, again, changes, document, later, run, stored
from tests.engines.engine import Engine
from tests.engines.stores import opened
from tests.filing.world import put, report

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
    assert [refused.id for refused in one._file_documents((), stale.documents, fence.version(), lambda: None)] == ["a"]
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


STEPS = ("_send", "_drop_outdated", "_file_edges", "_file_stories", "_mark")


@pytest.mark.parametrize("killed", [False, True])
def test_a_batch_that_was_cut_short_is_completed_by_whoever_files_next(
    one: ElasticStore, two: ElasticStore, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    one.put_run(run("run-1"))
    who = two if killed else one
    for number, step in enumerate(STEPS):
        a, b = f"a{number}", f"b{number}"
        again(one.settle, [stored(a), stored(b)])
        assert one.acquire(FILER_LEASE, "one", 10, later(minutes=number))
        filed = [Filed(item.number, "run-1", "stored") for item in one.take(9)]
        edge = Edge(b, a, "near", 0.9, 0.9)
        batch = changes(document(a), document(b), filed=filed)
        with monkeypatch.context() as cut:
            cut.setattr(one, step, _gone)
            with pytest.raises(StoreUnreachable):
                one.file(replace(batch, edges=(edge,), holder="one"))
        if killed:
            assert two.acquire(FILER_LEASE, "two", 10, later(minutes=number, seconds=11))
        assert who.take(9) == []
        assert who.documents([a, b]) == {a: document(a), b: document(b)}
        assert set(who.stories([f"story-{a}", f"story-{b}"])) == {f"story-{a}", f"story-{b}"}
        assert who.edges([a]) == {a: [edge]}
        assert [len(who.revisions(id)) for id in (a, b)] == [1, 1]
        counted = who.run("run-1")
        assert counted is not None
        assert (counted.stored, counted.unchanged) == (2 * number + 2, 0)


def _gone(*_: object) -> None:
    raise StoreUnreachable("the engine went away")


LOOKS, SAYS, GOES_ON = "before the other looks", "before the other's own word", "when the other files"


def test_a_batch_that_is_noted_after_another_took_over_is_not_begun(
    one: ElasticStore, two: ElasticStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, noted in enumerate((LOOKS, SAYS, GOES_ON)):
        assert one.acquire(FILER_LEASE, "one", 10, later(minutes=number))
        batch = replace(changes(document(str(number))), holder="one")
        with monkeypatch.context() as stopped:
            _stop_before_the_note(one, two, stopped, noted, later(minutes=number, seconds=11))
            with pytest.raises(LeaseLost):
                one.file(batch)
        there = {str(number)} if noted == LOOKS else set()
        assert (set(two.documents([str(number)])), len(two.revisions(str(number)))) == (there, len(there))


def _stop_before_the_note(
    one: ElasticStore, two: ElasticStore, patch: pytest.MonkeyPatch, noted: str, at: datetime
) -> None:
    """The second takes the lease before the first notes its batch, which it does at this moment."""
    note, look = one._intend, two._intended

    def stopped(changes: Changes, version: int) -> list[Refused]:
        refused: list[Refused] = []

        def looks() -> Changes | None:
            if noted == LOOKS:
                refused.extend(note(changes, version))
            found = look()
            if noted == SAYS:
                refused.extend(note(changes, version))
            return found

        patch.setattr(two, "_intended", looks)
        assert two.acquire(FILER_LEASE, "two", 10, at)
        assert not refused
        return note(changes, version) if noted == GOES_ON else refused

    patch.setattr(one, "_intend", stopped)


def test_a_batch_that_the_program_can_not_complete_keeps_out_no_other(
    one: ElasticStore, two: ElasticStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert one.acquire(FILER_LEASE, "one", 10, NOW)
    with monkeypatch.context() as cut:
        cut.setattr(one, "_drop_outdated", _gone)
        with pytest.raises(StoreUnreachable):
            one.file(replace(changes(document("a")), holder="one"))
    with monkeypatch.context() as broken:
        broken.setattr(two, "_file_documents", _defect)
        assert two.acquire(FILER_LEASE, "two", 10, later(seconds=11))
    two.file(replace(changes(document("b")), holder="two"))
    assert set(two.stories(["story-a", "story-b"])) == {"story-b"}


def _defect(*_: object) -> None:
    raise TypeError("a defect")


def test_what_another_deleted_long_ago_is_not_written_again(
    one: ElasticStore, two: ElasticStore, engine: Engine, fresh_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine forgets after a while which version was deleted: here at once."""
    names = [f"{fresh_prefix}-{kind}" for kind in ("stories", "edges", "notes")]
    with engine.connected() as connection:
        kept = connection.client.indices.get_settings(index=",".join(names)).body
        assert [of["settings"]["index"]["gc_deletes"] for of in kept.values()] == ["1h"] * len(names)
        connection.client.indices.put_settings(index=",".join(names), settings={"index.gc_deletes": "0s"})
    assert one.acquire(FILER_LEASE, "one", 10, NOW)
    file_edges = one._file_edges

    def stopped(*given: Any) -> list[Refused]:
        """Behind the edges, while the other completes the batch and takes the story into another."""
        refused = file_edges(*given)
        assert two.acquire(FILER_LEASE, "two", 10, later(seconds=11))
        moved = changes(document("a", story="other"), document("b", story="other"))
        two.file(replace(moved, stories=(replace(moved.stories[0], copies=2, aliases=("story-a",)),), holder="two"))
        two.refresh()
        one._looked_at -= 60
        return refused

    monkeypatch.setattr(one, "_file_edges", stopped)
    with pytest.raises(LeaseLost):
        one.file(replace(changes(document("a")), holder="one"))
    two.refresh()
    assert [story.id for _, story in two.every(Story)] == ["other"]


def test_a_note_that_the_engine_refuses_begins_no_batch(one: ElasticStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert one.acquire(FILER_LEASE, "one", 10, NOW)
    monkeypatch.setattr(intents_module, "_note", lambda *_: {"kind": "batch", "surprise": 1})
    with pytest.raises(StoreError, match="surprise"):
        one.file(replace(changes(document("a")), holder="one"))
    assert one.documents(["a"]) == {}


def test_an_article_that_can_not_be_made_costs_itself_alone(
    one: ElasticStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = archive_module.article_document

    def failing(of: Document, *, stemming: bool) -> dict[str, Any]:
        if of.id == "c":
            time.sleep(0.5)  # those before it are under way
            raise OverflowError("a defect")
        return made(of, stemming=stemming)

    monkeypatch.setattr(archive_module, "article_document", failing)
    monkeypatch.setattr(archive_module, "_SENT_AT_ONCE", 1)
    for name in "abcde":
        put(one, name, report(ord(name)))
    aside = Aside(tmp_path / "dead")
    Filer(one, FilingSettings(batch=5), aside=aside).run(threading.Event(), until_idle=True)
    assert one.waiting() == 0
    assert {document.id for document in one.scan()} == set("abde")
    assert [letter.analysis.article.id for _, letter in aside.letters()] == ["c"]
    assert [finding.what for finding in one.check()] == [
        "https://blatt-c.example/c counts as stored, but article c is not there"
    ]


def test_a_filer_that_can_not_complete_a_batch_gives_the_lease_back(
    one: ElasticStore, two: ElasticStore, engine: Engine, fresh_prefix: str
) -> None:
    """The disk is full where articles are kept; when there is room again the batch is completed."""
    assert one.acquire(FILER_LEASE, "one", 10, NOW)
    engine.set_flood_stage(f"{fresh_prefix}-articles", on=True)
    with pytest.raises(StoreFull):
        one.file(replace(changes(document("a")), holder="one"))
    with pytest.raises(StoreFull):
        two.acquire(FILER_LEASE, "two", 10, later(seconds=11))
    assert two.holder(FILER_LEASE, later(seconds=12)) == ""
    full = two.health(NOW).details["takes nothing"]
    assert full == f"{fresh_prefix}-articles-v1-000001 (read_only_allow_delete)"
    engine.set_flood_stage(f"{fresh_prefix}-articles", on=False)
    assert "takes nothing" not in two.health(NOW).details
    assert two.acquire(FILER_LEASE, "two", 10, later(seconds=13))
    assert (set(two.documents(["a"])), set(two.stories(["story-a"]))) == ({"a"}, {"story-a"})


def test_a_large_batch_is_noted_in_pieces(
    one: ElasticStore, two: ElasticStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intents_module, "_PIECE", 1000)
    assert one.acquire(FILER_LEASE, "one", 10, NOW)
    documents = [
        document(f"d{number}", text=f"Text {random.Random(number).randbytes(300).hex()}.") for number in range(20)
    ]
    with monkeypatch.context() as cut:
        cut.setattr(one, "_file_stories", _gone)
        with pytest.raises(StoreUnreachable):
            one.file(replace(changes(*documents), holder="one"))
    assert two.acquire(FILER_LEASE, "two", 10, later(seconds=11))
    assert two.stories([one.story for one in documents]).keys() == {one.story for one in documents}


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
    before = len(one._recent)
    one.refresh()
    assert (before, len(one._recent)) == (2, 0)
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
