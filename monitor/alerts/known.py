"""Names that a rule says and nothing here has. Such a rule is kept: what it names may come up one day, or be known to
another machine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from monitor.records import Rule


@dataclass(frozen=True, slots=True)
class Known:
    """What there is. None: it can't be told, as a file is wrong."""

    channels: Collection[str] | None = None
    agencies: Collection[str] | None = None
    sites: Collection[str] | None = None


_HINTS = {
    "channel": (" yet", "; set it under [alerting.channels]."),
    "site": ("", "; articles that were imported, or come from another machine, answer all the same."),
}


def unknown(rule: Rule, known: Known) -> list[str]:
    """A sentence for each name."""
    return [_told(what, name, names) for what, name, names in _missing(rule, known)]


def by_rule(rules: Iterable[Rule], known: Known) -> list[str]:
    """The same for many rules: what several say once, with their ids before it."""
    found: dict[tuple[str, str], tuple[list[str], Collection[str]]] = {}
    for rule in rules:
        for what, name, names in _missing(rule, known):
            found.setdefault((what, name), ([], names))[0].append(rule.id)
    return [f"{', '.join(ids)}: {_told(what, name, names)}" for (what, name), (ids, names) in found.items()]


def _missing(rule: Rule, known: Known) -> list[tuple[str, str, Collection[str]]]:
    """What it is, its name, and the names that there are."""
    said = (
        ("channel", rule.channels, known.channels),
        ("agency", (*rule.agencies, *rule.reused_from), known.agencies),
        ("site", rule.sites, known.sites),
    )
    return [
        (what, name, names)
        for what, asked, names in said
        if names is not None
        for name in dict.fromkeys(asked)
        if name not in names
    ]


def _told(what: str, name: str, names: Collection[str]) -> str:
    yet, hint = _HINTS.get(what, ("", "."))
    near = get_close_matches(name, list(names), 1)
    return f"No {what} is called {name} here{yet}" + (f"; did you mean {near[0]}?" if near else hint)
