"""The watch over a store: what it sees, whom it tells, and what it remembers."""

from __future__ import annotations

import errno
import os
import socket
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
from monitor.codec import decode
from monitor.config import load
from monitor.delivering import Post, Postman
from monitor.errors import StoreError, StoreFull, StoreReadOnly, StoreUnreachable
from monitor.health.heartbeat import Heartbeat
from monitor.health.history import History
from monitor.health.judging import Limits
from monitor.health.standing import standing
from monitor.health.telling import Audience
from monitor.health.watching import HealthWatch, Watched
from monitor.records import Alert, Filed, Run
from monitor.reports.entries import Shown
from monitor.sources import load_agencies
from monitor.store.embedded import open_store
from monitor.store.memory import MemoryStore
from monitor.store.port import Shipping
from monitor.wiring import open_health
from tests.alerts.receivers import Hook, web_server
from tests.articles import changes, document, stored
from tests.health.stores import Unsteady

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
HOST = socket.gethostname()
STORE_AWAY = f"The store does not answer (seen from {HOST})"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as running:
        yield running


def watched(tmp_path: Path, address: str = "", **more: object) -> Watched:
    audience = Audience(("desk",), lambda: {"desk": address})
    made = Watched(lambda: ["kurier"], (tmp_path,), audience, Limits(disk_free=0, disk_free_bytes=0), DAY)
    return replace(made, **more)  # type: ignore[arg-type]


def failed(number: int) -> Run:
    at = NOW + timedelta(minutes=number)
    return Run(f"r{number}", "kurier", at, at, "failed", error="503")


def well(store: MemoryStore, minute: int) -> None:
    at = NOW + timedelta(minutes=minute)
    store.put_run(Run(f"ok{minute}", "kurier", at, at, "finished", unchanged=9))


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
    assert [(post["title"], len(post["id"])) for post in hook.posts] == [(STORE_AWAY, 20)]
    store.away = False
    for minute in range(8, 20):
        watch.look(NOW + timedelta(minutes=minute))
    first, over = reversed(store.alerts(rule="health"))
    assert (first.state, [bool(one.error) for one in first.attempts]) == ("sent", [True, False])
    assert decode(Notice, over.note).title == f"Over: {STORE_AWAY}"


def test_a_channel_that_was_away_with_the_store_is_told_once(tmp_path: Path, hook: Hook) -> None:
    """For days: of what began once, without reminders; where it is over by then, of both together."""
    for minutes, answering, told in ((3 * 1440, True, [STORE_AWAY]), (60, False, [])):
        store = Unsteady()
        hook.posts.clear()
        watch = HealthWatch(store, watched(tmp_path, hook.address))
        watch.look(NOW)
        store.away = True
        hook.answers = [500] * 10_000
        for minute in range(1, minutes, 30):
            watch.look(NOW + timedelta(minutes=minute))
        assert hook.posts == []
        if answering:
            hook.answers.clear()
            watch.look(NOW + timedelta(minutes=minutes))
        assert [post["title"] for post in hook.posts] == told
        store.away = False
        for minute in range(minutes + 1, minutes + 6):
            watch.look(NOW + timedelta(minutes=minute))
        first, over = reversed(store.alerts(rule="health"))
        assert (first.state, over.state) == ("sent" if answering else "replaced", "waiting")
        assert first.attempts[0].error
        assert decode(Notice, over.note).title == f"Over: {STORE_AWAY}"


def test_what_waits_and_is_filed_by_nobody_is_told(tmp_path: Path) -> None:
    store = MemoryStore()
    store.settle([stored("a")])
    watch = HealthWatch(store, watched(tmp_path))
    for minute in range(20):
        watch.look(NOW + timedelta(minutes=minute))
    assert titles(store) == ["Nobody files what waits in the inbox"]


