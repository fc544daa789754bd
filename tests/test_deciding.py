"""What people decide: said before it is done, written for both sides, kept for good."""

from __future__ import annotations

import pytest

from monitor import deciding
from monitor.deciding import carry_out, plan
from monitor.errors import InputError
from monitor.records import Changes, Document, Story
from monitor.store.memory import MemoryStore
from tests.articles import NOW, document, later, put

AUTHOR = "ada"


@pytest.fixture
def store() -> MemoryStore:
    made = MemoryStore()
    put(made, document("a", "Erster", story="s"), document("b", "Zweiter", story="s"), document("c", "Dritter"))
    made.file(Changes(stories=(Story("s", "a", 2, NOW, NOW),)))
    return made


def one(store: MemoryStore, id: str) -> Document:
    return store.documents([id])[id]


def planned(store: MemoryStore, id: str, verb: str, argument: str = "", other: str = "") -> deciding.Plan:
    found = one(store, other) if other else None
    return plan(store, one(store, id), verb, argument, author=AUTHOR, at=NOW, other=found)


def test_a_credit_is_written_with_author_and_time(store: MemoryStore) -> None:
    made = planned(store, "a", "confirm-credit", "dpa")
    assert "dpa counts as the agency of 'Erster' (a)" in made.effect
    assert store.decisions("a") == []  # only said so far
    carry_out(store, made)
    (found,) = store.decisions("a")
    assert (found.verb, found.argument, found.author, found.at) == ("confirm-credit", "dpa", AUTHOR, NOW)
    assert "no longer counts" in planned(store, "a", "reject-credit", "dpa").effect


def test_a_split_and_a_merge_concern_both_articles(store: MemoryStore) -> None:
    apart = planned(store, "a", "split", other="b")
    assert "leave their common story s (2 articles)" in apart.effect
    assert {(two.subject, two.argument) for two in apart.decisions} == {("a", "b"), ("b", "a")}
    assert "stay in two stories" in planned(store, "a", "split", other="c").effect
    together = planned(store, "a", "merge", other="c")
    assert "s (2 articles) and story-c (1 article) become one" in together.effect
    assert "stay in one story" in planned(store, "a", "merge", other="b").effect


def test_a_note_changes_nothing_else(store: MemoryStore) -> None:
    made = planned(store, "a", "note", "  Mit der\nRedaktion gesprochen ")
    assert made.decisions[0].argument == "Mit der Redaktion gesprochen"


@pytest.mark.parametrize(
    ("verb", "argument", "other"),
    [("split", "", ""), ("merge", "", "a"), ("split", "", "a"), ("note", " ", ""), ("confirm-credit", "", "")],
)
def test_what_makes_no_sense_is_refused(store: MemoryStore, verb: str, argument: str, other: str) -> None:
    with pytest.raises(InputError):
        planned(store, "a", verb, argument, other)


def test_the_same_decision_again_is_one_more_and_written_twice_is_one(store: MemoryStore) -> None:
    made = planned(store, "a", "note", "eins")
    carry_out(store, made)
    carry_out(store, made)
    assert len(store.decisions("a")) == 1
    carry_out(store, plan(store, one(store, "a"), "note", "eins", author=AUTHOR, at=later(hours=1)))
    assert len(store.decisions("a")) == 2


def test_an_article_without_a_title_is_named_by_its_id(store: MemoryStore) -> None:
    put(store, document("leer", ""))
    assert "'(no title)' (leer)" in planned(store, "leer", "note", "x").effect
