"""Several processes gather into one inbox, and are killed at bad moments: each article arrives once, none is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store.embedded import EmbeddedStore, open_store
from tests.store.gathering_worker import opened

pytestmark = pytest.mark.slow

WORKER = Path(__file__).parent / "gathering_worker.py"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with closing(open_store(tmp_path / "there", busy_timeout=10)) as store:
        yield store


def start(folder: Path, site: str, count: int, fault: str = "", pause: float = 0.0) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "MONITOR_FAULT": fault}
    command = [sys.executable, str(WORKER), str(folder), site, str(count), str(pause)]
    return subprocess.Popen(command, env=environment, start_new_session=True)


def verify(there: EmbeddedStore, folder: Path, sites: tuple[str, ...], count: int) -> None:
    with closing(opened(folder)) as store:
        assert (store.shipping().waiting, store._copy.length(), store.shipping().dead) == (0, 0, 0)
    ids = [item.analysis.article.id for item in there.take(10_000)]
    for site in sites:
        assert [id for id in ids if id.startswith(site)] == [f"{site}-{number:04}" for number in range(count)]
        assert there.counts(site) == {"stored": count}
        assert there.run(site) is not None
    assert len(ids) == len(sites) * count


def test_two_processes_settle_and_ship_at_once(tmp_path: Path, there: EmbeddedStore) -> None:
    workers = [start(tmp_path, site, 150) for site in ("eins", "zwei")]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    verify(there, tmp_path, ("eins", "zwei"), 150)


@pytest.mark.parametrize("place", ["before-shipping:4", "after-shipping:1", "after-shipping:6"])
def test_a_process_killed_while_it_ships_loses_and_doubles_nothing(
    tmp_path: Path, there: EmbeddedStore, place: str
) -> None:
    killed = start(tmp_path, "eins", 60, fault=place)
    assert killed.wait(60) == -signal.SIGKILL
    assert start(tmp_path, "eins", 60).wait(60) == 0
    verify(there, tmp_path, ("eins",), 60)


def test_what_was_gathered_while_the_store_was_away_is_shipped_by_the_next_process(
    tmp_path: Path, there: EmbeddedStore
) -> None:
    (tmp_path / "away").touch()
    assert [start(tmp_path, site, 40).wait(60) for site in ("eins", "zwei")] == [0, 0]
    assert there.waiting() == 0
    with closing(opened(tmp_path)) as store:
        assert store.shipping().waiting == 80
        assert not store.shipping().answers
    (tmp_path / "away").unlink()
    assert start(tmp_path, "drei", 40).wait(60) == 0
    verify(there, tmp_path, ("eins", "zwei", "drei"), 40)


@pytest.mark.parametrize("seed", range(4))
def test_random_kills_and_outages_lose_and_double_nothing(tmp_path: Path, there: EmbeddedStore, seed: int) -> None:
    chance, sites = random.Random(seed), ("eins", "zwei")
    count = 1200  # with the pauses, more than is done before the last kill, however quick the machine
    kills = 0
    for _ in range(6):
        workers = [start(tmp_path, site, count, pause=0.05) for site in sites]
        time.sleep(chance.uniform(0.8, 1.6))
        for _ in range(3):
            (tmp_path / "away").touch() if chance.random() < 0.5 else (tmp_path / "away").unlink(missing_ok=True)
            time.sleep(chance.uniform(0, 0.2))
        for worker in workers:
            worker.kill()
        kills += [worker.wait(60) for worker in workers].count(-signal.SIGKILL)
    assert kills == 12
    (tmp_path / "away").unlink(missing_ok=True)
    assert [worker.wait(120) for worker in [start(tmp_path, site, count) for site in sites]] == [0, 0]
    verify(there, tmp_path, sites, count)
