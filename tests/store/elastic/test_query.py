"""Queries as an engine gets them: nothing in them is cut short, and they fit the mapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from monitor.query import All, Bool, Node, Phrase, Prefix, Range, Term
from monitor.store.asked import Amount, OfStories, ask
from monitor.store.elastic.mapping import mappings
from monitor.store.elastic.query import stored, translate
from monitor.store.elastic.sizing import MOST_CLAUSES, clauses, first_beyond
from tests.articles import NOW, later

QUERIES: list[Node] = [
    All(),
    Term(None, "Häuser"),
    Term("title", "IŞIK"),
    Term("author", "gross"),
    Phrase(None, "mehrere häuser"),
    Phrase("text", "mehrere häuser", 3),
    Prefix(None, "feuer"),
    Prefix("text", "am frei"),
    Term("site", "KURIER"),
    Prefix("url", "https://x/"),
    Range("published", NOW, later(days=1), include_high=False),
    Bool(must=(Term("lang", "de"),), should=(Term(None, "a"),), must_not=(Term("agency", "dpa"),)),
    Bool(must_not=(Term(None, "a"),)),
]


def asked_fields(query: Any) -> Iterator[str]:
    """Names of the fields in the leaves."""
    if isinstance(query, list):
        for one in query:
            yield from asked_fields(one)
    elif isinstance(query, dict):
        for name, inner in query.items():
            if name in ("term", "terms", "prefix", "range", "match_phrase", "span_term"):
                yield from (one for one in inner if one != "boost")
            elif name == "multi_match":
                yield from (field.partition("^")[0] for field in inner["fields"])
            else:
                yield from asked_fields(inner)


def has_field(path: str) -> bool:
    properties = mappings("articles", stemming=True)["properties"]
    *first, last = path.split(".")
    for name in first:
        properties = properties[name]["properties"]
    return last in properties


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_every_field_that_is_asked_is_mapped(query: Node) -> None:
    made = translate(ask(query), ["de", "tr", "pl"], ("article",))
    fields = set(asked_fields(made))
    assert fields
    assert [field for field in fields if not has_field(field)] == []


def found(node: Node, languages: tuple[str, ...] = ()) -> Any:
    return translate(ask(node), languages, ("article",))["bool"]["must"][0]


def test_a_word_is_asked_folded_and_in_the_case_of_each_language() -> None:
    clauses = found(Term("text", "IŞIK"), ("de", "tr", "pl"))["bool"]["should"]
    assert clauses == [
        {"term": {"folded.text": {"value": "isik", "boost": 1.0}}},
        {"multi_match": {"query": "işik", "fields": ["stems.de.text^1"], "type": "most_fields"}},
        {"multi_match": {"query": "ışık", "fields": ["stems.tr.text^1"], "type": "most_fields"}},
    ]


def test_a_word_of_the_title_counts_three_times() -> None:
    title, text = found(Term(None, "haus"))["bool"]["should"]
    assert title == {"term": {"folded.title": {"value": "haus", "boost": 3.0}}}
    assert text == {"term": {"folded.text": {"value": "haus", "boost": 1.0}}}


def test_moves_are_gaps_in_order() -> None:
    near = found(Phrase("text", "mehrere häuser", 3))["span_near"]
    assert (near["slop"], near["in_order"]) == (3, True)
    assert [clause["span_term"]["folded.text"]["value"] for clause in near["clauses"]] == ["mehrere", "hauser"]


def test_a_phrase_that_ends_in_a_beginning_looks_at_every_such_word() -> None:
    near = found(Prefix("text", "am frei"))["span_near"]
    assert near["clauses"][-1] == {"span_multi": {"match": {"prefix": {"folded.text": {"value": "frei"}}}}}


def test_only_articles_of_the_roles_are_found() -> None:
    assert translate(ask(All()), (), ("source", "Article"))["bool"]["filter"] == [
        {"terms": {"keys.role": ["article", "source"]}}
    ]


def test_very_many_stories_are_asked_in_parts() -> None:
    stories = OfStories(frozenset(map(str, range(130_000))))
    parts = translate(stories, (), ("article",))["bool"]["must"][0]["bool"]["should"]
    assert [len(part["constant_score"]["filter"]["terms"]["story"]) for part in parts] == [60_000, 60_000, 10_000]
    others = translate(OfStories(frozenset("a"), others=True), (), ("article",))["bool"]["must"][0]
    assert others["bool"]["must_not"] == [{"terms": {"story": ["a"]}}]


def test_the_number_of_copies_is_no_field_of_an_article() -> None:
    with pytest.raises(LookupError, match="copies"):
        translate(Amount("copies", 1, 2, True, True), (), ("article",))


def spoken(language: str, words: Sequence[str]) -> list[str]:
    return [word.removesuffix("e") for word in words]


NAMES = Bool(should=tuple(Term(None, f"name{number}") for number in range(500)))


def test_words_that_are_alternatives_are_a_clause_for_each_field_where_they_go_together() -> None:
    question = Bool(
        must=(NAMES, Term("lang", "de")), must_not=(Term(None, "Häuse"), Term("site", "a"), Term("site", "b"))
    )
    assert clauses(translate(ask(question), ["de", "en"], ("article",))) == 6 * 500 + 1 + 6 + 2 + 1
    made = translate(ask(question), ["de", "en"], ("article",), together=spoken)
    assert clauses(made) == 6 + 1 + 6 + 1 + 1
    inside = made["bool"]["must"][0]["bool"]
    assert {"terms": {"stems.de.title": ["häus"], "boost": 3.0}} in inside["must_not"]
    assert {"terms": {"keys.site": ["a", "b"], "boost": 1.0}} in inside["must_not"]
    assert all(map(has_field, asked_fields(made)))


def test_the_word_is_told_with_which_a_question_is_too_large() -> None:
    phrases = tuple(Phrase(None, f"herr name{number}") for number in range(600))
    asked = ask(Bool(should=(*NAMES.should, *phrases)))
    assert clauses(translate(asked, [], (), together=spoken)) > MOST_CLAUSES
    told = first_beyond(asked, lambda one: clauses(stored(one, [])))
    assert told == f"herr name{MOST_CLAUSES // 2}"
