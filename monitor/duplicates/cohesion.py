"""Are two passages of one text on the same matter? Tells an article's own addition from a second story in it."""

from __future__ import annotations

from math import sqrt

from monitor.duplicates.cluster import Spans
from monitor.duplicates.words import Words

TELLING = 6  # letters; shorter words are mostly grammar, or stand in any report
# Of 191 real pages: .11 to .22 is the middle between passages of one text (60 to 300 words long), .11 to .15 the 99th
# percentile between passages of two texts in one language.
MIN_COHESION = 0.13


def cohesive(words: Words, spans: Spans, others: Spans) -> bool:
    return cohesion(words, spans, others) >= MIN_COHESION


def cohesion(words: Words, spans: Spans, others: Spans) -> float:
    """Cosine of the two sets of telling words. Spans are places in the text.

    The share of the shorter set would grow with the longer passage: everybody's words are in it in the end.
    """
    one, other = _telling(words, spans), _telling(words, others)
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


def _telling(words: Words, spans: Spans) -> set[str]:
    first = int(words.places[0]) if len(words) else 0
    return {
        token[:TELLING]
        for start, end in spans
        for token in words.tokens[max(0, start - first) : max(0, end - first)]
        if len(token) >= TELLING or not token.isascii()
    }
