"""Every threshold of matching and of the source trace, with values on either side to measure it by.

About half and double, or the natural neighbours; where those tell nothing also a value with which the rule is off, or
takes effect everywhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple


class Threshold(NamedTuple):
    """`module` below `monitor`; of `duplicates.settings` and `sources.surroundings` a field of their settings."""

    module: str
    name: str
    values: tuple[Any, ...]  # at least one is lower and one higher than the present one

    @property
    def key(self) -> str:
        return f"{self.module}.{self.name}"


def _hours(count: float) -> timedelta:
    return timedelta(hours=count)


_MATCHING: dict[str, dict[str, tuple[Any, ...]]] = {
    "duplicates.judge": {
        "NEAR": (0.6, 0.95, 1.01),
        "MIN_MATCHED": (9, 36),
        "BOTH_COVERED": (0.4, 0.8, 1.01),
        "STRANGE_MATCHED": (15, 60),
        "STRANGE_TITLE": (0.15, 0.6, 0.0),
        "STRANGE_HOURS": (0.5, 4),
        "SCATTERED_RUN": (6, 24),
        "SCATTERED_MATCHED": (25, 100, 0),
        "TITLE_BONUS": (0.0, 0.16),
        "QUOTE_RUN": (6, 24),
        "AGREEMENT": (0.5, 0.9),
        "UPDATE_HOURS": (3, 12, 0),
        "UPDATE_RUN": (20, 80, 10000),
        "TABLE": (0.4, 0.8),
        "TABLE_AGREEMENT": (0.85, 0.99, 0.76),
        "SAME_TEXT": (0.85, 0.99, 0.0),
        "SAME_RUN": (30, 120, 0),
        "LATE_HOURS": (9, 36, 72),
        "LATE_MATCHED": (15, 60),
        "LATE_AGREEMENT": (0.7, 1.0),
        "SAME_TITLE": (0.5, 1.01),
        "LEAD_WORDS": (10, 40),
        "LEAD_COVER": (0.4, 0.8),
        "OWN_HOURS": (0.25, 2),
        "OWN_TITLE": (0.25, 0.8),
        "LEAD_HOURS": (0.5, 4, 72),
        "LEAD_TITLE": (0.15, 0.6, 0.0),
        "LEAD_MATCHED": (20, 80, 0),
        "TAIL_MATCHED": (40, 160, 0),
    },
    "duplicates.settings": {
        "window": (_hours(18), _hours(36), _hours(144)),
        "title_window": (_hours(6), _hours(24)),
        "min_coverage": (0.25, 0.45),
        "time_prior": (0.0, 0.3),
        "candidates": (5, 20, 2),
        "title_candidates": (2, 8, 0),
        "candidates_per_story": (1, 6),
        "texts_cached": (1000, 4000),
    },
    "duplicates.cluster": {
        "WHOLE": (0.5, 0.95),
        "PADDING": (7, 28, 0),
        "INSIDE": (0.125, 0.5, 0.0),
        "SECOND_STORY": (9, 36, 10000),
        "AS_GOOD": (0.7, 1.0),
    },
    "duplicates.cohesion": {"TELLING": (4, 8), "MIN_COHESION": (0.07, 0.26), "RUN": (2, 6)},
    "duplicates.candidates": {"MIN_SHARED": (1, 3, 6), "MOST_FOUND": (15, 60, 5), "MOST_HOLDERS": (100, 400, 10)},
    "duplicates.match": {
        "SURE": (0.4, 0.8, 1.01),
        "ENOUGH_SURE": (1, 4, 100),
        "MOST_STRANGERS": (3, 12, 1),
        "MOST_MATCHES": (10, 40),
    },
    "duplicates.pairs": {"AGE": (0.0, 0.6, 1.0)},
    "duplicates.stories": {"MOST_MEMBERS": (16, 256, 4)},
    "duplicates.furniture": {
        "MIN_SHARE": (0.2, 0.6),
        "MIN_ARTICLES": (2, 6),
        "MIN_RUN": (3, 12),
        "BRIDGE": (2, 8, 0),
        "TABLE": (0.15, 0.6),
        "MIN_LEFT": (8, 30, 0),
        "MEMORY": (16, 64),
        "KNOWN": (8, 32),
        "EVERY": (_hours(0.5), _hours(2)),
        "PRUNE_EVERY": (4, 16),
        "MOST_GRAMS": (1000, 4000),
        "SAMPLE": (0, 3),
        "TITLES": (24, 96),
    },
    "duplicates.align": {"MAX_GAP": (7, 28), "MAX_SHIFT": (4, 14, 0), "MIN_CHAIN": (4, 16), "REPEATS": (2, 8, 1)},
    "duplicates.words": {"SEED_WORDS": (2, 4), "TRAILERS": (1, 6)},
    "duplicates.evidence": {
        "TAIL": (2, 10),
        "STEM": (4, 7, 10),
        "TELLING": (3, 5),
        "SUBJECT": (2, 4, 10),
        "OFTEN": (1, 4),
    },
    "duplicates.fingerprint": {
        "GRAM_WORDS": (4, 7),
        "WINDOW": (4, 16),
        "SHORT_WORDS": (50, 200),
        "SHORT_WINDOW": (2, 8),
        "PAIR_GRAM": (6, 12),
        "PAIR_WINDOW": (8, 16),
        "MOST_HASHES": (200, 800),
        "EXACT_WORDS": (30, 120),
        "TITLE_WORDS": (5, 10),
        "TITLE_LETTERS": (3, 5),
    },
}

# Weights lie on either side of 0.5, from which an agency counts as credited.
_TRACING: dict[str, dict[str, tuple[Any, ...]]] = {
    "sources.surroundings": {
        "reuse_share": (0.3, 0.7),
        "reuse_words": (15, 60),
        "DISPATCH_LATE": (_hours(1), _hours(6)),
    },
    "sources.trace": {
        "LINK": (0.4, 0.95),
        "LINK_SHARED": (0.45, 0.95),
        "LINK_UNLIKE": (0.15, 0.6),
        "REFERENCE": (0.49, 0.99),
        "REFERENCE_PART": (0.4, 0.95),
        "REFERENCE_LATER": (0.1, 0.5),
        "STORY": (0.4, 0.95),
        "STORY_PART": (0.3, 0.9),
        "STORY_LATER": (0.1, 0.5),
        "_SHARED": (0.1, 0.4),
        "_MOST_OF_A_KIND": (2, 10),
    },
    "sources.crediting": {"CREDITED": (0.3, 0.7), "HIGHEST": (0.9, 0.999), "_LOWEST": (0.05, 0.3)},
    "sources.evidence": {
        "AUTHOR": (0.49, 0.99),
        "BYLINE": (0.45, 0.99),
        "SOURCE": (0.45, 0.99),
        "TRAILER": (0.4, 0.95),
        "BRACKET": (0.45, 0.99),
        "DATELINE": (0.49, 0.99),
        "DISPATCH": (0.49, 0.99),
        "OWN_SITE": (0.49, 0.99),
        "REFERENCE": (0.49, 0.999),
        "PUBLISHER": (0.4, 0.95),
        "COPYRIGHT": (0.35, 0.95),
    },
    "sources.body": {
        "TRAILER": (0.45, 0.99),
        "GLUED": (0.42, 0.99),
        "ALONE": (0.42, 0.99),
        "NOTE": (0.45, 0.99),
        "REPORTING_BY": (0.4, 0.95),
        "REPORTING_BY_OPEN": (0.3, 0.9),
        "EARLIER": (0.17, 0.7),
        "MENTION": (0.025, 0.1),
        "INLINE": (0.3, 0.9),
    },
    "sources.dateline": {"SURE": (0.49, 0.99), "LEAD": (0.3, 0.9)},
    "sources.pictures": {"CREDIT": (0.49, 0.99), "TAIL": (0.4, 0.95)},
}


def _listed(values: dict[str, dict[str, tuple[Any, ...]]]) -> tuple[Threshold, ...]:
    return tuple(
        Threshold(module, name, others) for module, thresholds in values.items() for name, others in thresholds.items()
    )


MATCHING, TRACING = _listed(_MATCHING), _listed(_TRACING)
