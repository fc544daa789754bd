"""Delivering: what fails is tried again and never lost, and what is sent is marked."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.alerts.digests import Manner, messages
from monitor.alerts.outbox import AT_ONCE, LONGEST_PAUSE, LONGEST_STORE_PAUSE, Channel, of_channel, waking
from monitor.errors import DeliveryError, StoreFull
from monitor.records import Alert
from monitor.store.memory import MemoryStore
from tests.articles import NOW, later

WEEK = timedelta(days=7)


def alert(subject: str, **more: object) -> Alert:
    """Digests are of UTC."""
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


def test_a_digest_of_more_than_are_looked_at_together_is_one_message() -> None:
    digest = {"digest": "daily 07:30", "due": later(hours=1)}
    desk = Desk(*(alert(f"story:{n}", **digest) for n in range(AT_ONCE * 6)), alert("story:x", due=later(hours=1)))
    assert desk.serve(hours=2) == AT_ONCE * 6 + 1
    assert sorted(map(len, desk.sent)) == [1, AT_ONCE * 6]


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("again", [False, True])
def test_what_is_written_after_its_digest_is_in_the_next_one(fails: bool, again: bool) -> None:
    due = NOW + timedelta(hours=1)
    cadence = f"daily {due:%H:%M}"
    desk = Desk(alert("story:a", digest=cadence, due=due))
    if fails:
        desk.fails = DeliveryError("not now")
    desk.serve(hours=1, minutes=2)
    desk.fails = None
    desk.store.put_alerts([alert("story:late", digest=cadence, due=due)])
    if again:
        desk.channel = Channel("desk")  # of the next process
    desk.serve(minutes=1)
    assert desk.sent == [["story:a"]]
    desk.store.put_alerts([alert("story:new", digest=cadence, due=due + timedelta(days=1))])
    desk.serve(hours=23)
    assert desk.sent == [["story:a"]]
    desk.serve(hours=1)
    assert desk.sent == [["story:a"], ["story:late", "story:new"]]
    assert desk.serve(days=3) == 0


def test_there_is_a_digest_for_each_language() -> None:
    digest = {"digest": "daily 07:30", "due": NOW}
    listed = [alert("story:a", **digest), alert("story:b", rule="de", **digest), alert("story:c", **digest)]
    made = messages(listed, lambda one: Manner("de" if one.rule == "de" else "en"))
    assert [[one.subject for one in message] for message in made] == [["story:a", "story:c"], ["story:b"]]


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
    (dead,) = desk.store.alerts()
    assert len(dead.attempts) == 24 * 7 + 1  # every one
    assert dead.attempts[-1].at - dead.attempts[0].at == WEEK
    desk.store.mark_alerts(waking(desk.store.alerts(state="dead")))
    desk.serve(hours=1)
    assert desk.states() == {"story:a": "waiting"}  # as long again as a new one
    desk.fails = None
    assert desk.serve(hours=2) == 1
    assert len(desk.store.alerts()[0].attempts) == 24 * 7 + 3


def test_what_was_due_while_the_program_was_down_for_long_is_not_given_up_at_once() -> None:
    desk = Desk(alert("story:a"))
    desk.fails = DeliveryError("nothing answers")
    desk.serve(days=30)
    assert desk.states() == {"story:a": "waiting"}
    desk.serve(days=6)
    assert desk.states() == {"story:a": "waiting"}
    desk.serve(days=1)
    assert desk.states() == {"story:a": "dead"}


def test_what_was_sent_before_a_kill_and_not_marked_is_sent_again() -> None:
    desk = Desk(alert("story:a"))
    mark = desk.store.mark_alerts
    desk.store.mark_alerts = lambda alerts: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[assignment]
    with contextlib.suppress(KeyboardInterrupt):
        desk.serve()
    desk.store.mark_alerts = mark  # type: ignore[method-assign]
    desk.channel = Channel("desk")  # of the next process
    assert desk.serve() == 1
    assert desk.sent == [["story:a"], ["story:a"]]


def test_what_a_full_store_did_not_mark_is_sent_once_and_marked_when_it_can() -> None:
    desk = Desk(alert("story:a"), alert("story:b"))
    mark, asked = desk.store.mark_alerts, []

    def full(alerts: Sequence[Alert]) -> None:
        asked.append(desk.clock)
        raise StoreFull("no space left")

    desk.store.mark_alerts = full  # type: ignore[method-assign]
    for _ in range(3600):
        with contextlib.suppress(StoreFull):
            desk.serve(seconds=1)
    assert desk.sent == [["story:a"]]
    assert len(asked) < 20
    assert max(later - former for former, later in itertools.pairwise(asked)) <= LONGEST_STORE_PAUSE
    desk.store.mark_alerts = mark  # type: ignore[method-assign]
    desk.serve(minutes=10)
    assert desk.sent == [["story:a"], ["story:b"]]
    assert desk.states() == {"story:a": "sent", "story:b": "sent"}
    assert [len(one.attempts) for one in desk.store.alerts()] == [1, 1]


def fails_unmarked(desk: Desk) -> None:
    """A full store does not note that it fails."""
    mark = desk.store.mark_alerts
    desk.fails = DeliveryError("nothing answers")
    desk.store.mark_alerts = lambda alerts: (_ for _ in ()).throw(StoreFull("full"))  # type: ignore[assignment]
    with pytest.raises(StoreFull):
        desk.serve()
    desk.store.mark_alerts = mark  # type: ignore[method-assign]


def test_failures_that_a_full_store_did_not_note_are_noted_later() -> None:
    desk = Desk(alert("story:a"))
    fails_unmarked(desk)
    desk.fails = None
    desk.serve(minutes=1)
    assert [one.error for one in desk.store.alerts()[0].attempts] == ["nothing answers", ""]


def test_a_store_that_does_not_answer_is_not_asked_each_second() -> None:
    desk, asked = Desk(alert("story:a")), []

    def away(*_: object) -> list[Alert]:
        asked.append(desk.clock)
        raise StoreFull("away")

    desk.store.due_alerts = away  # type: ignore[method-assign]
    for _ in range(600):
        with contextlib.suppress(StoreFull):
            desk.serve(seconds=1)
    assert len(asked) < 12


def test_those_who_took_it_are_told_no_more_and_hold_up_nobody() -> None:
    desk = Desk(alert("story:a"))
    desk.fails = DeliveryError("1 of 2 recipients: refused", reached=("ann",))
    desk.serve()
    assert desk.channel.rests_until is None  # the channel itself works
    (tried,) = desk.store.alerts()
    assert (tried.reached, tried.state) == (("ann",), "waiting")
    desk.fails = DeliveryError("1 of 2 recipients: refused")
    desk.serve(minutes=1)
    assert desk.channel.rests_until is None
    assert desk.store.alerts()[0].reached == ("ann",)
    desk.fails = None
    assert desk.serve(hours=1) == 1


def test_a_stop_ends_the_turn_after_the_message_that_is_being_sent() -> None:
    desk = Desk(*(alert(f"story:{n}") for n in range(9)))
    done = desk.channel.serve(desk.store, desk._send, lambda: desk.clock, WEEK, stopping=lambda: len(desk.sent) == 2)
    assert done == len(desk.sent) == 2
    assert desk.serve() == 7


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


def replaced_while_it_is_sent(desk: Desk) -> None:
    """By another thread, as when what it tells of is over meanwhile."""
    send = desk._send

    def hanging(alerts: Sequence[Alert]) -> None:
        desk.store.mark_alerts([replace(one, state="replaced") for one in alerts])
        send(alerts)

    desk._send = hanging  # type: ignore[method-assign]


@pytest.mark.parametrize("for_good", [False, True])
def test_what_a_later_one_replaced_while_its_channel_hung_does_not_come_back(for_good: bool) -> None:
    desk = Desk(alert("story:a"))
    replaced_while_it_is_sent(desk)
    desk.fails = DeliveryError("timed out", for_good=for_good)
    desk.serve()
    assert desk.states() == {"story:a": "replaced"}
    desk.fails = None
    assert desk.serve(hours=2) == 0


def test_what_was_replaced_and_sent_all_the_same_was_sent() -> None:
    desk = Desk(alert("story:a"))
    replaced_while_it_is_sent(desk)
    assert desk.serve() == 1
    assert desk.states() == {"story:a": "sent"}


def test_a_failure_that_could_not_be_marked_brings_nothing_back() -> None:
    desk = Desk(alert("story:a"))
    fails_unmarked(desk)
    desk.store.mark_alerts([replace(one, state="replaced") for one in desk.store.alerts()])
    desk.channel.settle(desk.store)
    assert desk.states() == {"story:a": "replaced"}


def test_a_channel_that_another_machine_may_know_is_tried_every_five_minutes() -> None:
    desk = Desk(alert("story:a"))
    desk.fails = DeliveryError("no channel is called 'desk' here", elsewhere=True)
    for _ in range(12):
        desk.serve(minutes=6)
    assert len(desk.store.alerts()[0].attempts) == 12
