"""What nobody wants to be told of for a while: everything, or what is wrong with a site. In a note of the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.codec import decode, encode
from monitor.health.judging import Problem
from monitor.health.texts import SITE_PROBLEMS
from monitor.store.port import Notes

_NOTE = "health:silences"


@dataclass(frozen=True, slots=True)
class Silences:
    """Until when. `sites`: by id."""

    everything: datetime | None = None
    sites: dict[str, datetime] = field(default_factory=dict)

    def covers(self, problem: Problem, now: datetime) -> bool:
        """Is nothing to be told of it?"""
        of_site = self.sites.get(problem.subject) if problem.what in SITE_PROBLEMS else None
        return any(until is not None and until > now for until in (self.everything, of_site))

    def lasting(self, now: datetime) -> Silences:
        """Those that are not over."""
        everything = self.everything if self.everything is not None and self.everything > now else None
        return Silences(everything, {site: until for site, until in self.sites.items() if until > now})


def silences_of(notes: Notes) -> Silences:
    """Raises StoreError."""
    text = notes.note(_NOTE)
    return decode(Silences, text) if text else Silences()


def silence(notes: Notes, sites: Iterable[str], until: datetime, now: datetime) -> None:
    """From now on; without sites everything. A silence that is there already is as long as this one then. Raises
    StoreError.
    """
    known, named = silences_of(notes).lasting(now), dict.fromkeys(sites, until)
    made = replace(known, sites={**known.sites, **named}) if named else replace(known, everything=until)
    notes.put_note(_NOTE, encode(made).decode())


def end_silences(notes: Notes, sites: Iterable[str] = ()) -> None:
    """Of the sites, or all. Raises StoreError."""
    known, named = silences_of(notes), set(sites)
    kept = {site: until for site, until in known.sites.items() if site not in named}
    notes.put_note(_NOTE, encode(replace(known, sites=kept) if named else Silences()).decode())
