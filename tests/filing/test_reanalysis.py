"""Every derived field is made again: the same whatever the order of arrival was, resumable, twice the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.analysis import derive
from monitor.errors import StoreBusy
from monitor.filing import Desk, Progress, reanalyse, unfinished
from monitor.records import Analysis, Document, Language, Story
from monitor.store.embedded import open_store
from monitor.store.memory import MemoryStore
from monitor.store.port import FILER_LEASE, Store
from tests.contract.adapters import few_holders
from tests.engines.machines import made_sources, plain_stream
from tests.filing.world import NOON, filed, partition, put, report


def from_text(documents: Sequence[Document]) -> list[Analysis | None]:
    return [derive(document.article) for document in documents]


def furnish(store: Store, order: Sequence[str]) -> None:
    """Three reports, each with an original and cut copies, and single ones."""
    for name in order:
        number, copy = int(name[0]), int(name[2:])
        text = report(number)[: 12 - 2 * copy] if number < 3 else report(10 * number + copy)
        put(store, name, text, hours=copy)


NAMES = [f"{number}-{copy}" for number in range(5) for copy in range(4)]


def everything(store: Store) -> list[Document]:
    return [replace(one, generation=0) for one in store.scan(roles=("article", "source", "reference"))]


def stories_of(store: Store) -> dict[str, Story]:
    """Without the ids that they had before, which no run forgets."""
    found = store.stories([document.story for document in everything(store)])
    return {id: replace(story, aliases=()) for id, story in found.items()}


def test_whatever_the_order_of_arrival_was_the_result_is_the_same(tmp_path: Path) -> None:
    results = []
    for seed in range(3):
        store = open_store(tmp_path / str(seed)) if seed else MemoryStore()
        order = random.Random(seed).sample(NAMES, len(NAMES))
        furnish(store, order)
        filed(store, batch=3)
        assert reanalyse(store, from_text, Desk()) == len(NAMES)
        results.append(everything(store))
        store.close()
    assert results[0] == results[1] == results[2]
    assert len({document.story for document in results[0]}) == 3 + 8


def test_so_it_is_where_very_many_shared_a_text_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores have seen more than there is: others told the same reports once, in one archive most of them."""
    from monitor.filing import reanalysis

    few_holders(monkeypatch, 6)
    monkeypatch.setattr(reanalysis, "BATCH", 2)
    copies = [f"{number}-{copy}" for number in range(2) for copy in range(9)]
    others = [f"2-{number}" for number in range(12)]
    results = []
    for seed in range(3):
        store: Store = open_store(tmp_path / str(seed)) if seed else MemoryStore()
        dice = random.Random(seed)
        for name in dice.sample(others, 12 if seed < 2 else 3):
            put(store, name, report(int(name[2:]) % 2), hours=20)
        filed(store, batch=3)
        for name in dice.sample([*copies, *others], 30):
            number, copy = int(name[0]), int(name[2:])
            text = report(number)[: 13 - copy] if number < 2 else report(10 + copy)
            put(store, name, text, hours=copy if number < 2 else 20)
        filed(store, batch=3)
        assert reanalyse(store, from_text, Desk()) == 30
        results.append(partition({one.id: one for one in everything(store)}))
        store.close()
    assert results[0] == results[1] == results[2]
    assert len(results[0]) < 30 - 6


def test_a_second_run_changes_nothing() -> None:
    store = MemoryStore()
    furnish(store, NAMES[::-1])
    filed(store)
    reanalyse(store, from_text, Desk())
    first, stories = everything(store), stories_of(store)
    reanalyse(store, from_text, Desk())
    assert everything(store) == first
    assert stories_of(store) == stories


def test_ids_of_stories_that_were_told_go_on_resolving() -> None:
    store = MemoryStore()
    furnish(store, NAMES[::-1])
    before = {id: document.story for id, document in filed(store, batch=1).items()}
    reanalyse(store, from_text, Desk())
    for id, document in store.documents(NAMES).items():
        assert store.stories([before[id]])[before[id]].id == document.story


