"""Reading and restoring all that is kept, on every adapter."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from monitor.records import (
    Alias,
    Changes,
    Decision,
    Document,
    Edge,
    Filed,
    Furniture,
    Note,
    Outcome,
    Rejection,
    Revision,
    Run,
    SourceState,
    Status,
    Story,
    UrlState,
)
from monitor.store.port import Store
from tests.articles import NOW, again, changes, document, later, run, stored, url

R = TypeVar("R")

KINDS: tuple[type[object], ...] = (
    Document, Revision, Edge, Story, Alias, Furniture, Decision, Run, Rejection, UrlState, SourceState, Note,
)  # fmt: skip


def every(store: Store, kind: type[R]) -> list[R]:
    return [record for _, record in store.every(kind)]


def story(id: str, **more: object) -> Story:
    return replace(Story(id, root="a", copies=1, first=NOW, last=NOW), **more)  # type: ignore[arg-type]


def test_an_empty_store_keeps_nothing(store: Store) -> None:
    assert [(every(store, kind), store.number_of(kind)) for kind in KINDS] == [([], 0)] * len(KINDS)


def test_all_that_is_kept_is_read(store: Store) -> None:
    written = changes(*(document(id, story=id) for id in ("a", "b", "c")))
    edges = (Edge("b", "a", "near", 0.5, 0.25), Edge("c", "a", "near", 1, 1))
    stories = (story("a", aliases=("x",)), story("b", root="b"))
    again(store.file, replace(written, edges=edges, stories=stories, furniture=(Furniture("kurier", "{}"),)))
    again(store.discover, [url("a"), url("d", site="bote")])
    store.put_source(SourceState("kurier", "feed", cursor="7"))
    store.put_note("n", "1")
    for id, hours in (("one", 5), ("two", 1)):
        store.decide(Decision(id, "a", "note", "", "Ada Example", later(hours=hours)))
    assert {one.id: one for one in every(store, Document)} == store.documents(["a", "b", "c"])
    assert sorted(one.article_id for one in every(store, Revision)) == ["a", "b", "c"]
    assert sorted(every(store, Edge), key=lambda one: one.article) == list(edges)
    assert {one.id for one in every(store, Story)} >= {"a", "b"}
    assert every(store, Alias) == [Alias("x", "a")]
    assert every(store, Furniture) == [Furniture("kurier", "{}")]
    assert [one.id for one in every(store, Decision)] == ["one", "two"]
    assert {(one.site, one.url) for one in every(store, UrlState)} == {
        ("kurier", url("a").url),
        ("bote", url("d", site="bote").url),
    }
    assert every(store, SourceState) == [SourceState("kurier", "feed", cursor="7")]
    assert every(store, Note) == [Note("n", "1")]
    assert [store.number_of(kind) for kind in KINDS] == [len(every(store, kind)) for kind in KINDS]


def test_reading_goes_on_behind_a_mark(store: Store) -> None:
    again(store.file, changes(*(document(f"a{n}") for n in range(7))))
    marks = [mark for mark, _ in store.every(Document)]
    ids = [one.id for one in every(store, Document)]
    assert [one.id for _, one in store.every(Document, marks[2])] == ids[3:]
    assert list(store.every(Document, marks[-1])) == []


def test_a_run_comes_with_what_was_counted_and_is_restored_with_it(store: Store) -> None:
    store.put_run(run("run-1", fetched=2))
    again(store.settle, [stored("a")])
    (item,) = store.take(9)
    again(store.file, changes(document("a"), filed=[Filed(item.number, "run-1", "stored")]))
    (counted,) = every(store, Run)
    assert (counted.fetched, counted.stored) == (2, 1)
    other = replace(run("run-2", at=later(hours=1)), stored=5, updated=3, unchanged=9)
    for _ in range(2):
        store.restore([other])
        assert store.run("run-2") == other
    again(store.settle, [stored("b", run="run-2")])
    (item,) = store.take(9)
    again(store.file, changes(document("b"), filed=[Filed(item.number, "run-2", "stored")]))
    assert store.run("run-2") == replace(other, stored=6)


def test_aliases_and_rejections_are_restored(store: Store) -> None:
    again(store.file, Changes(documents=(document("a", story="s"),), stories=(story("s"),)))
    store.restore([Alias("y", "s"), *(Rejection("r", "kurier", f"u{n}", "too-short", "why", NOW) for n in range(3))])
    assert store.stories(["y"]) == {"y": story("s")}
    assert store.members(["y"]).get("y", []) in (["a"], [])  # a search: it may lag
    assert [one.url for one in store.rejections()] == ["u2", "u1", "u0"]
    assert [one.url for one in every(store, Rejection)] == ["u0", "u1", "u2"]
    rejected = url("d", Status.REJECTED, fetched_at=NOW, reason="no-text")
    again(store.settle, [Outcome(rejected, run="r2")])
    assert every(store, Rejection)[-1].run == "r2"
