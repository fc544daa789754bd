"""The incidents that are followed, kept in a note of the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.codec import decode, encode
from monitor.health.incidents import Incident, Told, followed, lasting
from monitor.health.judging import Judged, Problem
from monitor.store.port import Notes, Store

_BREAK = timedelta(hours=1)  # without a look, after which looking begins anew
_NOTED = timedelta(minutes=10)  # distance of notes when nothing changes


@dataclass(frozen=True, slots=True)
class Kept:
    """`since`: from then on it was looked without a break, up to `looked`."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    since: datetime | None = None
    looked: datetime | None = None


def incidents_of(notes: Notes, name: str) -> Kept:
    """As they were noted last. Raises StoreError."""
    text = notes.note(name)
    return decode(Kept, text) if text else Kept()


class Ledger:
    """A program that starts again, or takes over, tells nothing twice."""

    def __init__(self, store: Store, note: str) -> None:
        self._store, self._note = store, note
        self._kept, self._noted = Kept(), Kept()
        self._read = False

    def forget(self) -> None:
        """Another goes on with it."""
        self._kept, self._noted, self._read = Kept(), Kept(), False

    def read(self, now: datetime) -> datetime:
        """What was noted, once; since when it is looked without a break."""
        if not self._read:
            self._noted = incidents_of(self._store, self._note)
            begun = self._kept.incidents  # while the store did not answer
            self._kept = Kept({**self._noted.incidents, **begun}, self._noted.since, self._noted.looked)
            self._read = True
        since, looked = self._kept.since, self._kept.looked
        if since is None or looked is None or now - looked > _BREAK:
            since = now
        self._kept = Kept(self._kept.incidents, since, now)
        return since

    def problems(self) -> list[Problem]:
        """Of the incidents that are followed."""
        return [incident.problem for incident in self._kept.incidents.values()]

    def follow(
        self,
        judged: Judged,
        now: datetime,
        remind: timedelta,
        channels: tuple[str, ...],
        silent: Callable[[Problem], bool],
    ) -> list[Told]:
        after, told = followed(self._kept.incidents, judged, now, remind, channels, silent)
        self._kept = Kept(after, self._kept.since, self._kept.looked)
        return [*told, *lasting(after, channels)]

    def write(self) -> None:
        """Where something changed, or was not noted for long."""
        kept, noted = self._kept, self._noted
        fresh = kept.looked is None or (noted.looked is not None and kept.looked - noted.looked < _NOTED)
        if self._read and not (fresh and (kept.incidents, kept.since) == (noted.incidents, noted.since)):
            self._store.put_note(self._note, encode(kept).decode())
            self._noted = kept
