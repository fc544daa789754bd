"""What every store owes to searching by source and by story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from monitor.query import All, Bool, Node, Prefix, Range, Term
from monitor.records import AgencyCredit, Changes, Document, Origin, SourceTrace, Story
from monitor.store.port import SearchRequest, Store
from tests.articles import NOW, again, changes, document, found, later, put
from tests.contract.adapters import make


def traced(id: str, story: str, source: SourceTrace, **more: Any) -> Document:
    return replace(document(id, text="Die Fähre fährt.", story=story, **more), source=source)


WIRE = traced(
    "wire",
    "s1",
    SourceTrace(
        "agency",
        (AgencyCredit("dpa", 0.9), AgencyCredit("afp", 0.5), AgencyCredit("apa", 0.49)),
        ("ap", "epa"),
        credited=True,
        origin=Origin("https://Quelle.example/x", "0a1b", "quelle", NOW, "link"),
    ),
)
COPY = traced("copy", "s1", SourceTrace("agency", (AgencyCredit("dpa", 0.6),)), at=later(hours=2), site="blatt")
OWN = traced("own", "s2", SourceTrace("own", photo_agencies=("dpa",)), at=later(hours=1), site="blatt")
BARE = traced("bare", "s3", SourceTrace(), at=later(hours=3))
REFERENCE = traced("reference", "s1", SourceTrace("agency", (AgencyCredit("dpa", 1.0),)), role="reference")
STORIES = (
    Story("s1", "wire", 2, NOW, later(hours=2), aliases=("s0",)),
    Story("s2", "own", 1, NOW, NOW),
    Story("s3", "bare", 1, NOW, NOW),
)


def fill(store: Store) -> Store:
    batch = changes(WIRE, COPY, OWN, BARE, REFERENCE)
    again(store.file, replace(batch, stories=STORIES))
    store.refresh()
    return store


@pytest.fixture(scope="module")
def kept_world(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """For the cases that only ask."""
    made = fill(make(kind, tmp_path_factory.mktemp("sources")))
    yield made
    made.close()


CASES: list[tuple[Node, str]] = [
    (Term("agency", "dpa"), "copy wire"),
    (Term("agency", "DPA"), "copy wire"),
    (Term("agency", "afp"), "wire"),
    (Term("agency", "apa"), ""),  # not sure enough
    (Term("agency", "dp"), ""),
    (Prefix("agency", "d"), "copy wire"),
    (Bool(must_not=(Term("agency", "dpa"),)), "bare own"),
    (Term("photo_agency", "epa"), "wire"),
    (Term("photo_agency", "dpa"), "own"),
    (Term("kind", "agency"), "copy wire"),
    (Term("kind", "unknown"), "bare"),
    (Term("credited", "true"), "wire"),
    (Term("credited", "false"), "bare copy own"),
    (Bool(must=(Term("agency", "dpa"), Term("credited", "false"))), "copy"),
    (Term("origin", "quelle"), "wire"),
    (Term("origin", "0A1B"), "wire"),
    (Term("origin", "https://quelle.example/x"), "wire"),
    (Prefix("origin", "https://quelle.example/"), "wire"),
    (Term("story", "s1"), "copy wire"),
    (Term("story", "s0"), "copy wire"),
    (Prefix("story", "s"), "bare copy own wire"),
    (Range("copies", 2, None), "copy wire"),
    (Range("copies", 2, None, include_low=False), ""),
    (Range("copies", 1, 1), "bare own"),
    (Range("copies", None, 2), "bare copy own wire"),
    (Range("copies", None, 2, include_high=False), "bare own"),
    (Range("copies", 1.5, 2.5), "copy wire"),
    (Range("copies", None, None), "bare copy own wire"),
    (Range("copies", 3, 9), ""),
    (Range("copies", 0, 0), ""),
    (Bool(must_not=(Range("copies", 2, None),)), "bare own"),
    (Bool(must=(Range("copies", 2, None), Term("site", "blatt"))), "copy"),
    (Bool(should=(Range("copies", 2, 2), Term("story", "s2"))), "copy own wire"),
]


@pytest.mark.parametrize(("query", "ids"), CASES, ids=[str(query) for query, _ in CASES])
def test_a_query_finds(kept_world: Store, query: Node, ids: str) -> None:
    assert found(kept_world, query) == ids.split()
    assert sorted(one.id for one in kept_world.scan(query)) == ids.split()


def test_hidden_roles_are_found_by_source_with_their_role_named(kept_world: Store) -> None:
    assert found(kept_world, Term("agency", "dpa"), roles=("reference",)) == ["reference"]
    assert found(kept_world, Range("copies", 2, 2), roles=("reference", "article")) == ["copy", "reference", "wire"]


def test_articles_are_counted_by_agency(kept_world: Store) -> None:
    facets = kept_world.search(SearchRequest(facets=("agency", "site"))).facets
    assert facets["agency"] == (("dpa", 2), ("afp", 1))
    assert facets["site"] == (("blatt", 2), ("kurier", 2))
    assert kept_world.search(SearchRequest(Term("kind", "own"), facets=("agency",))).facets == {"agency": ()}


def test_a_hit_says_how_many_articles_run_its_story(kept_world: Store) -> None:
    hits = kept_world.search(SearchRequest(sort="oldest")).hits
    assert [(hit.document.id, hit.copies) for hit in hits] == [("wire", 2), ("own", 1), ("copy", 2), ("bare", 1)]


def shown(store: Store, query: Node | None = None, **more: Any) -> list[str]:
    return [hit.document.id for hit in store.search(SearchRequest(query or All(), stories=True, **more)).hits]


def test_each_story_is_shown_by_its_first_article_in_the_order_asked_for(kept_world: Store) -> None:
    assert shown(kept_world, sort="oldest") == ["wire", "own", "bare"]
    assert shown(kept_world, sort="newest") == ["bare", "copy", "own"]
    assert shown(kept_world, Term("site", "blatt"), sort="newest") == ["copy", "own"]


def test_stories_are_counted_and_articles_in_facets(kept_world: Store) -> None:
    result = kept_world.search(SearchRequest(stories=True, limit=1, facets=("site", "agency"), sort="newest"))
    assert (result.total, [hit.copies for hit in result.hits]) == (3, [1])
    assert result.facets["site"] == (("blatt", 2), ("kurier", 2))
    assert kept_world.search(SearchRequest(stories=True, limit=0)).total == 3
    assert kept_world.search(SearchRequest(Term(None, "nirgends"), stories=True)).total == 0


def test_pages_of_stories_show_each_once(kept_world: Store) -> None:
    pages = [shown(kept_world, sort="newest", limit=1, offset=offset) for offset in range(4)]
    assert pages == [["bare"], ["copy"], ["own"], []]


def test_the_best_article_of_a_story_stands_for_it(store: Store) -> None:
    text = "Am Abend kam die Feuerwehr in die Stadt."
    put(
        store,
        document("text", "Am Abend", text, story="s1"),
        document("title", "Feuerwehr", "Am Abend kam die Feuerwehr in die Stadt.", story="s1"),
        document("other", "Am Abend", text, story="s2"),
    )
    assert shown(store, Term(None, "feuerwehr")) == ["title", "other"]


def test_many_stories_are_paged_whole(store: Store) -> None:
    put(store, *(document(f"a{n:03}", story=f"s{n % 40:02}", at=later(minutes=n)) for n in range(200)))
    seen = [id for offset in range(0, 45, 15) for id in shown(store, sort="newest", limit=15, offset=offset)]
    assert seen == [f"a{n:03}" for n in reversed(range(160, 200))]
    assert store.search(SearchRequest(stories=True, limit=0)).total == 40


def test_copies_follow_the_story_at_once_without_its_articles_being_filed_again(store: Store) -> None:
    fill(store)
    again(store.file, Changes(stories=(replace(STORIES[0], copies=7),)))
    assert found(store, Range("copies", 7, 7)) == ["copy", "wire"]
    assert {hit.copies for hit in store.search(SearchRequest(Term("story", "s1"))).hits} == {7}


def test_an_article_that_goes_to_another_story_is_found_there(store: Store) -> None:
    fill(store)
    put(store, replace(BARE, story="s2"))
    assert found(store, Term("story", "s2")) == ["bare", "own"]
    assert store.search(SearchRequest(stories=True)).total == 2
