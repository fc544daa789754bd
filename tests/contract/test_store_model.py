"""Each store against the in-memory one: random calls, random texts, random queries."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from monitor.query import All, Bool, Node, Phrase, Prefix, Range, Term
from monitor.records import AgencyCredit, Filed, Outcome, SourceTrace, Status, Story
from monitor.store.asked import ask
from monitor.store.marking import Marker
from monitor.store.matching import holds
from monitor.store.memory import MemoryStore
from monitor.store.port import SearchRequest, Store
from monitor.store.stemming import stem
from tests.articles import NOW, again, analysis, changes, document, found, later, run, url
from tests.contract.adapters import examples, make, stemmer

NAMES = st.sampled_from("abcd")
HOURS = st.integers(-3, 3)
RUNS = st.sampled_from(["run-1", "run-2"])


class Compared(RuleBasedStateMachine):
    """Every call goes to both; what they say afterwards must be the same."""

    make: Callable[[Path], Store]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="model-")
        self.model: Store = MemoryStore(stem)
        self.store: Store = type(self).make(Path(self.folder.name))

    def both(self, call: str, *arguments: Any) -> None:
        again(getattr(self.model, call), *arguments)
        again(getattr(self.store, call), *arguments)

    @rule(names=st.lists(NAMES), hours=HOURS)
    def discover(self, names: list[str], hours: int) -> None:
        states = [url(name, discovered_at=later(hours=hours)) for name in names]
        assert self.model.discover(states) == self.store.discover(states)

    @rule(names=st.lists(NAMES, max_size=3), text=st.sampled_from(["eins", "zwei"]), hours=HOURS, of=RUNS)
    def store_pages(self, names: list[str], text: str, hours: int, of: str) -> None:
        at = later(hours=hours)
        states = [(url(name, Status.STORED, fetched_at=at, article_id=name, due_at=at), name) for name in names]
        outcomes = [Outcome(state, analysis(name, text, run=of, at=at), of) for state, name in states]
        for _ in range(2):  # a repeated call is part of life
            self.both("settle", outcomes)

    @rule(name=NAMES, status=st.sampled_from([Status.FAILED, Status.REJECTED, Status.GONE]), hours=HOURS, of=RUNS)
    def give_up_a_page(self, name: str, status: Status, hours: int, of: str) -> None:
        state = url(name, status, fetched_at=later(hours=hours), due_at=later(hours=hours), reason="why")
        self.both("settle", [Outcome(state, run=of, detail="...")])

    @rule(name=NAMES, checks=st.integers(0, 3), of=RUNS)
    def look_again(self, name: str, checks: int, of: str) -> None:
        self.both("settle", [Outcome(url(name, Status.STORED, checks=checks), run=of, unchanged=True)])

    @rule(limit=st.integers(1, 3), repeat=st.booleans())
    def file(self, limit: int, repeat: bool) -> None:
        for store in (self.model, self.store):  # each has its own numbers
            items = store.take(limit)
            documents = {item.analysis.article.id: document(item.analysis.article.id) for item in items}
            filed = [Filed(item.number, item.analysis.run, "stored") for item in items]
            for _ in range(1 + repeat):
                again(store.file, changes(*documents.values(), filed=filed))

    @rule(of=RUNS, fetched=st.integers(0, 9), hours=HOURS)
    def write_run(self, of: str, fetched: int, hours: int) -> None:
        self.both("put_run", run(of, fetched=fetched, at=later(hours=hours)))

    @rule(holder=NAMES, hours=HOURS, seconds=st.integers(0, 7200))
    def lease(self, holder: str, hours: int, seconds: int) -> None:
        asked = ("filer", holder, seconds, later(hours=hours))
        assert self.model.acquire(*asked) == self.store.acquire(*asked)

    @rule(holder=NAMES)
    def release(self, holder: str) -> None:
        self.both("release", "filer", holder)

    @invariant()
    def they_say_the_same(self) -> None:
        addresses = [url(name).url for name in "abcd"]
        for question in (
            lambda s: s.known("kurier", addresses),
            lambda s: s.pending("kurier", NOW, 3),
            lambda s: s.due("kurier", NOW, 3),
            lambda s: s.counts("kurier"),
            lambda s: [item.analysis for item in s.take(10)],
            lambda s: (s.waiting(), s.waiting("run-1")),
            lambda s: s.documents("abcd"),
            lambda s: [one.id for one in s.scan()],
            lambda s: (s.runs(), s.last_runs()),
            lambda s: sorted((one.run, one.url, one.at) for one in s.rejections()),
            lambda s: s.holder("filer", NOW),
        ):
            assert question(self.model) == question(self.store)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


def test_random_calls_come_to_the_same_as_in_memory(kind: str) -> None:
    machine = type(f"Compared{kind}", (Compared,), {"make": staticmethod(lambda folder: make(kind, folder))})
    often = examples(kind, 15 if kind in ("embedded", "spooled", "spooled-lagging") else 40)
    run_state_machine_as_test(machine, settings=settings(max_examples=often, stateful_step_count=15, deadline=None))


TYPED = (
    "haus Häuser HAUS Hauses straße strasse läuft ışık IŞIK isik İl evlerde ev running runs the 北京 日报 京 a_b "
    "dpa-infocom dpa E\u0301te\u0301 été ﬁn ½ ελλάδας Ёлка елки كتاب الكتاب ... 1,5"
)
WORDS = st.sampled_from(TYPED.split(" "))
TEXTS = st.lists(WORDS, max_size=9).map(" ".join)
LANGUAGES = st.sampled_from(["de", "tr", "en", "zh", "fr", "ar", "ru", "el", "pl", "und"])
AGENCIES = ["dpa", "afp", "ap"]
FIELDS = st.sampled_from([None, "title", "text", "author"])
LEAVES = st.one_of(
    st.builds(Term, FIELDS, WORDS),
    st.builds(Phrase, FIELDS, TEXTS),
    st.builds(Phrase, FIELDS, st.lists(WORDS, max_size=3).map(" ".join), st.integers(0, 3)),
    st.builds(Prefix, FIELDS, WORDS.map(lambda word: word[:3])),
    st.builds(Term, st.just("lang"), LANGUAGES),
    st.builds(lambda low, high: Range("published", later(hours=low), later(hours=high)), HOURS, HOURS),
    st.builds(Term, st.sampled_from(["agency", "photo_agency"]), st.sampled_from(AGENCIES)),
    st.builds(Term, st.just("credited"), st.sampled_from(["true", "false"])),
    st.builds(lambda n: Term("story", f"s{n}"), st.integers(0, 3)),
    st.builds(lambda low, high: Range("copies", low, high), st.integers(0, 4), st.integers(0, 4)),
    st.just(All()),
)
CLAUSES = st.recursive(
    LEAVES,
    lambda inner: st.builds(Bool, *(st.lists(inner, max_size=2).map(tuple) for _ in range(3))),
    max_leaves=5,
)
CREDITS = st.lists(st.tuples(st.sampled_from(AGENCIES), st.sampled_from([0.2, 0.5, 0.9])), max_size=2)
DOCUMENTS = st.lists(
    st.tuples(TEXTS, TEXTS, LANGUAGES, HOURS, TEXTS, st.integers(0, 3), CREDITS), min_size=1, max_size=8
)


def test_random_queries_find_the_same_as_in_memory(kind: str) -> None:
    @settings(max_examples=examples(kind, 25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(made=DOCUMENTS, queries=st.lists(CLAUSES, min_size=20, max_size=20))
    def compare(made: list[Any], queries: list[Node]) -> None:
        compare_queries(kind, made, queries)

    compare()


def compare_queries(kind: str, made: list[Any], queries: list[Node]) -> None:
    documents = [
        replace(
            document(str(n), title, text, lang=lang, at=later(hours=hours), authors=(author,), story=f"s{story}"),
            source=SourceTrace(
                agencies=tuple(AgencyCredit(*credit) for credit in credits),
                photo_agencies=tuple({id for id, _ in credits}),
                credited=bool(credits),
            ),
        )
        for n, (title, text, lang, hours, author, story, credits) in enumerate(made)
    ]
    copies = Counter(one.story for one in documents)
    stories = tuple(Story(id, "0", count, NOW, NOW) for id, count in copies.items())
    with tempfile.TemporaryDirectory() as folder:
        store = make(kind, Path(folder))
        model = MemoryStore(stemmer(store))
        for one in (model, store):
            one.file(replace(changes(*documents), stories=stories))
            one.refresh()
        try:
            for query in queries:
                assert found(store, query) == found(model, query), query
                asked = SearchRequest(query, sort="newest", stories=True, facets=("agency",), highlight=False)
                mine, theirs = store.search(asked), model.search(asked)
                assert (mine.total, mine.facets) == (theirs.total, theirs.facets), query
                assert {(hit.document.story, hit.document.story_time, hit.copies) for hit in mine.hits} == {
                    (hit.document.story, hit.document.story_time, hit.copies) for hit in theirs.hits
                }, query
        finally:
            store.close()


@given(text=TEXTS, typed=WORDS, language=LANGUAGES)
def test_a_text_is_marked_exactly_when_the_word_is_found_in_it(text: str, typed: str, language: str) -> None:
    asked = ask(Term("text", typed))
    marks = Marker(asked, stem).marks(text, "text", language)
    assert bool(marks) == holds(asked, document("a", text=text, lang=language), stem)
    for (_, end), (start, _) in pairwise(marks):
        assert end < start
    assert all(0 <= start < end <= len(text) for start, end in marks)
