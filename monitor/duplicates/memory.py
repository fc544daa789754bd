"""A lookup that holds everything in memory: for scripts, notebooks and tests, up to some 100,000 articles."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from monitor.duplicates.candidates import MIN_SHARED
from monitor.duplicates.fingerprint import fingerprint
from monitor.duplicates.match import Placed
from monitor.records import Article, Candidate, Decision, Document, Edge, Furniture, Language, Probe, Story
from monitor.text import digest, text_hash

MOST_HOLDERS = 1000  # articles of a window that share with a probe before the hashes that as many hold count no more


def plain_document(
    id: str, text: str, *, title: str = "", at: datetime, site: str = "", language: str = "", url: str = ""
) -> Document:
    """A text that came from anywhere, as `place` takes it. `at`: when it was published, aware."""
    article = Article(id, url or id, site or id, title, text, at, published_at=at)
    return Document(
        article=article,
        language=Language(language or "und"),
        text_hash=text_hash(title, text),
        story=digest("story", id),
        first_seen=at,
        story_time=at,
        last_seen=at,
        fingerprint=fingerprint(title, text, language),
    )


class MemoryLookup:
    """Implements `Lookup`; `file` takes in what was placed."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._stories: dict[str, Story] = {}
        self._aliases: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}
        self._edges: dict[str, dict[tuple[str, str], Edge]] = {}
        self._holders: dict[int, set[str]] = {}
        self._exact: dict[str, list[tuple[object, str]]] = {}
        self._furniture: dict[str, Furniture] = {}
        self._decisions: list[Decision] = []

    def file(self, placed: Placed) -> None:
        for document in placed.documents:
            self._put(document)
        for edge in placed.edges:
            for id in (edge.article, edge.other):
                self._edges.setdefault(id, {})[edge.article, edge.other] = edge
        for story in placed.stories:
            if not self._members.get(story.id) and not story.copies:
                self._stories.pop(story.id, None)
                continue
            self._stories[story.id] = story
            for alias in story.aliases:
                self._aliases[alias] = story.id
                self._stories.pop(alias, None)
        self._furniture.update({one.site: one for one in placed.furniture})

    def decide(self, decision: Decision) -> None:
        self._decisions.append(decision)

    def all(self) -> list[Document]:
        return list(self._documents.values())

    def all_stories(self) -> list[Story]:
        return list(self._stories.values())

    def _put(self, document: Document) -> None:
        known = self._documents.get(document.id)
        self._documents[document.id] = document
        if known is not None:
            self._members[known.story].discard(known.id)
        self._members.setdefault(document.story, set()).add(document.id)
        if known is not None and known.fingerprint == document.fingerprint and known.story_time == document.story_time:
            return
        if known is not None:
            self._forget(known)
        for value in document.fingerprint.hashes:
            self._holders.setdefault(value, set()).add(document.id)
        if document.fingerprint.exact:
            insort(self._exact.setdefault(document.fingerprint.exact, []), (document.story_time, document.id))

    def _forget(self, known: Document) -> None:
        for value in known.fingerprint.hashes:
            self._holders[value].discard(known.id)
        if known.fingerprint.exact:
            self._exact[known.fingerprint.exact].remove((known.story_time, known.id))
        for key in list(self._edges.pop(known.id, ())):
            self._edges[key[0] if key[1] == known.id else key[1]].pop(key, None)

    def candidates(self, probes: Sequence[Probe]) -> list[list[Candidate]]:
        return [self._candidates(probe) for probe in probes]

    def _candidates(self, probe: Probe) -> list[Candidate]:
        """Of those that very many share, the hashes that very many hold count for nothing, as in a store."""
        holders = {value: self._inside(value, probe) for value in set(probe.hashes)}
        shared = Counter(id for ids in holders.values() for id in ids)
        if sum(count >= MIN_SHARED for count in shared.values()) > MOST_HOLDERS:
            shared = Counter(id for ids in holders.values() if len(ids) <= MOST_HOLDERS for id in ids)
        middle = probe.since + (probe.until - probe.since) / 2
        found = []
        for id, count in shared.items():
            if count >= MIN_SHARED:
                document = self._documents[id]
                found.append(Candidate(id, document.story, document.article.site, document.story_time, count))
        found.sort(key=lambda one: (-one.shared, abs(one.at - middle), one.id))
        return found[: probe.limit]

    def _inside(self, value: int, probe: Probe) -> list[str]:
        """Who holds it, of the window."""
        ids = self._holders.get(value, ())
        return [id for id in ids if probe.since <= self._documents[id].story_time <= probe.until]

    def same_text(self, exact: Collection[str]) -> dict[str, list[str]]:
        return {value: [id for _, id in self._exact[value]] for value in exact if self._exact.get(value)}

    def documents(self, ids: Collection[str]) -> dict[str, Document]:
        return {id: self._documents[id] for id in ids if id in self._documents}

    def members(self, stories: Collection[str]) -> dict[str, list[str]]:
        found = {story: self._members.get(self._aliases.get(story, story), set()) for story in stories}
        return {s: sorted(ids, key=lambda id: (self._documents[id].story_time, id)) for s, ids in found.items() if ids}

    def edges(self, ids: Collection[str]) -> dict[str, list[Edge]]:
        return {id: list(self._edges[id].values()) for id in ids if self._edges.get(id)}

    def stories(self, ids: Collection[str]) -> dict[str, Story]:
        found = {id: self._stories.get(self._aliases.get(id, id)) for id in ids}
        return {id: story for id, story in found.items() if story is not None}

    def furniture(self, sites: Collection[str]) -> dict[str, Furniture]:
        return {site: self._furniture[site] for site in sites if site in self._furniture}

    def decided(self, subjects: Collection[str]) -> dict[str, list[Decision]]:
        found: dict[str, list[Decision]] = {}
        for decision in self._decisions:
            for id in {decision.subject, decision.argument} & set(subjects):
                found.setdefault(id, []).append(decision)
        return found
