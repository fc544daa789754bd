"""The filer's process: begun, begun again, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
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
from tests.waiting import until


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


LISTENER = "import os, sys; sys.stderr.write('ready\\n'); os.read(0, 1); sys.stderr.write('told\\n'); sys.exit(9)"


def test_it_is_told_to_hurry_and_so_is_the_next_one_when_it_has_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filer, "REST", 0.1)
    children: list[subprocess.Popen[bytes]] = []

    def start(command: list[str], loaded: config.Loaded, **pipes: bool) -> subprocess.Popen[bytes]:
        children.append(real_start([sys.executable, "-c", LISTENER], loaded, **pipes))
        return children[-1]

    real_start = filer.start
    monkeypatch.setattr(filer, "start", start)
    lines: list[str] = []
    process = FilerProcess(config.load(tmp_path, {}), on_line=lines.append)
    try:
        until(lambda: "ready" in lines)
        assert "told" not in lines
        process.hurry()
        until(lambda: lines.count("told") >= 3)
    finally:
        process.stop()
    process.hurry()
    assert process.deaths >= 2
    assert all(pipe is None or pipe.closed for one in children for pipe in (one.stdin, one.stdout, one.stderr))


# As `monitor file`, but for its rests, which never end by themselves.
RESTING = """
import sys
from monitor.cli import main
from monitor.filing import filer
filer.IDLE_WAIT = 600.0
sys.exit(main())
"""


def test_a_filer_that_rests_files_at_once_when_it_is_told_to_hurry(tmp_path: Path, store: Store) -> None:
    command = [sys.executable, "-c", RESTING, "file", "--parent", str(os.getpid())]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE) as child:
        try:
            until(lambda: store.holder(FILER_LEASE, datetime.now(UTC)) != "")
            time.sleep(1.0)  # it has looked, and rests
            store.settle([stored("a")])
            time.sleep(1.0)
            assert store.waiting() == 1
            assert child.stdin is not None
            os.write(child.stdin.fileno(), b"\n")
            until(lambda: not store.waiting())
        finally:
            child.terminate()
    assert child.returncode == 0


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
