"""Which articles are worth a comparison: found by shared hashes, in what is stored and in the batch itself."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from monitor.duplicates.fingerprint import winnow
from monitor.duplicates.pairs import Texts
from monitor.duplicates.settings import MatchSettings
from monitor.duplicates.view import Lookup
from monitor.records import Candidate, Document, Probe

MIN_SHARED = 2  # hashes, of text or of title; one alone is a stock phrase
MOST_FOUND = 30  # candidates that are asked for; the best of them are aligned
MOST_HOLDERS = 200  # articles of one batch that hold a hash which still counts
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hashes of one article that are looked up: those of its site's furniture left out."""

    text: tuple[int, ...]
    title: tuple[int, ...]


class Candidates:
    """Of one batch: the lookup is asked once for all of it."""

    def __init__(self, lookup: Lookup, arrived: Sequence[Document], texts: Texts, settings: MatchSettings) -> None:
        self._settings = settings
        self._arrived = {one.id: one for one in arrived}
        self._asked = {id: _asked(one, texts) for id, one in self._arrived.items()}
        documents = self._arrived.values()
        probes = [_probe(self._asked[one.id].text, one, settings.window) for one in documents]
        probes += [_probe(self._asked[one.id].title, one, settings.title_window) for one in documents]
        found = lookup.candidates(probes)
        self._found = dict(zip(self._arrived, found[: len(self._arrived)], strict=True))
        self._titled = dict(zip(self._arrived, found[len(self._arrived) :], strict=True))
        exact = {one.fingerprint.exact for one in documents if one.fingerprint.exact}
        self._same_text = lookup.same_text(exact) if exact else {}
        self._entered: dict[str, None] = {}
        self._holders = _shared_by([(id, (*asked.text, *asked.title)) for id, asked in self._asked.items()])
        self._same_here: dict[str, list[tuple[datetime, str]]] = {}

    def stored(self) -> tuple[set[str], set[str]]:
        """Articles that `of` may name, as far as the lookup has them, and the stories that those are in."""
        wanted = set(self._arrived) | {ids[0] for ids in self._same_text.values()}
        stories: set[str] = set()
        for id, document in self._arrived.items():
            best = set(chosen(self._found[id], self._titled[id], document, _where_found, self._settings))
            wanted |= best
            stories.update(one.story for one in (*self._found[id], *self._titled[id]) if one.id in best)
        return wanted, stories

    def of(self, document: Document, story_of: Callable[[str], str | None]) -> list[str]:
        """The earliest exact copies first, then the best by hashes, then by title.

        `story_of`: where the batch has put articles.
        """
        id, exact = document.id, document.fingerprint.exact
        same = [*self._same_text.get(exact, ())[:1], *(one for _, one in self._same_here.get(exact, ())[:1])]
        here = self._here(id)
        found = [*self._found[id], *self._near(document, here, self._settings.window, story_of, title=0)]
        titled = [*self._titled[id], *self._near(document, here, self._settings.title_window, story_of, title=1)]
        return [*same, *chosen(found, titled, document, story_of, self._settings)]

    def enter(self, document: Document) -> None:
        """It is placed: those that follow may be its copies."""
        self._entered[document.id] = None
        if document.fingerprint.exact:
            insort(self._same_here.setdefault(document.fingerprint.exact, []), (document.story_time, document.id))

    def _here(self, id: str) -> dict[str, list[int]]:
        """Articles of the batch that are placed, and how many hashes of text and of title are shared with each."""
        shared: dict[str, list[int]] = {}
        asked = self._asked[id]
        for value in self._holders.keys() & {*asked.text, *asked.title} if self._holders else ():
            holders = self._holders[value]
            for other in holders if len(holders) <= MOST_HOLDERS else ():
                if other in self._entered:
                    shared.setdefault(other, [0, 0])[value & 1] += 1
        return shared

    def _near(
        self,
        document: Document,
        here: Mapping[str, Sequence[int]],
        window: timedelta,
        story_of: Callable[[str], str | None],
        *,
        title: int,
    ) -> list[Candidate]:
        near = []
        for id, counts in here.items():
            other, count = self._arrived[id], counts[title]
            if count < MIN_SHARED or abs(other.story_time - document.story_time) > window:
                continue
            near.append(Candidate(id, story_of(id) or other.story, other.article.site, other.story_time, count))
        return near


def _asked(document: Document, texts: Texts) -> _Asked:
    hashes = document.fingerprint.hashes
    titles = next((at for at in range(len(hashes), 0, -1) if not hashes[at - 1] & 1), 0)  # they stand last
    if titles < len(hashes) and any(value & 1 for value in hashes[:titles]):
        text = tuple(value for value in hashes if not value & 1)
        title = tuple(value for value in hashes if value & 1)
    else:
        text, title = hashes[:titles], hashes[titles:]
    if texts.may_be_stripped(document) and texts.of(document).words is not texts.raw(document):
        text = tuple(winnow(texts.of(document).words).tolist())
    return _Asked(text, title)


def _shared_by(asked: Iterable[tuple[str, tuple[int, ...]]]) -> dict[int, list[str]]:
    """The hashes that several articles hold, and who: nearly all hashes of a batch are one article's."""
    asked = list(asked)
    values = np.concatenate([np.array(hashes, dtype=np.uint64) for _, hashes in asked])
    distinct, counts = np.unique(values, return_counts=True)
    several = set(distinct[counts > 1].tolist())
    holders: dict[int, list[str]] = {}
    for id, hashes in asked if several else ():
        for value in several.intersection(hashes):
            holders.setdefault(value, []).append(id)
    return holders


def _probe(hashes: tuple[int, ...], document: Document, window: timedelta) -> Probe:
    at = document.story_time
    since = at - window if at - _FIRST > window else _FIRST
    until = at + window if _LAST - at > window else _LAST
    return Probe(hashes, since, until, MOST_FOUND)


def _where_found(id: str) -> str | None:
    return None


def chosen(
    found: Sequence[Candidate],
    titled: Sequence[Candidate],
    document: Document,
    story_of: Callable[[str], str | None],
    settings: MatchSettings,
) -> list[str]:
    """The best candidates, by text and then by title, some of each story.

    `story_of`: where articles are by now, if not where they were found.
    """
    if not found and not titled:
        return []
    shared = {one.id: one.shared for one in found}
    for one in titled:
        if one.id in shared:
            shared[one.id] += one.shared

    def rank(one: Candidate) -> tuple[int, timedelta, str]:
        """Most shared first, of text and title together, then nearest in time, then by id."""
        return -shared.get(one.id, one.shared), abs(one.at - document.story_time), one.id

    by_text = sorted(found, key=rank)
    by_title = sorted((one for one in titled if one.id not in shared), key=rank)
    per_story: Counter[str] = Counter()
    taken: list[str] = []
    for ranked, most in ((by_text, settings.candidates), (by_title, settings.title_candidates)):
        most += len(taken)
        for candidate in ranked:
            if len(taken) >= most:
                break
            story = story_of(candidate.id) or candidate.story
            if candidate.id != document.id and per_story[story] < settings.candidates_per_story:
                per_story[story] += 1
                taken.append(candidate.id)
    return taken
