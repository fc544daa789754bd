"""Traces of what a batch changed: of the articles that arrived, and of those whose story or origin did.

What an article needs of others is bounded: the root of its story, the earliest member that credits an agency, the
pages behind its links, the dispatches with its number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from monitor.duplicates import Placed
from monitor.filing.desk import Desk, Rules
from monitor.records import Decision, Document, Edge, Origin, SourceTrace, Story
from monitor.sources import (
    CREDITED,
    AgencyTable,
    Context,
    credit,
    credited_by,
    decided_credits,
    find_origin,
    foreign_links,
    join,
    load_agencies,
    partner,
)
from monitor.store.linked import linked
from monitor.store.port import Store
from monitor.urls import host_of

# Members of one story that are traced again when its root or its agency changes. The largest story of 20,000 German
# items has 40 members; more than this is a site's furniture that nothing has told from text yet.
MOST_MEMBERS = 500
MOST_MATCHES = 20  # pairs that one trace looks at, the strongest first
MOST_DISPATCHES = 20  # copies of one dispatch that are looked at: the earliest decide
MOST_LINKING = 200  # articles that name one page as their source


@dataclass(frozen=True)
class Traced:
    documents: tuple[Document, ...]
    stories: tuple[Story, ...]


class _World:
    """The store as it will be after the batch."""

    def __init__(self, store: Store, places: Placed) -> None:
        self.store = store
        self.changed = {document.id: document for document in places.documents}
        self.stories = {story.id: story for story in places.stories}
        self._known: dict[str, Document | None] = {}
        self._decided: dict[str, list[Decision]] = {}
        self._edges: dict[str, list[Edge]] = {}
        self._new_edges: dict[str, list[Edge]] = {}
        for edge in places.edges:
            for side in (edge.article, edge.other):
                self._new_edges.setdefault(side, []).append(edge)

    def load(self, ids: Iterable[str]) -> None:
        """From the store, at once."""
        missing = {one for one in ids if one and one not in self.changed and one not in self._known}
        if missing:
            self._known |= dict.fromkeys(missing) | self.store.documents(missing)

    def document(self, id: str) -> Document | None:
        self.load([id])
        return self.changed.get(id) or self._known.get(id)

    def documents(self, ids: Iterable[str]) -> list[Document]:
        listed = list(dict.fromkeys(ids))
        if not listed:
            return []
        self.load(listed)
        found = (self.changed.get(one) or self._known.get(one) for one in listed)
        return [one for one in found if one is not None]

    def story(self, id: str) -> Story | None:
        if id not in self.stories:
            self.load_stories([id])
        return self.stories.get(id)

    def load_stories(self, ids: Iterable[str]) -> None:
        missing = {one for one in ids if one not in self.stories}
        if missing:
            self.stories |= self.store.stories(missing)

    def located(self, urls: Collection[str]) -> dict[str, str]:
        """Address -> id of the article that has it."""
        found = self.store.located(urls) if urls else {}
        for document in self.changed.values():
            for url in (document.article.url, document.fetched_from):
                if url in urls:
                    found.setdefault(url, document.id)
        return found

    def members(self, stories: Collection[str]) -> dict[str, list[str]]:
        """Ids by story, those of the batch among them."""
        stored = self.store.members(stories) if stories else {}
        found = {story: [one for one in stored.get(story, ()) if one not in self.changed] for story in stories}
        for document in self.changed.values():
            if document.story in found:
                found[document.story].append(document.id)
        return found

    def load_decisions(self, ids: Iterable[str]) -> None:
        missing = {one for one in ids if one not in self._decided}
        if missing:
            found = self.store.decided(missing)
            self._decided |= {one: found.get(one, []) for one in missing}

    def decisions(self, id: str) -> list[Decision]:
        """Of an article for which they are loaded."""
        return self._decided.get(id, [])

    def load_edges(self, ids: Collection[str]) -> None:
        stored = self.store.edges(ids)
        for one in ids:
            revision = document.revision if (document := self.changed.get(one)) else 0
            merged = {(edge.article, edge.other): edge for edge in stored.get(one, ()) if _holds(edge, one, revision)}
            merged |= {(edge.article, edge.other): edge for edge in self._new_edges.get(one, ())}
            self._edges[one] = list(merged.values())

    def edges(self, id: str) -> list[Edge]:
        return self._edges.get(id, [])

    def new_edges(self, id: str) -> list[Edge]:
        """Those of the batch alone."""
        return self._new_edges.get(id, [])


def _holds(edge: Edge, id: str, revision: int) -> bool:
    return (edge.article_revision if edge.article == id else edge.other_revision) >= revision


def trace(store: Store, places: Placed, arrived: Sequence[str], desk: Desk, *, again: Collection[str] = ()) -> Traced:
    """The documents of the batch and of its surroundings whose record changed, and their stories."""
    world = _World(store, places)
    arrived = [one for one in arrived if one in world.changed]  # a decision may leave an article as it was
    world.load_stories({document.story for document in places.documents})
    before = store.documents([document.id for document in places.documents])
    touched = _stories_of(world, before, world.documents(one for one in again if one not in world.changed))
    sharing = _sharing(world, arrived, desk.rules.agencies)
    around = (*_linking(world, arrived), *_dispatched(world, arrived), *_members(world, touched), *sharing)
    _trace_all(world, list(dict.fromkeys((*world.changed, *arrived, *again, *around))), desk)
    stories = {story.id: story for story in places.stories} | {one: world.stories[one] for one in touched}
    return Traced(tuple(world.changed.values()), tuple(stories.values()))


# --- stories ---------------------------------------------------------------------------------------------------------


def _agencies(world: _World, document: Document) -> tuple[str, ...]:
    """Agencies that the article's own page credits for its text, or that a person named as its."""
    evidence = (*document.local_evidence, *decided_credits(world.decisions(document.id)))
    return tuple(one.id for one in credit(evidence) if one.confidence >= CREDITED)


