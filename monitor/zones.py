"""Names of time zones as people write them in settings, site files and rules."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def _known() -> frozenset[str]:
    """Asked once: the answer is a walk through some 600 files, 9 ms."""
    return frozenset(available_timezones())


def known_zone(name: str) -> str:
    """The name, if the IANA database has it. Raises ValueError."""
    if name not in _known():
        raise ValueError(f"{name!r} is no time zone of the IANA database; write for example Europe/Berlin")
    return name
