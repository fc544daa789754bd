"""The postman: what it asks, what is in a message, how it stops, and two of them at one outbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from monitor import delivering
from monitor.alerts import Notice, channel_name, deliver, question
from monitor.alerts.addressbook import AddressBook
from monitor.alerts.deliver import resolve
from monitor.alerts.feed import rss
from monitor.alerts.outbox import waking
from monitor.codec import encode
from monitor.delivering import Post, Postman
from monitor.errors import DeliveryError, StoreFull
from monitor.query import parse
from monitor.records import AgencyCredit, Alert, Changes, Origin, Rule, SourceTrace, Story
from monitor.reports import entries
from monitor.reports.entries import Shown, sections_of
from monitor.sources import load_agencies
from monitor.store.leasing import Held, take_lease
from monitor.store.memory import MemoryStore
from monitor.store.port import Store
from monitor.store.stemming import stem
from monitor.urls import dispatch_address
from tests.alerts.receivers import Hook, web_server
from tests.articles import NOW, changes, document
from tests.waiting import until

SHOWN = Shown(load_agencies(), "https://monitor.example")


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as running:
        yield running


DISPATCH = dispatch_address("dpa", "urn:newsml:1")


def archive(*rules: Rule, count: int = 4) -> MemoryStore:
    """With as many stories."""
    store = MemoryStore(stem)
    store.put_rules([(rule, question(rule)) for rule in rules])
    store.file(changes(*(document(f"a{n}", f"Feuer {n}", f"Das Feuer {n} brennt.") for n in range(count))))
    return store


def alert(number: int, *, rule: str = "fire", channel: str = "hook", digest: str = "") -> Alert:
    return Alert(
        rule, channel, f"story:story-a{number}", made=NOW, due=NOW, digest=digest, story=f"story-a{number}",
        article=f"a{number}",
    )  # fmt: skip


def postman(store: Store, hook: Hook, feeds: Path, holder: str = "") -> Postman:
    post = Post(partial(resolve, {"hook": hook.address, "chat": hook.address}), SHOWN, feeds=feeds)
    return Postman(store, post, holder=holder)


# --- what is in a message --------------------------------------------------------------------------------------------


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


def test_digests_of_rules_in_two_languages_are_two(hook: Hook, tmp_path: Path) -> None:
    german = Rule("brand", query="feuer", channels=("hook",), cadence="hourly", language="de")
    english = replace(german, id="fire", language="en")
    store = archive(german, english)
    store.put_alerts([alert(n, rule=rule, digest="hourly") for rule in ("brand", "fire") for n in range(2)])
    assert postman(store, hook, tmp_path).serve("hook") == 4
    assert sorted(post["subject"] for post in hook.posts) == ["2 Meldungen: brand", "2 stories: fire"]


def test_what_is_sent_again_after_a_kill_has_the_same_id_and_each_section_its_rules(hook: Hook, tmp_path: Path) -> None:
    for digest in ("hourly", "hourly", ""):
        store = archive(Rule("fire", query="feuer", label="Our name", channels=("hook",), cadence="hourly"))
        store.put_alerts([alert(n, digest=digest) for n in range(2)])
        assert postman(store, hook, tmp_path).serve("hook") == 2  # killed before it was marked
    first, second, *others = [post["id"] for post in hook.posts]
    assert first == second
    assert len({first, *others}) == 3
    assert [headers["X-Monitor-Id"] for headers in hook.headers] == [first, second, *others]
    assert {(one["rule"], one["rule_id"]) for post in hook.posts for one in post["sections"]} == {("Our name", "fire")}


def test_a_template_that_is_wrong_is_in_the_history_and_nothing_is_lost(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "templates"
    own.mkdir()
    (own / "alert.html").write_text("{% for %}")
    store = archive(Rule("fire", query="feuer", channels=("hook",)))
    store.put_alerts([alert(0)])
    post = Post(lambda name: hook.address, SHOWN, templates=own, feeds=tmp_path)
    assert Postman(store, post).serve("hook") == 0
    assert "the template alert.html can't be used" in store.alerts()[0].attempts[0].error
    (own / "alert.html").unlink()
    monkeypatch.setattr("monitor.delivering._now", lambda: datetime.now(UTC) + timedelta(minutes=1))
    assert Postman(store, post).serve("hook") == 1


# --- what is asked ---------------------------------------------------------------------------------------------------


class Counting(MemoryStore):
    """Counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__(stem)
        self.asked: list[str] = []

    def due_channels(self, now: datetime) -> list[str]:
        self.asked.append("due_channels")
        return super().due_channels(now)

    def due_alerts(self, channel: str, now: datetime, limit: int) -> list[Alert]:
        self.asked.append(f"due_alerts {channel}")
        return super().due_alerts(channel, now, limit)

    def members(self, stories: Collection[str]) -> dict[str, list[str]]:
        self.asked.append("members")
        return super().members(stories)

    def rules(self) -> list[Rule]:
        self.asked.append("rules")
        return super().rules()