def _stories_of(world: _World, before: dict[str, Document], judged: Sequence[Document]) -> dict[str, None]:
    """Bring the agencies of the stories up to date; ids of those where they, or the root, changed.

    `judged`: articles on whose credits people decided. Whatever becomes of their stories, the copies learn of it.
    """
    by_story: dict[str, list[Document]] = {}
    for document in (*world.changed.values(), *judged):
        by_story.setdefault(document.story, []).append(document)
    known = world.store.stories(by_story)
    world.load_decisions([document.id for documents in by_story.values() for document in documents])
    left = {old.story for old in before.values() if world.changed[old.id].story != old.story}
    left |= {document.story for document in judged}
    touched = dict.fromkeys(document.story for document in judged if document.story in known)
    for id, documents in by_story.items():
        story = world.story(id)
        if story is None:
            continue
        lost = id in left or any(
            set(_agencies(world, old)) - set(_agencies(world, document))
            for document in documents
            if (old := before.get(document.id)) is not None
        )
        new = _credited(world, story, documents, afresh=lost or story.credited_by in before)
        old_story = known.get(id)
        world.stories[id] = new
        if old_story is None or (new.root, new.credited_by, new.agencies) != (
            old_story.root, old_story.credited_by, old_story.agencies,
        ):  # fmt: skip
            touched[id] = None
    return touched


def _credited(world: _World, story: Story, documents: list[Document], *, afresh: bool) -> Story:
    if afresh:
        documents = world.documents(world.members([story.id])[story.id][:MOST_MEMBERS])
        world.load_decisions([document.id for document in documents])
        agencies: set[str] = set()
        first = ""
    else:
        agencies, first = set(story.agencies), story.credited_by
    crediting = [(document, found) for document in documents if (found := _agencies(world, document))]
    for _, found in crediting:
        agencies |= set(found)
    earliest = [document for document, _ in crediting]
    if first and (known := world.document(first)) is not None and known.story == story.id:
        earliest.append(known)
    best = min(earliest, key=lambda one: one.age, default=None)
    return replace(story, agencies=tuple(sorted(agencies)), credited_by=best.id if best else "")


# --- whose trace changes ---------------------------------------------------------------------------------------------


def _linking(world: _World, arrived: Sequence[str]) -> list[str]:
    """Articles that name a page that arrived as their source."""
    documents = world.documents(arrived)
    urls = {url for one in documents for url in (one.article.url, one.fetched_from) if url}
    found = world.store.linking(urls) if urls else {}
    return [one for ids in found.values() for one in ids[:MOST_LINKING]]


def _dispatched(world: _World, arrived: Sequence[str]) -> list[str]:
    keys = {key for one in world.documents(arrived) for key in one.dispatches}
    found = world.store.dispatched(keys) if keys else {}
    return [one for ids in found.values() for one in ids[:MOST_DISPATCHES]]


def _members(world: _World, touched: Iterable[str]) -> list[str]:
    return [one for ids in world.members(list(touched)).values() for one in ids[:MOST_MEMBERS]]


