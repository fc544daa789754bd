"""What a message says of stories: each once, its copies, its passages, and how rules share the room."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.alerts.feed import rss
from monitor.query import parse
from monitor.records import AgencyCredit, Alert, Changes, Origin, Rule, SourceTrace, Story
from monitor.reports import entries
from monitor.reports.entries import sections_of
from monitor.store.memory import MemoryStore
from monitor.store.stemming import stem
from monitor.urls import dispatch_address
from tests.articles import NOW, changes, document
from tests.reports.told import SHOWN, alert, archive

DISPATCH = dispatch_address("dpa", "urn:newsml:1")


def test_a_digest_has_each_story_of_a_rule_once_by_the_id_that_it_has_now() -> None:
    fire, other = Rule("fire", query="feuer"), Rule("other", query="brennt")
    store = archive(fire, other)
    merged = document("a0", "Feuer 0", "Das Feuer 0 brennt.", story="story-a1")
    story = Story("story-a1", "a1", 2, NOW, NOW, ("kurier",), aliases=("story-a0",))
    store.file(Changes(documents=(merged,), stories=(story,)))
    due = [alert(0), alert(1), alert(2), replace(alert(1), rule="other")]
    first, second = sections_of(store, due, {"fire": fire, "other": other}, SHOWN)
    assert [entry.story for entry in first.entries] == ["story-a2", "story-a1"]
    assert [(entry.story, len(entry.others)) for entry in second.entries] == [("story-a1", 1)]
    assert [copy.title for copy in first.entries[1].others] == ["Feuer 1"]


def test_a_rule_for_each_copy_names_all_copies_that_its_digest_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "OTHERS", 1)
    rule = Rule("fire", query="feuer", each="copy")
    store = archive(rule, count=0)
    copies = [document(f"a{n}", f"Feuer {n}", "Es brennt.", story="s", at=NOW + timedelta(hours=n)) for n in range(5)]
    story = Story("s", "a0", 5, NOW, NOW, ("kurier",))
    store.file(replace(changes(*copies), stories=(story,)))
    due = [Alert("fire", "hook", f"article:a{n}", made=NOW, due=NOW, story="s", article=f"a{n}") for n in range(4)]
    (section,) = sections_of(store, due, {"fire": rule}, SHOWN)
    (entry,) = section.entries
    assert entry.title == "Feuer 0"
    assert [copy.title for copy in entry.others] == ["Feuer 1", "Feuer 2", "Feuer 3"]


def test_an_entry_says_of_its_copies_what_they_lack_and_names_a_dispatch_that_is_on_no_page() -> None:
    rule = Rule("reuse", reused_from=("dpa",))
    store = archive(rule, count=0)
    of_dpa = SourceTrace("agency", (AgencyCredit("dpa", 1.0),), licensed=False, origin=Origin(DISPATCH))
    traces = (of_dpa, replace(of_dpa, credited=True, licensed=True), SourceTrace("own"))
    texts = [
        replace(document(f"a{n}", "Feuer", "Es brennt.", story="s", at=NOW + timedelta(hours=n)), source=trace)
        for n, trace in enumerate(traces)
    ]
    store.file(replace(changes(*texts), stories=(Story("s", "a0", 3, NOW, NOW, ("kurier",)),)))
    due = [Alert("reuse", "hook", "story:s", made=NOW, due=NOW, story="s", article="a0")]
    (section,) = sections_of(store, due, {"reuse": rule}, SHOWN)
    (entry,) = section.entries
    assert entry.origin == f"{entry.agencies[0]}, urn:newsml:1"
    assert [(one.agencies, one.credited, one.licensed) for one in entry.others] == [
        (entry.agencies, True, True),
        ((), False, None),
    ]


def test_of_very_many_stories_the_newest_are_named_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "STORIES", 3)
    rule = Rule("fire", query="feuer")
    store = archive(rule, count=5)
    due = [replace(alert(n), made=NOW + timedelta(minutes=n)) for n in range(5)]
    (section,) = sections_of(store, due, {"fire": rule}, SHOWN)
    assert [entry.article for entry in section.entries] == ["a4", "a3", "a2"]
    assert (section.more, section.page) == (2, "https://monitor.example/alerts/fire")


FILLING = " ".join(f"Satz {n} von ganz anderen Dingen." for n in range(30))


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("Das Feuer brennt.", ["Das "], ["brennt."]),
        (f"Das Feuer brennt. {FILLING}", ["Das "], [" …"]),
        (f"{FILLING} Das Feuer brennt.", ["… "], ["brennt."]),
        (f"{FILLING} Das Feuer brennt. {FILLING} Noch ein Feuer. {FILLING}", ["… ", "… "], [" …", " …"]),
        (f"Das Feuer brennt. {FILLING} Noch ein Feuer.", ["Das ", "… "], [" …", "Feuer."]),
        ("Ein Feuer brennt in der Stadt. " * 9, ["Ein ", "bre"], ["Feuer", "Stadt."]),  # one goes on in the other
        (FILLING, ["Satz 0"], [" …"]),
    ],
)
def test_a_passage_shows_where_something_is_left_out(text: str, begins: list[str], ends: list[str]) -> None:
    (entry,) = entries.entries_of(MemoryStore(stem), [document("a", "", text)], parse("feuer"), SHOWN)
    shown = ["".join(piece.text for piece in passage) for passage in entry.passages]
    assert [one[: len(begin)] for one, begin in zip(shown, begins, strict=True)] == begins
    assert [one.rstrip()[-len(end) :] for one, end in zip(shown, ends, strict=True)] == ends
    assert "… …" not in rss("fire", "", [entry]).decode()


@pytest.mark.parametrize(
    ("noisy", "quiet", "named"), [(5, 1, (3, 1)), (5, 2, (2, 2)), (5, 3, (2, 2)), (1, 1, (1, 1)), (3, 0, (3, 0))]
)
def test_a_noisy_rule_leaves_a_quiet_one_its_share_of_a_digest(
    monkeypatch: pytest.MonkeyPatch, noisy: int, quiet: int, named: tuple[int, int]
) -> None:
    monkeypatch.setattr(entries, "STORIES", 4)
    fire, other = Rule("fire", query="feuer"), Rule("other", query="brennt")
    store = archive(fire, other, count=5)
    due = [replace(alert(n), made=NOW + timedelta(minutes=9 + n)) for n in range(noisy)]  # newer than all of the other
    due += [replace(alert(n, rule="other"), made=NOW + timedelta(minutes=n)) for n in range(quiet)]
    found = {one.rule_id: one for one in sections_of(store, due, {"fire": fire, "other": other}, SHOWN)}
    for rule, total, room in (("fire", noisy, named[0]), ("other", quiet, named[1])):
        if total:
            newest = [f"a{n}" for n in reversed(range(total))][:room]
            assert {entry.article for entry in found[rule].entries} == set(newest)
            assert found[rule].more == total - room


def test_more_rules_than_a_digest_has_room_for_are_all_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "STORIES", 2)
    rules = {f"r{n}": Rule(f"r{n}", query="feuer") for n in range(3)}
    found = sections_of(archive(*rules.values()), [alert(0, rule=id) for id in rules], rules, SHOWN)
    assert [(len(one.entries), one.more) for one in found] == [(1, 0), (1, 0), (0, 1)]
