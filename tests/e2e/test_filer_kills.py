"""The filer killed among its batches, replaced by a stand-by, fed in another order: the stories are the same."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.analysis import derive
from monitor.records import Article, Outcome, Run, Status, UrlState
from monitor.store.embedded import open_store
from monitor.store.port import Store
from tests.consistent import agree, parted
from tests.program import monitor, start
from tests.quality.republishing import Item, World, jittered
from tests.quality.reuse_texts import own_sources
from tests.waiting import until

pytestmark = pytest.mark.slow

RUN = "gathered"
SETTINGS = {"MONITOR_FILING__BATCH": "7", "MONITOR_FILING__LEASE_SECONDS": "2", "MONITOR_FILING__PROJECT_EVERY": "50"}


@pytest.fixture(scope="module")
def stream() -> list[Item]:
    return World(11, own_sources(), sites=8, least=40).stream(copies=8, bulletins=60, late=0.15)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, stream: list[Item]) -> dict[str, str]:
    """Stories when nothing disturbs the filer."""
    folder = tmp_path_factory.mktemp("straight")
    gather(folder, stream)
    file_to_the_end(folder)
    return consistent(folder, stream)


def gather(folder: Path, items: Sequence[Item]) -> None:
    """All of them wait in the inbox, in this order."""
    store = open_store(folder / "store")
    try:
        outcomes = [outcome(item) for item in items]
        for at in range(0, len(outcomes), 100):
            store.settle(outcomes[at : at + 100])
    finally:
        store.close()


def outcome(item: Item) -> Outcome:
    url = f"https://{item.site}/{item.id}"
    article = Article(item.id, url, item.site, item.title, item.text, item.at, published_at=item.at)
    state = UrlState(item.site, url, Status.STORED, article_id=item.id)
    return Outcome(state, replace(derive(article), run=RUN), RUN)


def file_to_the_end(folder: Path) -> None:
    done = monitor(folder, "file", "--until-idle", **SETTINGS)
    assert done.returncode == 0, done.stderr


def consistent(folder: Path, items: Sequence[Item]) -> dict[str, str]:
    """Story by article, after a look at all that must agree: each article once, each story as its members are."""
    store = open_store(folder / "store")
    try:
        assert store.waiting() == 0
        documents = {one.id: one for one in store.scan()}
        assert set(documents) == {item.id for item in items}
        assert all(one.revision == 1 and len(store.revisions(one.id)) == 1 for one in documents.values())
        agree(store, {one.id: one.story for one in documents.values()})
        return {one.id: one.story for one in documents.values()}
    finally:
        store.close()


def counted(folder: Path) -> int:
    """Articles counted as stored to the run."""
    store = open_store(folder / "store")
    try:
        store.put_run(Run(RUN, "s", datetime.now(UTC)))
        run = store.run(RUN)
        return run.stored if run else 0
    finally:
        store.close()


def test_a_filer_killed_in_its_batches_leaves_consistent_stories(
    tmp_path: Path, stream: list[Item], straight: dict[str, str]
) -> None:
    gather(tmp_path, stream)
    rng = random.Random(4)
    for passage in (1, 3, 5, 2):
        process = start(tmp_path, "file", "--until-idle", MONITOR_FAULT=f"while-filing:{passage}", **SETTINGS)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        _agree_so_far(tmp_path)
    for _ in range(4):
        process = start(tmp_path, "file", "--until-idle", **SETTINGS)
        _wait_for_a_batch(tmp_path)
        time.sleep(rng.uniform(0, 0.1))
        process.kill()
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        _agree_so_far(tmp_path)
    file_to_the_end(tmp_path)
    assert parted(consistent(tmp_path, stream)) == parted(straight)
    assert counted(tmp_path) == len(stream)


def _wait_for_a_batch(folder: Path) -> None:
    store = open_store(folder / "store")
    try:
        before = store.waiting()
        until(lambda: store.waiting() < before, pause=0.01)
    finally:
        store.close()


def _agree_so_far(folder: Path) -> None:
    store = open_store(folder / "store")
    try:
        agree(store, {one.id: one.story for one in store.scan()})
    finally:
        store.close()


def test_a_stand_by_takes_over_and_neither_doubles_nor_skips(
    tmp_path: Path, stream: list[Item], straight: dict[str, str]
) -> None:
    """The active filer is stopped past its lease, goes on later, and must not write what the other has written."""
    gather(tmp_path, stream)
    filers = [start(tmp_path, "file", **SETTINGS) for _ in range(2)]
    store = open_store(tmp_path / "store")
    try:
        for _ in range(2):
            active = _holder(store, [filer.pid for filer in filers])
            left = store.waiting()
            until(lambda left=left: store.waiting() < left or not store.waiting(), pause=0.01)
            active_filer = next(filer for filer in filers if filer.pid == active)
            active_filer.send_signal(signal.SIGSTOP)
            other = next(filer.pid for filer in filers if filer.pid != active)
            if store.waiting():
                until(lambda other=other: _holder(store, [other], wait=False) == other or not store.waiting())
            active_filer.send_signal(signal.SIGCONT)
        until(lambda: not store.waiting())
    finally:
        store.close()
        for filer in filers:
            filer.send_signal(signal.SIGCONT)
            filer.terminate()
        outputs = [filer.communicate(timeout=60)[0] for filer in filers]
    assert [filer.returncode for filer in filers] == [0, 0], outputs
    assert parted(consistent(tmp_path, stream)) == parted(straight)
    assert counted(tmp_path) == len(stream)


def _holder(store: Store, pids: Sequence[int], *, wait: bool = True) -> int:
    """Process id of the filer that holds the lease."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        name = store.holder("filer", datetime.now(UTC))
        for pid in pids:
            if f":{pid}:" in name:
                return pid
        if not wait:
            return 0
        time.sleep(0.02)
    pytest.fail("nobody files")


def test_after_reanalysis_the_order_of_arrival_is_gone(tmp_path: Path, stream: list[Item]) -> None:
    """How little it matters before is held in tests/quality, on more articles."""
    made = []
    for hours in (0, 24):
        folder = tmp_path / str(hours)
        folder.mkdir()
        arriving = jittered(stream, hours, seed=3) if hours else stream
        gather(folder, arriving)
        file_to_the_end(folder)
        consistent(folder, stream)
        for _ in range(2):
            done = monitor(folder, "store", "reanalyse", "--from", "text", **SETTINGS)
            assert done.returncode == 0, done.stderr
            made.append(parted(consistent(folder, stream)))
    assert all(one == made[0] for one in made)
