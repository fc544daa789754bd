"""Whether an article is an agency's text, and whether it says so."""

from __future__ import annotations

from monitor.records import Document
from monitor.sources.crediting import CREDITED, credited_itself


def use_of(document: Document, agency: str) -> bool | None:
    """Is it the agency's text: credited (True), not credited (False), or none of it as far as known (None)?

    An article that credits one agency and reuses another's text is credited for the one and not for the other.
    """
    source = document.source
    if not any(one.id == agency and one.confidence >= CREDITED for one in source.agencies):
        return None
    if not source.uncredited_reuse:
        return True
    return agency in credited_itself(source.evidence)


def reuses(document: Document, agency: str) -> bool:
    """Is it the agency's text, without a credit or without a licence?"""
    credited = use_of(document, agency)
    return credited is False or (credited is True and document.source.licensed is False)
