"""What a channel is told that was away while something began, lasted, ended and came back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from monitor.alerts.outbox import Channel
from monitor.codec import decode
from monitor.errors import DeliveryError
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
        problem = Problem("failures:kurier", self.what, "kurier", "3: 503", since=self.now)
        judged = Judged((problem,) if self.fails(self.at) else ())
        told = self.ledger.follow(judged, self.now, self.remind, ("desk",), lambda _: False)
        self.teller.add(told, self.now)
        if writes:
            self.teller.write()

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
