"""Lines of JSON from a crawl's process to the one that started it, on standard output."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.codec import decode, encode
from monitor.records import Run
from monitor.text import digest


@dataclass(frozen=True, slots=True)
class Event:
    """How a crawl stands. kind: progress | finished | failed (could not even begin; `message` says why)."""

    kind: str
    run: Run | None = None
    paused: bool = False
    wanted: int = 0  # pages taken up so far; 0 where not told
    message: str = ""
    hint: str = ""


def new_run_id(site: str, now: datetime | None = None) -> str:
    """Id of a run: unique, and sorted by time within a site."""
    moment = now or datetime.now(UTC)
    return f"{moment:%Y%m%dT%H%M%S}-{digest(site, moment.isoformat(), str(os.getpid()), size=4)}"


def emit(
    kind: str, run: Run | None = None, *, paused: bool = False, wanted: int = 0, message: str = "", hint: str = ""
) -> None:
    """Write one line. A reader that went away is no reason to end a crawl."""
    try:
        sys.stdout.buffer.write(encode(Event(kind, run, paused, wanted, message, hint)) + b"\n")
        sys.stdout.buffer.flush()
    except (BrokenPipeError, ValueError):
        return


def read(line: bytes) -> Event | None:
    """The event of a line; None for a line that is none (a library that prints)."""
    return decode(Event, line) if line.startswith(b'{"kind":') else None
