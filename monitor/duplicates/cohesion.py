"""Are two passages of one text on the same matter? Tells an article's own addition from a second story in it."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from monitor.duplicates.cluster import Spans
from monitor.duplicates.words import split

TELLING = 6  # letters; shorter words are mostly grammar, or stand in any report
# Of 191 real pages: .11 to .22 is the middle between passages of one text (60 to 300 words long), .11 to .15 the 99th
# percentile between passages of two texts in one language.
MIN_COHESION = 0.13


def cohesive(text: str, spans: Spans, others: Spans) -> bool:
    return cohesion(split(text), spans, others) >= MIN_COHESION


def cohesion(tokens: Sequence[str], spans: Spans, others: Spans) -> float:
    """Cosine of the two sets of telling words. Spans are numbers of words.

    The share of the shorter set would grow with the longer passage: everybody's words are in it in the end.
    """
    one, other = _telling(tokens, spans), _telling(tokens, others)
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


def _telling(tokens: Sequence[str], spans: Spans) -> set[str]:
    return {
        token[:TELLING]
        for start, end in spans
        for token in tokens[start:end]
        if len(token) >= TELLING or not token.isascii()
    }
