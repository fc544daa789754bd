"""Channels that take nothing, while their alerts wait and after they were given up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from monitor import delivering
from monitor.alerts import Notice
from monitor.alerts.deliver import resolve
from monitor.alerts.outbox import GONE, waking
from monitor.codec import decode
from monitor.delivering import Post, Postman
from monitor.health.channels import tries_of
from monitor.health.judging import Limits
from monitor.health.telling import Audience
from monitor.health.watching import HealthWatch, Watched
from monitor.records import Alert, Attempt
from monitor.reports.entries import Shown
from monitor.sources import load_agencies
from monitor.store.embedded import open_store
from monitor.store.memory import MemoryStore
from monitor.store.port import Store
from tests.alerts.receivers import Hook, web_server

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
STUCK, OVER = "Alerts do not get through: desk", "Over: Alerts do not get through: desk"
NOTE = '{"title": "Ein Feuer", "lines": []}'


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as running:
        yield running


def alert(number: int, at: datetime = NOW) -> Alert:
    return Alert("fire", "desk", f"story:{number}", made=at, due=at, note=NOTE)


def tried(number: int, state: str, at: datetime, error: str = "it says 422", made: datetime = NOW) -> Alert:
    attempt = Attempt(at, "" if state == "sent" else error)
    return replace(alert(number, made), state=state, attempts=(attempt,), tried_since=None if state == "sent" else at)


def watch(store: Store, folder: Path) -> HealthWatch:
    limits = Limits(disk_free=0, disk_free_bytes=0)
    return HealthWatch(store, Watched(lambda: [], (folder,), Audience(("chat",), dict), limits, DAY))


def told(store: Store) -> list[str]:
    """Of desk, and that the notice of it gets through."""
    notices = store.alerts(rule="health", channel="chat")
    store.mark_alerts([replace(one, state="sent") for one in notices if one.state == "waiting"])
    return [title for one in reversed(notices) if "desk" in (title := decode(Notice, one.note).title)]


def looked(watching: HealthWatch, store: Store, first: datetime, span: timedelta, step: timedelta = 5 * MINUTE) -> None:
    for number in range(span // step):
        watching.look(first + number * step)
        told(store)


def test_a_channel_that_refuses_for_good_is_told_and_over_when_it_takes_again(
    tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [NOW]
    monkeypatch.setattr(delivering, "_now", lambda: clock[0])
    with closing(open_store(tmp_path / "store")) as store:
        postman = Postman(store, Post(partial(resolve, {"desk": hook.address}), Shown(load_agencies()), feeds=tmp_path))
        watching = watch(store, tmp_path)
        hook.answers = [422] * 3
        store.put_alerts([alert(number) for number in range(3)])
        postman.serve("desk")
        assert store.alert_counts()["desk", "dead"] == 3
        looked(watching, store, NOW, HOUR)
        assert told(store) == []  # it may have been these three alone
        looked(watching, store, NOW + HOUR, 3 * HOUR)
        assert told(store) == [STUCK]
        lines = decode(Notice, store.alerts(rule="health", channel="chat")[0].note).lines
        assert "monitor alerts history --channel desk --state dead --retry" in lines[-1]
        clock[0] = NOW + 4 * HOUR
        store.put_alerts([alert(3, clock[0])])
        postman.serve("desk")
        looked(watching, store, clock[0], HOUR)
        assert told(store) == [STUCK, OVER]


def test_a_channel_is_not_over_when_its_alerts_are_given_up(tmp_path: Path) -> None:
    store = MemoryStore()
    watching = watch(store, tmp_path)
    store.put_alerts([alert(0)])
    looked(watching, store, NOW, 7 * DAY, 6 * HOUR)
    store.mark_alerts([tried(0, "dead", NOW + 7 * DAY)])
    looked(watching, store, NOW + 7 * DAY, 20 * DAY, 6 * HOUR)
    assert {title.removeprefix("Still: ") for title in told(store)} == {STUCK}
    store.mark_alerts(waking(store.alerts(channel="desk")))
    store.mark_alerts([tried(0, "sent", NOW + 27 * DAY)])
    looked(watching, store, NOW + 27 * DAY, HOUR)
    assert told(store)[-1] == OVER


def test_what_was_given_up_long_ago_begins_no_problem(tmp_path: Path) -> None:
    store = MemoryStore()
    store.put_alerts([tried(0, "dead", NOW - 8 * DAY)])
    looked(watch(store, tmp_path), store, NOW, 3 * HOUR)
    assert told(store) == []


def test_what_counts_is_when_it_was_tried_not_when_it_was_made() -> None:
    store = MemoryStore()
    store.put_alerts([tried(0, "dead", NOW, made=NOW), tried(1, "sent", NOW + HOUR, made=NOW - DAY)])
    assert not tries_of(store, NOW + 2 * HOUR).failing
    store.put_alerts([tried(2, "dead", NOW + 2 * HOUR)])
    assert tries_of(store, NOW + 3 * HOUR).failing == {"desk": NOW + 2 * HOUR}


def test_an_alert_whose_article_is_gone_says_nothing_of_the_channel() -> None:
    store = MemoryStore()
    store.put_alerts([tried(number, "dead", NOW, GONE) for number in range(3)])
    assert not tries_of(store, NOW + HOUR).failing


def test_the_postman_says_of_an_article_that_is_gone_what_the_watch_knows(
    tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "_now", lambda: NOW)
    store = MemoryStore()
    postman = Postman(store, Post(partial(resolve, {"desk": hook.address}), Shown(load_agencies()), feeds=tmp_path))
    store.put_alerts([replace(alert(0), note="", story="0", article="0")])
    postman.serve("desk")
    assert store.alert_counts() == {("desk", "dead"): 1}
    assert not tries_of(store, NOW + HOUR).failing


def test_so_many_that_not_all_are_looked_at_are_told_at_once(tmp_path: Path) -> None:
    store = MemoryStore()
    store.put_alerts([tried(number, "dead", NOW) for number in range(60)])
    looked(watch(store, tmp_path), store, NOW + MINUTE, 2 * MINUTE, MINUTE)
    assert told(store) == [STUCK]
