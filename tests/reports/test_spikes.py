"""Days with far more stories than usual."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.records import Document, Rule
from monitor.reports.spikes import newest_of, spike_days, spikes
from monitor.store.memory import MemoryStore
from monitor.store.stemming import stem
from tests.articles import NOW, changes, document, later

RULE = Rule("fire", query="feuer", channels=("desk", "chat"), spike=3.0)


def archive(usual: int, today: int) -> MemoryStore:
    """So many stories on each of the 14 days before, beside others, and so many today."""
    store, made = MemoryStore(stem), []
    for day in range(1, 15):
        at = later(days=-day)
        made.append(document(f"other{day}", text="Das Wasser steigt.", at=at, first_seen=at))
        made += [_fire(f"d{day}-{n}", later(days=-day)) for n in range(usual)]
    made += [_fire(f"t{n}", NOW) for n in range(today)]
    store.file(changes(*made))
    return store


def _fire(id: str, at: datetime) -> Document:
    return document(id, text="Das Feuer brennt.", at=at, first_seen=at)


def test_a_day_with_three_times_as_many_is_told_once_to_each_channel() -> None:
    store = archive(2, 6)
    made = spikes(store, [RULE], NOW, "UTC")
    assert {one.subject for one in made} == {"day:2024-05-16"}
    assert [one.channel for one in made] == ["desk", "chat", "feed"]
    assert "6 stories on 2024-05-16" in made[0].note
    assert store.put_alerts(made) == 3
    assert store.put_alerts(spikes(store, [RULE], later(hours=1), "UTC")) == 0


def test_a_day_is_told_at_the_rule_s_time_and_in_its_language() -> None:
    rule = replace(RULE, cadence="daily 07:30", time_zone="Europe/Berlin", language="de", channels=("desk",))
    desk, feed = spikes(archive(1, 6), [rule], NOW, "UTC")
    assert (desk.due, feed.due) == (later(hours=17.5), NOW)
    assert "6 Meldungen am 16.05.2024" in desk.note
    assert "üblich sind 1,0 am Tag" in desk.note


def test_the_day_before_is_counted_too_for_a_rule_that_was_there() -> None:
    """What came up after the last look, or while nobody looked."""
    store, morning = archive(1, 6), later(hours=20)
    assert {one.subject for one in spikes(store, [RULE], morning, "UTC")} == {"day:2024-05-16"}
    assert spikes(store, [replace(RULE, changed_at=morning)], morning, "UTC") == []


def test_a_day_s_newest_stories_are_known_and_the_others_counted() -> None:
    store = archive(1, 15)
    found, count = newest_of(store, RULE, spikes(store, [RULE], NOW, "UTC")[0], "UTC")
    assert (len(found), count) == (10, 15)
    assert all(one.story_time == NOW for one in found)


def test_a_usual_day_is_not_told() -> None:
    assert spikes(archive(2, 5), [RULE], NOW, "UTC") == []


def test_few_stories_are_no_spike_though_nothing_was_usual() -> None:
    assert spikes(archive(0, 2), [RULE], NOW, "UTC") == []
    assert len(spikes(archive(0, 3), [RULE], NOW, "UTC")) == 3


def test_an_archive_that_has_just_begun_knows_no_spike() -> None:
    """Days on which nothing came at all are none on which somebody looked."""
    store = MemoryStore(stem)
    for day in range(6):
        store.file(changes(*(_fire(f"d{day}-{n}", later(days=day)) for n in range(5))))
        assert spikes(store, [RULE], later(days=day), "UTC") == []
    assert spike_days(store, RULE, NOW, later(days=6), "UTC") == {}
    store.file(changes(*(_fire(f"more-{n}", later(days=6)) for n in range(15))))
    (day,) = {one.note for one in spikes(store, [RULE], later(days=6), "UTC")}
    assert "mean of the 6 days before" in day
    assert list(spike_days(store, RULE, NOW, later(days=7), "UTC").values()) == [15]


def test_days_of_which_a_new_archive_knows_from_its_feeds_are_none_that_it_was_there() -> None:
    store = MemoryStore(stem)
    store.file(changes(*(document(f"d{day}", text="Das Feuer.", at=later(days=-day)) for day in range(1, 10))))
    store.file(changes(*(document(f"t{n}", text="Das Feuer.") for n in range(9))))
    assert spikes(store, [RULE], NOW, "UTC") == []


def test_a_day_that_was_silent_to_its_end_is_not_told_after_it() -> None:
    store, morning = archive(1, 6), later(hours=20)
    midnight = later(hours=12)
    assert spikes(store, [replace(RULE, silenced_until=midnight)], morning, "UTC") == []
    assert len(spikes(store, [replace(RULE, silenced_until=later(hours=11))], morning, "UTC")) == 3


def test_copies_of_one_story_count_once() -> None:
    store = archive(0, 0)
    store.file(changes(*(replace(_fire(f"t{n}", NOW), story="s") for n in range(9))))
    assert spikes(store, [RULE], NOW, "UTC") == []


def test_rules_that_are_off_or_count_no_days_are_left_out() -> None:
    store = archive(0, 9)
    assert spikes(store, [replace(RULE, switched_off=True), replace(RULE, spike=0.0)], NOW, "UTC") == []


def test_the_archive_tells_on_which_days_it_would_have_been() -> None:
    found = spike_days(archive(2, 6), RULE, later(days=-2), later(days=1), "UTC")
    assert {day.isoformat(): count for day, count in found.items()} == {"2024-05-16": 6}
