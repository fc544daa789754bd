"""The machines that share a store, and the sites that each of them crawls: in one note of the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.codec import decode, encode
from monitor.store.port import Notes

_NOTE = "health:machines"
_AGAIN = timedelta(hours=1)  # distance of notes when nothing changes
_AWAY = timedelta(hours=6)  # a machine that noted nothing for so long crawls nothing
KNOWN = timedelta(days=30)  # and is forgotten after so long


@dataclass(frozen=True, slots=True)
class Machine:
    """`at`: when it was noted last."""

    at: datetime
    sites: tuple[str, ...] = ()


def machines_of(notes: Notes) -> dict[str, Machine]:
    """By name. Raises StoreError."""
    text = notes.note(_NOTE)
    return decode(dict[str, Machine], text) if text else {}


def note_machine(notes: Notes, host: str, sites: tuple[str, ...], now: datetime) -> None:
    """Where something changed, or was not noted for long. Two that write at once: one is missing until its next look,
    in which it is noted again. Raises StoreError.
    """
    known = machines_of(notes)
    noted = known.get(host)
    if noted is None or noted.sites != sites or now - noted.at >= _AGAIN:
        known = {name: one for name, one in known.items() if now - one.at < KNOWN}
        notes.put_note(_NOTE, encode({**known, host: Machine(now, sites)}).decode())


def crawled(notes: Notes, now: datetime, away: timedelta = _AWAY) -> set[str]:
    """Sites that some machine crawls that is not away for so long. Raises StoreError."""
    return {site for one in machines_of(notes).values() if now - one.at < away for site in one.sites}