class Gathering(Unsteady):
    """Elsewhere, with an inbox between that holds so many; None: it can't be read."""

    here: int | None = 0

    def note(self, name: str) -> str:
        if self.away:
            raise StoreUnreachable("nothing answers at the engine's address")
        return super().note(name)

    def shipping(self) -> Shipping:
        if self.here is None:
            raise StoreError("the inbox can't be read")
        return Shipping(self.here)

    def keep_shipping(self) -> None:
        """Nothing is shipped here."""

    def retry_dead(self) -> int:
        return 0


def test_an_inbox_that_grows_on_a_machine_is_not_over_while_the_store_is_away(tmp_path: Path) -> None:
    store = Gathering()
    watch = HealthWatch(store, watched(tmp_path, limits=Limits(inbox=100, disk_free=0, disk_free_bytes=0)))
    for minute in range(300):
        store.away = 60 <= minute < 200
        store.here = None if 100 <= minute < 140 else 500
        watch.look(NOW + timedelta(minutes=minute))
    assert [one for one in titles(store) if "inbox" in one] == [f"The inbox grows on {HOST}"]


def test_an_inbox_that_grows_on_a_machine_while_the_store_is_away_is_told(tmp_path: Path, hook: Hook) -> None:
    store = Gathering()
    limits = Limits(inbox=100, disk_free=0, disk_free_bytes=0)
    watch = HealthWatch(store, watched(tmp_path, hook.address, limits=limits))
    watch.look(NOW)
    store.away = True
    for minute in range(1, 20):
        store.here = 50 * minute
        watch.look(NOW + timedelta(minutes=minute))
    assert [post["title"] for post in hook.posts] == [STORE_AWAY, f"The inbox grows on {HOST}"]


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
    assert titles(store) == [f"The disk is nearly full: {HOST}:{tmp_path}"]


def test_a_disk_that_can_not_be_read_is_told_and_all_else_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a disk that was full before nobody hears that it is over; a folder that is not there is no such disk."""
    store, broken = MemoryStore(), tmp_path / "broken"
    broken.mkdir()
    asked = Path.stat

    def stat(path: Path, **more: bool) -> os.stat_result:
        if path == broken:
            raise OSError(errno.EIO, "Input/output error")
        return asked(path, **more)

    limits = Limits(disk_free=0.9999)
    watch = HealthWatch(store, watched(tmp_path, folders=(broken, tmp_path / "none" / "x", tmp_path), limits=limits))
    watch.look(NOW)
    monkeypatch.setattr(Path, "stat", stat)
    for minute in range(1, 120):
        seen = watch.look(NOW + timedelta(minutes=minute))
    assert (list(seen.disks), seen.sites.keys()) == ([str(tmp_path)], {"kurier"})
    assert [one for one in titles(store) if "disk" in one] == [
        f"The disk is nearly full: {HOST}:{broken}",
        f"The disk is nearly full: {HOST}:{tmp_path}",  # on which it lies here
        f"The disk can't be read: {HOST}:{broken}",
    ]
    (error,) = [one for one in store.alerts(rule="health") if "disk-error" in one.subject]
    assert decode(Notice, error.note).lines[-1] == "Input/output error"


def test_the_heartbeat_is_called_after_each_good_look_and_after_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Unsteady()
    beats: list[int] = []
    watch = HealthWatch(store, watched(tmp_path, heartbeat="http://127.0.0.1:9/"))
    monkeypatch.setattr(Heartbeat, "beat", lambda _: beats.append(1))
    for minute in range(3):
        watch.look(NOW + timedelta(minutes=minute))
    assert len(beats) == 3
    store.away = True
    watch.look(NOW + timedelta(minutes=3))
    store.away = False
    store.settle([stored("a")])  # and nobody files
    watch.look(NOW + timedelta(minutes=4))
    assert len(beats) == 3


def test_while_the_store_is_away_nothing_else_is_over(tmp_path: Path) -> None:
    store = Unsteady()
    watch = HealthWatch(store, watched(tmp_path))
    for number in range(3):
        store.put_run(failed(number))
    for minute in range(3, 600):
        store.away = minute % 20 == 0 or 200 <= minute < 400
        watch.look(NOW + timedelta(minutes=minute))
    assert [one for one in titles(store) if "kurier" in one] == ["kurier fails again and again"]


def test_of_a_site_that_is_not_crawled_now_nothing_is_over(tmp_path: Path) -> None:
    """Its file can't be read for a while, or somebody switched it off."""
    store, sites = MemoryStore(), ["kurier"]
    watch = HealthWatch(store, watched(tmp_path, sites=lambda: sites))
    for number in range(3):
        store.put_run(failed(number))
    watch.look(NOW + timedelta(minutes=3))
    sites.clear()
    for minute in range(4, 200):
        watch.look(NOW + timedelta(minutes=minute))
    sites.append("kurier")
    watch.look(NOW + timedelta(minutes=200))
    assert [one for one in titles(store) if "kurier" in one] == ["kurier fails again and again"]


