"""Named places where a test may kill the program, so that "nothing is lost" is shown and not hoped for.

    MONITOR_FAULT=after-fetch:3     SIGKILL to the whole process group when the place is passed the third time

Without the variable a point costs one dictionary look-up. Counting is per process.
"""

from __future__ import annotations

import os
import signal

PLACES = (
    "after-discovery",
    "after-fetch",
    "before-inbox-commit",
    "after-inbox-commit",
    "before-shipping",
    "after-shipping",
    "after-dead-letter",
    "while-filing",
    "while-projecting",
    "after-index-commit",
    "while-copying",
    "while-migrating",
    "before-swap",
    "after-swap",
)

_passed: dict[str, int] = {}


def passing(place: str) -> None:
    """Die here, with everybody in the process group, if the environment says so."""
    wanted = os.environ.get("MONITOR_FAULT")
    if not wanted:
        return
    name, _, number = wanted.partition(":")
    if name != place:
        return
    _passed[place] = _passed.get(place, 0) + 1
    if _passed[place] == int(number or 1):
        os.killpg(os.getpgid(0), signal.SIGKILL)
