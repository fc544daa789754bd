"""What is stored, as it will be after what the batch has changed so far."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from monitor.records import Candidate, Decision, Document, Edge, Furniture, Probe, Story

MOST_READ = 500  # articles of one story that are read for their own names; the largest of 20,000 German items has 40
PAIRING = ("split", "merge")  # verbs of decisions that name a second article


class Lookup(Protocol):
    """What matching asks of the store; the store's port says more of each."""

    def candidates(self, probes: Sequence[Probe]) -> list[list[Candidate]]:
        """One list per probe, most shared hashes first."""
        ...

    def same_text(self, exact: Collection[str]) -> dict[str, list[str]]:
        """Exact hash -> ids of all articles that have it now, oldest story time first."""
        ...

    def documents(self, ids: Collection[str]) -> dict[str, Document]: ...

    def members(self, stories: Collection[str]) -> dict[str, list[str]]:
        """Ids of a story's articles, oldest first."""
        ...

    def edges(self, ids: Collection[str]) -> dict[str, list[Edge]]:
        """Edges in which the article is on either side."""
        ...

    def stories(self, ids: Collection[str]) -> dict[str, Story]:
        """By the id that was asked, aliases resolved."""
        ...

    def furniture(self, sites: Collection[str]) -> dict[str, Furniture]: ...

    def decided(self, subjects: Collection[str]) -> dict[str, list[Decision]]:
        """What people decided on these articles. A split or a merge should be found by either of its two."""
        ...


class View:
    """A lookup with the batch's changes laid over it."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._documents: dict[str, Document] = {}
        self._unknown: set[str] = set()
        self._stories: dict[str, Story] = {}
        self._no_stories: set[str] = set()
        self._members: dict[str, list[str]] = {}  # by story, as they are stored
        self._decided: dict[str, list[Decision]] = {}
        self._replaced: set[str] = set()  # articles whose stored edges are void
        self.edges: dict[tuple[str, str], Edge] = {}
        self.changed: dict[str, Document] = {}
        self.changed_stories: dict[str, Story] = {}

    def fetch(self, ids: Iterable[str]) -> None:
        missing = {id for id in ids if id not in self._documents and id not in self._unknown}
        if missing:
            found = self._lookup.documents(missing)
            self._documents.update(found)
            self._unknown |= missing - found.keys()

    def document(self, id: str) -> Document | None:
        self.fetch((id,))
        return self._documents.get(id)

    def story_now(self, id: str) -> str:
        """Of an article that is known."""
        return self._documents[id].story

    def story_of(self, id: str) -> str | None:
        """Where the batch has put the article; None where it has not touched it."""
        document = self.changed.get(id)
        return document.story if document else None

    def documents(self, ids: Collection[str]) -> dict[str, Document]:
        self.fetch(ids)
        return {id: self._documents[id] for id in ids if id in self._documents}

    def put(self, document: Document) -> None:
        """Nothing happens where it is as it was."""
        if self._documents.get(document.id) != document:
            self._documents[document.id] = self.changed[document.id] = document
            self._unknown.discard(document.id)

    def void_edges(self, id: str) -> None:
        """The article's text is another one now."""
        self._replaced.add(id)
        for key in [key for key in self.edges if id in key]:
            del self.edges[key]

    def edges_among(self, ids: Collection[str]) -> list[Edge]:
        """Those between two of the articles, at their present revisions."""
        stored = self._lookup.edges([id for id in ids if id not in self._replaced])
        found = {(e.article, e.other): e for edges in stored.values() for e in edges}
        found = {key: edge for key, edge in found.items() if self._replaced.isdisjoint(key)}
        found.update(self.edges)
        documents = self.documents(ids)
        return [edge for key, edge in sorted(found.items()) if _present(edge, documents)]

    def present_edges(self) -> list[Edge]:
        """Those that the batch found, but for articles that it then took in with another text."""
        documents = self.documents({id for key in self.edges for id in key})
        return [edge for edge in self.edges.values() if _present(edge, documents)]

    def fetch_stories(self, ids: Iterable[str]) -> None:
        missing = {id for id in ids if id not in self._stories and id not in self._no_stories}
        if missing:
            found = self._lookup.stories(missing)
            self._stories.update(found)
            self._no_stories |= missing - found.keys()

    def story(self, id: str) -> Story | None:
        """Aliases resolved."""
        self.fetch_stories((id,))
        return self._stories.get(id)

    def put_story(self, story: Story) -> None:
        if self._stories.get(story.id) != story:
            self.changed_stories[story.id] = story
        self._stories[story.id] = story
        for alias in story.aliases:
            self._stories[alias] = story
            self.changed_stories.pop(alias, None)

    def members(self, stories: Collection[str]) -> dict[str, list[str]]:
        """Ids by story, as the batch has left them; in no order."""
        missing = [story for story in stories if story not in self._members]
        if missing:
            stored = self._lookup.members(missing)
            self._members |= {story: self._at_home(story, stored.get(story, [])) for story in missing}
        found: dict[str, list[str]] = {}
        for story in stories:
            here = [id for id in self._members[story] if id not in self.changed]
            found[story] = here + [id for id, document in self.changed.items() if document.story == story]
        return found

    def _at_home(self, story: str, ids: list[str]) -> list[str]:
        """Without those that only bear a former name of the story: while all is analysed again, an article that is yet
        to be placed has its own first name, which another story may have been called.
        """
        if len(ids) > MOST_READ:
            return ids
        documents = self.documents(ids)
        self.fetch_stories({one.story for one in documents.values()})
        return [id for id, one in documents.items() if self.called_now(one.story) == story]

    def called_now(self, story: str) -> str:
        """The story into which it was taken, where it was."""
        now = self.story(story)
        return story if now is None else now.id

    def fetch_decisions(self, ids: Iterable[str]) -> None:
        missing = {id for id in ids if id not in self._decided}
        if missing:
            found = self._lookup.decided(missing)
            self._decided.update({id: found.get(id, []) for id in missing})

    def decisions(self, ids: Iterable[str]) -> dict[tuple[str, str], str]:
        """The last split or merge of each pair of articles, in which one of these stands."""
        ids = list(ids)
        self.fetch_decisions(ids)
        found: dict[tuple[str, str], Decision] = {}
        for decision in (d for id in ids for d in self._decided[id] if d.verb in PAIRING):
            pair = min(decision.subject, decision.argument), max(decision.subject, decision.argument)
            if pair not in found or (decision.at, decision.id) >= (found[pair].at, found[pair].id):
                found[pair] = decision
        return {pair: decision.verb for pair, decision in found.items()}


def _present(edge: Edge, documents: dict[str, Document]) -> bool:
    one, other = documents.get(edge.article), documents.get(edge.other)
    if one is None or other is None:
        return False
    return (one.revision, other.revision) == (edge.article_revision, edge.other_revision)
