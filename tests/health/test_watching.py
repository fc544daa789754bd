"""The watch over a store: what it sees, whom it tells, and what it remembers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.alerts import Notice
from monitor.codec import decode
from monitor.delivering import Post, Postman
from monitor.errors import StoreUnreachable
from monitor.filing import file_batch
from monitor.health.judging import Limits
from monitor.health.watching import HealthWatch, Watched
from monitor.records import Alert, Run
from monitor.reports.entries import Shown
from monitor.sources import load_agencies
from monitor.store.embedded import open_store
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


def beat(hook: Hook) -> str:
    return f"http://127.0.0.1:{hook.port}/beat/hush"


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
    watch = HealthWatch(store, watched(tmp_path, heartbeat=beat(hook)))
    watch.look(NOW)
    store.away = True
    watch.look(NOW + timedelta(minutes=1))
    assert hook.asked == 1


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:9/", "http://[bad/"])
def test_a_heartbeat_that_is_not_taken_is_told_once(
    tmp_path: Path, hook: Hook, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    hook.get_status = 500
    watch = HealthWatch(MemoryStore(), watched(tmp_path, heartbeat=address or beat(hook)))
    for minute in range(4):
        watch.look(NOW + timedelta(minutes=minute))
    assert len([one for one in caplog.messages if one.startswith("heartbeat not taken")]) == 1
    assert (address or beat(hook)) not in caplog.text


def test_of_what_several_machines_share_one_tells(tmp_path: Path) -> None:
    store = MemoryStore()
    for number in range(3):
        store.put_run(failed(number))
    full = Limits(disk_free=0.9999)
    machines = [
        HealthWatch(store, watched(tmp_path, machine=name, limits=full), holder=f"{name}:1:x")
        for name in ("eins", "zwei")
    ]
    for minute in range(10):
        for one in machines:
            one.look(NOW + timedelta(minutes=minute))
    assert sorted(titles(store)) == [
        f"The disk is nearly full: {tmp_path} (eins)",
        f"The disk is nearly full: {tmp_path} (zwei)",
        "kurier fails again and again",
    ]
    store.release("health", "eins:1:x")
    store.put_run(Run("ok", "kurier", NOW + timedelta(hours=1), NOW + timedelta(hours=1), "finished", unchanged=9))
    for minute in range(60, 240):
        for one in reversed(machines):  # the second takes over, and knows what the first told
            one.look(NOW + timedelta(minutes=minute))
    assert [one for one in titles(store) if "kurier" in one] == [
        "kurier fails again and again",
        "Over: kurier fails again and again",
    ]


def test_a_machine_that_does_not_reach_the_store_says_which_it_is(tmp_path: Path, hook: Hook) -> None:
    store = Unsteady()
    watch = HealthWatch(store, watched(tmp_path, hook.address, machine="eins"))
    store.away = True
    for minute in range(4):
        watch.look(NOW + timedelta(minutes=minute))
    assert [post["title"] for post in hook.posts] == ["The store does not answer (eins)"]


def test_an_incident_is_not_over_because_the_store_was_away(tmp_path: Path) -> None:
    store = Unsteady()
    for number in range(3):
        store.put_run(failed(number))
    watch = HealthWatch(store, watched(tmp_path))
    for minute in range(3, 300):
        store.away = 60 <= minute < 240
        watch.look(NOW + timedelta(minutes=minute))
    assert [one for one in titles(store) if "kurier" in one] == ["kurier fails again and again"]


def test_a_run_counts_when_all_of_it_is_filed(tmp_path: Path) -> None:
    store = MemoryStore()
    watch = HealthWatch(store, watched(tmp_path))
    store.put_run(Run("r", "kurier", NOW, NOW, "finished"))
    store.settle([stored("a", run="r")])
    assert watch.look(NOW + timedelta(minutes=1)).sites["kurier"].until is None
    file_batch(store, 10)
    history = watch.look(NOW + timedelta(minutes=2)).sites["kurier"]
    assert sum(history.yields.values()) == 1


def test_a_run_of_which_something_is_never_filed_counts_as_it_is(tmp_path: Path) -> None:
    store = MemoryStore()
    watch = HealthWatch(store, watched(tmp_path))
    store.put_run(Run("r", "kurier", NOW, NOW, "finished"))
    store.settle([stored("a", run="r")])
    assert watch.look(NOW + timedelta(hours=5)).sites["kurier"].until is None
    assert watch.look(NOW + timedelta(hours=7)).sites["kurier"].until == NOW


def test_that_something_is_over_is_not_told_where_it_was_never_told_that_it_was_there(tmp_path: Path) -> None:
    store = MemoryStore()
    for number in range(3):
        store.put_run(failed(number))
    watch = HealthWatch(store, watched(tmp_path, channels=("desk", "chat")))
    watch.look(NOW + timedelta(minutes=5))
    store.mark_alerts([replace(one, state="dead") for one in store.alerts(channel="desk")])
    store.put_run(Run("ok", "kurier", NOW + timedelta(hours=1), NOW + timedelta(hours=1), "finished", unchanged=9))
    for minute in range(61, 180):
        watch.look(NOW + timedelta(minutes=minute))
    over = [one for one in store.alerts(rule="health") if "+over+" in one.occurrence and "kurier" in one.subject]
    assert [one.channel for one in over] == ["chat"]


def test_nobody_hears_more_of_a_site_that_was_taken_away(tmp_path: Path) -> None:
    store, sites = MemoryStore(), ["kurier"]
    for number in range(3):
        store.put_run(failed(number))
    watch = HealthWatch(store, watched(tmp_path, sites=lambda: sites))
    watch.look(NOW + timedelta(minutes=5))
    sites.clear()
    for minute in range(6, 300, 5):
        watch.look(NOW + timedelta(minutes=minute))
    assert [one for one in titles(store) if "kurier" in one] == ["kurier fails again and again"]


def test_notice_reminder_and_recovery_arrive_in_order(tmp_path: Path, hook: Hook) -> None:
    store = open_store(tmp_path / "store")
    try:
        watch = HealthWatch(store, watched(tmp_path, hook.address, remind=timedelta(hours=2)))
        shown = Shown(load_agencies())
        postman = Postman(store, Post(lambda _: hook.address, shown))
        for number in range(3):
            store.put_run(failed(number))
        for minute in range(3, 400, 10):
            if minute > 190:
                at = NOW + timedelta(minutes=191)
                store.put_run(Run("ok", "kurier", at, at, "finished", unchanged=9))
            watch.look(NOW + timedelta(minutes=minute))
            postman.serve("desk")
    finally:
        store.close()
    assert [post["title"] for post in hook.posts] == [
        "kurier fails again and again",
        "Still: kurier fails again and again",
        "Over: kurier fails again and again",
    ]