def test_stories_keep_every_id_that_they_had(tmp_path: Path) -> None:
    """Those that went into them before, too: what was told under one of them is not told again."""
    for store in (MemoryStore(), open_store(tmp_path)):
        had: dict[str, set[str]] = {}
        furnish(store, NAMES[::-1])  # the originals come last: stories that their copies had made become one
        for _ in range(3):
            for id, document in filed(store, batch=1).items():
                had.setdefault(id, set()).add(document.story)
            for story in store.stories([one.story for one in everything(store)]).values():
                for id in store.members([story.id])[story.id]:
                    had.setdefault(id, set()).update((story.id, *story.aliases))
            reanalyse(store, from_text, Desk())
        assert any(len(ids) > 1 for ids in had.values())
        for document in everything(store):
            story = store.stories([document.story])[document.story]
            assert {story.id, *story.aliases} >= had[document.id]
        store.close()


class Cut(Exception):
    pass


@pytest.mark.parametrize("at", [("clear", 1), ("clear", 2), ("place", 1), ("place", 2)])
def test_a_run_that_is_cut_short_goes_on_where_it_was(at: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.filing import reanalysis

    monkeypatch.setattr(reanalysis, "BATCH", 7)
    store, whole = MemoryStore(), MemoryStore()
    for one in (store, whole):
        furnish(one, NAMES[::-1])
        filed(one)
    reanalyse(whole, from_text, Desk())
    told: list[str] = []

    def cut(step: Progress) -> None:
        told.append(step.phase)
        if told.count(at[0]) == at[1] and step.phase == at[0]:
            raise Cut

    with pytest.raises(Cut):
        reanalyse(store, from_text, Desk(), on_step=cut)
    assert unfinished(store)
    placed: list[str] = []

    def counting(documents: Sequence[Document]) -> list[Analysis | None]:
        placed.extend(document.id for document in documents)
        return from_text(documents)

    reanalyse(store, counting, Desk())
    assert not unfinished(store)
    assert len(placed) == len(NAMES) - (7 * at[1] if at[0] == "place" else 0)
    assert everything(store) == everything(whole)


def test_derived_fields_are_made_anew_and_captured_ones_stay() -> None:
    store = MemoryStore()
    put(store, "a", ["Oderfeld (dpa) -", *report(1)])
    document = filed(store)["a"]
    from monitor.records import Changes

    store.file(Changes(documents=(replace(document, language=Language("fr", 0.2, "text"), local_evidence=()),)))
    reanalyse(store, from_text, Desk())
    made = store.documents(["a"])["a"]
    assert (made.language.code, made.source.kind) == ("de", "agency")
    assert made.article == document.article
    assert (made.revision, made.first_seen) == (document.revision, document.first_seen)


def test_no_story_is_left_without_articles(tmp_path: Path) -> None:
    """Of articles that were taken from story to story, whose first names are former names of others."""
    items = plain_stream(3, made_sources(3, 100), copies=8, bulletins=24)[:600]
    random.Random(4).shuffle(items)
    store = open_store(tmp_path)
    for item in items:
        put(store, item.id, item.text, title=item.title, hours=(item.at - NOON) / timedelta(hours=1), site=item.site)
    filed(store, batch=100)
    assert store.check() == []
    reanalyse(store, from_text, Desk())
    assert store.check() == []
    store.close()


def test_it_waits_for_no_filer_that_is_at_work() -> None:
    store = MemoryStore()
    store.acquire(FILER_LEASE, "elsewhere:1:1", 60, datetime.now(UTC))
    with pytest.raises(StoreBusy, match="at work"):
        reanalyse(store, from_text, Desk())


def test_stories_are_those_of_the_reports() -> None:
    store = MemoryStore()
    furnish(store, NAMES)
    stories = partition(filed(store))
    assert {frozenset(f"{number}-{copy}" for copy in range(4)) for number in range(3)} <= stories
