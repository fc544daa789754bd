"""One article against its candidates: which to look at, and what each turns out to be."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, TypeVar

from monitor.duplicates.align import Alignment, align
from monitor.duplicates.cluster import Link, Spans
from monitor.duplicates.evidence import facts
from monitor.duplicates.fingerprint import EXACT_WORDS
from monitor.duplicates.furniture import MIN_LEFT, Grams, strip
from monitor.duplicates.judge import judge
from monitor.duplicates.settings import MatchSettings
from monitor.duplicates.words import Places, Words, before, read_words
from monitor.records import Document, Edge

AGE = 0.3  # of its score an edge loses from distance 0 to the end of the window: the nearer of two parents wins
K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The values used last; never more than `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> V:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)
        return value


@dataclass(frozen=True, slots=True)
class Text:
    """An article's words as they are matched. `bare`: without the site's furniture next to nothing is left."""

    words: Words
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A verified pair; `mine` and `other` are the ids, spans lie in the texts as captured."""

    mine: str
    other: str
    kind: str
    own: float
    kept: float
    matched: float
    longest_run: int
    spans: Spans
    other_spans: Spans
    hours: float

    def link(self, settings: MatchSettings, *, from_mine: bool) -> Link:
        """Seen from the later article."""
        distance = min(1.0, self.hours * 3600 / settings.window.total_seconds())
        score = self.matched * (1 - AGE * distance)
        if from_mine:
            return Link(self.mine, self.other, self.kind, score, self.spans, self.other_spans)
        return Link(self.other, self.mine, self.kind, score, self.other_spans, self.spans)


class Texts:
    """Words of articles, kept between batches, and verified pairs of them."""

    def __init__(self, settings: MatchSettings) -> None:
        self._settings = settings
        self._raw: Recent[tuple[str, str] | tuple[str, int], Words] = Recent(settings.texts_cached)
        self._stripped: Recent[tuple[str, str, bytes], Text] = Recent(settings.texts_cached)
        self._aligned: Recent[tuple[str, str, str, str], tuple[float, Spans, Spans]] = Recent(
            10 * settings.texts_cached
        )
        self._flagged: dict[str, tuple[Grams, bytes]] = {}

    def furnish(self, site: str, flagged: Grams) -> None:
        """What is the site's furniture from now on."""
        self._flagged[site] = flagged, flagged.tobytes()

    def may_be_stripped(self, document: Document) -> bool:
        """Is anything known of the site's furniture?"""
        flagged, _ = self._flagged.get(document.article.site, (None, b""))
        return flagged is not None and len(flagged) > 0

    def raw(self, document: Document) -> Words:
        """Exact copies have their words in common: a dispatch is read once, not on every site that runs it."""
        text, exact = document.article.text, document.fingerprint.exact
        key = (exact, before(text)) if exact else (document.id, document.text_hash)
        return self._raw.get(key) or self._raw.put(key, read_words(text))

    def of(self, document: Document) -> Text:
        if not self.may_be_stripped(document):
            return Text(self.raw(document))
        flagged, version = self._flagged[document.article.site]
        key = document.id, document.text_hash, version
        return self._stripped.get(key) or self._stripped.put(key, _furnished(self.raw(document), flagged))

    def verify(self, mine: Document, other: Document) -> Pair | None:
        """The pair's edge; None where they share nothing worth to be kept."""
        hours = abs((mine.story_time - other.story_time).total_seconds()) / 3600
        text, other_text = self.of(mine), self.of(other)
        same_site = mine.article.site == other.article.site
        exact = mine.fingerprint.exact
        bare = text.bare or other_text.bare
        long = min(text.words.size, other_text.words.size) >= EXACT_WORDS
        if exact and exact == other.fingerprint.exact and long and not bare:
            return self._pair("exact", mine, other, hours, align(text.words, other_text.words))
        if same_site and bare:
            return None
        if hours * 3600 > self._settings.window.total_seconds():
            return None
        alignment = align(text.words, other_text.words)
        if not alignment.chains:
            return None
        found = facts(alignment, mine.article.title, other.article.title)
        kind = judge(found, hours, same_site=same_site, settings=self._settings)
        return self._pair(kind, mine, other, hours, alignment) if kind else None

    def again(self, edge: Edge, mine: Document, other: Document) -> Pair:
        """The pair of a stored edge, with its spans. `mine` is the edge's article."""
        key = mine.id, mine.text_hash, other.id, other.text_hash
        aligned = self._aligned.get(key)
        if aligned is None:
            words, other_words = self.of(mine).words, self.of(other).words
            aligned = self._aligned.put(key, _spans(align(words, other_words)))
        matched, spans, other_spans = aligned
        hours = abs((mine.story_time - other.story_time).total_seconds()) / 3600
        return Pair(
            mine.id,
            other.id,
            edge.kind,
            edge.containment,
            edge.reverse,
            matched,
            edge.longest_run,
            spans,
            other_spans,
            hours,
        )

    def _pair(self, kind: str, mine: Document, other: Document, hours: float, alignment: Alignment) -> Pair:
        aligned = _spans(alignment)
        self._aligned.put((mine.id, mine.text_hash, other.id, other.text_hash), aligned)
        matched, spans, other_spans = aligned
        return Pair(
            mine.id,
            other.id,
            kind,
            round(alignment.own, 4),
            round(alignment.kept, 4),
            matched,
            alignment.longest_run,
            spans,
            other_spans,
            hours,
        )


def _furnished(words: Words, flagged: Grams) -> Text:
    stripped = strip(words, flagged)
    if stripped is not words and stripped.size < MIN_LEFT:
        return Text(words, bare=True)
    return Text(stripped)


def _spans(alignment: Alignment) -> tuple[float, Spans, Spans]:
    mine, other = alignment.mine.places, alignment.other.places
    spans = tuple((_at(mine, c[0].mine), _at(mine, c[-1].mine + c[-1].length - 1) + 1) for c in alignment.chains)
    others = sorted((_at(other, c[0].other), _at(other, c[-1].other + c[-1].length - 1) + 1) for c in alignment.chains)
    return alignment.matched / alignment.mine.unit, spans, tuple(others)


def _at(places: Places, number: int) -> int:
    return int(places[number])