def test_of_a_thousand_channels_those_with_something_due_alone_are_served(hook: Hook, tmp_path: Path) -> None:
    store = Counting()
    rules = [Rule(f"r{n}", query="feuer", channels=(f"c{n}",)) for n in range(1000)]
    store.put_rules([(rule, question(rule)) for rule in rules])
    store.file(changes(document("a0", "Feuer", "Das Feuer brennt.")))
    one = postman(store, hook, tmp_path)
    before = threading.active_count()
    one.round()
    one.round()
    assert store.asked == ["due_channels"] * 2
    assert threading.active_count() == before
    store.put_alerts([alert(0, rule="r7")])
    one.round()
    until(lambda: hook.posts, "delivered")
    one.end()
    assert [asked for asked in store.asked if "due_alerts" in asked] == ["due_alerts hook"]
    assert store.asked.count("rules") == 1


def test_a_feed_is_written_without_looking_for_copies(hook: Hook, tmp_path: Path) -> None:
    store = Counting()
    rule = Rule("fire", query="feuer")
    store.put_rules([(rule, question(rule))])
    copies = [document(f"a{n}", f"Feuer {n}", "Das Feuer brennt.", story="s") for n in range(3)]
    store.file(replace(changes(*copies), stories=(Story("s", "a0", 3, NOW, NOW),)))
    store.put_alerts([replace(alert(n, channel="feed"), story="s") for n in range(3)])
    assert postman(store, hook, tmp_path).serve("feed") == 3
    assert "members" not in store.asked
    assert (tmp_path / "fire.xml").read_text(encoding="utf-8").count("<item>") == 3


def test_every_rule_has_its_feed_from_the_first_on_and_no_longer_than_it_is_there(hook: Hook, tmp_path: Path) -> None:
    store, stop = archive(Rule("fire", query="feuer")), threading.Event()
    store.put_alerts([alert(0, channel="feed")])
    running = threading.Thread(target=postman(store, hook, tmp_path).run, args=(stop,))
    running.start()
    try:
        until((tmp_path / "fire.xml").exists, "a feed with what was found")
        store.put_rules([(rule := Rule("flood", query="flut"), question(rule))])
        store.remove_rules(["fire"])
        until((tmp_path / "flood.xml").exists, "a feed without a hit")
        until(lambda: not (tmp_path / "fire.xml").exists(), "the feed of a rule that is gone goes")
    finally:
        stop.set()
        running.join()
    assert "<title>flood</title>" in (tmp_path / "flood.xml").read_text()


def test_the_feed_of_a_rule_that_went_while_nobody_delivered_goes_too(hook: Hook, tmp_path: Path) -> None:
    store = archive(Rule("fire", query="feuer"), Rule("flood", query="flut"))
    postman(store, hook, tmp_path)._look_after_feeds()
    store.remove_rules(["fire"])
    (tmp_path / "mine.xml").write_text("<rss/>", encoding="utf-8")
    postman(store, hook, tmp_path)._look_after_feeds()
    assert {file.name for file in tmp_path.iterdir()} == {"flood.xml", "mine.xml"}


def test_feeds_that_could_not_be_written_are_tried_again(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivering, "FEEDS_AGAIN", 0.0)
    feeds = tmp_path / "feeds"
    feeds.write_text("no folder")
    man = postman(archive(Rule("fire", query="feuer")), hook, feeds)
    man._look_after_feeds()
    assert "feeds are not written" in caplog.text
    feeds.unlink()
    man._look_after_feeds()
    assert (feeds / "fire.xml").exists()


def test_a_day_that_is_told_names_its_newest_stories(hook: Hook, tmp_path: Path) -> None:
    rule = Rule("fire", query="feuer", spike=2.0)
    store = archive(rule)
    note = encode(Notice("fire: 4 stories on 2024-05-16", ("usual is 0.5 a day",))).decode()
    store.put_alerts([Alert("fire", "hook", "day:2024-05-16", made=NOW, due=NOW, note=note)])
    assert postman(store, hook, tmp_path).serve("hook") == 1
    (told,) = hook.posts
    assert told["subject"] == "fire: 4 stories on 2024-05-16"
    assert told["lines"] == ["usual is 0.5 a day"]
    assert [(section["rule_id"], len(section["entries"])) for section in told["sections"]] == [("fire", 4)]
    for said in ("usual is 0.5 a day", "Feuer 3", "https://kurier.example/a3"):
        assert said in told["text"]


