"""Several processes on one store, and what is left when they are killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitor.query import All, Term
from monitor.store.embedded import EmbeddedStore, open_store
from tests.articles import NOW, found, run

WORKER = Path(__file__).parent / "worker.py"
SITES = ("eins", "zwei", "drei")


def start(what: str, folder: Path, site: str, count: int, fault: str = "") -> subprocess.Popen[bytes]:
    environment = {**os.environ, "MONITOR_FAULT": fault} if fault else None
    command = [sys.executable, str(WORKER), what, str(folder), site, str(count)]
    return subprocess.Popen(command, env=environment, start_new_session=True)


def verify(store: EmbeddedStore, expected: int) -> None:
    """Each article exactly once, none lost, all found."""
    store.refresh()
    assert store.check() == []
    assert store.waiting() == 0
    assert len({one.id for one in store.scan()}) == store.health(NOW).articles == expected
    assert len(found(store, Term(None, "haus"), limit=10_000)) == expected
    assert len(found(store, All(), limit=10_000)) == expected
    counted = store.run("run-1")
    assert counted is not None
    assert counted.stored == expected


def test_crawls_settle_while_a_filer_files(folder: Path, store: EmbeddedStore) -> None:
    store.put_run(run("run-1"))
    workers = [start("settle", folder, site, 150) for site in SITES]
    workers.append(start("file", folder, "", 450))
    while any(worker.poll() is None for worker in workers):
        found(store, Term(None, "haus"), limit=10_000)  # reading goes on
        time.sleep(0.02)
    assert [worker.returncode for worker in workers] == [0] * 4
    verify(store, 450)
    assert [store.counts(site) for site in SITES] == [{"stored": 150}] * 3


@pytest.mark.slow
@pytest.mark.parametrize("place", ["while-filing", "while-projecting", "after-index-commit"])
def test_a_filer_killed_at_a_bad_moment_loses_and_doubles_nothing(
    folder: Path, store: EmbeddedStore, place: str
) -> None:
    store.put_run(run("run-1"))
    assert start("settle", folder, "eins", 120).wait() == 0
    for number in (1, 2, 3):
        killed = start("file", folder, "", 120, fault=f"{place}:{number}")
        assert killed.wait() == -signal.SIGKILL
        next_one = open_store(folder)
        assert len(found(next_one, Term(None, "haus"), limit=10_000)) == next_one.health(NOW).articles
        assert next_one.check() == []
        next_one.close()
    assert start("file", folder, "", 120).wait() == 0
    verify(store, 120)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_processes_killed_at_random_lose_and_double_nothing(folder: Path, store: EmbeddedStore, seed: int) -> None:
    chance = random.Random(seed)
    store.put_run(run("run-1"))

    def work() -> list[subprocess.Popen[bytes]]:
        return [start("settle", folder, site, 400) for site in SITES[:2]] + [start("file", folder, "", 800)]

    def progress() -> tuple[int, int]:
        return store.health(NOW).articles, sum(store.counts(site).get("stored", 0) for site in SITES)

    kills = 0
    for _ in range(6):
        before, workers = progress(), work()
        while progress() == before and any(worker.poll() is None for worker in workers):
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.15))
        for worker in workers:
            worker.kill()
        kills += [worker.wait() for worker in workers].count(-signal.SIGKILL)
        assert store.check() == []
    assert kills >= 6
    assert [worker.wait() for worker in work()] == [0, 0, 0]
    verify(store, 800)


def test_a_restart_after_a_kill_finds_the_tail(folder: Path) -> None:
    assert start("settle", folder, "eins", 30).wait() == 0
    killed = start("file", folder, "", 30, fault="while-projecting:2")
    assert killed.wait() == -signal.SIGKILL
    again = open_store(folder)
    assert len(found(again, Term(None, "haus"))) == again.health(NOW).articles == 20
    again.close()
