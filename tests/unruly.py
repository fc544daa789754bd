"""What a worker does with pages that misbehave, told by their address. A module, so that worker processes find it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence

from monitor import analysis
from monitor.analysis import Job, Refused
from monitor.records import Analysis


class Deadly(str):
    """An address that kills a worker in the middle of sending it back."""

    sender: int

    def __new__(cls, sender: int) -> Deadly:
        made = super().__new__(cls, "https://blatt.example/deadly")
        made.sender = sender
        return made

    def __reduce__(self) -> tuple[type[Deadly], tuple[int]]:
        if os.getpid() != self.sender:
            os.kill(os.getpid(), signal.SIGKILL)
        return Deadly, (self.sender,)


def work(jobs: Sequence[Job]) -> list[Analysis | Refused]:
    """As the real one, but some pages hang, kill the process or take all memory."""
    for page, *_ in jobs:
        if "/hang" in page.url:
            time.sleep(60)
        if "/die" in page.url:
            os.kill(os.getpid(), signal.SIGKILL)
        if "/exit" in page.url:
            os._exit(3)
        if "/memory" in page.url:
            bytearray(3_000_000_000)
        if "/wait" in page.url:
            time.sleep(0.5)
    return analysis._work(jobs)