def test_a_day_that_is_told_is_in_the_feed(hook: Hook, tmp_path: Path) -> None:
    rule = Rule("fire", query="feuer", spike=3)
    store = archive(rule)
    note = encode(Notice("fire: 4 stories today", ("usual is 0.5 a day",))).decode()
    store.put_alerts([Alert("fire", "feed", "day:2024-05-16", made=NOW, due=NOW, note=note)])
    assert postman(store, hook, tmp_path).serve("feed") == 1
    feed = (tmp_path / "fire.xml").read_text()
    assert "<title>fire: 4 stories today</title>" in feed
    assert "<description>usual is 0.5 a day</description>" in feed


def test_the_files_of_rules_are_read_for_names_that_stand_nowhere_else_and_once(tmp_path: Path) -> None:
    file, folder = tmp_path / "channels.txt", tmp_path / "rules"
    folder.mkdir()
    file.write_text("chat = ntfy://ntfy.example.org/press\n")
    address = "json://example.org/in"
    (folder / "one.yaml").write_text(f"query: feuer\nchannels: ['{address}']\n")
    book = AddressBook({"desk": "mailto://desk@example.org"}, file, folder)
    assert book.address("desk").startswith("mailto")
    assert book.address("chat").startswith("ntfy")
    assert book._rules == {}  # not looked at
    name = channel_name(address)
    assert book.address(name) == address
    (folder / "one.yaml").write_text("query: [")  # somebody writes it: what it said before holds
    book._looked_at = float("-inf")
    assert book.address(name) == address
    (folder / "one.yaml").write_text("query: feuer\n")
    book._looked_at = float("-inf")
    with pytest.raises(DeliveryError, match="no channel is called"):
        book.address(name)


# --- stopping, and two of them ---------------------------------------------------------------------------------------


def test_a_stop_lets_what_is_being_sent_be_sent_and_begins_no_more(hook: Hook, tmp_path: Path) -> None:
    store = archive(Rule("fire", query="feuer", channels=("hook",)))
    store.put_alerts([alert(n) for n in range(4)])
    hook.delay = 3.0
    stop, one = threading.Event(), postman(store, hook, tmp_path)
    running = threading.Thread(target=one.run, args=(stop,), daemon=True)
    running.start()
    until(lambda: hook.begun, "begun")
    stop.set()
    running.join(60)
    assert not running.is_alive()
    assert len(hook.posts) == 1
    assert store.alert_counts() == {("hook", "sent"): 1, ("hook", "waiting"): 3}
    assert store.holder("alerts", datetime.now(UTC)) == ""


def test_an_end_waits_as_long_as_a_message_may_take() -> None:
    assert delivering.LAST_PATIENCE > deliver.TIMEOUT


def test_of_two_machines_one_delivers_and_the_other_takes_over(hook: Hook, tmp_path: Path) -> None:
    store = archive(Rule("fire", query="feuer", channels=("hook", "chat")), count=40)
    stops = [threading.Event(), threading.Event()]
    threads = []
    for number, stop in enumerate(stops):
        one = postman(store, hook, tmp_path, holder=f"machine-{number}")
        threads.append(threading.Thread(target=one.run, args=(stop,), daemon=True))
        threads[-1].start()
    made = [alert(n, channel=channel) for n in range(40) for channel in ("hook", "chat")]
    store.put_alerts(made[:40])
    until(lambda: len(hook.posts) == 40, "the first half")
    holder = store.holder("alerts:hook", datetime.now(UTC)) or ""
    first = int(holder.removeprefix("machine-"))
    stops[first].set()
    threads[first].join(60)
    store.put_alerts(made)
    until(lambda: len(hook.posts) >= 80, "the second half")
    time.sleep(1.5)
    stops[1 - first].set()
    threads[1 - first].join(60)
    assert len(hook.posts) == 80
    assert store.alert_counts() == {("hook", "sent"): 40, ("chat", "sent"): 40}


def test_who_lost_the_lease_begins_no_message_more(hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "LEASE_SECONDS", 1.0)
    store = archive(Rule("fire", query="feuer", channels=("hook",)), count=30)
    store.put_alerts([alert(n) for n in range(30)])
    hook.delay = 0.3
    stop, one = threading.Event(), postman(store, hook, tmp_path, holder="first")
    running = threading.Thread(target=one.run, args=(stop,), daemon=True)
    running.start()
    until(lambda: hook.posts, "begun")
    while not take_lease(store, "alerts:hook", "second", 60.0):  # the first may renew it in between
        store.release("alerts:hook", "first")
    time.sleep(2.5)
    sent = len(hook.posts)
    time.sleep(1.0)
    assert len(hook.posts) == sent < 15
    stop.set()
    running.join(60)
    assert store.holder("alerts:hook", datetime.now(UTC)) == "second"


