"""What every store owes to articles: whole, at once by id, each write repeatable."""

from __future__ import annotations

from dataclasses import replace

from monitor.query import Term
from monitor.records import (
    AgencyCredit,
    Caption,
    Changes,
    Decision,
    Duplicate,
    Edge,
    Evidence,
    Line,
    Match,
    Origin,
    SourceLink,
    SourceTrace,
    Story,
    Structured,
    WarcRef,
)
from monitor.store.port import Store
from tests.articles import NOW, again, changes, document, later, put, revision


def test_a_document_comes_back_whole(store: Store) -> None:
    plain = document("a", "Größe zählt", "Erster Absatz.\n\nZweiter: ışık 北京 „so“.")
    article = replace(
        plain.article,
        authors=("Anna Groß", "-/Kreml/dpa"),
        published_at=later(hours=-1),
        captions=(Caption("Ein Bild", "-/Kreml/dpa", "figure"),),
        lines=(Line("Quelle: dpa", "source"),),
        structured=Structured(("dpa",), ("Anna",), "Verlag"),
        source_links=(SourceLink("https://quelle.example/", "Kaynak"),),
        warc=WarcRef("a.warc.gz", 4711),
    )
    evidence = Evidence("text", "dpa", "(dpa)", "trailer", 0.9)
    whole = replace(
        plain,
        article=article,
        is_root=False,
        duplicate=Duplicate("near", "b", 0.9, 0.8),
        matches=(Match("b", 0.9, 0.8, "near"),),
        source=SourceTrace("agency", (AgencyCredit("dpa", 0.9),), ("dpa",), True, origin=Origin("https://o.example/")),
        local_evidence=(evidence,),
        withdrawn=True,
        pipeline_version=3,
    )
    again(store.file, changes(whole))
    assert store.documents(["a", "unknown"]) == {"a": whole}


def test_a_document_is_there_at_once_by_id(store: Store) -> None:
    again(store.file, changes(document("a")))
    assert set(store.documents(["a"])) == {"a"}


def test_documents_takes_thousands_of_ids(store: Store) -> None:
    again(store.file, changes(document("a"), document("b")))
    assert set(store.documents([*map(str, range(3000)), "a", "b"])) == {"a", "b"}


def test_a_later_document_replaces_the_earlier(store: Store) -> None:
    old = document("a", text="Alt.")
    new = document("a", text="Neu.", revision=2)
    again(store.file, changes(old))
    again(store.file, changes(new))
    assert store.documents(["a"]) == {"a": new}
    assert store.revisions("a") == [revision(old), revision(new)]
    assert store.revisions("unknown") == []


def test_filing_the_same_batch_again_changes_nothing(store: Store) -> None:
    batch = replace(changes(document("a"), document("b")), edges=(Edge("b", "a", "near", 0.9, 0.9),))
    for _ in range(3):
        again(store.file, batch)
    store.refresh()
    assert len(list(store.scan())) == 2
    assert len(store.revisions("a")) == 1
    assert store.health(NOW).articles == 2
    assert store.health(NOW).revisions == 2


def test_an_empty_batch_is_no_error(store: Store) -> None:
    again(store.file, Changes())
    again(store.settle, [])
    assert store.discover([]) == 0
    assert store.documents([]) == store.stories([]) == store.known("kurier", []) == {}


def test_merged_stories_still_resolve(store: Store) -> None:
    first, second, third = (Story(f"s{n}", f"a{n}", 1, NOW, later(hours=n), title=f"Titel {n}") for n in (1, 2, 3))
    again(store.file, Changes(stories=(first, second, third)))
    merged = replace(second, copies=2, aliases=("s3",))
    again(store.file, Changes(stories=(merged,)))
    assert store.stories(["s1", "s2", "s3", "s4"]) == {"s1": first, "s2": merged, "s3": merged}
    again_merged = replace(first, copies=3, aliases=("s2",))
    for _ in range(2):
        again(store.file, Changes(stories=(again_merged,)))
    assert store.stories(["s1", "s2", "s3"]) == dict.fromkeys(("s1", "s2", "s3"), again_merged)


def test_a_story_that_is_split_off_again_stands_for_itself(store: Store) -> None:
    whole = Story("s1", "a", 2, NOW, NOW, aliases=("s2",))
    again(store.file, Changes(stories=(whole,)))
    split = Story("s2", "b", 1, NOW, NOW)
    again(store.file, Changes(stories=(replace(whole, aliases=(), copies=1), split)))
    assert store.stories(["s2"]) == {"s2": split}


def test_decisions_are_kept_in_order(store: Store) -> None:
    one = Decision("d1", "a", "note", "später", "Anna", later(hours=1))
    two = Decision("d2", "a", "confirm-credit", "dpa", "Bernd", NOW)
    for decision in (one, two, two, Decision("d3", "b", "note", "x", "Anna", NOW)):
        store.decide(decision)
    assert store.decisions("a") == [two, one]


def test_scan_gives_everything_by_story_time_and_id(store: Store) -> None:
    put(
        store,
        document("c", at=NOW),
        document("a", at=later(hours=1)),
        document("b", at=NOW),
        document("z", role="source"),
    )
    assert [one.id for one in store.scan()] == ["b", "c", "a"]
    assert [one.id for one in store.scan(roles=("source", "article"))] == ["b", "c", "z", "a"]


def test_scan_of_a_query_gives_only_what_it_finds(store: Store) -> None:
    put(store, *(document(f"{n:03}", text="gerade" if n % 2 else "ungerade", at=later(hours=-n)) for n in range(250)))
    ids = [one.id for one in store.scan(Term(None, "gerade"))]
    assert ids == [f"{n:03}" for n in reversed(range(250)) if n % 2]


def test_what_is_written_while_scanning_comes_at_most_once(store: Store) -> None:
    put(store, *(document(f"{n:03}", at=later(hours=n)) for n in range(250)))
    seen = []
    for number, one in enumerate(store.scan()):
        seen.append(one.id)
        if number == 3:
            again(store.file, changes(document("000", at=later(days=100)), document("new", at=later(days=101))))
    assert len(seen) == len(set(seen))
    assert {f"{n:03}" for n in range(250)} <= set(seen)


def test_a_store_in_order_has_no_findings(store: Store) -> None:
    put(store, document("a"), document("b"))
    assert store.check() == []


def test_reindexing_finds_everything_again(store: Store) -> None:
    put(store, document("a"), document("b"))
    assert store.reindex() == 2
    assert len(list(store.scan(Term("site", "kurier")))) == 2


def test_health_counts(store: Store) -> None:
    again(store.file, changes(document("a"), document("b")))
    before = store.health(NOW)
    assert (before.articles, before.revisions, before.inbox, before.filer) == (2, 2, 0, "")
    store.refresh()
    store.acquire("filer", "me", 10, NOW)
    after = store.health(NOW)
    assert after.unprojected in (0, None)
    assert after.filer == "me"
