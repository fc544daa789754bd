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
from monitor.alerts.outbox import waking
from monitor.codec import encode
from monitor.delivering import Post, Postman
from monitor.errors import DeliveryError, StoreFull
from monitor.records import Alert, Rule, Story
from monitor.store.leasing import Held, take_lease
from monitor.store.memory import MemoryStore
from monitor.store.port import Store
from monitor.store.stemming import stem
from tests.alerts.receivers import Hook, web_server
from tests.articles import NOW, changes, document
from tests.reports.told import SHOWN, alert, archive
from tests.waiting import until


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as running:
        yield running


def postman(store: Store, hook: Hook, feeds: Path, holder: str = "") -> Postman:
    post = Post(partial(resolve, {"hook": hook.address, "chat": hook.address}), SHOWN, feeds=feeds)
    return Postman(store, post, holder=holder)


# --- what is in a message --------------------------------------------------------------------------------------------


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
