"""`monitor file`: the filer by itself."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import Result

from monitor.store.embedded import open_store
from monitor.store.port import FILER_LEASE
from tests.articles import stored
from tests.program import start
from tests.waiting import until

Run = Callable[..., Result]


def test_until_idle_files_what_waits_and_ends(folder: Path, run: Run) -> None:
    with closing(open_store(folder / "store")) as store:
        for number in range(3):
            store.settle([stored(f"a{number}")])
        assert run("file", "--until-idle").exit_code == 0
        health = store.health(datetime.now(UTC))
        assert (health.articles, health.inbox, health.unprojected, health.filer) == (3, 0, 0, "")


def test_it_goes_on_until_it_is_told_and_finishes_what_it_has(folder: Path) -> None:
    with closing(open_store(folder / "store")) as store:
        process = start(folder, "file")
        try:
            until(lambda: store.holder(FILER_LEASE, datetime.now(UTC)))
            store.settle([stored("a")])
            until(lambda: not store.waiting())
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=20)
        finally:
            process.kill()
        assert process.returncode == 0, output
        assert store.health(datetime.now(UTC)).unprojected == 0


def test_a_filer_whose_parent_is_gone_ends(folder: Path) -> None:
    process = start(folder, "file", "--parent", "1")
    try:
        process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0
