"""Notes, new decisions, and forgetting what is derived, on every adapter."""

from __future__ import annotations

from datetime import timedelta

from monitor.records import Changes, Decision, Edge, Furniture, Story
from monitor.store.port import Store
from tests.articles import NOW, again, document


def decision(id: str, verb: str = "note", hours: int = 0) -> Decision:
    return Decision(id, "a", verb, "", "Ada Example", NOW + timedelta(hours=hours))


def test_a_note_is_what_was_put_last(store: Store) -> None:
    assert store.note("x") == ""
    store.put_note("x", "1")
    store.put_note("x", "2")
    assert (store.note("x"), store.note("y")) == ("2", "")


def test_new_decisions_come_once_in_the_order_of_writing_whatever_their_time(store: Store) -> None:
    store.decide(decision("one", hours=5))
    store.decide(decision("two", hours=1))
    new = store.new_decisions(0, 10)
    assert [made.id for _, made in new] == ["one", "two"]
    assert store.new_decisions(new[-1][0], 10) == []
    assert [made.id for _, made in store.new_decisions(0, 1)] == ["one"]


def test_a_decision_that_is_written_again_is_new_again(store: Store) -> None:
    store.decide(decision("one"))
    store.decide(decision("two"))
    seen = store.new_decisions(0, 10)[-1][0]
    store.decide(decision("one", verb="merge"))
    assert [made.verb for _, made in store.new_decisions(seen, 10)] == ["merge"]


def test_forgetting_what_is_derived_leaves_documents_decisions_and_notes(store: Store) -> None:
    a, b = document("a"), document("b")
    stories = [Story(one.story, one.id, 1, NOW, NOW) for one in (a, b)]
    edge = Edge("a", "b", "near", 0.9, 0.9)
    again(
        store.file, Changes(documents=(a, b), edges=(edge,), stories=tuple(stories), furniture=(Furniture("s", "{}"),))
    )
    store.decide(decision("one"))
    store.put_note("x", "1")
    store.refresh()
    store.forget_derived()
    store.refresh()
    assert store.edges(["a", "b"]) == {}
    assert store.stories([a.story]) == {}
    assert store.furniture(["s"]) == {}
    assert set(store.documents(["a", "b"])) == {"a", "b"}
    assert store.note("x") == "1"
    assert store.decisions("a")
