"""The site files of a machine: which sites are crawled, which files can't be read, and whether all are gone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from monitor.codec import decode, encode
from monitor.health.machines import KNOWN, crawled
from monitor.sites import load_sites
from monitor.store.port import Notes

_NOTE = "health:crawled:"  # with a machine's name: the sites that it crawled last
_UNNAMED = "yes"  # by an earlier version: it crawled some


class SiteFiles:
    """Read once for each look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._crawled: frozenset[str] = frozenset()
        self._unread: dict[str, str] = {}

    def crawled(self) -> list[str]:
        """Reads the files. A site whose file has become wrong goes on as it was, as in the schedule."""
        sites, errors = load_sites(self._folder)
        first_lines = [error.message.partition("\n")[0] for error in errors]
        self._unread = {Path(line.partition(":")[0]).name.removesuffix(".yaml"): line for line in first_lines}
        enabled = {id for id, site in sites.items() if site.enabled}
        self._crawled = frozenset(enabled | (self._crawled & self._unread.keys()))
        return sorted(self._crawled)

    def unread(self) -> dict[str, str]:
        """What is wrong, by site, as it was at the last reading; of a folder that can't be read, by its name."""
        return self._unread


def are_lost(notes: Notes, host: str, sites: tuple[str, ...], now: datetime) -> bool:
    """Whether this machine crawled sites, and crawls none now, which no other has taken over; one that is off at night
    still has. Raises StoreError.
    """
    known = notes.note(_NOTE + host)
    if sites:
        if (made := encode(sites).decode()) != known:
            notes.put_note(_NOTE + host, made)
        return False
    if not known or known == _UNNAMED:
        return bool(known)
    return not set(decode(tuple[str, ...], known)) <= crawled(notes, now, KNOWN)
