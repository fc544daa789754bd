"""Are two passages of one text on the same matter? Tells an article's own addition from a second story in it."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from monitor.duplicates.cluster import Spans
from monitor.duplicates.words import is_unspaced, split

TELLING = 6  # letters; shorter words are mostly grammar, or stand in any report
# Of 191 real pages: .11 to .22 is the middle between passages of one text (60 to 300 words long), .11 to .15 the 99th
# percentile between passages of two texts in one language.
MIN_COHESION = 0.13
# Tokens of a script without spaces that together tell as much as a long word does. One is a pair of letters and stands
# in any text: .32 to .56 between two news texts. With three it is .04 in Thai; on 503 passages of Debian's translations
# (120 words each) .08 to .15 is the middle between neighbours, .09 to .12 the 95th percentile between two programs.
RUN = 3


def cohesive(text: str, spans: Spans, others: Spans) -> bool:
    return cohesion(split(text), spans, others) >= MIN_COHESION


def cohesion(tokens: Sequence[str], spans: Spans, others: Spans) -> float:
    """Cosine of the two sets of telling words. Spans are numbers of words.

    The share of the shorter set would grow with the longer passage: everybody's words are in it in the end.
    """
    one, other = _telling(tokens, spans), _telling(tokens, others)
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


def _telling(tokens: Sequence[str], spans: Spans) -> set[str]:
    found: set[str] = set()
    for start, end in spans:
        run: list[str] = []
        for token in tokens[start:end]:
            if is_unspaced(token):
                run = [*run[1 - RUN :], token]
                if len(run) == RUN:
                    found.add("".join(run))
                continue
            run = []
            if len(token) >= TELLING or not token.isascii():
                found.add(token[:TELLING])
    return found
