"""Who still runs what was taken back, and how a story spread."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.records import Alert, Changes, Edge, Evidence, Rule, Status, Story
from monitor.reports import spread, withdrawn
from monitor.reports.entries import Shown, feed_entries, sections_of
from monitor.reports.tables import withdrawn_csv, withdrawn_sections
from monitor.reports.withdrawn import taken_back
from monitor.sources import load_agencies
from monitor.store.memory import MemoryStore
from tests.articles import NOW, put, url
from tests.reports.traced import article, at, copy_of, trace

SAID = Evidence("text", "dpa", "urn:x", "reference", 1.0)


@pytest.fixture
def store() -> MemoryStore:
    """A dispatch that was withdrawn, three copies of it (one page is gone), and another story."""
    made = MemoryStore()
    wire = replace(article("wire", role="reference", site="dpa", story="s", withdrawn=True), local_evidence=(SAID,))
    put(
        made,
        wire,
        article("a", trace(kept=0.7), hours=1, story="s", **copy_of("wire")),
        article("b", hours=2, story="s", site="bote", **copy_of("a", "contained", 0.3)),
        article("c", hours=3, story="s", site="bote", **copy_of("wire")),
        article("other", trace(), hours=4),
    )
    made.file(Changes(stories=(Story("s", "wire", 3, at(), at(hours=3), ("kurier", "bote"), ("dpa",), ("old",)),)))
    gone = url("c", Status.GONE, site="bote")
    made.discover([gone])
    return made


def test_copies_that_stand_are_told_and_gone_pages_are_not(store: MemoryStore) -> None:
    (found,) = withdrawn(store)
    assert (found.id, found.story, found.agencies, found.by) == ("wire", "s", ("dpa",), "dpa")
    assert [(one.id, one.site, one.share_kept, one.credited) for one in found.running] == [
        ("a", "kurier", 0.7, True),
        ("b", "bote", 0.3, False),
    ]


def test_of_a_copy_it_is_known_what_was_taken_back_and_a_message_of_it_says_so(store: MemoryStore) -> None:
    running = store.documents(["a", "other"])
    found = taken_back(store, list(running.values()))
    assert {id: [one.id for one in theirs] for id, theirs in found.items()} == {"a": ["wire"], "other": []}
    alerts = [Alert("wd", "desk", "story:s", made=NOW, due=NOW, story="s", article="a")]
    for rule, told in ((Rule("wd", withdrawn=True), ["Deutsche Presse-Agentur"]), (Rule("wd", query="text"), [])):
        (section,) = sections_of(store, alerts, {"wd": rule}, Shown(load_agencies()))
        assert [one.site for one in section.entries[0].taken_back] == told
        assert all(one.at == store.documents(["wire"])["wire"].last_seen for one in section.entries[0].taken_back)
        (entry,) = feed_entries(store, alerts, rule, Shown(load_agencies()))
        assert [one.site for one in entry.taken_back] == told


def test_the_agency_and_the_span_narrow_it(store: MemoryStore) -> None:
    assert [one.id for one in withdrawn(store, agency="dpa")] == ["wire"]
    assert list(withdrawn(store, agency="afp")) == []
    assert list(withdrawn(store, since=at(hours=1))) == []


def test_an_article_that_its_site_withdrew_is_found_too() -> None:
    store = MemoryStore()
    put(store, article("first", story="t", withdrawn=True), article("copy", story="t", hours=1, **copy_of("first")))
    (found,) = withdrawn(store)
    assert [one.id for one in found.running] == ["copy"]
    assert (found.by, found.agencies) == ("kurier", ())


def test_more_than_one_group_is_read_in_order() -> None:
    store = MemoryStore()
    put(store, *(article(f"w{n:03}", story=f"s{n}", hours=n, withdrawn=True) for n in range(250)))
    assert [one.id for one in withdrawn(store)] == [f"w{n:03}" for n in range(250)]


def test_it_is_shown_with_a_table_for_each_text(store: MemoryStore) -> None:
    (section,) = withdrawn_sections(withdrawn(store), "UTC")
    assert section.heading == "Titel wire"
    assert section.note.startswith("dpa, 2024-05-16 12:00, wire")
    assert [row[1].text for row in section.rows] == ["kurier", "bote"]
    lines = list(withdrawn_csv(withdrawn(store)))
    assert len(lines) == 3
    assert lines[1].startswith("wire,Titel wire,dpa,s,kurier,a,Titel a,https://kurier.example/a,2024-05-16T13:00:00Z")


def test_a_withdrawal_without_copies_says_so() -> None:
    store = MemoryStore()
    put(store, article("w", withdrawn=True))
    (section,) = withdrawn_sections(withdrawn(store), "UTC")
    assert section.note.endswith("nobody here runs it any more")


# --- spread ---


def test_a_story_is_told_in_order_of_time_with_lag_and_edge(store: MemoryStore) -> None:
    found = spread(store, "s")
    assert found is not None
    assert [(one.id, one.lag_seconds, one.kind, one.of, one.share_kept) for one in found.copies] == [
        ("wire", 0, "none", "", None),
        ("a", 3600, "near", "wire", 0.7),
        ("b", 7200, "contained", "a", 0.3),
        ("c", 10800, "near", "wire", 0.9),
    ]
    assert found.sites == ("kurier", "bote")
    assert [one.agencies for one in found.copies] == [(), ("dpa",), (), ()]


def test_an_alias_leads_to_the_story_and_an_unknown_id_to_none(store: MemoryStore) -> None:
    found = spread(store, "old")
    assert found is not None
    assert found.story.id == "s"
    assert spread(store, "nothing") is None


def test_a_story_that_lost_its_articles_is_empty() -> None:
    store = MemoryStore()
    store.file(Changes(stories=(Story("s", "x", 1, NOW, NOW),)))
    found = spread(store, "s")
    assert found is not None
    assert found.copies == ()


def test_who_runs_it_as_a_part_of_another_story_is_told_too() -> None:
    store = MemoryStore()
    put(
        store, article("wire", withdrawn=True, story="s"), article("both", story="other"), article("far", story="third")
    )
    edges = (Edge("both", "wire", "contained", 0.3, 0.9), Edge("far", "wire", "quote", 0.1, 0.9))
    store.file(Changes(edges=edges))
    (found,) = withdrawn(store)
    assert [one.id for one in found.running] == ["both"]
