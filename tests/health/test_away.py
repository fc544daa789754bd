"""What a channel is told that was away while something began, lasted, ended and came back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.alerts.outbox import Channel
from monitor.cli.alerts import tried_again
from monitor.codec import decode
from monitor.errors import DeliveryError
from monitor.health.channels import tries_of
from monitor.health.incidents import Incident, lasting
from monitor.health.judging import Judged, Problem
from monitor.health.ledger import Ledger
from monitor.health.telling import Audience, Teller
from monitor.health.texts import Noted, together
from monitor.records import Alert
from monitor.store.memory import MemoryStore

NOW = datetime(2024, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BEGAN, STILL, OVER = (f"{word}kurier fails again and again" for word in ("", "Still: ", "Over: "))

When = Callable[[float], bool]


class Line:
    """From what is seen to what is taken, by hours: when the site fails, when the channel is up."""

    def __init__(self, fails: When, up: When, remind: timedelta = DAY, what: str = "failures") -> None:
        self.store = MemoryStore()
        self.teller = Teller(self.store, Audience(("desk",), lambda: {}))
        self.ledger = Ledger(self.store, "incidents")
        self.channel = Channel("desk")
        self.fails, self.up, self.remind, self.what = fails, up, remind, what
        self.refuses = False
        self.at = 0.0
        self.got: list[tuple[int, str]] = []
        self.lines: list[tuple[str, ...]] = []

    @property
    def now(self) -> datetime:
        return NOW + self.at * HOUR

    def look(self, *, writes: bool = True) -> None:
        judged = self.failing() if self.fails(self.at) else Judged(())
        told = self.ledger.follow(judged, self.now, self.remind, ("desk",), lambda _: False)
        self.teller.add(told, self.now)
        if writes:
            self.teller.write()

    def failing(self) -> Judged:
        return Judged((Problem("failures:kurier", self.what, "kurier", "3: 503", since=self.now),))

    def serve(self) -> None:
        self.channel.serve(self.store, self.send, lambda: self.now, 7 * DAY)

    def send(self, message: Sequence[Alert]) -> None:
        if self.refuses:
            raise DeliveryError("refused", for_good=True)
        if not self.up(self.at):
            raise DeliveryError("connection refused")
        told = together([decode(Noted, one.note) for one in message], "en")
        self.got.append((int(self.at), told.title))
        self.lines.append(tuple(told.lines))

    def until(self, hour: float, step: float = 0.25) -> list[tuple[int, str]]:
        while self.at < hour:
            self.look()
            self.serve()
            self.at += step
        return self.got

    def states(self) -> list[str]:
        return [one.state for one in reversed(self.store.alerts())]


def twice(hour: float) -> bool:
    return 1 <= hour < 4 or 7 <= hour < 12


@pytest.mark.parametrize(
    ("up", "told"),
    [
        (7, [(7, OVER), (8, STILL), (16, OVER)]),
        (10, [(10, BEGAN), (16, OVER)]),  # it never heard of it
        (40, [(40, OVER)]),
    ],
)
def test_who_was_away_while_something_came_back_hears_what_is_so_now(up: int, told: list[tuple[int, str]]) -> None:
    line = Line(twice, lambda hour: hour >= up)
    assert line.until(48) == told
    assert line.lines[-1] == ("from 2024-05-01 01:00 UTC to 2024-05-01 12:00 UTC",)
    assert set(line.states()) == {"sent", "replaced"}


def test_who_was_told_that_it_began_hears_that_it_still_lasts_and_not_that_it_was_over() -> None:
    assert Line(twice, lambda hour: hour < 2 or hour >= 10).until(48) == [(1, BEGAN), (10, STILL), (16, OVER)]


@pytest.mark.parametrize(("until", "told"), [(9, [BEGAN]), (17, [OVER])])
def test_what_began_ended_and_came_back_before_it_could_be_written_is_told_once(until: int, told: list[str]) -> None:
    line = Line(twice, lambda _: True)
    while line.at < until:
        line.look(writes=False)
        line.at += 0.25
    line.teller.write()
    line.at += 1
    line.serve()
    assert [title for _, title in line.got] == told


def test_past_the_outbox_what_came_back_is_not_told_to_be_over() -> None:
    """The channel does not take it, either."""
    line = Line(twice, lambda _: True)
    while line.at < 9:
        line.look(writes=False)
        line.teller.send_at_once(line.now)
        line.at += 0.25
    line.teller.write()
    assert [decode(Noted, one.note).title for one in line.store.alerts()] == [BEGAN]


def test_what_waits_is_due_since_the_first_that_it_stands_for() -> None:
    """So that it can be seen since when the channel takes nothing."""
    line = Line(twice, lambda _: False)
    line.until(9)
    (waits,) = line.store.alerts(state="waiting")
    assert (waits.due, waits.tried_since) == (NOW + HOUR, NOW + HOUR)


def test_what_could_be_written_only_in_part_is_written_with_the_next_look_and_not_sent_again() -> None:
    line = Line(twice, lambda hour: hour >= 5)
    line.until(5)
    mark = line.store.mark_alerts

    def away(_: object) -> None:
        raise ConnectionError

    line.store.mark_alerts = away  # type: ignore[assignment]
    with pytest.raises(ConnectionError):
        line.look()
    line.store.mark_alerts = mark  # type: ignore[method-assign]
    line.at = 5.5
    line.serve()
    assert line.until(7) == [(5, f"{BEGAN} (and 1 more)")]


def days(told: list[tuple[int, str]]) -> list[tuple[float, str]]:
    return [(hour // 12 / 2, title) for hour, title in told]


@pytest.mark.parametrize("remind", [DAY, timedelta()])
def test_what_was_given_up_and_still_lasts_is_told_when_the_channel_is_back(remind: timedelta) -> None:
    line = Line(lambda _: True, lambda hour: hour >= 24 * 7.5, remind)
    assert days(line.until(24 * 9, step=0.5)) == [(7.5, BEGAN)]
    assert line.states() == ["sent"]


def test_it_is_told_as_it_is_then_with_each_time_that_it_is_given_up() -> None:
    line = Line(lambda _: True, lambda hour: hour >= 24 * 15)
    line.until(24 * 13, step=0.5)
    line.what = "layout"
    line.until(24 * 17, step=0.5)
    assert days(line.got) == [(15, "kurier can't be read any more: its pages have changed")]


def test_what_is_over_or_was_told_is_not_tried_again() -> None:
    assert Line(lambda hour: hour < 24 * 6.9, lambda _: False).until(24 * 20, step=0.5) == []
    away = Line(lambda _: True, lambda hour: hour < 12 or hour >= 24 * 8.5, timedelta())
    assert days(away.until(24 * 12, step=0.5)) == [(0, BEGAN)]
    told = Line(lambda _: True, lambda hour: hour < 12 or hour >= 24 * 8.5)
    told.until(24 * 8.4, step=0.5)
    assert told.states() == ["sent", "dead"]


def test_a_channel_that_knows_of_an_end_hears_that_it_came_back_though_that_was_given_up() -> None:
    line = Line(lambda hour: 1 <= hour < 4 or hour >= 7, lambda hour: hour < 6 or hour >= 24 * 8, timedelta())
    assert line.until(24 * 9, step=0.5) == [(1, BEGAN), (5, OVER), (24 * 8, STILL)]


def test_what_is_refused_for_good_is_not_tried_again_and_again() -> None:
    line = Line(lambda _: True, lambda _: True, timedelta())
    line.refuses = True
    line.until(24 * 3, step=0.5)
    (refused,) = line.store.alerts()
    assert (refused.state, len(refused.attempts)) == ("dead", 1)


def given_up() -> Line:
    line = Line(lambda _: True, lambda _: False, timedelta())
    while "dead" not in line.states():
        line.until(line.at + 0.5, step=0.5)
    return line


@pytest.mark.parametrize("silenced", [False, True])
def test_what_is_silenced_or_can_not_be_seen_now_is_not_tried_again(silenced: bool) -> None:
    line = given_up()
    judged = line.failing() if silenced else Judged((), frozenset({"failures:kurier"}))
    line.teller.add(line.ledger.follow(judged, line.now, line.remind, ("desk",), lambda _: silenced), line.now)
    line.teller.write()
    assert line.states() == ["dead"]


def test_what_lasted_at_a_look_that_could_not_be_written_may_be_over() -> None:
    line = given_up()
    line.look(writes=False)
    line.fails, line.at = lambda _: False, line.at + 1
    line.look()
    assert line.states() == ["dead"]
    line.fails = lambda _: True
    line.look()
    (again,) = line.store.alerts()
    assert (again.state, again.tried_since, again.next_try) == ("waiting", None, None)  # for as long as a new one


def test_where_a_later_notice_waits_the_first_is_not_tried_again() -> None:
    line = given_up()
    (first,) = line.store.alerts()
    (incident,) = line.ledger.follow(line.failing(), line.now, DAY, ("desk",), lambda _: False)[:1]
    assert incident.kind == "reminder"
    line.store.put_alerts([replace(first, occurrence=incident.occurrence, state="waiting", made=line.now)])
    line.look()
    assert sorted(line.states()) == ["dead", "waiting"]


def test_only_what_was_told_and_is_not_over_lasts() -> None:
    problem = Problem("failures:kurier", "failures", "kurier")
    told = Incident(problem, NOW, NOW, told=NOW)
    kept = {
        "told": told,
        "untold": replace(told, told=None),
        "over": replace(told, over=NOW),
        "hushed": replace(told, hushed=True),
    }
    assert [one.incident for one in lasting(kept, ("desk",))] == [told]


def test_what_was_given_up_and_is_over_says_so_when_it_is_tried_again() -> None:
    """Nobody is told of it before; and that the channel takes nothing can be seen as before."""
    line = Line(lambda hour: hour < 24 * 6, lambda hour: hour >= 24 * 10)
    line.until(24 * 6, step=0.5)
    (first,) = line.store.alerts()
    line.store.mark_alerts([replace(first, state="dead", next_try=None)])
    line.until(24 * 12, step=0.5)
    assert (line.got, line.states()) == ([], ["replaced", "dead"])
    assert tries_of(line.store, line.now).failing == {"desk": NOW}
    assert tried_again(line.store, "", "desk", "dead", "") == 1
    line.until(24 * 13, step=0.5)
    assert days(line.got) == [(12, OVER)]
    assert line.lines == [("from 2024-05-01 00:00 UTC to 2024-05-07 00:00 UTC",)]


def test_what_was_given_up_of_what_was_told_later_does_not_come_after_its_end() -> None:
    line = Line(lambda hour: hour < 36, lambda hour: hour >= 1)
    line.refuses = True
    line.until(2)
    line.refuses = False
    line.until(48)
    assert line.got == [(24, BEGAN), (37, OVER)]
    assert sorted(line.states()) == ["replaced", "sent", "sent"]


def test_an_end_that_was_given_up_is_replaced_when_it_came_back() -> None:
    line = Line(twice, lambda hour: hour >= 6)
    line.until(5.5)
    line.store.mark_alerts([replace(one, state="dead") for one in line.store.alerts(state="waiting")])
    line.until(10)
    assert line.got == [(8, BEGAN)]
    assert line.states() == ["replaced", "replaced", "sent"]
    assert line.store.alerts(state="sent")[0].tried_since is None  # tried for as long as a new one
