"""Is the pair a copy, a quotation, or two bulletins of one form? Typed edges from the facts of an alignment. Pure.

Figures: 145 hand-labelled pairs of a wire stream (70 copies, 71 templates), weighted; see tests/quality/stream.py.
"""

from __future__ import annotations

from monitor.duplicates.evidence import Facts
from monitor.duplicates.settings import MatchSettings

NEAR = 0.8  # both covered so far: the same text
MIN_MATCHED = 18  # words in common, or else BOTH_COVERED; shorter matches are stock phrases
BOTH_COVERED = 0.6
TITLE_BONUS = 0.08  # how much less of the text must be covered where the titles are the same
QUOTE_RUN = 12  # equal words in a row that are worth to be kept as a quotation

UPDATE_HOURS = 6  # within which a report is told again with other numbers
AGREEMENT, UPDATE_AGREEMENT = 0.76, 0.6  # of the numbers; without this rule 57 false pairs of 672 instead of 3
LATE_HOURS = 18  # beyond it recurring bulletins outnumber copies
LATE_MATCHED, LATE_AGREEMENT = 30, 0.9
SAME_TITLE = 0.8  # likeness of titles from which they are one

LEAD_HOURS, LEAD_COVER, LEAD_TITLE, LEAD_RUN, LEAD_WORDS = 1, 0.6, 0.3, 40, 20


def judge(facts: Facts, hours: float, *, same_site: bool, settings: MatchSettings) -> str:
    """near | contained | quote, or empty for no edge."""
    if is_template(facts, hours, same_site=same_site):
        return ""
    quoted = "quote" if facts.longest_run >= QUOTE_RUN and facts.matched >= MIN_MATCHED else ""
    both = min(facts.own, facts.kept)
    if facts.matched < MIN_MATCHED and both < BOTH_COVERED:
        return quoted
    if facts.cover < needed(facts, hours, settings) or is_background(facts, hours):
        return quoted
    return "near" if both >= NEAR else "contained"


def needed(facts: Facts, hours: float, settings: MatchSettings) -> float:
    """The share of the better covered text that makes a copy at this distance."""
    distance = min(1.0, hours * 3600 / settings.window.total_seconds())
    return (settings.min_coverage - TITLE_BONUS * facts.title) * (1 + settings.time_prior * distance)


def is_template(facts: Facts, hours: float, *, same_site: bool) -> bool:
    """Do both fill one form with different facts?"""
    if facts.corrected and hours <= LATE_HOURS + UPDATE_HOURS:
        return False
    if facts.subjects:
        return True
    if hours > LATE_HOURS:
        if facts.matched < LATE_MATCHED or facts.agreement < LATE_AGREEMENT:
            return True
        return same_site and facts.title >= SAME_TITLE and facts.swapped > 0
    bar = UPDATE_AGREEMENT if hours <= UPDATE_HOURS else AGREEMENT
    return facts.agreement < bar


def is_background(facts: Facts, hours: float) -> bool:
    """A reused lead is a copy, a reused tail is background of another report."""
    return (
        hours > LEAD_HOURS
        and facts.cover < LEAD_COVER
        and facts.title < LEAD_TITLE
        and facts.longest_run < LEAD_RUN
        and facts.start > LEAD_WORDS
    )
