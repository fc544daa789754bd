"""The watch over a store: what it sees, whom it tells, and what it remembers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.alerts import Notice
from monitor.codec import decode
from monitor.errors import StoreUnreachable
from monitor.health.judging import Limits
from monitor.health.watching import HealthWatch, Watched
from monitor.records import Alert, Run
from monitor.store.memory import MemoryStore
from tests.alerts.receivers import Hook, web_server
from tests.articles import stored

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as running:
        yield running


class Unsteady(MemoryStore):
    """Does not answer while `away`."""

    away = False

    def waiting(self, run: str = "") -> int:
        if self.away:
            raise StoreUnreachable("nothing answers at the engine's address")
        return super().waiting(run)


def watched(tmp_path: Path, address: str = "", **more: object) -> Watched:
    made = Watched(lambda: ["kurier"], (tmp_path,), ("desk",), lambda: {"desk": address}, Limits(), DAY)
    return replace(made, **more)  # type: ignore[arg-type]


def failed(number: int) -> Run:
    at = NOW + timedelta(minutes=number)
    return Run(f"r{number}", "kurier", at, at, "failed", error="503")


def titles(store: MemoryStore) -> list[str]:
    return [decode(Notice, one.note).title for one in reversed(store.alerts(rule="health"))]


def test_a_site_that_fails_is_told_once_and_its_recovery(tmp_path: Path) -> None:
    store = MemoryStore()
    watch = HealthWatch(store, watched(tmp_path))
    for number in range(3):
        store.put_run(failed(number))
    for minute in range(3, 60):
        watch.look(NOW + timedelta(minutes=minute))
    store.put_run(Run("ok", "kurier", NOW + timedelta(hours=1), NOW + timedelta(hours=1), "finished", unchanged=9))
    for minute in range(61, 200):
        watch.look(NOW + timedelta(minutes=minute))
    told = [one for one in titles(store) if "kurier" in one]  # nobody delivers here, which is told as well
    assert told == ["kurier fails again and again", "Over: kurier fails again and again"]


def test_a_program_that_starts_again_tells_nothing_twice(tmp_path: Path) -> None:
    store = MemoryStore()
    for number in range(3):
        store.put_run(failed(number))
    for minute in range(3, 30):
        HealthWatch(store, watched(tmp_path)).look(NOW + timedelta(minutes=minute))
    assert titles(store) == ["kurier fails again and again"]


def test_while_the_store_is_away_the_notice_goes_out_at_once_and_is_in_the_history_later(
    tmp_path: Path, hook: Hook
) -> None:
    store = Unsteady()
    watch = HealthWatch(store, watched(tmp_path, hook.address))
    watch.look(NOW)
    store.away = True
    hook.answers = [500]
    for minute in range(1, 8):
        watch.look(NOW + timedelta(minutes=minute))
    assert [post["title"] for post in hook.posts] == ["The store does not answer"]
    store.away = False
    for minute in range(8, 20):
        watch.look(NOW + timedelta(minutes=minute))
    first, over = reversed(store.alerts(rule="health"))
    assert (first.state, [bool(one.error) for one in first.attempts]) == ("sent", [True, False])
    assert decode(Notice, over.note).title == "Over: The store does not answer"


def test_what_waits_and_is_filed_by_nobody_is_told(tmp_path: Path) -> None:
    store = MemoryStore()
    store.settle([stored("a")])
    watch = HealthWatch(store, watched(tmp_path))
    for minute in range(20):
        watch.look(NOW + timedelta(minutes=minute))
    assert titles(store) == ["Nobody files what waits in the inbox"]


def test_alerts_that_do_not_get_through_are_told(tmp_path: Path) -> None:
    store = MemoryStore()
    store.put_alerts([Alert("r", "chat", "story:a", made=NOW, due=NOW)])
    watch = HealthWatch(store, watched(tmp_path))
    watch.look(NOW + timedelta(minutes=30))
    assert titles(store) == []
    watch.look(NOW + timedelta(minutes=61))
    assert titles(store) == ["Alerts do not get through: chat"]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    store = MemoryStore()
    HealthWatch(store, watched(tmp_path, limits=Limits(disk_free=0.9999))).look(NOW)
    assert titles(store) == [f"The disk is nearly full: {tmp_path}"]


def test_the_heartbeat_is_called_while_all_is_well(tmp_path: Path, hook: Hook) -> None:
    store = Unsteady()
    beats: list[datetime] = []
    watch = HealthWatch(store, watched(tmp_path, heartbeat="http://127.0.0.1:9/"))
    watch._beat = lambda: beats.append(NOW)  # type: ignore[method-assign]
    watch.look(NOW)
    store.away = True
    watch.look(NOW + timedelta(minutes=1))
    assert len(beats) == 1
