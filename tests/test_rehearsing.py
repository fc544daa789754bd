"""What a rule would have told of the archive."""

from __future__ import annotations

from dataclasses import replace

from monitor.alerts import question
from monitor.records import Document, Rule
from monitor.rehearsing import rehearse
from monitor.store.memory import MemoryStore
from monitor.store.stemming import stem
from tests.articles import changes, document, later

FIRE = Rule("fire", query="feuer", channels=("desk",))


def archive(*documents: Document) -> MemoryStore:
    store = MemoryStore(stem)
    store.put_rules([(FIRE, question(FIRE))])
    store.file(changes(*documents))
    return store


def told(store: MemoryStore, rule: Rule, *, since: float, until: float = 30) -> list[str]:
    found = rehearse(store, rule, later(days=since), later(days=until), "UTC")
    assert found.messages == len(found.told)
    return [one.id for _, one in found.told]


def found(id: str, days: float, story: str) -> Document:
    return document(id, text="Das Feuer.", at=later(days=days), first_seen=later(days=days), story=story)


def test_a_story_that_was_told_before_is_not_told_again_by_a_copy() -> None:
    store = archive(found("a", 0, "s"), found("b", 3, "s"), found("c", 4, "t"))
    assert told(store, FIRE, since=-1) == ["a", "c"]
    assert told(store, FIRE, since=2) == ["c"]
    assert told(store, FIRE, since=-1, until=4) == ["a"]
    assert told(store, replace(FIRE, each="copy"), since=2) == ["b", "c"]


def test_a_story_is_told_when_its_first_article_is_found_however_it_is_dated() -> None:
    late = document("a", text="Das Feuer.", at=later(days=-1), first_seen=later(days=3), story="s")
    store = archive(late, found("b", 0, "s"))
    assert told(store, FIRE, since=-2) == ["b"]
    assert told(store, FIRE, since=2) == []
