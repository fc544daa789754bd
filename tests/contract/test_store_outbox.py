"""What every store owes to the outbox."""

from __future__ import annotations

from dataclasses import replace

from monitor.records import Alert, Attempt, Changes
from monitor.store.port import Store
from tests.articles import NOW, again, changes, document, later


def alert(subject: str, *, rule: str = "r", channel: str = "desk", minutes: int = 0, **more: str) -> Alert:
    at = later(minutes=minutes)
    return Alert(rule, channel, subject, made=at, due=at, **more)


def test_an_alert_is_written_once(store: Store) -> None:
    first = alert("story:a", story="a", article="x", note='{"words": ["ü"]}')
    assert store.put_alerts([first, alert("story:b")]) == 2
    assert store.put_alerts([replace(first, article="y"), alert("story:c")]) == 1
    assert store.told([first.key, ("r", "desk", "story:none", "")]) == {first.key: first}
    assert store.put_alerts([alert("story:a", occurrence="2")]) == 1


def test_one_batch_can_name_an_alert_twice(store: Store) -> None:
    assert store.put_alerts([alert("story:a", article="x"), alert("story:a", article="y")]) == 1
    assert [one.article for one in store.alerts()] == ["x"]


def test_what_is_due_comes_in_order_until_it_is_marked(store: Store) -> None:
    made = [alert("story:late", minutes=3), alert("story:b", minutes=1), alert("story:a", minutes=1)]
    store.put_alerts(made)
    assert [one.subject for one in store.due_alerts("desk", later(minutes=2), 10)] == ["story:a", "story:b"]
    assert [one.subject for one in store.due_alerts("desk", later(minutes=3), 1)] == ["story:a"]
    assert store.due_alerts("chat", later(minutes=3), 10) == []
    tried = (Attempt(later(minutes=2), "no answer"),)
    failed = replace(
        made[2], attempts=tried, next_try=later(minutes=9), reached=("0123456789ab",), tried_since=later(minutes=2)
    )
    store.mark_alerts([failed, replace(made[1], state="sent")])
    assert store.due_alerts("desk", later(minutes=4), 10) == [made[0]]
    assert [one.subject for one in store.due_alerts("desk", later(minutes=9), 10)] == ["story:a", "story:late"]
    assert store.told([made[2].key])[made[2].key] == failed


def test_the_channels_with_something_due_are_named(store: Store) -> None:
    assert store.due_channels(NOW) == []
    made = [
        alert("story:a", minutes=1),
        alert("story:b", minutes=5),
        alert("story:c", minutes=2, channel="chat"),
        alert("story:d", minutes=9, channel="ü-later"),
    ]
    store.put_alerts([*made, replace(alert("story:e", channel="always"), due=None)])
    assert store.due_channels(NOW) == ["always"]
    assert store.due_channels(later(minutes=2)) == ["always", "chat", "desk"]
    store.mark_alerts([replace(made[0], state="sent"), replace(made[2], next_try=later(minutes=7))])
    assert store.due_channels(later(minutes=4)) == ["always"]
    assert store.due_channels(later(minutes=5)) == ["always", "desk"]
    store.mark_alerts([replace(made[1], state="dead")])
    assert store.due_channels(later(minutes=9)) == ["always", "chat", "ü-later"]
    for name in store.due_channels(later(minutes=9)):
        assert store.due_alerts(name, later(minutes=9), 1)


def test_alerts_are_listed_newest_first_by_what_they_are(store: Store) -> None:
    made = [
        alert("story:a", minutes=1),
        alert("story:b", minutes=2, channel="chat"),
        alert("story:c", minutes=3, rule="other"),
    ]
    store.put_alerts(made)
    store.mark_alerts([replace(made[0], state="dead")])
    assert [one.subject for one in store.alerts()] == ["story:c", "story:b", "story:a"]
    assert [one.subject for one in store.alerts(limit=1)] == ["story:c"]
    assert [one.subject for one in store.alerts(rule="r")] == ["story:b", "story:a"]
    assert [one.subject for one in store.alerts(channel="chat")] == ["story:b"]
    assert [one.subject for one in store.alerts(state="dead", rule="r")] == ["story:a"]
    assert [one.subject for one in store.alerts(but="desk")] == ["story:b"]
    assert [one.subject for one in store.alerts(rule="r", but="chat", limit=1)] == ["story:a"]
    assert store.alerts(channel="chat", but="chat") == []
    assert store.alert_counts() == {("desk", "dead"): 1, ("chat", "waiting"): 1, ("desk", "waiting"): 1}


def test_filing_writes_alerts_and_leaves_those_that_were_told(store: Store) -> None:
    sent = replace(alert("story:a"), state="sent")
    store.put_alerts([sent])
    again(store.file, replace(changes(document("x")), alerts=(alert("story:a"), alert("story:b"))))
    again(store.file, Changes(alerts=(alert("story:b"),)))
    assert store.told([sent.key])[sent.key].state == "sent"
    assert [one.subject for one in store.due_alerts("desk", NOW, 10)] == ["story:b"]


def test_a_store_without_alerts_has_none(store: Store) -> None:
    assert store.alerts() == []
    assert store.due_alerts("desk", NOW, 10) == []
    assert store.alert_counts() == {}
    assert store.told([]) == {}
