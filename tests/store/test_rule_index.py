"""Rules held against a batch find what a search over the same articles finds, and what word by word is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.query import All, Bool, Node, Phrase, Prefix, Range, Term, kept, parse, read_kept
from monitor.records import Document, Story
from monitor.store.asked import ask
from monitor.store.embedded import open_store
from monitor.store.matching import holds
from monitor.store.port import SearchRequest
from monitor.store.rule_batch import RuleBatch
from monitor.store.rule_index import RuleIndex, needed
from monitor.store.stemming import stem
from tests.articles import changes, document, later

WORDS = (
    "Haus",
    "Häuser",
    "brennen",
    "Feuer",
    "running",
    "ran",
    "dpa-infocom",
    "北京日报",
    "ışık",
    "IŞIK",
    "Straße",
    "der",
)
TEXTS = st.lists(st.sampled_from(WORDS), min_size=0, max_size=6).map(" ".join)
FIELDS = st.sampled_from([None, "title", "text", "author"])


def leaves() -> st.SearchStrategy[Node]:
    words = st.sampled_from(WORDS)
    phrases = st.lists(words, min_size=1, max_size=3).map(" ".join)
    return st.one_of(
        st.builds(Term, FIELDS, words),
        st.builds(Phrase, FIELDS, phrases, st.integers(0, 2)),
        st.builds(lambda field, word: Prefix(field, word[:3]), FIELDS, words),
        st.builds(Term, st.just("site"), st.sampled_from(["kurier", "post"])),
        st.builds(lambda hours: Range("published", later(hours=hours), None), st.integers(-2, 2)),
        st.builds(lambda low: Range("copies", low, None), st.integers(1, 3)),
        st.just(All()),
    )


def trees() -> st.SearchStrategy[Node]:
    some = lambda part: st.lists(part, max_size=2).map(tuple)  # noqa: E731
    return st.recursive(leaves(), lambda part: st.builds(Bool, some(part), some(part), some(part)), max_leaves=6)


@st.composite
def batches(draw: st.DrawFn) -> list[Document]:
    return [
        document(
            f"a{number}",
            draw(TEXTS),
            draw(TEXTS),
            lang=draw(st.sampled_from(["de", "en", "tr", "zh", "pl"])),
            site=draw(st.sampled_from(["kurier", "post"])),
            at=later(hours=draw(st.integers(-2, 2))),
            authors=(draw(TEXTS),),
        )
        for number in range(draw(st.integers(1, 5)))
    ]


def stories_of(documents: Sequence[Document]) -> dict[str, Story]:
    """With one to three copies."""
    return {
        one.story: Story(one.story, one.id, 1 + number % 3, one.story_time, one.story_time)
        for number, one in enumerate(documents)
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(batches(), st.lists(trees(), min_size=1, max_size=6))
def test_a_rule_and_a_search_with_the_same_words_find_the_same(
    tmp_path_factory: pytest.TempPathFactory, documents: list[Document], nodes: list[Node]
) -> None:
    stories = stories_of(documents)
    rules = {f"r{number}": node for number, node in enumerate(nodes)}
    found = {(hit.rule, hit.article_id) for hit in RuleIndex(rules).matching(documents, stories)}
    store = open_store(tmp_path_factory.mktemp("store") / "store")
    try:
        store.file(replace(changes(*documents), stories=tuple(stories.values())))
        expected = {
            (rule, hit.document.id)
            for rule, node in rules.items()
            for hit in store.search(SearchRequest(node, limit=100, highlight=False)).hits
        }
    finally:
        store.close()
    assert found == expected


@given(batches(), trees())
def test_what_a_batch_answers_is_what_is_found_word_by_word(documents: list[Document], node: Node) -> None:
    asked = ask(node)
    if "Amount" in repr(asked):
        return
    batch = RuleBatch(documents, {})
    found = {one.id for one in batch.of(batch.answering(asked))}
    assert found == {one.id for one in documents if holds(asked, one, stem)}


@given(batches(), st.lists(trees(), min_size=1, max_size=8))
def test_no_rule_that_answers_is_left_out_beforehand(documents: list[Document], nodes: list[Node]) -> None:
    index = RuleIndex({f"r{number}": node for number, node in enumerate(nodes)})
    batch = RuleBatch(documents, stories_of(documents))
    likely = index.likely(batch)
    for number, node in enumerate(nodes):
        if batch.answering(ask(node)):
            assert f"r{number}" in likely


@given(trees())
def test_a_tree_that_is_kept_comes_back_as_it_was(node: Node) -> None:
    assert read_kept(kept(node)) == node


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"is": "Nonsense"}', '{"is": "Term"}'])
def test_what_is_no_tree_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (whatever it says)
        read_kept(text)


def test_what_a_rule_needs_is_the_rarest_of_what_must_be_there() -> None:
    both = ask(Bool(must=(Term(None, "der"), Term(None, "Musterwerke"))))
    assert needed(both) == (ask(Term(None, "Musterwerke")),)
    either = ask(Bool(should=(Term(None, "a"), Term(None, "b"))))
    assert needed(either) == (ask(Term(None, "a")), ask(Term(None, "b")))
    assert needed(ask(Bool(must_not=(Term(None, "a"),)))) is None
    assert needed(ask(Bool(should=(Term(None, "a"), All())))) is None
    assert needed(ask(Phrase(None, "---"))) == ()


def test_a_rule_that_needs_what_no_article_has_is_never_looked_at(tmp_path: Path) -> None:
    rules: dict[str, Node] = {f"r{number}": Term(None, f"wort{number}") for number in range(1000)}
    index = RuleIndex(rules)
    assert len(index) == 1000
    batch = RuleBatch([document("a", text="Hier steht wort7 und wort8.")], {})
    assert index.likely(batch) == {"r7", "r8"}


def test_a_rule_that_can_not_be_asked_finds_nothing_and_keeps_no_other_from_finding(
    caplog: pytest.LogCaptureFixture,
) -> None:
    index = RuleIndex({"bad": parse('"eins zwei drei vier fünf sechs"~10'), "good": parse("feuer")})
    assert [hit.rule for hit in index.matching([document("a", "Feuer", "Feuer eins zwei.")], {})] == ["good"]
    assert "rule=bad" in caplog.text
