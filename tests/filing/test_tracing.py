"""Traces are made of what a batch changed, and of what that change concerns."""

from __future__ import annotations

import pytest

from monitor.filing import Desk, Rules
from monitor.records import Document
from monitor.store.memory import MemoryStore
from monitor.store.port import Store
from tests.filing.world import filed, linked, put, report


@pytest.fixture
def store() -> Store:
    return MemoryStore()


def agencies(document: Document) -> list[str]:
    return [one.id for one in document.source.agencies if one.confidence >= 0.5]


def test_a_copy_without_credit_is_marked_with_the_article_it_was_taken_from(store: Store) -> None:
    put(store, "a", ["Oderfeld (dpa) -", *report(1)])
    put(store, "b", report(1), hours=2)
    documents = filed(store)
    a, b = documents["a"], documents["b"]
    assert (a.source.kind, a.source.credited, a.source.uncredited_reuse) == ("agency", True, False)
    assert (b.source.credited, b.source.uncredited_reuse, agencies(b)) == (False, True, ["dpa"])
    assert (b.source.origin.article_id, b.source.lag_seconds) == ("a", 7200)
    assert any(one.agency == "dpa" and one.url == a.article.url for one in b.source.evidence)
    (story,) = store.stories([b.story]).values()
    assert (story.root, story.copies, story.agencies, story.credited_by) == ("a", 2, ("dpa",), "a")


def test_a_story_whose_agency_becomes_known_late_is_traced_again(store: Store) -> None:
    put(store, "b", report(2), hours=3)
    put(store, "c", report(2), hours=4)
    before = filed(store)
    assert [agencies(before[id]) for id in "bc"] == [[], []]
    put(store, "a", ["Oderfeld (dpa) -", *report(2)])
    after = filed(store)
    assert [agencies(after[id]) for id in "abc"] == [["dpa"]] * 3
    assert [after[id].source.origin.article_id for id in "bc"] == ["a", "a"]
    assert after["a"].is_root


def test_the_page_behind_a_source_link_gives_its_agency_whenever_it_arrives(store: Store) -> None:
    origin = "https://quelle.example/o"
    put(store, "copy", "", html=linked(report(3), origin), hours=1)
    alone = filed(store)["copy"]
    assert (alone.source.origin.url, alone.source.origin.how, agencies(alone)) == (origin, "link", [])
    put(store, "o", [*report(3), "(dpa)"], site="quelle", role="source")
    traced = filed(store)["copy"]
    assert (traced.source.origin.article_id, agencies(traced)) == ("o", ["dpa"])
    assert [one.kind for one in traced.source.evidence if one.agency == "dpa"][:1] == ["link"]
    assert traced.source.share_kept is not None
    assert traced.source.share_kept > 0.9


def test_a_page_that_was_looked_at_behind_a_link_becomes_an_article_when_a_site_lists_it(store: Store) -> None:
    put(store, "o", report(4), site="quelle", role="source")
    assert filed(store)["o"].article.role == "source"
    put(store, "o", report(4), site="quelle", hours=1)
    assert filed(store)["o"].article.role == "article"
    put(store, "o", report(4), site="quelle", role="source", hours=2)
    assert filed(store)["o"].article.role == "article"


def test_copies_of_one_dispatch_are_joined_by_its_number(store: Store) -> None:
    number = "© dpa-infocom, dpa:240516-99-53606/"
    put(store, "a", [*report(5), f"{number}2"], title="Hafen Oderfeld")
    put(store, "b", [*report(6)[:4], f"{number}3"], hours=1, title="Kanal Werla")
    documents = filed(store)
    assert documents["a"].dispatches == documents["b"].dispatches == ("dpa:240516-99-53606",)
    assert (documents["b"].source.origin.article_id, documents["b"].source.origin.how) == ("a", "id")


