"""Match what arrives with what is stored: candidates, verified pairs, stories. Reads the lookup, writes nothing."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from monitor.duplicates import furniture
from monitor.duplicates.align import compare_words
from monitor.duplicates.candidates import Candidates
from monitor.duplicates.pairs import Pair, Texts
from monitor.duplicates.settings import MatchSettings
from monitor.duplicates.stories import Stories
from monitor.duplicates.view import Lookup, View
from monitor.records import Comparison, Document, Edge, Furniture, Match, Story

__all__ = ["Lookup", "Matcher", "Placed", "place"]

# Limits of the work: stories are the same at half and double, see docs/matching.md.
SURE, ENOUGH_SURE = 0.6, 2  # coverage of a pair, and so many of them in a story, that leave no doubt
# Candidates in a row that turn out to be none, after which no more are tried: bulletins have dozens. 12 compare a fifth
# more for nothing, 3 a quarter less, and find 20 of 316 quotations less.
MOST_STRANGERS = 6
MOST_MATCHES = 20  # edges that a document names itself; decides no story


@dataclass(frozen=True, slots=True)
class Placed:
    """What placing a batch changes. Documents: those that arrived, and others whose own fields changed."""

    documents: tuple[Document, ...] = ()
    edges: tuple[Edge, ...] = ()
    stories: tuple[Story, ...] = ()
    furniture: tuple[Furniture, ...] = ()


def place(lookup: Lookup, arrived: Sequence[Document], settings: MatchSettings = MatchSettings()) -> Placed:  # noqa: B008 -- frozen
    """Place one batch. Who places many keeps a Matcher, which remembers texts."""
    return Matcher(settings).place(lookup, arrived)


class Matcher:
    """Places batches. What it keeps between them is a cache: the result is the same without."""

    def __init__(self, settings: MatchSettings = MatchSettings()) -> None:  # noqa: B008 -- frozen
        self._settings = settings
        self._texts = Texts(settings)

    def compare(self, mine: Document, other: Document) -> Comparison:
        """The whole texts, furniture too, as `monitor.duplicates.compare` does; with the words that are remembered."""
        return compare_words(self._texts.raw(mine), self._texts.raw(other))

    def place(self, lookup: Lookup, arrived: Sequence[Document]) -> Placed:
        """Match the documents (each article once), in this order, with the lookup and with each other.

        Their `story` is the one that they have, or a fresh id of their own. A document that is known already is
        matched anew; its former edges are void.
        """
        if not arrived:
            return Placed()
        learnt = self._learn(lookup, arrived)
        batch = _Batch(lookup, arrived, self._texts, self._settings)
        for document in arrived:
            batch.add(document)
        return replace(batch.placed(), furniture=learnt)

    def _learn(self, lookup: Lookup, arrived: Sequence[Document]) -> tuple[Furniture, ...]:
        """Learn the sites' furniture before the batch is matched: so the third article of a site is free of it."""
        by_site: dict[str, list[Document]] = {}
        for document in arrived:
            by_site.setdefault(document.article.site, []).append(document)
        known = lookup.furniture(by_site.keys())
        changed = []
        for site, documents in by_site.items():
            before = after = furniture.load(known.get(site))
            for one in documents:
                after = furniture.learn(after, one.article.title, one.story_time, partial(self._texts.raw, one))
            self._texts.furnish(site, after.flagged())
            if after is not before:
                changed.append(furniture.save(site, after))
        return tuple(changed)


class _Batch:
    """The articles of one batch, placed one after the other."""

    def __init__(self, lookup: Lookup, arrived: Sequence[Document], texts: Texts, settings: MatchSettings) -> None:
        self._texts = texts
        self._view = View(lookup)
        self._stories = Stories(self._view, texts, settings)
        self._candidates = Candidates(lookup, arrived, texts, settings)
        articles, stories = self._candidates.stored()
        stories |= {one.story for one in arrived}
        self._view.fetch_stories(stories)
        roots = {story.root for id in stories if (story := self._view.story(id))}
        self._view.fetch(articles | roots)
        self._view.fetch_decisions(articles)

    def add(self, document: Document) -> None:
        known = self._view.document(document.id)
        if known is not None:
            self._view.void_edges(document.id)
            document = replace(document, story=known.story)  # where the batch may have taken it meanwhile
        pairs = self._pairs(document)
        if pairs or document.matches:
            document = replace(document, matches=_matches(pairs))
        others = self._view.documents([pair.other for pair in pairs])
        for pair in pairs:
            self._view.edges[pair.mine, pair.other] = _edge(pair, document, others[pair.other])
        self._stories.settle(document, pairs, known)
        self._candidates.enter(document)

    def _pairs(self, document: Document) -> list[Pair]:
        """Verified pairs: with the best candidates, and with the roots of the stories that those are in."""
        pairs: list[Pair] = []
        sure: Counter[str] = Counter()  # pairs beyond doubt with earlier articles, by story
        strangers = 0
        waiting = deque(self._candidates.of(document, self._view.story_of))
        seen = {document.id}
        hashes = {value for value in document.fingerprint.hashes if not value & 1}
        while waiting and strangers < MOST_STRANGERS:
            id = waiting.popleft()
            other = self._view.document(id)
            if id in seen or other is None or sure[other.story] >= ENOUGH_SURE:
                continue
            if hashes.isdisjoint(other.fingerprint.hashes):
                continue  # found by its title, and not a passage in common: four of five comparisons were such
            seen.add(id)
            pair = self._texts.verify(document, other)
            if pair is None or pair.kind == "quote":
                strangers += pair is None
                pairs += [pair] if pair else []
                continue
            strangers = 0
            pairs.append(pair)
            if max(pair.own, pair.kept) >= SURE and other.age < document.age:
                sure[other.story] += ENOUGH_SURE if pair.kind == "exact" else 1
            story = self._view.story(other.story)
            if story is not None and story.root not in seen:
                waiting.appendleft(story.root)
        return pairs

    def placed(self) -> Placed:
        view = self._view
        return Placed(tuple(view.changed.values()), tuple(view.present_edges()), tuple(view.changed_stories.values()))


def _edge(pair: Pair, mine: Document, other: Document) -> Edge:
    return Edge(
        article=pair.mine,
        other=pair.other,
        kind=pair.kind,
        containment=pair.own,
        reverse=pair.kept,
        longest_run=pair.longest_run,
        article_revision=mine.revision,
        other_revision=other.revision,
    )


def _matches(pairs: Sequence[Pair]) -> tuple[Match, ...]:
    best = sorted(pairs, key=lambda pair: (-pair.matched, pair.other))[:MOST_MATCHES]
    return tuple(Match(pair.other, pair.own, pair.kept, pair.kind) for pair in best)
