"""What the filer keeps from batch to batch: how to match and trace, and what it remembers of recent texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.duplicates import Matcher, MatchSettings
from monitor.records import Changes
from monitor.sources import AgencyTable, TraceSettings
from monitor.store.port import Store

Licence = Callable[[str, str, datetime, str], bool | None]  # agency, site, time, host


Tell = Callable[[Store, Changes], Changes]
Look = Callable[[Store], None]


def _nobody(store: Store, changes: Changes) -> Changes:
    return changes


def _nowhere(store: Store) -> None:
    pass


def no_licences(agency: str, site: str, at: datetime, host: str) -> bool | None:
    """Nobody keeps any."""
    return None


def no_licence_states() -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class Rules:
    """How a store's articles are matched and traced."""

    matching: MatchSettings = field(default_factory=MatchSettings)
    tracing: TraceSettings = field(default_factory=TraceSettings)
    licence: Licence = no_licences
    licence_states: Callable[[], Mapping[str, str]] = no_licence_states  # by agency; another one after a change
    agencies: AgencyTable | None = None  # None: those that come with the program


class Desk:
    """One filer's; the store may change behind it, its memory is only of what cannot change."""

    def __init__(self, rules: Rules | None = None, tell: Tell | None = None, look: Look = _nowhere) -> None:
        """`tell`: adds to what is written what alert rules say of it; `look`: while nothing is to be written, whether
        the rules are others now.
        """
        self.rules = rules or Rules()
        self.tell = tell or _nobody
        self.look = look
        self.matcher = Matcher(self.rules.matching)
