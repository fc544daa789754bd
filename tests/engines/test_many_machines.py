"""Four machines gather parts of one stream that overlap, in any order, while filers are killed: each article once.

MONITOR_TEST_ARTICLES is the size of the stream. It has to be large: of 600, the six that may be in another story are as
many as a single story has.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.store.elastic.store import ElasticStore
from monitor.store.port import FILER_LEASE
from tests.consistent import parted, share_alike, whole
from tests.engines.engine import Engine
from tests.engines.machines import Machine, kill_group, machine, made_sources, plain_stream, wait_until
from tests.engines.running import KINDS
from tests.engines.stores import opened
from tests.program import exported
from tests.quality.republishing import Item

ARTICLES = int(os.environ.get("MONITOR_TEST_ARTICLES", "1200"))
PATIENCE = 120 + ARTICLES  # seconds
MACHINES, FILERS = 4, 3
SHARED = 0.4  # of the articles come to a second machine, too

pytestmark = [pytest.mark.slow, pytest.mark.timeout(6 * PATIENCE)]


@pytest.fixture(scope="module", params=KINDS)
def engine_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
def stream() -> list[Item]:
    made = plain_stream(3, made_sources(3, ARTICLES // 6), copies=8, bulletins=ARTICLES // 25)[:ARTICLES]
    assert len(made) == ARTICLES
    return made


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, stream: list[Item]) -> tuple[dict[str, str], dict[str, str]]:
    """Stories of one run on one machine, and those after a re-analysis; on the embedded store."""
    here = Machine(tmp_path_factory.mktemp("straight"))
    here.run("import", here.file_of("all.jsonl", stream), timeout=PATIENCE)
    at_first = _stories(here)
    here.run("store", "reanalyse", timeout=PATIENCE)
    return at_first, _stories(here)


def test_each_article_is_there_once_in_its_story(
    engine: Engine,
    fresh_prefix: str,
    tmp_path: Path,
    stream: list[Item],
    straight: tuple[Mapping[str, str], Mapping[str, str]],
) -> None:
    usual = {"MONITOR_FILING__BATCH": "100", "MONITOR_FILING__PROJECT_SECONDS": "5"}
    desks = [machine(tmp_path / f"filer{n}", engine, fresh_prefix, **usual) for n in range(FILERS)]
    gathering = [machine(tmp_path / f"gatherer{n}", engine, fresh_prefix, **usual) for n in range(MACHINES)]
    desks[0].run("store", "init")
    ids = [item.id for item in stream]
    began = time.monotonic()
    with opened(engine, fresh_prefix, tmp_path / "looking") as store:
        processes = [one.start("file") for one in desks]
        try:
            wait_until(lambda: bool(_active(store)), "one files")
            parts = shuffled_parts(stream)
            imports = [
                one.start("import", one.file_of("part.jsonl", part)) for one, part in zip(gathering, parts, strict=True)
            ]
            processes += imports
            for share in (0.2, 0.6):
                wait_until(
                    lambda share=share: _filed(store) >= share * ARTICLES, f"{share:.0%} filed", seconds=PATIENCE
                )
                _kill_active(store)
            told = [one.communicate(timeout=PATIENCE)[0] for one in imports]
            assert [one.returncode for one in imports] == [0] * MACHINES, told
            wait_until(lambda: not store.waiting(), "everything is filed", seconds=PATIENCE)
        finally:
            _end(processes)
        print(f"gathered and filed, {time.monotonic() - began:.0f} s")
        for one in gathering:
            one.drain()
        store.refresh()
        at_first = whole(store, ids)
        assert sum(run.unchanged for run in store.runs(limit=1000)) == sum(map(len, parts)) - ARTICLES
        alike = share_alike(at_first, straight[0])
        print(f"{alike:.2%} of {ARTICLES} articles are in the same story, {time.monotonic() - began:.0f} s")
        assert alike >= 0.99
        desks[0].run("store", "reanalyse", timeout=PATIENCE)
        store.refresh()
        print(f"re-analysed, {time.monotonic() - began:.0f} s")
        assert parted(whole(store, ids)) == parted(straight[1])
        assert store.check() == []


def shuffled_parts(stream: Sequence[Item]) -> list[list[Item]]:
    """Each article to one machine or two."""
    rng = random.Random(8)
    parts: list[list[Item]] = [[] for _ in range(MACHINES)]
    for item in stream:
        for number in rng.sample(range(MACHINES), 2 if rng.random() < SHARED else 1):
            parts[number].append(item)
    for part in parts:
        rng.shuffle(part)
    return parts


def _stories(here: Machine) -> dict[str, str]:
    return {one["id"]: one["cluster_id"] for one in exported(here.folder)}


def _filed(store: ElasticStore) -> int:
    """As searches see it: the filers refresh all the time."""
    return store._reader.count("articles")


def _active(store: ElasticStore) -> int:
    """Process id of the filer that holds the lease; 0 where none does."""
    parts = store.holder(FILER_LEASE, datetime.now(UTC)).split(":")
    return int(parts[-2]) if len(parts) > 2 else 0


def _kill_active(store: ElasticStore) -> None:
    """It is one that this test started, or a filer of one of its imports; another goes on."""
    wait_until(lambda: bool(_active(store)), "one files")
    killed = _active(store)
    with suppress(ProcessLookupError):
        os.kill(killed, signal.SIGKILL)
    wait_until(lambda: _active(store) not in (0, killed), "another files")


def _end(processes: Sequence[subprocess.Popen[str]]) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + 60
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=max(0.1, until - time.monotonic()))
        print(kill_group(process))  # what the filers told, where the test fails
