"""Names of lease holders: host, process number and when that process began, so that a number used again is another."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from monitor.text import digest


def holder_name() -> str:
    """A name for this process."""
    return f"{socket.gethostname()}:{os.getpid()}:{_began(os.getpid()) or digest(str(time.time_ns()), size=4)}"


def is_process(holder: str, process: int) -> bool:
    """Is the holder that process of this machine?"""
    return holder.startswith(f"{socket.gethostname()}:{process}:")


def is_dead(holder: str) -> bool:
    """Was the holder a process of this machine that no longer runs? Then nobody need wait for its lease to run out."""
    rest, _, began = holder.rpartition(":")
    host, _, number = rest.rpartition(":")
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    now = _began(int(number))
    return now is not None and now != began


def _began(process: int) -> str | None:
    """Clock ticks from boot to the start of the process (proc(5), field 22); None where there is no /proc.

    "dead" for a process that has ended and is only not yet reaped.
    """
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return "dead" if fields[0] in "ZX" else fields[19]
