"""Who wrote the text, how sure that is and why: the article's own evidence joined with link, story and references.

Pure: the filer gathers what is known around a document into a `Context`, and writes what comes out. The origin is
found first, so that the text can be compared with it, and then all is joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from monitor.records import Comparison, Decision, Document, Evidence, Origin, SourceTrace
from monitor.sources.agencies import UNKNOWN
from monitor.sources.crediting import CREDITED, OF_ITSELF, credit, credited_itself, photo_agencies
from monitor.sources.origin import find_origin
from monitor.sources.staff import MIXED, kind_of
from monitor.sources.surroundings import (
    COPIES,
    Context,
    Licence,
    TraceSettings,
    credited_by,
    foreign_links,
    is_before,
    partner,
    shares,
    stored,
)

__all__ = ["Context", "TraceSettings", "credited_by", "find_origin", "foreign_links", "join"]

# Weights of what other articles say of this one's text. What matters is the side of the bar on which they are: what is
# lost on the other side was measured on made streams, docs/matching.md.
LINK = 0.8  # the page behind the source link credits the agency
LINK_SHARED = 0.9  # and the two texts are compared and share at least a fifth; half: credits of reuse get lost
LINK_UNLIKE = 0.3  # and they share less: the link leads to background; double: all such are called the agency's
REFERENCE = 0.97  # the text is the agency's own dispatch
REFERENCE_PART = 0.8  # it holds the dispatch, and as much of its own
REFERENCE_LATER = 0.25  # the dispatch came later: below the bar, also beside the next; the agency may have it from here
STORY = 0.75  # it is the copy of an earlier article that credits the agency; half: no such copy is known
STORY_PART = 0.6  # it holds that article, and as much of its own; half: none of those is known
STORY_LATER = 0.25  # the crediting article came later: below the bar, it may have copied from here
_PARTS = (REFERENCE_PART, STORY_PART)
_OF_OTHERS = frozenset({"cluster", "reference"})  # kinds of evidence
_SPEAKING = _OF_OTHERS | OF_ITSELF
_SHARED = 0.2  # share of words from which two texts behind a link are the same report; flat from .1 to .4
_MOST_OF_A_KIND = 5


def join(document: Document, context: Context, origin: Origin, comparison: Comparison | None) -> SourceTrace:
    """The trace. `comparison` is of the document (mine) with its origin (other), where both texts are stored."""
    table = context.agencies
    article = document.article
    evidence = (
        *document.local_evidence,
        *_from_links(document, context, origin, comparison),
        *_from_references(document, context),
        *_from_story(document, context, origin, comparison),
        *decided_credits(context.decisions),
    )
    credits = credit(evidence)
    sure = [one.id for one in credits if one.confidence >= CREDITED]
    itself = credited_itself(evidence)
    reused = _uncredited(document, context, itself)
    concerned = list(dict.fromkeys([*(one for one in sure if one != UNKNOWN), *reused]))
    return SourceTrace(
        kind=MIXED if _only_partly(evidence, sure) else kind_of(article, evidence, sure, table),
        agencies=credits,
        photo_agencies=photo_agencies(evidence),
        credited=bool(itself),
        uncredited_reuse=bool(reused),
        licensed=_licensed(concerned, document, context.licence),
        origin=origin,
        evidence=evidence,
        lag_seconds=_lag(document, origin),
        share_kept=comparison.kept if comparison else None,
        share_added=comparison.added if comparison else None,
        words_changed=comparison.changed if comparison else None,
    )


def _only_partly(evidence: Iterable[Evidence], agencies: Sequence[str]) -> bool:
    """Is all that speaks for the agencies, that the article holds their text beside as much of its own?"""
    speaking = [one for one in evidence if one.agency in agencies and one.kind in _SPEAKING and one.weight >= CREDITED]
    return bool(speaking) and all(one.kind in _OF_OTHERS and one.weight in _PARTS for one in speaking)


def _from_links(
    document: Document, context: Context, origin: Origin, comparison: Comparison | None
) -> Iterator[Evidence]:
    for link in foreign_links(document)[:_MOST_OF_A_KIND]:
        where = "source-link" if link.how == "label" else link.how
        page = stored(link, context.linked)
        owner = context.agencies.owner(link.url)
        if owner is not None:
            yield Evidence("link", owner.id, f"{link.label} {link.url}".strip(), where, LINK, link.url)
        if page is None:
            continue
        both = _shares_with(page, document, context, origin, comparison)
        weight = LINK if both is None else LINK_SHARED if max(both) >= _SHARED else LINK_UNLIKE
        for agency in sorted(credited_by(page, context.agencies)):
            yield Evidence("link", agency, _quote(page, agency), where, weight, link.url)


def _from_references(document: Document, context: Context) -> Iterator[Evidence]:
    for wire, edge in context.references[:_MOST_OF_A_KIND]:
        mine, other = shares(edge, document.id)
        weight = REFERENCE if mine >= context.settings.reuse_share else REFERENCE_PART
        weight = weight if is_before(wire, document) else REFERENCE_LATER
        if max(mine, other) >= context.settings.reuse_share and edge.kind in COPIES:
            for agency in sorted(credited_by(wire, context.agencies)):
                yield Evidence("reference", agency, wire.article.title, edge.kind, weight, wire.article.url)


def _from_story(
    document: Document, context: Context, origin: Origin, comparison: Comparison | None
) -> Iterator[Evidence]:
    """Per agency the strongest member, of equal ones the earliest."""
    best: dict[str, Evidence] = {}
    for member in sorted((*context.members, *context.elsewhere), key=lambda one: one.age):
        apart = member.id == document.id or member.article.role == "reference"
        agencies = () if apart else credited_by(member, context.agencies)
        both = _shares_with(member, document, context, origin, comparison) if agencies else None
        if both is None or max(both) < context.settings.reuse_share:
            continue
        weight = STORY if both[0] >= context.settings.reuse_share else STORY_PART
        weight = weight if is_before(member, document) else STORY_LATER
        for agency in agencies:
            if agency not in best or best[agency].weight < weight:
                best[agency] = Evidence("cluster", agency, _quote(member, agency), "story", weight, member.article.url)
    yield from sorted(best.values(), key=lambda one: (-one.weight, one.agency))[:_MOST_OF_A_KIND]


def decided_credits(decisions: Iterable[Decision]) -> list[Evidence]:
    """What people decided on an article's credits, as evidence: the last word on each agency."""
    last: dict[str, Decision] = {}
    for one in sorted(decisions, key=lambda decision: decision.at):
        if one.verb in ("confirm-credit", "reject-credit"):
            last[one.argument] = one
    return [
        Evidence(
            "decision", agency, f"{one.author}: {one.verb} {agency}", "decision", float(one.verb == "confirm-credit")
        )
        for agency, one in last.items()
    ]


