"""Delivering: what fails is tried again and never lost, and what is sent is marked."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.alerts.outbox import LONGEST_PAUSE, Channel, messages, of_channel, waking
from monitor.errors import DeliveryError
from monitor.records import Alert
from monitor.store.memory import MemoryStore
from tests.articles import NOW, later

WEEK = timedelta(days=7)


def alert(subject: str, **more: object) -> Alert:
    return replace(Alert("r", "desk", subject, made=NOW, due=NOW), **more)  # type: ignore[arg-type]


class Desk:
    """A channel with a clock that the test turns, and a receiver that fails as it is told."""

    def __init__(self, *alerts: Alert) -> None:
        self.store = MemoryStore()
        self.store.put_alerts(alerts)
        self.channel = Channel("desk")
        self.clock = NOW
        self.fails: DeliveryError | None = None
        self.poison = ""
        self.poison_for_now = ""
        self.sent: list[list[str]] = []

    def serve(self, **passed: float) -> int:
        self.clock += timedelta(**passed)
        return self.channel.serve(self.store, self._send, lambda: self.clock, WEEK)

    def _send(self, alerts: Sequence[Alert]) -> None:
        if self.fails is not None:
            raise self.fails
        if self.poison in [one.subject for one in alerts]:
            raise DeliveryError("refused", for_good=True)
        if self.poison_for_now in [one.subject for one in alerts]:
            raise DeliveryError("not now")
        self.sent.append([one.subject for one in alerts])

    def states(self) -> dict[str, str]:
        return {one.subject: one.state for one in self.store.alerts()}


def test_what_is_due_is_sent_once() -> None:
    desk = Desk(alert("story:a"), alert("story:b"), alert("story:c", due=later(hours=1)))
    assert desk.serve() == 2
    assert desk.serve() == 0
    assert desk.serve(hours=1) == 1
    assert desk.sent == [["story:a"], ["story:b"], ["story:c"]]
    assert [len(one.attempts) for one in desk.store.alerts()] == [1, 1, 1]


def test_a_digest_is_one_message() -> None:
    digest = {"digest": "daily 07:30", "due": later(hours=1)}
    desk = Desk(
        alert("story:a", **digest), alert("story:b", **digest), alert("story:c", **digest | {"digest": "hourly"})
    )
    assert desk.serve(hours=2) == 3
    assert sorted(desk.sent) == [["story:a", "story:b"], ["story:c"]]


def test_a_channel_that_fails_rests_longer_and_longer_and_loses_nothing() -> None:
    desk = Desk(alert("story:a"), alert("story:b"))
    desk.fails = DeliveryError("nothing answers")
    tries, last = 0, desk.clock
    pauses = []
    while desk.clock < NOW + timedelta(hours=5):
        desk.serve(seconds=10)
        tried = sum(len(one.attempts) for one in desk.store.alerts())
        if tried > tries:
            pauses.append((desk.clock - last).total_seconds())
            tries, last = tried, desk.clock
    assert pauses[1:7] == [30, 60, 120, 240, 480, 960]
    assert max(pauses) <= LONGEST_PAUSE.total_seconds() + 10
    desk.fails = None
    assert desk.serve(hours=1) == 2
    assert sorted(desk.sent) == [["story:a"], ["story:b"]]
    history = desk.store.alerts()[0].attempts
    assert history[-1].error == ""
    assert {one.error for one in history[:-1]} == {"nothing answers"}


def test_the_other_side_says_when_to_come_again() -> None:
    desk = Desk(alert("story:a"))
    desk.fails = DeliveryError("too many", retry_after=600)
    desk.serve()
    desk.fails = None
    assert desk.serve(seconds=599) == 0
    assert desk.serve(seconds=1) == 1


def test_a_message_that_is_refused_for_good_holds_up_no_other() -> None:
    desk = Desk(alert("story:a"), alert("story:b"))
    desk.poison = "story:a"
    assert desk.serve() == 1
    assert desk.states() == {"story:a": "dead", "story:b": "sent"}


def test_an_alert_is_given_up_after_days_and_can_be_tried_again() -> None:
    desk = Desk(alert("story:a"))
    desk.fails = DeliveryError("nothing answers")
    for _ in range(24 * 8):
        desk.serve(hours=1)
    assert desk.states() == {"story:a": "dead"}
    assert len(desk.store.alerts()[0].attempts) <= 50
    desk.fails = None
    desk.store.mark_alerts(waking(desk.store.alerts(state="dead")))
    assert desk.serve(hours=1) == 1


def test_what_was_sent_and_not_marked_is_sent_again() -> None:
    desk = Desk(alert("story:a"))
    mark = desk.store.mark_alerts
    desk.store.mark_alerts = lambda alerts: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[assignment]
    with contextlib.suppress(KeyboardInterrupt):
        desk.serve()
    desk.store.mark_alerts = mark  # type: ignore[method-assign]
    assert desk.serve() == 1
    assert desk.sent == [["story:a"], ["story:a"]]


def test_messages_come_in_the_order_in_which_they_are_due() -> None:
    due: list[datetime] = [later(minutes=minutes) for minutes in (1, 2, 3)]
    listed = [alert(f"story:{number}", due=at) for number, at in enumerate(due)]
    assert [[one.subject for one in message] for message in messages(listed)] == [["story:0"], ["story:1"], ["story:2"]]
    assert of_channel({("desk", "dead"): 2, ("chat", "sent"): 3}, "dead") == {"desk": 2}


def test_a_message_that_is_never_taken_holds_up_none_that_follow() -> None:
    desk = Desk(alert("story:poison"))
    desk.poison_for_now = "story:poison"
    assert desk.serve() == 0
    desk.store.put_alerts([alert("story:good", due=later(seconds=20))])
    assert desk.serve(minutes=1) == 1
    assert desk.sent == [["story:good"]]
    assert desk.states() == {"story:poison": "waiting", "story:good": "sent"}
