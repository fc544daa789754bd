"""What every store owes to matching and tracing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from monitor.records import Changes, Decision, Document, Edge, Fingerprint, Furniture, Probe, SourceLink, Story
from monitor.store.port import Store
from monitor.urls import article_id
from tests.articles import NOW, again, changes, document, later, put

BIG = 2**64 - 1
HOURS_OF_A_DAY = range(24)


def printed(id: str, *hashes: int, exact: str = "", **more: Any) -> Document:
    return replace(document(id, **more), fingerprint=Fingerprint(exact, hashes))


def probe(*hashes: int, hours: float = 12, limit: int = 30) -> Probe:
    """Of an article at NOW."""
    return Probe(hashes, later(hours=-hours), later(hours=hours), limit)


def ids(store: Store, *hashes: int, **more: Any) -> list[str]:
    return [one.id for one in store.candidates([probe(*hashes, **more)])[0]]


def write(store: Store, **parts: Any) -> None:
    again(store.file, Changes(**parts))
    store.refresh()


# --- candidates ------------------------------------------------------------------------------------------------------


def test_candidates_share_at_least_two_hashes_and_say_how_many(store: Store) -> None:
    put(store, printed("one", 1, 2, 3, BIG, site="blatt", at=later(hours=1)), printed("two", 3, 4), printed("three", 5))
    first, second = store.candidates([probe(0, 1, 3, BIG), probe(4, 5, 6)])
    assert [(one.id, one.story, one.site, one.at, one.shared) for one in first] == [
        ("one", "story-one", "blatt", later(hours=1), 3)
    ]
    assert second == []


def test_a_hash_counts_once_however_often_it_is_there(store: Store) -> None:
    put(store, printed("a", 7, 7, 7, 8))
    assert ids(store, 7, 7, 9) == []
    assert [one.shared for one in store.candidates([probe(7, 7, 8)])[0]] == [2]


def test_every_role_is_a_candidate(store: Store) -> None:
    put(store, *(printed(role, 1, 2, role=role) for role in ("article", "source", "reference")))
    assert sorted(ids(store, 1, 2)) == ["article", "reference", "source"]


def test_the_window_is_of_story_time_with_both_ends(store: Store) -> None:
    times = {"before": -12.001, "first": -12, "last": 12, "after": 12.001}
    put(store, *(printed(id, 1, 2, at=later(hours=hours)) for id, hours in times.items()))
    assert sorted(ids(store, 1, 2)) == ["first", "last"]
    assert store.candidates([Probe((1, 2), later(hours=1), NOW)]) == [[]]


def test_a_window_may_be_open(store: Store) -> None:
    put(store, printed("old", 1, 2, at=datetime(1850, 1, 1, tzinfo=UTC)), printed("new", 1, 2))
    everything = Probe((1, 2), datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert sorted(one.id for one in store.candidates([everything])[0]) == ["new", "old"]


def test_most_shared_come_first_then_the_nearest_the_newest_and_by_id(store: Store) -> None:
    put(
        store,
        printed("far", 1, 2, at=later(hours=9)),
        printed("before", 1, 2, at=later(hours=-3)),
        printed("b", 1, 2, at=later(hours=3)),
        printed("a", 1, 2, at=later(hours=3)),
        printed("most", 1, 2, 3, at=later(hours=12)),
    )
    assert ids(store, 1, 2, 3) == ["most", "a", "b", "before", "far"]
    assert ids(store, 1, 2, 3, limit=2) == ["most", "a"]
    assert ids(store, 1, 2, 3, limit=0) == []


def test_only_the_present_revision_counts(store: Store) -> None:
    put(store, printed("a", 1, 2, 3), printed("b", 1, 2))
    put(store, printed("a", 3, 4, 5, revision=2))
    assert ids(store, 1, 2) == ["b"]
    assert ids(store, 4, 5) == ["a"]
    put(store, printed("a", 1, 2, revision=3))
    assert ids(store, 1, 2) == ["a", "b"]
    assert ids(store, 4, 5) == []
    put(store, printed("a", revision=4))
    assert ids(store, 1, 2) == ["b"]


def test_an_old_revision_takes_no_place_among_the_first(store: Store) -> None:
    put(store, *(printed(f"old{n}", 1, 2, 3) for n in range(9)), printed("new", 1, 2))
    put(store, *(printed(f"old{n}", 9, revision=2) for n in range(9)))
    assert ids(store, 1, 2, 3, limit=1) == ["new"]


def test_an_article_is_found_where_its_story_time_is_now(store: Store) -> None:
    put(store, printed("a", 1, 2))
    put(store, printed("a", 1, 2, at=later(days=-60)))
    assert ids(store, 1, 2) == []
    assert ids(store, 1, 2, hours=24 * 61) == ["a"]
    put(store, printed("a", 1, 2, at=later(days=-60, hours=1), story="other"))
    assert [(one.at, one.story) for one in store.candidates([probe(1, 2, hours=24 * 61)])[0]] == [
        (later(days=-60, hours=1), "other")
    ]


def test_many_probes_are_answered_in_their_order(store: Store) -> None:
    put(store, *(printed(f"a{n:03}", n, n + 1, at=later(hours=n % 24)) for n in range(0, 600, 2)))
    answers = store.candidates([probe(n, n + 1, hours=24) for n in range(600)])
    assert [[one.id for one in answer] for answer in answers] == [[] if n % 2 else [f"a{n:03}"] for n in range(600)]
    assert store.candidates([]) == []
    assert store.candidates([probe()]) == [[]]


# --- what else articles are found by ---------------------------------------------------------------------------------


def test_the_same_text_is_found_oldest_first(store: Store) -> None:
    put(store, printed("b", exact="x"), printed("a", exact="x"), printed("old", exact="x", at=later(days=-900)))
    put(store, printed("other", exact="y"), printed("short"), printed("gone", exact="x"))
    put(store, printed("gone", exact="z", revision=2))
    assert store.same_text(["x", "y", "", "nobody"]) == {"x": ["old", "a", "b"], "y": ["other"]}
    assert store.same_text([]) == {}


def test_members_are_given_oldest_first_by_the_id_that_was_asked(store: Store) -> None:
    put(store, document("b", story="s1", role="source"), document("a", story="s1", at=later(hours=1)))
    put(store, document("c", story="s2", at=later(hours=-1)))
    assert store.members(["s1", "s2", "s3"]) == {"s1": ["b", "a"], "s2": ["c"]}
    write(store, stories=(Story("s1", "c", 3, NOW, NOW, aliases=("s2",)),))
    assert store.members(["s1", "s2"]) == {"s1": ["c", "b", "a"], "s2": ["c", "b", "a"]}
    write(store, documents=(document("c", story="s1", at=later(hours=-1)),))
    assert store.members(["s2"]) == {"s2": ["c", "b", "a"]}


def test_edges_are_found_from_both_sides(store: Store) -> None:
    one, two = Edge("a", "b", "near", 0.9, 0.8, 40), Edge("c", "a", "contained", 1.0, 0.3)
    write(store, edges=(two, one))
    assert store.edges(["a", "b", "d"]) == {"a": [one, two], "b": [one]}
    better = replace(one, kind="exact", longest_run=99)
    write(store, edges=(better,))
    assert store.edges(["b"]) == {"b": [better]}


def test_a_new_revision_drops_the_edges_of_the_old(store: Store) -> None:
    put(store, document("a"), document("b"), document("c"))
    theirs, mine, other = Edge("c", "a", "near", 1, 1), Edge("a", "b", "near", 1, 1), Edge("b", "c", "quote", 1, 1)
    write(store, edges=(theirs, mine, other))
    put(store, document("a", story="elsewhere"))  # the same revision
    assert store.edges(["a"]) == {"a": [mine, theirs]}
    fresh = replace(theirs, other_revision=2)
    write(store, documents=(document("a", revision=2),), edges=(fresh,))
    assert store.edges("abc") == {"a": [fresh], "b": [other], "c": [other, fresh]}
    put(store, document("a", revision=2))
    assert store.edges(["a"]) == {"a": [fresh]}


def test_furniture_is_known_at_once_by_site(store: Store) -> None:
    again(store.file, Changes(furniture=(Furniture("kurier", '{"a":1}'), Furniture("blatt", "ü\ud800"))))
    again(store.file, Changes(furniture=(Furniture("kurier", '{"a":2}'),)))
    known = store.furniture(["kurier", "blatt", "unknown"])
    assert set(known) == {"kurier", "blatt"}
    assert known["kurier"] == Furniture("kurier", '{"a":2}')


def test_decisions_on_many_are_given_at_once(store: Store) -> None:
    one, two = Decision("d1", "a", "split", "b", "Ada", later(hours=1)), Decision("d2", "a", "note", "x", "Ada", NOW)
    for decision in (one, two, Decision("d3", "c", "note", "x", "Ada", NOW)):
        store.decide(decision)
    assert store.decided(["a", "b"]) == {"a": [two, one]}


def linking(id: str, *urls: str, canonical: str = "", **more: Any) -> Document:
    made = document(id, **more)
    links = tuple(SourceLink(url, "Quelle") for url in urls)
    return replace(made, article=replace(made.article, source_links=links, canonical_url=canonical))


def test_articles_are_found_by_the_address_of_their_source(store: Store) -> None:
    put(
        store,
        linking("b", "https://Quelle.example:443/x?utm_source=y#top"),
        linking("a", "https://quelle.example/x", "https://zweite.example/", "javascript:void(0)"),
        linking("old", canonical="https://quelle.example/x", at=later(days=-1)),
        linking("own", canonical="https://www.kurier.example/x"),
    )
    asked = ["https://quelle.example/x", "https://zweite.example/", "https://www.kurier.example/x"]
    assert store.linking(asked) == {asked[0]: ["old", "a", "b"], asked[1]: ["a"]}
    put(store, linking("a", "https://dritte.example/", revision=2))
    assert store.linking([*asked, "https://dritte.example/"]) == {
        asked[0]: ["old", "b"],
        "https://dritte.example/": ["a"],
    }


def test_articles_are_found_by_their_dispatches(store: Store) -> None:
    dispatch = "dpa:240516-99-53606"
    one, two = replace(document("a"), dispatches=(dispatch, "dpa:2")), replace(document("b"), dispatches=(dispatch,))
    put(store, one, replace(two, story_time=later(hours=-1)))
    assert store.dispatched([dispatch, "dpa:2", "dpa:3"]) == {dispatch: ["b", "a"], "dpa:2": ["a"]}
    put(store, replace(one, dispatches=()))
    assert store.dispatched([dispatch, "dpa:2"]) == {dispatch: ["b"]}


def test_an_article_is_found_by_its_address_whatever_its_id_is(store: Store) -> None:
    url, twin = "https://kurier.example/a", "https://kurier.example/druck/a"
    made = document(article_id(url), url=url)
    put(store, replace(made, fetched_from=twin), document("import-7", url="https://kurier.example/7"))
    asked = [url, twin, "https://kurier.example/7", "https://kurier.example/8"]
    assert store.located(asked) == {url: made.id, twin: made.id, "https://kurier.example/7": "import-7"}
    put(store, document("import-6", url="https://kurier.example/7", at=later(hours=-1)))
    put(store, replace(made, fetched_from=url))
    assert store.located(asked) == {url: made.id, "https://kurier.example/7": "import-6"}


def test_lookups_take_thousands_at_once(store: Store) -> None:
    put(store, printed("a", 1, 2, exact="7"), printed("b", 1, 2, exact="2999"))
    many = [str(number) for number in range(3000)]
    assert store.same_text(many) == {"7": ["a"], "2999": ["b"]}
    assert set(store.members([*many, "story-a"])) == {"story-a"}
    for lookup in (store.edges, store.furniture, store.decided, store.linking, store.dispatched, store.located):
        assert lookup(many) == {}


def test_made_again_they_find_the_same(store: Store) -> None:
    made = linking("a", "https://quelle.example/x")
    put(store, replace(made, fingerprint=Fingerprint("x", (1, 2, BIG)), dispatches=("dpa:1",)), printed("b", 1, 2))
    put(store, printed("b", 2, 3, revision=2))
    assert store.rebuild_fingerprints() == 2
    store.refresh()
    assert ids(store, 1, 2, 3) == ["a", "b"]
    assert store.same_text(["x"]) == {"x": ["a"]}
    assert store.linking(["https://quelle.example/x"]) == {"https://quelle.example/x": ["a"]}
    assert store.dispatched(["dpa:1"]) == {"dpa:1": ["a"]}
    assert store.check() == []


# --- stories ---------------------------------------------------------------------------------------------------------


def test_a_story_that_lost_its_last_article_is_taken_away_with_its_aliases(store: Store) -> None:
    write(store, **_parts(changes(document("a", story="s1"))))
    story = Story("s1", "a", 1, NOW, NOW, aliases=("s0",))
    write(store, stories=(story,))
    moved = changes(document("a", story="s2"))
    for _ in range(2):
        write(store, documents=moved.documents, stories=(*moved.stories, replace(story, copies=0)))
    assert set(store.stories(["s0", "s1", "s2"])) == {"s2"}


def test_a_story_of_hidden_articles_alone_stays(store: Store) -> None:
    wire = document("wire", story="s1", role="reference")
    story = Story("s1", "wire", 0, NOW, NOW)
    write(store, documents=(wire,), stories=(story,))
    assert store.stories(["s1"]) == {"s1": story}


def _parts(batch: Changes) -> dict[str, Any]:
    return {"revisions": batch.revisions, "documents": batch.documents, "stories": batch.stories}
