"""Match what arrives with what is stored: candidates, verified pairs, stories. Reads the lookup, writes nothing."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.duplicates import furniture
from monitor.duplicates.align import compare_words
from monitor.duplicates.fingerprint import winnow
from monitor.duplicates.pairs import Pair, Texts, chosen
from monitor.duplicates.settings import MatchSettings
from monitor.duplicates.stories import Stories, order
from monitor.duplicates.view import Lookup, View
from monitor.records import Candidate, Comparison, Document, Edge, Furniture, Match, Probe, Story

__all__ = ["Lookup", "Matcher", "Placed", "place"]

MIN_SHARED = 2  # hashes, of text or of title; one alone is a stock phrase
MOST_FOUND = 30  # candidates that are asked for; the best of them are aligned
MOST_HOLDERS = 200  # articles of one batch that hold a hash which still counts
SURE, ENOUGH_SURE = 0.6, 2  # coverage of a pair, and so many of them in a story, that leave no doubt
MOST_STRANGERS = 6  # candidates in a row that turn out to be none, after which no more are tried: bulletins have dozens
MOST_MATCHES = 20  # edges that a document names itself


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
        """Match the documents, in this order, with the lookup and with each other.

        Their `story` is the one that they have, or a fresh id of their own. A document that is known already is
        matched anew; its former edges are void.
        """
        if not arrived:
            return Placed()
        learnt = self._learn(lookup, arrived)
        batch = _Batch(lookup, self._texts, self._settings)
        batch.prepare(arrived)
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
            before = furniture.load(known.get(site))
            read = [(one.article.title, self._texts.raw(one)) for one in documents]
            after = furniture.learn(before, read)
            self._texts.furnish(site, after.flagged())
            if after is not before:
                changed.append(furniture.save(site, after))
        return tuple(changed)


class _Batch:
    """The articles of one batch, placed one after the other."""

    def __init__(self, lookup: Lookup, texts: Texts, settings: MatchSettings) -> None:
        self._lookup, self._texts, self._settings = lookup, texts, settings
        self._view = View(lookup)
        self._stories = Stories(self._view, texts, settings)
        self._index: dict[int, list[Document]] = {}  # hash -> articles of the batch
        self._exact: dict[str, list[Document]] = {}
        self._found: dict[str, list[Candidate]] = {}
        self._titled: dict[str, list[Candidate]] = {}
        self._same: dict[str, list[str]] = {}

    def prepare(self, arrived: Sequence[Document]) -> None:
        """Ask the lookup once for all of the batch."""
        hashes = {one.id: self._hashes(one) for one in arrived}
        window, title_window = self._settings.window, self._settings.title_window
        probes = [_probe(hashes[one.id][0], one.story_time, window) for one in arrived]
        probes += [_probe(hashes[one.id][1], one.story_time, title_window) for one in arrived]
        found = self._lookup.candidates(probes)
        self._found = {one.id: own for one, own in zip(arrived, found[: len(arrived)], strict=True)}
        self._titled = {one.id: own for one, own in zip(arrived, found[len(arrived) :], strict=True)}
        exact = {one.fingerprint.exact for one in arrived if one.fingerprint.exact}
        self._same = self._lookup.same_text(exact) if exact else {}
        self._prefetch(arrived)

    def _prefetch(self, arrived: Sequence[Document]) -> None:
        wanted = {one.id for one in arrived} | {ids[0] for ids in self._same.values()}
        stories: set[str] = set()
        for one in arrived:
            best = set(chosen(self._found[one.id], self._titled[one.id], one, {}, self._settings))
            wanted |= best
            stories.update(c.story for c in (*self._found[one.id], *self._titled[one.id]) if c.id in best)
        self._view.fetch(wanted)
        self._view.fetch_stories(stories)
        self._view.fetch(story.root for id in stories if (story := self._view.story(id)))
        self._view.fetch_decisions(wanted)

    def _hashes(self, document: Document) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Of the text and of the title, those of the site's furniture left out."""
        text, raw = self._texts.of(document), self._texts.raw(document)
        hashes = document.fingerprint.hashes
        title = tuple(h for h in hashes if h & 1)
        if text.words is raw:
            return tuple(h for h in hashes if not h & 1), title
        return tuple(winnow(text.words).tolist()), title

    def add(self, document: Document) -> None:
        known = self._view.document(document.id)
        if known is not None:
            self._view.void_edges(document.id)
        pairs = self._pairs(document)
        document = replace(document, matches=_matches(pairs))
        others = self._view.documents([pair.other for pair in pairs])
        for pair in pairs:
            self._view.edges[pair.mine, pair.other] = _edge(pair, document, others[pair.other])
        self._stories.settle(document, pairs, known)
        self._enter(document)

    def _pairs(self, document: Document) -> list[Pair]:
        """Verified pairs: with the best candidates, and with the roots of the stories that those are in."""
        pairs: list[Pair] = []
        sure: Counter[str] = Counter()  # pairs beyond doubt with earlier articles, by story
        strangers = 0
        waiting = deque(self._candidates(document))
        seen = {document.id}
        while waiting and strangers < MOST_STRANGERS:
            id = waiting.popleft()
            other = self._view.document(id)
            if id in seen or other is None or sure[other.story] >= ENOUGH_SURE:
                continue
            seen.add(id)
            pair = self._texts.verify(document, other)
            if pair is None or pair.kind == "quote":
                strangers += pair is None
                pairs += [pair] if pair else []
                continue
            strangers = 0
            pairs.append(pair)
            sure[other.story] += max(pair.own, pair.kept) >= SURE and order(other) < order(document)
            story = self._view.story(other.story)
            if story is not None and story.root not in seen:
                waiting.appendleft(story.root)
        return pairs

    def _candidates(self, document: Document) -> list[str]:
        """Exact copies first, then the best by hashes, then by title."""
        own, exact = document.id, document.fingerprint.exact
        same = [*(one.id for one in self._exact.get(exact, ())), *self._same.get(exact, ())][:2] if exact else []
        text, title = self._hashes(document)
        found = [*self._found[own], *self._in_batch(text, document, self._settings.window)]
        titled = [*self._titled[own], *self._in_batch(title, document, self._settings.title_window)]
        stories = {id: one.story for id, one in self._view.changed.items()}
        return [*same, *chosen(found, titled, document, stories, self._settings)]

    def _in_batch(self, hashes: Sequence[int], document: Document, window: timedelta) -> list[Candidate]:
        counts: Counter[str] = Counter()
        holders: dict[str, Document] = {}
        for value in hashes:
            held = self._index.get(value, ())
            if len(held) <= MOST_HOLDERS:
                for one in held:
                    counts[one.id] += 1
                    holders[one.id] = one
        return [
            Candidate(id, self._view.changed[id].story, one.article.site, one.story_time, counts[id])
            for id, one in holders.items()
            if counts[id] >= MIN_SHARED and abs(one.story_time - document.story_time) <= window
        ]

    def _enter(self, document: Document) -> None:
        for value in document.fingerprint.hashes:
            self._index.setdefault(value, []).append(document)
        if document.fingerprint.exact:
            self._exact.setdefault(document.fingerprint.exact, []).append(document)

    def placed(self) -> Placed:
        view = self._view
        return Placed(tuple(view.changed.values()), tuple(view.present_edges()), tuple(view.changed_stories.values()))


def _probe(hashes: tuple[int, ...], at: datetime, window: timedelta) -> Probe:
    return Probe(hashes, at - window, at + window, MOST_FOUND)


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
