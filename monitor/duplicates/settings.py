"""What a user may set of matching. Every other threshold stands, with its measurement, beside the rule it serves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """Distances in time are between story times."""

    # Beyond 72 h none of 60 pairs that share half of the shorter text were copies, all were templates.
    window: timedelta = timedelta(hours=72)  # hard limit; exact copies have none
    # Titles alone make candidates only this near: recurring bulletins carry yesterday's title. Flat from 6 to 24 h.
    title_window: timedelta = timedelta(hours=12)
    # A copy needs this share of the shorter text at distance 0 and alike titles count against it; see `judge`. At .45
    # recall on the wire stream falls from .982 to .909, .25 does the same: docs/matching.md.
    min_coverage: float = 0.34
    time_prior: float = 0.15  # how much more coverage is asked at the end of the window; flat from 0 to .3
    # Limits of the work: half and double give the same stories. With 2 candidates the order of arrival decides.
    candidates: int = 10  # pairs aligned per article, at most
    title_candidates: int = 4  # and so many more that were found by their title
    candidates_per_story: int = 3  # and its root
    texts_cached: int = 2000  # tokenised texts kept between batches: 20 kB each
