"""Is the pair a copy, a quotation, or two bulletins of one form? Typed edges from the facts of an alignment. Pure.

Figures: 145 hand-labelled pairs of a wire stream (70 copies, 71 templates), weighted; see tests/quality/stream.py.
"Wire": pair precision / recall on that stream, .985 / .982 with these values; all neighbours in docs/matching.md.
"""

from __future__ import annotations

from monitor.duplicates.evidence import Facts
from monitor.duplicates.settings import MatchSettings

NEAR = 0.8  # both covered so far: the same text; flat from .6 to .95
MIN_MATCHED = 18  # words in common, or else BOTH_COVERED; shorter matches are stock phrases. At 36 wire recall .932
BOTH_COVERED = 0.6  # flat from .4 to .8
STRANGE_MATCHED = 30  # where the titles have next to nothing in common: filing notices share 19 words; wire .965 at 15
STRANGE_TITLE = 0.3  # flat from .15 to .6
STRANGE_HOURS = 1  # within which any title will do; at 4 recall of made copies 1 instead of .992
# Scattered words: no run of so many equal words, in so few, and less covered. All of 70 copies have such a run; of 16
# pairs without that were read, 10 were bulletins.
SCATTERED_RUN, SCATTERED_MATCHED = 12, 50  # a run of 24: wire recall .879
TITLE_BONUS = 0.08  # how much less of the text must be covered where the titles are the same; flat from 0 to .16
QUOTE_RUN = 12  # equal words in a row that are worth to be kept as a quotation; decides no story

AGREEMENT = 0.76  # of the numbers; without this rule 57 false pairs of 672 instead of 3
UPDATE_HOURS = 6  # within which a report is told again with another number (flat from 3 to 12),
UPDATE_RUN = 40  # or later, where so many words in a row are the same: no form of a bulletin has them; flat from 20
# Share of numbers among the matched words from which it is a table: those of two markets agree at .80 to .91, while a
# company's results told again agree at .87 with a share of .55 at most.
TABLE, TABLE_AGREEMENT = 0.6, 0.95  # a share of .4: wire recall .960, of .8: precision .965
# Both have another subject: the title's words, in the slots of the text. Not where hardly a word is another.
SAME_TEXT, SAME_RUN = 0.95, 60  # flat from .85 to .99, and from 30 to 120
LATE_HOURS = 18  # beyond it recurring bulletins outnumber copies: wire .984 / .924 at 9, .980 / .990 at 36
LATE_MATCHED, LATE_AGREEMENT = 30, 0.9  # at 60 words recall of made copies .983; agreement of .7: wire .971
SAME_TITLE = 0.8  # likeness of titles from which they are one; without it wire .972 / .990

# Background: less covered, titles unlike, and the match begins after so many words of both texts. An agency's own later
# reports reuse long passages soon; elsewhere an intro may stand before a copy: much in common is one all the same.
LEAD_WORDS, LEAD_COVER = 20, 0.6  # 40 words: wire .931; a cover of .4: wire .950, 4 false pairs of 200 bulletins
OWN_HOURS, OWN_TITLE = 0.5, 0.5  # same site; 2 h: wire .965, a likeness of .25: .913
LEAD_HOURS, LEAD_TITLE, LEAD_MATCHED = 1, 0.3, 40  # flat at half and double
TAIL_MATCHED = 80  # and where it ends both texts: the furniture of a site, or of its software, that is not learnt yet


def judge(facts: Facts, hours: float, *, same_site: bool, settings: MatchSettings) -> str:
    """near | contained | quote, or empty for no edge."""
    if is_template(facts, hours, same_site=same_site):
        return ""
    quoted = "quote" if facts.longest_run >= QUOTE_RUN and facts.matched >= MIN_MATCHED else ""
    both = min(facts.own, facts.kept)
    if facts.matched < MIN_MATCHED and both < BOTH_COVERED:
        return quoted
    strange = facts.title < STRANGE_TITLE and hours > STRANGE_HOURS and facts.matched < STRANGE_MATCHED
    if (strange and both < BOTH_COVERED) or is_scattered(facts):
        return quoted
    if facts.cover < needed(facts, hours, settings) or is_background(facts, hours, same_site=same_site):
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
    if facts.subjects and not (min(facts.own, facts.kept) >= SAME_TEXT and facts.longest_run >= SAME_RUN):
        return True
    if hours > LATE_HOURS:
        if facts.matched < LATE_MATCHED or facts.agreement < LATE_AGREEMENT:
            return True
        return same_site and facts.title >= SAME_TITLE and facts.swapped > 0
    table = facts.agreeing + facts.changed >= TABLE * facts.matched
    update = hours <= UPDATE_HOURS or facts.longest_run >= UPDATE_RUN
    if facts.changed == 1 and update and not table:
        return False
    return facts.agreement < (TABLE_AGREEMENT if table else AGREEMENT)


def is_scattered(facts: Facts) -> bool:
    """Is what they have in common the wording of the trade?"""
    short = facts.longest_run < SCATTERED_RUN and facts.matched <= SCATTERED_MATCHED
    return short and facts.cover < BOTH_COVERED


def is_background(facts: Facts, hours: float, *, same_site: bool) -> bool:
    """A reused lead is a copy, a reused tail is background of another report."""
    if facts.cover >= LEAD_COVER:
        return False
    if facts.tail and facts.main_start >= LEAD_WORDS and facts.title < LEAD_TITLE and facts.matched < TAIL_MATCHED:
        return True
    if facts.start < LEAD_WORDS:
        return False
    if same_site:
        return hours > OWN_HOURS and facts.title < OWN_TITLE
    return hours > LEAD_HOURS and facts.title < LEAD_TITLE and facts.matched < LEAD_MATCHED