def _uncredited(document: Document, context: Context, itself: Sequence[str]) -> list[str]:
    """Agencies whose earlier text the document holds without crediting them. Crediting one of several is enough.

    Also those that a person named as the text's.
    """
    table, settings = context.agencies, context.settings
    if UNKNOWN in itself or document.article.role != "article" or table.owner(document.article.url):
        return []
    decided = decided_credits(context.decisions)
    rejected = {one.agency for one in decided if not one.weight}
    found = dict.fromkeys(one.agency for one in decided if one.weight and one.agency not in (*itself, UNKNOWN))
    if not (context.matches or context.references):
        return list(found)
    edges = {partner(edge, document.id): edge for edge in context.matches}
    candidates = [
        *context.references,
        *((one, edges[one.id]) for one in (*context.members, *context.elsewhere, *context.linked) if one.id in edges),
    ]
    for other, edge in candidates:
        agencies = credited_by(other, table) - {UNKNOWN}
        mine, theirs = shares(edge, document.id)
        words = max(mine * document.article.words, theirs * other.article.words)
        if (
            agencies
            and agencies.isdisjoint(itself)
            and edge.kind in COPIES
            and max(mine, theirs) >= settings.reuse_share
            and words >= settings.reuse_words
            and is_before(other, document)
        ):
            found.update(dict.fromkeys(sorted(agencies - rejected)))
    return list(found)


def licensed_by(document: Document, licence: Licence) -> bool | None:
    """May its site use the texts of the agencies that its trace names? As `SourceTrace.licensed`."""
    agencies = [one.id for one in document.source.agencies if one.confidence >= CREDITED and one.id != UNKNOWN]
    return _licensed(agencies, document, licence)


def _licensed(agencies: Iterable[str], document: Document, licence: Licence) -> bool | None:
    """False if one agency's text is used without licence; None if nothing is known."""
    answers = [licence(one, document.article.site, document.story_time) for one in agencies]
    known = [answer for answer in answers if answer is not None]
    return all(known) if known else None


def _shares_with(
    other: Document, document: Document, context: Context, origin: Origin, comparison: Comparison | None
) -> tuple[float, float] | None:
    """Shares of words (of mine in the other, of the other in mine); None: never compared."""
    if comparison is not None and origin.article_id == other.id:
        return 1 - comparison.added, comparison.kept
    edge = next((edge for edge in context.matches if partner(edge, document.id) == other.id), None)
    return shares(edge, document.id) if edge is not None and edge.kind in COPIES else None


def _quote(document: Document, agency: str) -> str:
    said = [one for one in (*document.local_evidence, *document.source.evidence) if one.agency == agency]
    said = [one for one in said if one.kind in OF_ITSELF]
    return max(said, key=lambda one: one.weight).quote if said else document.article.title


def _lag(document: Document, origin: Origin) -> int | None:
    """None where the origin is not dated, or dated later than its copy."""
    if origin.published_at is None:
        return None
    seconds = int((document.story_time - origin.published_at).total_seconds())
    return seconds if seconds >= 0 else None
