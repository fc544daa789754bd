"""Waiting for what other threads and processes do: as long as a busy machine may need, and not a moment longer."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 90.0  # seconds: only what never happens is waited for so long


def until(
    done: Callable[[], object], what: str = "what was waited for", *, seconds: float = PATIENCE, pause: float = 0.02
) -> None:
    """Return as soon as it is done, which is asked every `pause` seconds; fail when it is not in time."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(pause)
