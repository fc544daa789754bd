"""Names of lease holders: host, process, and a part that no other process has."""

from __future__ import annotations

import os
import socket
import time

from monitor.text import digest


def holder_name() -> str:
    """A name for this process, unique also among processes that get the same number later."""
    return f"{socket.gethostname()}:{os.getpid()}:{digest(str(time.time_ns()), size=4)}"


def is_dead(holder: str) -> bool:
    """Was the holder a process of this machine that no longer runs? Then nobody need wait for its lease to run out."""
    host, _, number = holder.rpartition(":")[0].rpartition(":")
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
