"""No engine outlives the tests that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.engines.engine import GUARD

STARTER = """
import json, os, subprocess, sys, time
guard, folder = sys.argv[1:]
specification = {
    "command": ["sleep", "600"], "environment": {"PATH": os.environ["PATH"]}, "user": None, "group": None,
    "folder": folder, "log": folder + "/log", "parent": os.getpid(), "at_end": ["touch", folder + "-ended"],
}
started = subprocess.Popen([sys.executable, "-I", guard, json.dumps(specification)], start_new_session=True)
time.sleep(600)
"""


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_engine_ends_with_the_tests_that_are_killed(tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    folder.mkdir()
    tests = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(GUARD), str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert tests.stdout
    engine = int(tests.stdout.readline())
    assert alive(engine)
    tests.send_signal(signal.SIGKILL)
    tests.wait()
    until = time.monotonic() + 20
    while (alive(engine) or folder.exists()) and time.monotonic() < until:
        time.sleep(0.1)
    assert not alive(engine)
    assert not folder.exists()
    assert Path(f"{folder}-ended").exists()
