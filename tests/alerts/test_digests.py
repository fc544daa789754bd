"""Digests across changes of the clock, and with a program that was down when they were due: once, late rather than
never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.alerts import Match, alerts
from monitor.alerts.digests import message_id
from monitor.alerts.outbox import Channel
from monitor.records import Alert, Attempt, Rule
from monitor.store.memory import MemoryStore
from tests.articles import document

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = timedelta(days=7)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


class Desk:
    """One story an hour comes up, and the program looks at its outbox every ten minutes while it is up."""

    def __init__(self, cadence: str) -> None:
        self.rule = Rule("r", query="x", channels=("desk",), cadence=cadence, time_zone="Europe/Berlin", max_age=0.0)
        self.store, self.channel = MemoryStore(), Channel("desk")
        self.sent: list[tuple[datetime, list[str]]] = []
        self.found = 0
        self.clock = datetime(2024, 1, 1, tzinfo=UTC)

    def run(self, since: datetime, until: datetime, *, down: Sequence[tuple[datetime, datetime]] = ()) -> None:
        self.clock = since
        while self.clock < until:
            if self.clock.minute == 0:
                self._find()
            if not any(first <= self.clock < last for first, last in down):
                self.channel.serve(self.store, self._send, lambda: self.clock, 4 * WEEK)
            self.clock += timedelta(minutes=10)

    def _find(self) -> None:
        self.found += 1
        one = document(f"a{self.found}", at=self.clock, first_seen=self.clock)
        made = alerts([Match(self.rule, one, 1, (one.story,))], self.clock, "UTC")
        self.store.put_alerts([alert for alert in made if alert.channel == "desk"])

    def _send(self, message: Sequence[Alert]) -> None:
        self.sent.append((self.clock, [one.subject for one in message]))

    def times(self) -> list[str]:
        return [f"{at.astimezone(BERLIN):%m-%d %H:%M}" for at, _ in self.sent]

    def told(self) -> list[str]:
        return [subject for _, subjects in self.sent for subject in subjects]


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2024-03-29T12:00", "2024-04-02T12:00", ["03-30", "03-31", "04-01", "04-02"]),
        ("2024-10-25T12:00", "2024-10-29T12:00", ["10-26", "10-27", "10-28", "10-29"]),
    ],
)
def test_a_daily_digest_comes_at_its_time_on_the_clock_when_that_changes(
    since: str, until: str, days: list[str]
) -> None:
    desk = Desk("daily 07:30")
    desk.run(local(since), local(until))
    assert desk.times() == [f"{day} 07:30" for day in days]
    assert len(desk.told()) == len(set(desk.told()))
    hours = [len(subjects) for _, subjects in desk.sent]
    assert hours[1] in (23, 25)  # the day of the change


def test_a_digest_at_an_hour_that_is_left_out_or_comes_twice_is_sent_once_that_day() -> None:
    spring, autumn = Desk("daily 02:30"), Desk("daily 02:30")
    spring.run(local("2024-03-30T12:00"), local("2024-04-01T12:00"))
    assert spring.times() == ["03-31 03:30", "04-01 02:30"]
    autumn.run(local("2024-10-26T12:00"), local("2024-10-28T12:00"))
    assert autumn.times() == ["10-27 02:30", "10-28 02:30"]


def test_a_digest_that_was_due_while_the_program_was_down_is_sent_when_it_is_up_once() -> None:
    desk = Desk("daily 07:30")
    down = [(local("2024-05-17T06:00"), local("2024-05-17T15:00"))]
    desk.run(local("2024-05-16T12:00"), local("2024-05-19T12:00"), down=down)
    assert desk.times() == ["05-17 15:00", "05-18 07:30", "05-19 07:30"]
    assert sorted(desk.told()) == sorted(f"story:story-a{n}" for n in range(1, len(desk.told()) + 1))


def test_several_digests_that_were_missed_come_one_by_one_oldest_first() -> None:
    desk = Desk("daily 07:30")
    desk.run(
        local("2024-05-16T12:00"),
        local("2024-05-20T12:00"),
        down=[(local("2024-05-17T00:00"), local("2024-05-19T12:00"))],
    )
    assert desk.times() == ["05-19 12:00", "05-19 12:00", "05-19 12:00", "05-20 07:30"]
    assert len(desk.told()) == len(set(desk.told()))


def test_a_weekly_digest_across_the_change_and_a_downtime() -> None:
    desk = Desk("weekly sun 02:30")
    down = [(local("2024-11-03T00:00"), local("2024-11-04T09:00"))]
    desk.run(local("2024-10-21T12:00"), local("2024-11-12T12:00"), down=down)
    assert desk.times() == ["10-27 02:30", "11-04 09:00", "11-10 02:30"]
    assert len(desk.told()) == len(set(desk.told()))


def test_the_id_of_a_message_is_of_what_it_tells_in_whatever_order_and_state() -> None:
    one, other = (Alert("r", "desk", f"story:{n}", "", datetime(2024, 5, n, tzinfo=UTC)) for n in (1, 2))
    same = message_id([one, other])
    assert message_id([replace(other, attempts=(Attempt(datetime.now(UTC), "no"),)), replace(one, made=None)]) == same
    others = [[one], [one, replace(other, channel="chat")], [one, replace(other, occurrence="+1")]]
    assert len({same, *map(message_id, others)}) == 4
