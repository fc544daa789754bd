"""Are two passages of one text on the same matter? Tells an article's own addition from a second story in it."""

from __future__ import annotations

from monitor.duplicates.cluster import Spans
from monitor.duplicates.words import Words

TELLING = 6  # letters; shorter words are mostly grammar, or stand in any report
MIN_COHESION = 0.1


def cohesive(words: Words, spans: Spans, others: Spans) -> bool:
    return cohesion(words, spans, others) >= MIN_COHESION


def cohesion(words: Words, spans: Spans, others: Spans) -> float:
    """Share of the telling words of the shorter passage that the other has too. Spans are places in the text."""
    one, other = _telling(words, spans), _telling(words, others)
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _telling(words: Words, spans: Spans) -> set[str]:
    first = int(words.places[0]) if len(words) else 0
    return {
        token[:TELLING]
        for start, end in spans
        for token in words.tokens[max(0, start - first) : max(0, end - first)]
        if len(token) >= TELLING or not token.isascii()
    }