def _sharing(world: _World, arrived: Sequence[str], table: AgencyTable | None) -> list[str]:
    """Articles that share text with one that arrived and credits an agency, or is older than they are: it speaks of
    their text, or is where they have it from, in whichever batch it came.
    """
    table = table or load_agencies()
    found: dict[str, None] = {}
    documents = world.documents(arrived)
    pairs = {one.id: [partner(edge, one.id) for edge in _copies(world.new_edges(one.id))] for one in documents}
    world.load(id for ids in pairs.values() for id in ids)
    for one in documents:
        partners = world.documents(pairs[one.id])
        credits = bool(credited_by(one, table) or foreign_links(one))
        found |= dict.fromkeys(other.id for other in partners if credits or one.age < other.age)
    return list(found)


# --- traces ----------------------------------------------------------------------------------------------------------


def _trace_all(world: _World, ids: Sequence[str], desk: Desk) -> None:
    world.load(ids)
    documents = world.documents(ids)
    world.load_stories({document.story for document in documents})
    world.load_edges([document.id for document in documents])
    world.load_decisions([document.id for document in documents])
    links = {document.id: sorted(linked(document.article)) for document in documents}
    located = world.located({url for urls in links.values() for url in urls})
    linked_to = {id: [located[url] for url in urls if url in located] for id, urls in links.items()}
    keys = {key for document in documents for key in document.dispatches}
    dispatches = world.store.dispatched(keys) if keys else {}
    world.load(_concerned(world, documents, linked_to))
    for document in documents:
        same = [one for key in document.dispatches for one in (*dispatches.get(key, ()), *_in_batch(world, key))]
        surroundings = _Surroundings(linked_to[document.id], same[: 2 * MOST_DISPATCHES], world.decisions(document.id))
        made = _traced(world, document, _context(world, document, surroundings, desk.rules), desk)
        if made != document.source:
            world.changed[document.id] = replace(document, source=made)


def _concerned(world: _World, documents: Sequence[Document], linked_to: Mapping[str, Sequence[str]]) -> set[str]:
    """Ids of all that the traces of the documents look at but for dispatches, to be loaded at once."""
    ids = {one for linked_ids in linked_to.values() for one in linked_ids}
    for document in documents:
        ids |= {side for edge in _copies(world.edges(document.id)) for side in (edge.article, edge.other)}
        if (story := world.story(document.story)) is not None:
            ids |= {story.root, story.credited_by}
    return ids


class _Surroundings(NamedTuple):
    """Ids of the pages behind its links and of the same dispatch; decisions on it."""

    linked: Sequence[str]
    same_dispatch: Sequence[str]
    decisions: Sequence[Decision]


def _context(world: _World, document: Document, around: _Surroundings, rules: Rules) -> Context:
    story, edges = world.story(document.story), _copies(world.edges(document.id))
    pairs = {partner(edge, document.id): edge for edge in edges}
    near = [story.root, story.credited_by] if story else []
    matched = _others(world, document, pairs)
    others = [one for one in matched if one.article.role != "reference"]
    of_story = [one for one in others if one.story == document.story]
    members = {one.id: one for one in (*_others(world, document, near), *of_story)}
    return Context(
        story=story,
        members=tuple(members.values()),
        elsewhere=tuple(one for one in others if one.story in document.also_in),
        linked=_others(world, document, around.linked),
        references=tuple((one, pairs[one.id]) for one in matched if one.article.role == "reference"),
        same_dispatch=_others(world, document, around.same_dispatch),
        matches=tuple(edges),
        decisions=tuple(around.decisions),
        licence=licence_at(rules, document),
        settings=rules.tracing,
        table=rules.agencies,
    )


def licence_at(rules: Rules, document: Document) -> Callable[[str, str, datetime], bool | None]:
    """Licences may name a site or the host of its pages."""
    host = host_of(document.article.url)
    return lambda agency, site, at: rules.licence(agency, site, at, host)


def _copies(edges: Sequence[Edge]) -> list[Edge]:
    """The strongest; a quotation is no copy."""
    copies = [edge for edge in edges if edge.kind != "quote"]
    return sorted(copies, key=lambda one: (-max(one.containment, one.reverse), one.article, one.other))[:MOST_MATCHES]


def _traced(world: _World, document: Document, context: Context, desk: Desk) -> SourceTrace:
    origin: Origin = find_origin(document, context)
    source = world.document(origin.article_id) if origin.article_id not in ("", document.id) else None
    comparison = desk.matcher.compare(document, source) if source is not None else None
    return join(document, context, origin, comparison)


def _in_batch(world: _World, key: str) -> list[str]:
    return [document.id for document in world.changed.values() if key in document.dispatches]


def _others(world: _World, document: Document, ids: Iterable[str]) -> tuple[Document, ...]:
    return tuple(found for found in world.documents(ids) if found.id != document.id)
