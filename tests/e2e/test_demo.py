"""The demo as a newcomer runs it: without a terminal it checks itself, with one it stays open until a key."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.program import environment, exported, monitor


def test_the_demo_checks_itself_and_ends(tmp_path: Path) -> None:
    done = monitor(tmp_path, "demo", "--folder", "world")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "checked itself" in done.stdout
    assert "Selurien" in done.stdout
    articles = exported(tmp_path / "world")
    assert {article["language"]["code"] for article in articles} == {"de", "en", "tr"}
    seed_like = next(article for article in articles if article["site"] == "yelken-postasi" and article["source_links"])
    assert seed_like["source_links"][0]["url"].startswith("http://127.")
    again = monitor(tmp_path, "demo", "--folder", "world")
    assert again.returncode == 2
    assert "not an empty folder" in again.stderr


@pytest.mark.slow
def test_with_a_terminal_it_stays_open_until_a_key(tmp_path: Path) -> None:
    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "monitor", "demo"],
        cwd=tmp_path,
        env=environment(TERM="xterm"),
        stdin=there,
        stdout=there,
        stderr=there,
    )
    os.close(there)
    screen = _read_until(here, "Press Enter to end", 240)
    assert "stored" in screen
    time.sleep(0.5)
    assert process.poll() is None
    os.write(here, b"\n")
    _read_until(here, "checked itself", 20)
    assert process.wait(20) == 0


def _read_until(terminal: int, text: str, seconds: float) -> str:
    seen, deadline = "", time.monotonic() + seconds
    while text not in seen and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                seen += os.read(terminal, 65536).decode("utf-8", "replace")
            except OSError:  # the other end is closed
                break
    assert text in seen, seen[-3000:]
    return seen
