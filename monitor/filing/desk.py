"""What the filer keeps from batch to batch: how to match and trace, and what it remembers of recent texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.duplicates import Matcher, MatchSettings
from monitor.sources import AgencyTable, TraceSettings

Licence = Callable[[str, str, datetime, str], bool | None]  # agency, site, time, host


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

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.matcher = Matcher(self.rules.matching)
