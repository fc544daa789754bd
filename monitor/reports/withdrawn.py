"""Who still runs what was withdrawn: copies in the stories of dispatches and articles that were taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.query import All, with_filters
from monitor.records import Document, Status
from monitor.sources import CREDITED
from monitor.sources.surroundings import holders
from monitor.store.port import Store

GROUP = 100  # withdrawn articles whose stories are read together


@dataclass(frozen=True, slots=True)
class Running:
    """A copy that was still there when it was last looked at."""

    id: str
    site: str
    title: str
    url: str
    at: datetime  # story time
    last_seen: datetime
    kind: str  # of its edge; "none": it is the story's root
    share_kept: float | None
    credited: bool


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was taken back, and the copies that stand. `by`: its site, or the agency of a dispatch."""

    id: str
    story: str
    title: str
    by: str
    at: datetime
    agencies: tuple[str, ...]
    running: tuple[Running, ...]


def withdrawn(
    store: Store, *, agency: str = "", since: datetime | None = None, until: datetime | None = None
) -> Iterator[Withdrawn]:
    """By story time of what was withdrawn; also those that nobody runs any more. Streams."""
    node = with_filters(All(), since=since, until=until)
    group: list[Document] = []
    for document in store.scan(None if isinstance(node, All) else node, ("article", "source", "reference")):
        if document.withdrawn and (not agency or agency in _agencies(document)):
            group.append(document)
        if len(group) == GROUP:
            yield from _with_copies(store, group)
            group = []
    yield from _with_copies(store, group)


def taken_back(store: Store, running: Sequence[Document]) -> dict[str, list[Document]]:
    """By the id of each article: what was taken back and it still runs, in its story or as a good part of it; earliest
    first.
    """
    return {id: [one for one in others if one.withdrawn] for id, others in _around(store, running).items()}


def _around(store: Store, asked: Sequence[Document]) -> dict[str, list[Document]]:
    """By the id of each: the others of its story and those that share a good part with it, earliest first."""
    members = store.members({one.story for one in asked})
    edges = store.edges({one.id for one in asked})
    ids = {one.id: [*members.get(one.story, ()), *holders(one.id, edges.get(one.id, ()))] for one in asked}
    found = store.documents({one for theirs in ids.values() for one in theirs})
    return {
        id: sorted(
            (found[one] for one in dict.fromkeys(theirs) if one in found and one != id),
            key=lambda document: (document.story_time, document.id),
        )
        for id, theirs in ids.items()
    }


def _agencies(document: Document) -> tuple[str, ...]:
    found = [one.id for one in document.source.agencies if one.confidence >= CREDITED]
    dispatched = [one.agency for one in document.local_evidence if one.where == "reference"]
    return tuple(dict.fromkeys([*dispatched, *found]))


def _with_copies(store: Store, group: Sequence[Document]) -> Iterator[Withdrawn]:
    around = _around(store, group)
    for document in group:
        running = [one for one in around[document.id] if one.article.role == "article" and not one.withdrawn]
        yield Withdrawn(
            id=document.id,
            story=document.story,
            title=document.article.title,
            by=document.article.site,
            at=document.story_time,
            agencies=_agencies(document),
            running=tuple(_running(one) for one in running if not _is_gone(store, one)),
        )


def _is_gone(store: Store, document: Document) -> bool:
    """Did its site say, at the last look, that the page is no longer there?"""
    article = document.article
    states = store.known(article.site, {article.url, document.fetched_from or article.url})
    return any(state.status is Status.GONE for state in states.values())


def _running(document: Document) -> Running:
    article, source, edge = document.article, document.source, document.duplicate
    kept = source.share_kept if source.share_kept is not None else edge.reverse if edge.of else None
    return Running(
        id=document.id,
        site=article.site,
        title=article.title,
        url=article.url,
        at=document.story_time,
        last_seen=document.last_seen,
        kind=edge.kind,
        share_kept=kept,
        credited=source.credited,
    )
