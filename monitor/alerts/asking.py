"""What a rule asks for, in a line: query and filters, in the words of a language."""

from __future__ import annotations

from monitor.alerts.cleaning import clean
from monitor.alerts.wording import words
from monitor.records import Rule

LONGEST_QUESTION = 250  # characters in a message: a rule of hundreds of names is known by its first


def asks(rule: Rule, language: str = "en", longest: int = 0) -> str:
    """As its file says it, but for the query's blanks. `longest`: it is cut there with "…"; 0: it is whole."""
    said = words(language)
    kinds = [said[kind].format(names="") for kind in rule.kinds] if language != "en" else rule.kinds
    filters = (
        ("in_sites", rule.sites), ("in_languages", rule.languages), ("in_agencies", rule.agencies), ("in_kinds", kinds),
    )  # fmt: skip
    parts = [rule.query, *(f"{said[name]}: {', '.join(wanted)}" for name, wanted in filters if wanted)]
    if rule.credited is not None:
        parts.append(said["credited" if rule.credited else "uncredited"])
    if rule.reused_from:
        parts.append(said["reuse"].format(agencies=", ".join(rule.reused_from)))
    if rule.withdrawn:
        parts.append(said["runs_withdrawn"])
    if rule.min_copies > 1:
        parts.append(said["min_copies"].format(count=rule.min_copies))
    if rule.spike:
        times = f"{rule.spike:g}"
        parts.append(said["spike"].format(times=times.replace(".", ",") if language == "de" else times))
    made = "; ".join(filter(None, parts))
    return clean(made, longest) if longest else made
