"""What one batch makes of the visits in the inbox."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import Conflict
from monitor.filing import Tally, file_batch
from monitor.records import Analysis, Changes, Document, Run
from monitor.store.memory import MemoryStore
from monitor.store.memory_lagging import LaggingStore
from monitor.urls import article_id
from tests.filing.visits import BRIDGE, HARBOUR, HARBOUR_NEW, HOST, NOW, analysis, gathered


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
