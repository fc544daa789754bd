"""What is known around a document, and how two documents stand to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from urllib.parse import urlsplit

from monitor.records import Decision, Document, Edge, SourceLink, Story
from monitor.sources.agencies import AgencyTable
from monitor.sources.agencies import load as load_agencies
from monitor.sources.crediting import CREDITED, OF_ITSELF, credit

# (agency, site, time of publication) -> licensed or not; None: no licence names them.
Licence: TypeAlias = Callable[[str, str, datetime], bool | None]

COPIES = frozenset({"exact", "near", "contained"})  # kinds of edges: all but a quote


def _no_licence(agency: str, site: str, at: datetime) -> bool | None:
    return None


# A dispatch that is dated so much later than an article may still be its source: it carries the time of its last
# version, or a clock's that is not ours. Updates of one dispatch of `tests/quality` follow each other within 3 hours.
DISPATCH_LATE = timedelta(hours=3)


@dataclass(frozen=True)
class TraceSettings:
    """What counts as reuse of an agency's text. What other values find, and find falsely: docs/matching.md."""

    reuse_share: float = 0.5  # of the words of either text, that both have
    reuse_words: int = 30


@dataclass(frozen=True)
class Context:
    """What is known around a document. Of a large story a bounded number of members will do."""

    story: Story | None = None
    members: tuple[Document, ...] = ()  # of its story: the root, the earliest, those that credit an agency
    elsewhere: tuple[Document, ...] = ()  # matches in the other stories that it holds a part of
    linked: tuple[Document, ...] = ()  # stored pages behind its source links
    references: tuple[tuple[Document, Edge], ...] = ()  # agencies' own dispatches that match
    same_dispatch: tuple[Document, ...] = ()  # with the same number of an agency
    matches: tuple[Edge, ...] = ()  # of this document with others, on either side
    decisions: tuple[Decision, ...] = ()
    licence: Licence = _no_licence
    settings: TraceSettings = field(default_factory=TraceSettings)
    table: AgencyTable | None = None  # default: the one that comes with the program

    @property
    def agencies(self) -> AgencyTable:
        return self.table or load_agencies()


HELD = 0.5  # of the words of either text, that both have: as for reuse


def holders(id: str, edges: Sequence[Edge]) -> list[str]:
    """Articles that hold it, or a good part of it, as a part of their own: their story may be another one."""
    held = [edge for edge in edges if edge.kind in COPIES and max(shares(edge, id)) >= HELD]
    return [partner(edge, id) for edge in held]


def foreign_links(document: Document) -> list[SourceLink]:
    """Its source links to other hosts, those to a page before those to a site's front page."""
    if not document.article.source_links:
        return []
    own = host(document.article.url)
    links = [link for link in document.article.source_links if host(link.url) not in ("", own)]
    return sorted(links, key=lambda link: urlsplit(link.url).path in ("", "/"))


def credited_by(document: Document, table: AgencyTable) -> frozenset[str]:
    """Agencies that the document itself credits; whose dispatch it is, if it is a reference wire.

    What a document has from its story does not count, or members would confirm each other in a circle.
    """
    if document.article.role == "reference":
        article = document.article
        stated = (article.structured.publisher, *article.authors, article.site)
        found = next((agency for name in stated if name and (agency := table.resolve(name))), None)
        if found is not None:
            return frozenset({found.id})
    joined = (one for one in document.source.evidence if one.kind in ("link", "decision"))
    evidence = [one for one in (*document.local_evidence, *joined) if one.kind in OF_ITSELF]
    return frozenset(one.id for one in credit(evidence) if one.confidence >= CREDITED)


def shares(edge: Edge, id: str) -> tuple[float, float]:
    return (edge.containment, edge.reverse) if edge.article == id else (edge.reverse, edge.containment)


def partner(edge: Edge, id: str) -> str:
    return edge.other if edge.article == id else edge.article


def stored(link: SourceLink, linked: Sequence[Document]) -> Document | None:
    for one in linked:
        if link.url in (one.article.url, one.article.canonical_url, one.fetched_from):
            return one
    return None


def is_before(one: Document, other: Document) -> bool:
    """May the other have its text from the one? Of a dispatch the hour is often that of a later version."""
    if one.article.role == "reference" and other.article.role != "reference":
        return one.story_time <= other.story_time + DISPATCH_LATE
    return one.id != other.id and one.age < other.age


def host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""