def test_the_problem_of_a_site_that_was_removed_ends_without_a_word_after_three_days(tmp_path: Path) -> None:
    store, sites = MemoryStore(), ["kurier"]
    watch = HealthWatch(store, watched(tmp_path, sites=lambda: sites))
    for number in range(3):
        store.put_run(failed(number))
    watch.look(NOW + timedelta(minutes=3))
    sites[:] = ["bote"]
    for hour in range(1, 71):
        watch.look(NOW + hour * HOUR)
    assert "failures:kurier" in [one.name for one in standing(store).problems]
    for hour in range(71, 76):
        watch.look(NOW + hour * HOUR)
    assert "failures:kurier" not in [one.name for one in standing(store).problems]
    assert [one for one in titles(store) if "kurier" in one] == ["kurier fails again and again"]


def test_who_was_never_told_that_it_began_is_not_told_that_it_is_over(tmp_path: Path) -> None:
    store = MemoryStore()
    audience = Audience(("desk", "chat", "slow"), dict)
    watch = HealthWatch(store, watched(tmp_path, audience=audience))
    for number in range(3):
        store.put_run(failed(number))
    watch.look(NOW + timedelta(minutes=3))
    since = NOW + timedelta(minutes=4)
    states = {"desk": {"state": "sent"}, "chat": {"state": "dead"}, "slow": {"tried_since": since}}
    store.mark_alerts([replace(one, **states[one.channel]) for one in store.alerts()])  # type: ignore[arg-type]
    well(store, 5)
    for minute in range(5, 90):
        watch.look(NOW + timedelta(minutes=minute))
    over = {one.channel: one for one in store.alerts() if "+over+" in one.occurrence and "failures" in one.subject}
    told = {channel: one.state for channel, one in over.items()}
    assert told == {"desk": "waiting", "slow": "waiting", "chat": "dead"}  # sent to chat by `--retry` alone
    assert over["slow"].tried_since == since  # given up when its beginning is


def test_a_run_counts_when_what_it_brought_is_filed(tmp_path: Path) -> None:
    """The articles of the second run wait for hours; a run of which something waits for ever is not waited for."""
    store = MemoryStore()
    watch = HealthWatch(store, watched(tmp_path))
    store.put_run(Run("first", "kurier", NOW, NOW, "finished"))
    watch.look(NOW)
    day = NOW + DAY
    store.settle([stored("a", run="second")])
    store.put_run(Run("second", "kurier", day, day, "finished"))
    store.put_run(Run("third", "kurier", day + HOUR, day + HOUR, "finished"))
    seen = watch.look(day + 2 * HOUR)
    assert (seen.sites["kurier"].until, seen.unfiled) == (NOW, {"kurier"})
    (item,) = store.take(10)
    store.file(changes(document("a"), filed=[Filed(item.number, "second", "stored")]))
    seen = watch.look(day + 3 * HOUR)
    assert (seen.sites["kurier"].until, seen.unfiled) == (day + HOUR, frozenset())
    assert sum(seen.sites["kurier"].yields.values()) == 1

    store.settle([stored("b", run="fourth")])
    store.put_run(Run("fourth", "kurier", day + 4 * HOUR, day + 4 * HOUR, "finished"))
    assert watch.look(day + 5 * HOUR).unfiled
    assert watch.look(day + 17 * HOUR).sites["kurier"].until == day + 4 * HOUR


