"""What a batch has to tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.alerts import FEED, question
from monitor.filing.alerting import Watch, added, to_tell
from monitor.records import AgencyCredit, Alert, Changes, Document, Rule, SourceTrace, Story
from monitor.store.memory import MemoryStore
from monitor.store.stemming import stem
from tests.articles import NOW, changes, document, later

FIRE = Rule("fire", query="feuer", channels=("desk", "chat"))
DPA = Rule("dpa", agencies=("dpa",), channels=("desk",))


class Newsroom:
    """A store, and what each batch tells."""

    def __init__(self, *rules: Rule) -> None:
        self.store = MemoryStore(stem)
        self.store.put_rules([(rule, question(rule)) for rule in rules])
        self.watch = Watch.of(rules, "UTC")

    def files(self, batch: Changes) -> list[Alert]:
        told = to_tell(self.store, batch, self.watch, NOW)
        self.store.file(replace(batch, alerts=told))
        return [one for one in told if one.channel != FEED]


def subjects(alerts: list[Alert]) -> list[tuple[str, str, str]]:
    return [(one.rule, one.channel, one.subject) for one in alerts]


def in_story(story: Story, *documents: Document) -> Changes:
    return replace(changes(*(replace(one, story=story.id) for one in documents)), stories=(story,))


def story(id: str, copies: int, *, aliases: tuple[str, ...] = ()) -> Story:
    return Story(id, "a", copies, NOW, NOW, aliases=aliases)


def test_a_new_article_rings_once_on_each_channel() -> None:
    room = Newsroom(FIRE)
    assert subjects(room.files(changes(document("a", text="Das Feuer brennt."), document("b")))) == [
        ("fire", "chat", "story:story-a"),
        ("fire", "desk", "story:story-a"),
    ]
    assert room.files(changes(document("a", text="Das Feuer brennt."))) == []


def test_a_second_copy_of_a_story_does_not_ring_again() -> None:
    room = Newsroom(FIRE)
    room.files(in_story(story("s", 1), document("a", text="Feuer!")))
    assert room.files(in_story(story("s", 2), document("b", text="Feuer!"))) == []


def test_where_each_copy_is_asked_for_each_rings() -> None:
    room = Newsroom(replace(FIRE, each="copy", channels=("desk",)))
    assert subjects(room.files(in_story(story("s", 2), document("a", text="Feuer"), document("b", text="Feuer")))) == [
        ("fire", "desk", "article:a"),
        ("fire", "desk", "article:b"),
    ]


def test_of_two_copies_in_one_batch_the_earliest_is_told() -> None:
    room = Newsroom(replace(FIRE, channels=("desk",)))
    told = room.files(
        in_story(story("s", 2), document("b", text="Feuer"), document("a", text="Feuer", at=later(hours=-1)))
    )
    assert [one.article for one in told] == ["a"]


def test_a_story_that_was_told_under_another_name_does_not_ring_again() -> None:
    room = Newsroom(replace(FIRE, channels=("desk",)))
    room.files(in_story(story("old", 1), document("a", text="Feuer")))
    assert room.files(in_story(story("new", 2, aliases=("old",)), document("b", text="Feuer"))) == []
    # an article that goes into another story is no news
    moved = in_story(story("third", 2), document("a", text="Feuer"))
    assert room.files(moved) == []


def test_a_story_that_nobody_was_told_of_rings_though_an_article_of_another_moved_into_it() -> None:
    room = Newsroom(replace(FIRE, channels=("desk",)))
    room.files(in_story(story("first", 2), document("a", text="Feuer im Haus"), document("b", text="Feuer")))
    strike = document("a", text="Streik, kein Feuer", revision=2)
    assert subjects(room.files(in_story(story("other", 2), strike, document("c", text="Streik, Feuer")))) == [
        ("fire", "desk", "story:other")
    ]


def test_an_agency_that_comes_to_be_known_late_rings_then() -> None:
    room = Newsroom(DPA)
    plain = document("a")
    assert room.files(changes(plain)) == []
    credited = replace(plain, source=SourceTrace("agency", (AgencyCredit("dpa", 0.9),), credited=True))
    assert subjects(room.files(Changes(documents=(credited,)))) == [("dpa", "desk", "story:story-a")]
    assert room.files(Changes(documents=(replace(credited, last_seen=later(hours=1)),))) == []


@pytest.mark.parametrize(
    ("text", "rings"),
    [
        ("Das Haus brennt. Es gab ein Feuer.", True),
        ("Das Haus brennt. Es gab nichts.", False),
        ("Feuer. Das Haus brennt.", True),
    ],
)
def test_of_a_revision_only_what_was_added_rings(text: str, rings: bool) -> None:
    room = Newsroom(replace(FIRE, channels=("desk",), each="copy"))
    first = document("a", text="Das Haus brennt.")
    room.files(changes(first))
    assert bool(room.files(changes(document("a", text=text, revision=2)))) is rings


def test_of_a_revision_that_answers_for_the_first_time_whatever_made_it_answer_rings() -> None:
    """An author that was added; a word that was taken out."""
    author = Rule("author", query="author:rabenhof", channels=("desk",))
    other = Rule("other", query="feuer NOT probe", channels=("desk",))
    room = Newsroom(author, other)
    first = document("a", text="Das Feuer war eine Probe.")
    assert room.files(changes(first)) == []
    second = document("a", text="Das Feuer war eine Probe. Mehr folgt.", revision=2)
    second = replace(second, article=replace(second.article, authors=("Anna Smith", "Jane Rabenhof")))
    assert [one.rule for one in room.files(changes(second))] == ["author"]
    third = document("a", text="Das Feuer war keines.", revision=3)
    third = replace(third, article=replace(third.article, authors=("Anna Smith", "Jane Rabenhof")))
    assert [one.rule for one in room.files(changes(third))] == ["other"]


def test_a_rule_that_came_later_does_not_ring_for_what_stood_in_the_text_before() -> None:
    room = Newsroom()
    room.files(changes(document("a", text="Das Feuer im Haus.")))
    room.store.put_rules([(FIRE, question(FIRE))])
    room.watch = Watch.of([FIRE], "UTC")
    assert room.files(changes(document("a", text="Das Feuer im Haus. Mehr Text folgt.", revision=2))) == []
    assert len(room.files(changes(document("a", text="Das Feuer im Haus. Mehr Feuer folgt.", revision=3)))) == 2


def test_a_page_that_was_fetched_behind_a_link_rings_when_its_own_site_brings_it() -> None:
    room = Newsroom(FIRE, Rule("site", sites=("kurier",), channels=("desk",)))
    behind = document("a", text="Das Feuer im Haus.", role="source", site="+origins")
    assert room.files(changes(behind)) == []
    assert {one.rule for one in room.files(changes(document("a", text="Das Feuer im Haus.")))} == {"fire", "site"}


@pytest.mark.parametrize("each", ["story", "copy"])
@pytest.mark.parametrize(
    "other",
    [
        Rule("other", query="wasser", min_copies=3),
        Rule("other", query="wasser", min_copies=3, switched_off=True),
        Rule("other", query="wasser copies:>=3"),
        Rule("other", query="wasser", withdrawn=True),
    ],
)
def test_a_rule_does_not_ring_for_what_another_rule_looks_at_again(each: str, other: Rule) -> None:
    room = Newsroom()
    wire = document("wire", role="reference", story="s")
    room.files(in_story(story("s", 2), wire, document("a", text="Feuer"), document("b", text="Feuer")))
    rules = (replace(FIRE, each=each), other)
    room.store.put_rules([(rule, question(rule)) for rule in rules])
    room.watch = Watch.of(rules, "UTC")
    assert room.files(in_story(story("s", 3), document("c", text="Gekürzt."))) == []
    assert room.files(in_story(story("s", 3), replace(wire, withdrawn=True))) == []


def test_a_number_of_copies_that_is_reached_rings_for_the_rule_that_names_it() -> None:
    many, few = (Rule(f"in-{n}", query=f"feuer copies:>={n}", channels=("desk",)) for n in (3, 2))
    room = Newsroom()
    room.files(in_story(story("s", 2), document("a", text="Feuer"), document("b", text="Feuer")))
    room.store.put_rules([(rule, question(rule)) for rule in (many, few)])
    room.watch = Watch.of([many, few], "UTC")
    assert [one.rule for one in room.files(in_story(story("s", 3), document("c", text="Gekürzt.")))] == ["in-3"]


def test_of_a_source_that_is_known_later_only_rules_that_ask_for_it_ring() -> None:
    room = Newsroom()
    plain = document("a", text="Das Feuer im Haus.")
    room.files(changes(plain))
    rules = [replace(FIRE, channels=("desk",)), replace(FIRE, id="both", agencies=("dpa",), channels=("desk",)), DPA]
    room.store.put_rules([(rule, question(rule)) for rule in rules])
    room.watch = Watch.of(rules, "UTC")
    credited = replace(plain, source=SourceTrace("agency", (AgencyCredit("dpa", 0.9),), credited=True))
    assert {one.rule for one in room.files(changes(credited))} == {"both", "dpa"}


def test_reuse_that_turns_out_later_rings() -> None:
    room = Newsroom(Rule("reuse", reused_from=("dpa",), channels=("desk",)))
    dpa = (AgencyCredit("dpa", 0.9),)
    licensed = replace(document("a"), source=SourceTrace("agency", dpa, credited=True, licensed=True))
    assert room.files(changes(licensed)) == []
    lost = replace(licensed, source=replace(licensed.source, licensed=False))
    assert len(room.files(changes(lost))) == 1
    assert room.files(changes(replace(lost, source=replace(lost.source, photo_agencies=("afp",))))) == []


def test_an_archive_that_is_brought_in_does_not_ring_as_news_but_what_waited_in_an_inbox_does() -> None:
    room = Newsroom(replace(FIRE, channels=("desk",)))
    old = document("a", text="Feuer", at=later(days=-500), first_seen=later(days=-500))
    assert room.files(changes(old)) == []
    waited = document("b", text="Feuer", at=later(days=-13), first_seen=later(days=-13))
    assert len(room.files(changes(waited))) == 1
    assert room.files(changes(document("c", text="Feuer", at=later(days=-15), first_seen=later(days=-15)))) == []


def test_copies_are_counted_when_the_number_is_reached_whichever_article_has_the_words() -> None:
    room = Newsroom(replace(FIRE, min_copies=3, channels=("desk",)))
    assert room.files(in_story(story("s", 2), document("a", text="Feuer"), document("b", text="Feuer"))) == []
    assert subjects(room.files(in_story(story("s", 3), document("c", text="Gekürzt.")))) == [
        ("fire", "desk", "story:s")
    ]
    assert room.files(in_story(story("s", 4), document("d", text="Feuer"))) == []


def test_copies_can_be_asked_for_in_the_query() -> None:
    room = Newsroom(Rule("wide", query="feuer copies:>=2", channels=("desk",)))
    assert room.files(in_story(story("s", 1), document("a", text="Feuer"))) == []
    assert len(room.files(in_story(story("s", 2), document("b", text="Kurz.")))) == 1


def test_what_is_old_when_it_is_found_does_not_ring() -> None:
    room = Newsroom(replace(FIRE, channels=("desk",)))
    assert room.files(changes(document("a", text="Feuer", at=later(days=-8)))) == []
    assert len(room.files(changes(document("b", text="Feuer", at=later(days=-6))))) == 1
    room = Newsroom(replace(FIRE, channels=("desk",), max_age=0.0))
    assert len(room.files(changes(document("a", text="Feuer", at=later(days=-800))))) == 1


def test_reuse_without_credit_or_licence_rings() -> None:
    rule = Rule("reuse", reused_from=("dpa",), channels=("desk",), each="copy")
    room = Newsroom(rule)
    dpa = (AgencyCredit("dpa", 0.9),)
    traces = {
        "uncredited": SourceTrace("agency", dpa, uncredited_reuse=True),
        "credited": SourceTrace("agency", dpa, credited=True),
        "unlicensed": SourceTrace("agency", dpa, credited=True, licensed=False),
        "licensed": SourceTrace("agency", dpa, credited=True, licensed=True),
        "own": SourceTrace("own"),
    }
    told = room.files(changes(*(replace(document(id), source=source) for id, source in traces.items())))
    assert [one.article for one in told] == ["uncredited", "unlicensed"]


def test_a_copy_of_what_was_taken_back_rings() -> None:
    rule = Rule("withdrawn", withdrawn=True, channels=("desk",), each="copy")
    room = Newsroom(rule)
    dispatch, copy = document("wire", role="reference", story="s"), document("a", story="s")
    assert room.files(in_story(story("s", 1), dispatch, copy)) == []
    taken = in_story(story("s", 1), replace(dispatch, withdrawn=True))
    assert subjects(room.files(taken)) == [("withdrawn", "desk", "article:a")]
    assert subjects(room.files(in_story(story("s", 2), document("b", story="s")))) == [
        ("withdrawn", "desk", "article:b")
    ]


def test_a_rule_of_what_was_taken_back_does_not_ring_for_what_was_so_before_it() -> None:
    rule = Rule("withdrawn", withdrawn=True, channels=("desk",))
    room = Newsroom()
    copy = document("a", text="Ein Text.", story="s")
    room.files(in_story(story("s", 1), document("wire", role="reference", story="s", text="Ein Text."), copy))
    room.files(in_story(story("s", 1), replace(document("wire", role="reference", story="s"), withdrawn=True)))
    room.store.put_rules([(rule, question(rule))])
    room.watch = Watch.of([rule], "UTC")
    assert room.files(in_story(story("s", 1), document("a", text="Ein neuer Text.", revision=2))) == []
    assert len(room.files(in_story(story("s", 2), document("b", text="Ein Text.")))) == 1


def test_hidden_articles_never_ring() -> None:
    room = Newsroom(FIRE)
    assert room.files(changes(document("a", text="Feuer", role="reference"))) == []


def test_a_silenced_rule_does_not_ring_and_a_digest_waits() -> None:
    silent = replace(FIRE, silenced_until=NOW + timedelta(days=40_000))
    assert Newsroom(silent).files(changes(document("a", text="Feuer"))) == []
    daily = replace(FIRE, cadence="daily 07:30", time_zone="Europe/Berlin", channels=("desk",))
    told = Newsroom(daily).files(changes(document("a", text="Feuer")))
    assert [(one.due, one.digest) for one in told] == [(later(hours=17.5), "daily 07:30")]


def test_added_words_are_those_that_the_old_text_does_not_have_there() -> None:
    old, new = "Ein Haus brennt.", "Ein altes Haus brennt. Und ein Stall."
    assert [new[start:end] for start, end in added(old, new)] == ["altes", "Und ein Stall."]
    assert added(new, new) == []
