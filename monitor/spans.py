"""Spans of time as people write them in settings and site files: 90s, 15m, 6h, 7d, 2w."""

from __future__ import annotations

import re
from datetime import timedelta

_SPAN = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(s|m|h|d|w)\s*$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MOST = 3660 * 86400  # ten years


def parse_span(text: str) -> timedelta:
    """A span above zero and up to ten years. Raises ValueError that says what was expected."""
    match = _SPAN.match(text)
    seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not 0 < seconds <= _MOST:
        raise ValueError(f"{text!r} is no span of time; write a number and s, m, h, d or w, for example 15m or 6h")
    return timedelta(seconds=seconds)


def show_span(span: timedelta) -> str:
    """The shortest exact form: 90 minutes -> "90m", one day -> "1d"."""
    seconds = span.total_seconds()
    for unit in ("w", "d", "h", "m"):
        if seconds >= _SECONDS[unit] and seconds % _SECONDS[unit] == 0:
            return f"{int(seconds // _SECONDS[unit])}{unit}"
    return f"{int(seconds)}s" if seconds == int(seconds) else f"{seconds}s"
