"""Each store's lookups against those of the in-memory one: random batches, filed again, revised, moved, merged."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from monitor.records import Changes, Document, Edge, Fingerprint, Furniture, Probe, SourceLink, Story
from monitor.store.memory import MemoryStore
from monitor.store.port import MOST_HOLDERS, Store
from monitor.store.stemming import stem
from tests.articles import NOW, again, changes, document, later
from tests.contract.adapters import ENGINES, examples, few_holders, make

NAMES = "abcdefghij"
STORIES = ("s1", "s2", "s3", "s4")
NAME, STORY = st.sampled_from(NAMES), st.sampled_from(STORIES)
HASHES = st.lists(st.sampled_from([0, 1, 2, 3, 4, 2**63, 2**64 - 1]), max_size=6).map(tuple)
HOURS = st.sampled_from([-24 * 400, -170, -3, -1, 0, 0, 1, 3, 170])
URLS = [f"https://quelle.example/{n}" for n in range(3)]


@st.composite
def documents(draw: st.DrawFn) -> Document:
    made = document(
        draw(NAME),
        at=later(hours=draw(HOURS)),
        story=draw(STORY),
        revision=draw(st.integers(1, 3)),
        role=draw(st.sampled_from(["article", "source", "reference"])),
        source_links=tuple(SourceLink(url) for url in draw(st.lists(st.sampled_from(URLS), max_size=2))),
    )
    exact = draw(st.sampled_from(["", "x", "y"]))
    return replace(
        made,
        fingerprint=Fingerprint(exact, draw(HASHES)),
        dispatches=tuple(draw(st.lists(st.sampled_from(["d1", "d2"]), max_size=2))),
    )


EDGES = st.builds(
    Edge,
    NAME,
    NAME,
    st.sampled_from(["near", "quote"]),
    st.just(0.9),
    st.just(0.5),
    st.integers(0, 9),
    st.integers(1, 3),
    st.integers(1, 3),
)
PROBES = st.builds(
    lambda hashes, at, span, limit: Probe(hashes, later(hours=at - span), later(hours=at + span), limit),
    HASHES,
    HOURS,
    st.sampled_from([-1, 0, 2, 72, 24 * 500]),
    st.integers(0, 12),
)


class Compared(RuleBasedStateMachine):
    """Every batch goes to both; what is looked up afterwards must be the same."""

    make: Callable[[Path], Store]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="model-")
        self.model: Store = MemoryStore(stem)
        self.store: Store = type(self).make(Path(self.folder.name))

    def file(self, batch: Changes) -> None:
        for store in (self.model, self.store):
            again(store.file, batch)
            store.refresh()

    @rule(made=st.lists(documents(), max_size=4, unique_by=lambda one: one.id), edges=st.lists(EDGES, max_size=3))
    def file_articles(self, made: list[Document], edges: list[Edge]) -> None:
        batch = replace(changes(*made), edges=tuple(edges))
        for _ in range(2):
            self.file(batch)

    @rule(story=STORY, copies=st.integers(0, 3), aliases=st.lists(STORY, max_size=2, unique=True))
    def file_story(self, story: str, copies: int, aliases: list[str]) -> None:
        given = tuple(alias for alias in aliases if alias != story)
        self.file(Changes(stories=(Story(story, "a", copies, NOW, NOW, aliases=given),)))

    @rule(site=st.sampled_from(["kurier", "blatt"]), state=st.text(max_size=3))
    def learn_furniture(self, site: str, state: str) -> None:
        self.file(Changes(furniture=(Furniture(site, state.encode("utf-8", "replace").decode()),)))

    @rule()
    def rebuild(self) -> None:
        assert self.model.rebuild_fingerprints() == self.store.rebuild_fingerprints()

    @rule(probes=st.lists(PROBES, max_size=4))
    def look(self, probes: list[Probe]) -> None:
        assert self.model.candidates(probes) == self.store.candidates(probes)

    @invariant()
    def they_say_the_same(self) -> None:
        everywhere = Probe((0, 1, 2, 3, 4, 2**63, 2**64 - 1), later(days=-500), later(days=500))
        questions: tuple[Callable[[Store], Any], ...] = (
            lambda s: s.candidates([everywhere]),
            lambda s: s.same_text(["x", "y"]),
            lambda s: s.members(STORIES),
            lambda s: s.stories(STORIES),
            lambda s: s.edges(NAMES),
            lambda s: s.linking(URLS),
            lambda s: s.dispatched(["d1", "d2"]),
            lambda s: s.located([f"https://kurier.example/{name}" for name in NAMES]),
            lambda s: s.furniture(["kurier", "blatt"]),
        )
        for question in questions:
            assert question(self.model) == question(self.store)

    def teardown(self) -> None:
        assert not [finding for finding in self.store.check() if "fingerprint" in finding.what]
        self.store.close()
        self.folder.cleanup()


@pytest.mark.parametrize("most", [MOST_HOLDERS, 3])
def test_random_batches_are_found_as_in_memory(kind: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few holders most probes are crowded."""
    few_holders(monkeypatch, most)
    machine = type(f"Compared{kind}", (Compared,), {"make": staticmethod(lambda folder: make(kind, folder))})
    often = examples(kind, 40 if kind == "lagging" else 12)
    steps = examples(kind, 60) if kind in ENGINES else 20
    run_state_machine_as_test(machine, settings=settings(max_examples=often, stateful_step_count=steps, deadline=None))
