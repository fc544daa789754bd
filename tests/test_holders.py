"""Names of lease holders, and who of them is dead."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from monitor import holders
from monitor.holders import holder_name, is_dead


def test_a_process_that_runs_is_not_dead() -> None:
    assert holder_name() == holder_name()
    assert not is_dead(holder_name())


def test_a_process_that_ended_is_dead_also_before_its_parent_reaped_it() -> None:
    command = [
        sys.executable,
        "-c",
        "from monitor.holders import holder_name; print(holder_name(), flush=True); input()",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert not is_dead(name)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it ended and is not reaped
        assert is_dead(name)
    assert is_dead(name)


def test_a_number_used_again_by_another_process_is_not_the_holder() -> None:
    host, number, began = holder_name().split(":")
    assert is_dead(f"{host}:{number}:{int(began) - 1}")


def test_nothing_is_said_of_other_machines_or_strange_names() -> None:
    assert not is_dead(f"elsewhere:{2**22 + 1}:1")
    assert not is_dead("")
    assert not is_dead("filer")
    assert not is_dead(f"{socket.gethostname()}:x:1")


def test_without_proc_only_the_number_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holders, "_began", lambda process: None)
    assert not is_dead(holder_name())
    assert is_dead(f"{socket.gethostname()}:{2**22 + 1}:1")
