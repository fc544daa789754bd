"""From evidence to agencies: how sure it is that each wrote the text, or took the pictures.

Of the evidence of one place (`where`) the strongest counts; across places, `1 - (1 - a)(1 - b)...` (noisy-or), for
they fail independently of each other; at most 0.99. Only text, link, cluster and reference speak for the text:
a picture's credit says who took the picture, a mention says nothing. A person's decision stands above all.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitor.records import AgencyCredit, Evidence
from monitor.sources.agencies import UNKNOWN

# Confidence from which an agency counts as credited. At .3 articles that agencies took over later are theirs, at .7
# those that hold a dispatch beside as much of their own are nobody's: docs/matching.md.
CREDITED = 0.5
HIGHEST = 0.99  # how it is shown; decides nothing
_LOWEST = 0.1  # below it, nothing is worth showing
OF_ITSELF = frozenset({"text", "link", "decision"})  # kinds of evidence by which an article itself credits
_OF_TEXT = frozenset({"text", "link", "cluster", "reference"})


def credit(evidence: Iterable[Evidence]) -> tuple[AgencyCredit, ...]:
    """Agencies of the text, the surest first. Evidence of kind `decision`: weight 1 confirms, 0 rejects."""
    listed = tuple(evidence)
    if not listed:
        return ()
    found = _combined(one for one in listed if one.kind in _OF_TEXT)
    decided = {one.agency: one.weight for one in listed if one.kind == "decision" and one.agency}  # the last one counts
    found = {agency: found.get(agency, 0.0) for agency in (*found, *decided)} | decided
    named = any(value >= CREDITED for agency, value in found.items() if agency != UNKNOWN)
    if named and UNKNOWN not in decided:
        found.pop(UNKNOWN, None)  # "agencies" beside a named one adds nothing
    credits = [AgencyCredit(agency, round(value, 3)) for agency, value in found.items() if value >= _LOWEST]
    return tuple(sorted(credits, key=lambda one: (-one.confidence, one.id)))


def credited_itself(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Ids of the agencies that the article itself credits: by its own text and links.

    A person may say that this is no credit; that the text is an agency's makes no credit of it where there is none.
    """
    listed = [one for one in evidence if one.kind in OF_ITSELF]
    stated = {one.agency for one in listed if one.kind != "decision"}
    listed = [one for one in listed if one.kind != "decision" or not one.weight or one.agency in stated]
    return tuple(one.id for one in credit(listed) if one.confidence >= CREDITED)


def photo_agencies(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Agencies of the pictures, in the order of the evidence."""
    found = _combined(one for one in evidence if one.kind == "photo")
    return tuple(agency for agency, value in found.items() if value >= CREDITED)


def _combined(evidence: Iterable[Evidence]) -> dict[str, float]:
    places: dict[str, dict[str, float]] = {}
    for one in evidence:
        of = places.setdefault(one.agency, {})
        of[one.where] = max(of.get(one.where, 0.0), one.weight)
    found = {}
    for agency, of in places.items():
        doubt = 1.0
        for weight in of.values():
            doubt *= 1 - weight
        found[agency] = min(HIGHEST, 1 - doubt)
    return found
