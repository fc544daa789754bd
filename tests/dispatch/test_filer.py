"""The filer's process: begun, begun again, ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor import config
from monitor.dispatch import filer
from monitor.dispatch.filer import FilerProcess
from monitor.filing import WaitNote
from monitor.store.embedded import open_store
from monitor.store.port import FILER_LEASE, Store
from tests.articles import stored


def until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "never happened"
        time.sleep(0.05)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "store")) as opened:
        yield opened


def number_of(holder: str) -> int:
    return int(holder.split(":")[1])


def test_it_files_is_begun_again_when_it_dies_and_ends_when_told(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filer, "REST", 0.1)
    lines: list[str] = []
    process = FilerProcess(config.load(tmp_path, {}), on_line=lines.append)
    try:
        store.settle([stored("a")])
        until(lambda: not store.waiting())
        first = number_of(store.holder(FILER_LEASE, datetime.now(UTC)))
        os.kill(first, signal.SIGKILL)
        store.settle([stored("b")])
        until(lambda: not store.waiting())
        assert process.deaths == 1
        second = number_of(store.holder(FILER_LEASE, datetime.now(UTC)))
        assert second != first
    finally:
        process.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)
    health = store.health(datetime.now(UTC))
    assert (health.articles, health.unprojected, health.filer) == (2, 0, "")


def test_who_waits_for_the_last_articles_need_not_wait_out_its_pauses(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told before it listens, told while it rests, and told again to the next one when it has died."""
    monkeypatch.setattr(filer, "REST", 0.1)
    process = FilerProcess(config.load(tmp_path, {}), on_line=lambda line: None)
    process.hurry()
    try:
        store.settle([stored("a")])
        until(lambda: not store.waiting())
        os.kill(number_of(store.holder(FILER_LEASE, datetime.now(UTC))), signal.SIGKILL)
        until(lambda: process.deaths == 1)
        process.hurry()
        store.settle([stored("b")])
        until(lambda: not store.waiting())
        process.hurry()
        assert process.deaths == 1
    finally:
        process.stop()
    process.hurry()
    assert store.health(datetime.now(UTC)).articles == 2


def test_it_is_known_whether_this_filer_is_held_up(tmp_path: Path, store: Store) -> None:
    process = FilerProcess(config.load(tmp_path, {}), on_line=lambda line: None)
    mine = ""
    try:
        until(lambda: store.holder(FILER_LEASE, datetime.now(UTC)) != "")
        mine = store.holder(FILER_LEASE, datetime.now(UTC))
        os.kill(number_of(mine), signal.SIGSTOP)  # it would take the note away, for it gets on
        note = WaitNote(tmp_path / "store")
        for holder, lasting, expected in (("other:1:1", True, False), (mine, False, False), (mine, True, True)):
            note.put("no room", holder, lasting=lasting)
            assert process.held_up is expected
        note.forget()
        assert not process.held_up
    finally:
        if mine:
            os.kill(number_of(mine), signal.SIGCONT)
        process.stop()


def test_one_that_can_not_begin_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filer, "REST", 0.1)
    (tmp_path / "store").write_text("no folder")
    process = FilerProcess(config.load(tmp_path, {}), on_line=lambda line: None)
    try:
        until(lambda: process.deaths >= 1)
        assert any("Error: " in line for line in process.last_words)
        assert not any("Traceback" in line for line in process.last_words)
    finally:
        process.stop()