def test_a_lease_is_kept_while_the_outbox_is_not_looked_at(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the thread that sends: a fault, or a long look at something else, must not let another send the same."""
    monkeypatch.setattr(delivering, "LEASE_SECONDS", 3.0)
    store = archive(Rule("fire", query="feuer", channels=("hook",)), count=20)
    store.put_alerts([alert(n) for n in range(20)])
    hook.delay = 0.25
    one, other = (postman(store, hook, tmp_path, holder=name) for name in ("one", "other"))
    one.round()  # and no second time
    until(lambda: hook.posts, "begun")
    stop = threading.Event()
    running = threading.Thread(target=other.run, args=(stop,), daemon=True)
    running.start()
    until(lambda: store.alert_counts() == {("hook", "sent"): 20}, "delivered")
    stop.set()
    running.join(60)
    one.end()
    assert len(hook.posts) == 20


def test_a_lease_that_another_has_is_not_asked_for_all_the_time() -> None:
    store, asked = MemoryStore(stem), []
    assert take_lease(store, "alerts:hook", "other", 60.0)

    class Counted(MemoryStore):
        def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
            asked.append(name)
            return store.acquire(name, holder, seconds, now)

        def holder(self, name: str, now: datetime) -> str:
            return store.holder(name, now)

    held = Held(Counted(stem), "one", 60.0)
    assert [held.hold("alerts:hook") for _ in range(50)] == [False] * 50
    assert len(asked) == 1


def test_a_machine_that_does_not_know_a_channel_leaves_it_to_one_that_does(hook: Hook, tmp_path: Path) -> None:
    store = archive(Rule("fire", query="feuer", channels=("hook",)))
    store.put_alerts([alert(n) for n in range(4)])
    stops = [threading.Event(), threading.Event()]
    stranger = Postman(store, Post(partial(resolve, {}), SHOWN, feeds=tmp_path), holder="stranger")
    threads = [threading.Thread(target=stranger.run, args=(stops[0],), daemon=True)]
    threads[0].start()
    until(lambda: store.holder("alerts", datetime.now(UTC)) == "stranger", "the one that knows no channel is first")
    time.sleep(1.5)
    one = postman(store, hook, tmp_path, holder="one")
    threads.append(threading.Thread(target=one.run, args=(stops[1],), daemon=True))
    threads[1].start()
    until(lambda: store.alert_counts() == {("hook", "sent"): 4}, "delivered")
    for stop, thread in zip(stops, threads, strict=True):
        stop.set()
        thread.join(60)
    assert len(hook.posts) == 4
    assert all(len(one.attempts) == 1 for one in store.alerts())


def test_a_channel_that_no_machine_knows_is_told_in_the_history_and_served_once_one_does(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "OTHERS_FIRST", 0.0)
    store = archive(Rule("fire", query="feuer", channels=("hook",)))
    store.put_alerts([alert(0)])
    channels: dict[str, str] = {}
    one = Postman(store, Post(lambda name: resolve(channels, name), SHOWN, feeds=tmp_path), holder="one")
    one.round()
    until(lambda: store.alerts()[0].attempts, "an attempt")
    one.end()
    (told,) = store.alerts()
    assert "no channel is called 'hook' here" in told.attempts[0].error
    assert told.next_try is not None
    channels["hook"] = hook.address
    store.mark_alerts(waking([told]))
    Postman(store, Post(lambda name: resolve(channels, name), SHOWN, feeds=tmp_path)).round()
    until(lambda: store.alert_counts() == {("hook", "sent"): 1}, "delivered")


def test_what_is_to_be_tried_again_is_tried_while_its_channel_rests(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "LOOK_FOR_WOKEN", 0.0)
    store = archive(Rule("fire", query="feuer", channels=("hook",)))
    store.put_alerts([alert(0)])
    hook.answers, hook.retry_after = [500], "3600"
    one = postman(store, hook, tmp_path)
    assert one.serve("hook") == 0
    one.round()
    assert hook.posts == []
    store.mark_alerts(waking(store.alerts()))
    one.round()
    until(lambda: store.alert_counts() == {("hook", "sent"): 1}, "delivered")


def test_what_was_not_marked_is_marked_at_the_end(hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = archive(Rule("fire", query="feuer", channels=("hook",)))
    store.put_alerts([alert(0)])
    one = postman(store, hook, tmp_path)
    with monkeypatch.context() as full:
        full.setattr(store, "mark_alerts", lambda alerts: (_ for _ in ()).throw(StoreFull("no space left")))
        assert one.serve("hook") == 0
    one.end()
    assert len(hook.posts) == 1
    assert store.alert_counts() == {("hook", "sent"): 1}