class Full(MemoryStore):
    """Can be read, and takes nothing while `full`."""

    full: StoreError | None = None

    def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        if self.full is not None:
            raise self.full
        return super().acquire(name, holder, seconds, now)


@pytest.mark.parametrize("error", [StoreFull("the disk is full"), StoreReadOnly("the folder can't be written")])
def test_a_store_that_takes_nothing_is_told_past_the_outbox(tmp_path: Path, hook: Hook, error: StoreError) -> None:
    store = Full()
    store.full = error
    watch = HealthWatch(store, watched(tmp_path, hook.address))
    for minute in range(6):
        watch.look(NOW + timedelta(minutes=minute))
    assert [post["title"] for post in hook.posts] == [f"The store takes nothing more (seen from {HOST})"]
    assert error.message in hook.posts[0]["lines"]


def test_a_program_that_starts_while_the_store_takes_nothing_knows_what_was_told(tmp_path: Path, hook: Hook) -> None:
    store = Full()
    full = watched(tmp_path, hook.address, limits=Limits(disk_free=0.9999))
    HealthWatch(store, full).look(NOW)
    assert titles(store) == [f"The disk is nearly full: {HOST}:{tmp_path}"]
    store.full = StoreFull("the disk is full")
    for minute in range(1, 9):
        HealthWatch(store, full).look(NOW + timedelta(minutes=minute))
    assert hook.posts == []


def test_what_is_imported_says_nothing_of_a_site(tmp_path: Path) -> None:
    store = MemoryStore()
    watch = HealthWatch(store, watched(tmp_path))
    store.put_run(Run("i", "kurier", NOW, NOW, "finished", trigger="import"))
    assert watch.look(NOW).sites["kurier"] == History()


def test_reminders_that_are_switched_off_do_not_come(tmp_path: Path) -> None:
    (tmp_path / "monitor.toml").write_text(
        '[alerting]\nremind = "off"\nhealth_channels = ["desk"]\ndisk_free = 0.9999\n'
    )
    store = MemoryStore()
    watch = open_health(load(tmp_path, {}), store)
    (tmp_path / "store").mkdir()
    for day in range(9):
        watch.look(NOW + day * DAY)
    assert [title.startswith("Still") for title in titles(store) if "disk" in title] == [False]


# --- several machines ------------------------------------------------------------------------------------------------


def test_of_several_machines_one_tells_what_the_store_tells_and_each_what_it_alone_sees(tmp_path: Path) -> None:
    store = MemoryStore()
    full = watched(tmp_path, limits=Limits(disk_free=0.9999))
    first = HealthWatch(store, full, host="one", holder="one:1:1")
    second = HealthWatch(store, full, host="two", holder="two:1:1")
    for number in range(3):
        store.put_run(failed(number))
    for minute in range(3, 30):
        first.look(NOW + timedelta(minutes=minute))
        second.look(NOW + timedelta(minutes=minute, seconds=30))
    assert sorted(titles(store)) == [
        f"The disk is nearly full: one:{tmp_path}",
        f"The disk is nearly full: two:{tmp_path}",
        "kurier fails again and again",
    ]