def test_a_revision_that_drops_the_credit_takes_it_from_the_story(store: Store) -> None:
    put(store, "a", ["Oderfeld (dpa) -", *report(7)])
    put(store, "b", report(7), hours=1)
    assert agencies(filed(store)["b"]) == ["dpa"]
    put(store, "a", [*report(7), "Mehr dazu am Abend in der Stadthalle."], hours=2)
    documents = filed(store)
    assert [agencies(documents[id]) for id in "ab"] == [[], []]
    (story,) = store.stories([documents["a"].story]).values()
    assert (story.agencies, story.credited_by) == ((), "")


def test_licences_tell_licensed_from_unlicensed_use(store: Store) -> None:
    desk = Desk(Rules(licence=lambda agency, site, at, host: site == "freund" if agency == "dpa" else None))
    put(store, "a", ["Oderfeld (dpa) -", *report(8)], site="freund")
    put(store, "b", ["Oderfeld (dpa) -", *report(8)], site="fremd", hours=1)
    put(store, "c", report(9), site="fremd", hours=1)
    documents = filed(store, desk)
    assert [documents[id].source.licensed for id in "abc"] == [True, False, None]


def test_a_reference_wire_is_the_strongest_evidence_and_no_copy_of_the_story(store: Store) -> None:
    put(store, "wire", ["Oderfeld (dpa) -", *report(10)], site="dpa", role="reference")
    put(store, "b", report(10), hours=1)
    documents = filed(store)
    b = documents["b"]
    assert (b.source.origin.article_id, b.source.origin.how, agencies(b)) == ("wire", "reference", ["dpa"])
    assert b.source.uncredited_reuse
    (story,) = store.stories([b.story]).values()
    assert story.copies == 1


def test_the_second_story_of_an_article_is_reuse_too(store: Store) -> None:
    """An own report with a whole dispatch in it."""
    put(store, "wire", ["Oderfeld (dpa) -", *report(1, 10)])
    put(store, "own", report(2, 24))
    put(store, "both", [*report(2, 24), *report(1, 10)], hours=2)
    documents = filed(store)
    both = documents["both"]
    assert both.story == documents["own"].story
    assert both.also_in == (documents["wire"].story,)
    assert [one.id for one in both.source.agencies if one.confidence >= 0.5] == ["dpa"]
    assert (both.source.kind, both.source.credited, both.source.uncredited_reuse) == ("mixed", False, True)
    assert both.source.origin.article_id == "own"


def test_a_dispatch_of_days_later_is_not_what_the_article_was_taken_from(store: Store) -> None:
    put(store, "paper", report(1))
    put(store, "late", report(1), hours=48, site="dpa", role="reference")
    put(store, "other", report(2))
    put(store, "updated", report(2), hours=2, site="dpa", role="reference")
    documents = filed(store)
    paper, other = documents["paper"].source, documents["other"].source
    assert (paper.uncredited_reuse, paper.kind, paper.origin.how) == (False, "unknown", "")
    assert (other.uncredited_reuse, other.kind, other.origin.article_id) == (True, "agency", "updated")


@pytest.mark.parametrize("order", ["acdb", "dcab", "cabd", "bdca"])
def test_what_a_trace_says_does_not_hang_on_what_came_in_one_batch(order: str) -> None:
    """A dispatch, a copy that credits it, one that does not, and a digest with another story in it."""
    texts = {
        "a": (0, ["Oderfeld (dpa) -", *report(1)]),
        "b": (1, [*report(1)[:9], *report(2, 3)]),
        "c": (2, [*report(1), "(dpa)"]),
        "d": (3, [*report(1)[:10], *report(3, 6), "OB/dpa"]),
    }
    found = []
    for batch in (1, 2, 100):
        store = MemoryStore()
        for name in order:
            hours, text = texts[name]
            put(store, name, text, hours=hours)
        found.append({id: one.source for id, one in filed(store, batch=batch).items()})
    assert found[0] == found[1] == found[2]
