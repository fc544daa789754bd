"""How a story spread: its copies in order of time, with lag, kind of edge, share kept and credit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.records import Document, Story
from monitor.sources import CREDITED, licensed_by
from monitor.sources.licences import Licences
from monitor.store.port import Store
from monitor.urls import host_of


@dataclass(frozen=True, slots=True)
class Copy:
    """One article of the story. `share_kept`: of the words of its origin, else of `of`, that it has."""

    id: str
    site: str
    title: str
    url: str
    at: datetime  # story time
    lag_seconds: int  # after the story's first article
    kind: str  # exact | near | contained | none (the root)
    of: str
    share_kept: float | None
    credited: bool
    agencies: tuple[str, ...]
    uncredited_reuse: bool
    licensed: bool | None
    role: str
    withdrawn: bool
    is_root: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """A story and its articles, oldest first."""

    story: Story
    copies: tuple[Copy, ...]

    @property
    def sites(self) -> tuple[str, ...]:
        """In the order in which they came to it, hidden articles left out."""
        return tuple(dict.fromkeys(one.site for one in self.copies if one.role == "article"))


def spread(store: Store, story_id: str, licences: Licences | None = None) -> Spread | None:
    """The story behind the id or the alias; None when there is none. `licences`: as they are now."""
    story = store.stories([story_id]).get(story_id)
    if story is None:
        return None
    ids = store.members([story.id]).get(story.id, [])
    documents = sorted(store.documents(ids).values(), key=lambda one: one.age)
    return Spread(story, tuple(_copies(documents, licences or Licences())))


def _copies(documents: Sequence[Document], licences: Licences) -> Iterator[Copy]:
    first = documents[0].story_time if documents else None
    for document in documents:
        article, source, edge = document.article, document.source, document.duplicate
        kept = source.share_kept if source.share_kept is not None else edge.reverse if edge.of else None
        yield Copy(
            id=document.id,
            site=article.site,
            title=article.title,
            url=article.url,
            at=document.story_time,
            lag_seconds=round((document.story_time - first).total_seconds()) if first else 0,
            kind=edge.kind,
            of=edge.of,
            share_kept=kept,
            credited=source.credited,
            agencies=tuple(one.id for one in source.agencies if one.confidence >= CREDITED),
            uncredited_reuse=source.uncredited_reuse,
            licensed=_licensed(document, licences) if article.role == "article" else None,
            role=article.role,
            withdrawn=document.withdrawn,
            is_root=document.is_root,
        )


def _licensed(document: Document, licences: Licences) -> bool | None:
    host = host_of(document.article.url)
    return licensed_by(document, lambda agency, site, at: licences.licensed(agency, site, at, host=host))