def test_sites_that_another_machine_crawls_are_judged_as_long_as_that_machine_is_there(tmp_path: Path) -> None:
    store = MemoryStore()
    first = HealthWatch(store, watched(tmp_path), host="one", holder="one:1:1")
    second = HealthWatch(store, watched(tmp_path, sites=lambda: ["bote"]), host="two", holder="two:1:1")
    first.look(NOW)  # leads
    second.look(NOW)
    for number in range(1, 4):
        store.put_run(replace(failed(number), site="bote"))
    first.look(NOW + 2 * HOUR)
    assert titles(store) == ["bote fails again and again"]
    store.put_run(Run("ok", "bote", NOW + 3 * HOUR, NOW + 3 * HOUR, "finished", unchanged=9))
    for hour in (3, 5):
        first.look(NOW + hour * HOUR)
    assert titles(store)[-1] == "Over: bote fails again and again"
    second.look(NOW + 5 * HOUR)
    assert "bote" in first.look(NOW + 10 * HOUR).sites
    assert "bote" not in first.look(NOW + 12 * HOUR).sites


@pytest.mark.slow
def test_thirty_days_with_two_machines_of_which_one_is_away_for_ten(tmp_path: Path) -> None:
    """A site fails from day 5 to 8 and from day 12 to 13; the machine that watches is away from day 7 to 17, and once
    again the store for one look.
    """
    store = Unsteady()
    first = HealthWatch(store, watched(tmp_path), host="one", holder="one:1:1")
    second = HealthWatch(store, watched(tmp_path), host="two", holder="two:1:1")
    for number in range(30 * 48):
        at = NOW + number * HOUR / 2
        day = (at - NOW) / DAY
        broken = 5 <= day < 8 or 12 <= day < 13
        store.put_run(Run(f"{number}", "kurier", at, at, "failed" if broken else "finished", error="503" * broken))
        store.away = number in (48 * 6, 48 * 7 + 10, 48 * 20)
        if day == 7:
            first.end()  # as its lease runs out
        for watch in (second,) if 7 <= day < 17 else (first, second):
            watch.look(at)
        if alerts := [one for one in store.alerts(rule="health") if one.state == "waiting"]:
            store.mark_alerts([replace(one, state="sent") for one in alerts])
    failing = "kurier fails again and again"
    assert titles(store) == [
        failing, f"Still: {failing}", f"Over: {failing}",
        failing, f"Over: {failing}",
    ]  # fmt: skip


# --- to the end ------------------------------------------------------------------------------------------------------


def test_notice_reminder_and_recovery_come_in_order_also_when_the_receiver_was_away(
    tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the watch through the store to a receiver that is away for the whole of the first incident."""
    clock = [NOW]
    monkeypatch.setattr(delivering, "_now", lambda: clock[0])
    limits = Limits(disk_free=0, disk_free_bytes=0, outbox=9 * DAY)
    failing = "kurier fails again and again"
    with closing(open_store(tmp_path / "store")) as store:
        watch = HealthWatch(store, watched(tmp_path, audience=Audience(("hook",), dict), limits=limits))
        postman = Postman(store, Post(partial(resolve, {"hook": hook.address}), Shown(load_agencies()), feeds=tmp_path))
        hook.answers = [500] * 60
        for number in range(8 * 48):
            clock[0] = at = NOW + number * HOUR / 2
            broken = 1 <= (at - NOW) / DAY < 2.5 or 5 <= (at - NOW) / DAY < 6.5
            status = "failed" if broken else "finished"
            store.put_run(Run(f"r{number}", "kurier", at, at, status, error="503" * broken))
            watch.look(at)
            postman.serve("hook")
            if number == 3 * 48:
                assert (hook.posts, len(store.alerts())) == ([], 2)
                hook.answers = []
    over = f"Over: {failing}"  # of the first with its beginning
    assert [post["subject"] for post in hook.posts] == [over, failing, f"Still: {failing}", over]


def test_a_break_in_looking_is_known_to_a_program_that_starts_again(tmp_path: Path) -> None:
    store = MemoryStore()
    for minute in (0, 30, 60):
        assert HealthWatch(store, watched(tmp_path)).look(NOW + timedelta(minutes=minute)).since == NOW
    for minute in (0, 30):
        assert HealthWatch(store, watched(tmp_path)).look(NOW + DAY + timedelta(minutes=minute)).since == NOW + DAY
