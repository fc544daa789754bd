"""Documents with what they are looked up by, in plain dictionaries: the reference for `Lookups`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from monitor.records import Candidate, Document, Probe
from monitor.store.linked import linked
from monitor.store.port import MIN_SHARED, MOST_HOLDERS

_Holders = dict[object, set[str]]  # what is looked for -> ids of the documents that have it


class Catalogue:
    """Each document takes its old place with it when it is put again."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self._by: dict[str, _Holders] = {name: {} for name in ("hash", "exact", "story", "link", "dispatch", "address")}

    def put(self, document: Document) -> None:
        old = self.documents.get(document.id)
        if old is document:
            return
        for name, keys in _keys(old) if old is not None else ():
            for key in keys:
                holders = self._by[name][key]
                holders.discard(document.id)
                if not holders:
                    del self._by[name][key]
        for name, keys in _keys(document):
            for key in keys:
                self._by[name].setdefault(key, set()).add(document.id)
        self.documents[document.id] = document

    def candidates(self, probe: Probe) -> list[Candidate]:
        """Taking this for all that is stored."""
        found = self.sharing(probe)
        if len(found) > MOST_HOLDERS:
            rare = [number for number in set(probe.hashes) if len(self._holders(number, probe)) <= MOST_HOLDERS]
            found = self.sharing(replace(probe, hashes=tuple(rare)))
        return sorted(found, key=lambda one: rank(one, probe))[: max(0, probe.limit)]

    def sharing(self, probe: Probe) -> list[Candidate]:
        """All of the window that share enough, in no order; every hash counts, however many hold it."""
        shared: Counter[str] = Counter()
        for number in set(probe.hashes):
            shared.update(self._holders(number, probe))
        return [self._candidate(id, count) for id, count in shared.items() if count >= MIN_SHARED]

    def having(self, name: str, keys: Iterable[str]) -> dict[str, list[str]]:
        """By key the ids that have it (name: exact, story, link, dispatch), oldest story time first."""
        found = {key: self._by[name].get(key, ()) for key in keys}
        return {key: sorted(ids, key=self._age) for key, ids in found.items() if ids}

    def of_stories(self, stories: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
        """Asked id -> members, of the ids by which its story may be called."""
        found = {
            asked: [id for name in ids for id in self._by["story"].get(name, ())] for asked, ids in stories.items()
        }
        return {asked: sorted(ids, key=self._age) for asked, ids in found.items() if ids}

    def _holders(self, number: int, probe: Probe) -> list[str]:
        """Of the hash, those of the window."""
        ids = self._by["hash"].get(number, ())
        return [id for id in ids if probe.since <= self.documents[id].story_time <= probe.until]

    def _candidate(self, id: str, shared: int) -> Candidate:
        document = self.documents[id]
        return Candidate(id, document.story, document.article.site, document.story_time, shared)

    def _age(self, id: str) -> tuple[object, str]:
        return self.documents[id].story_time, id


def _keys(document: Document) -> Iterator[tuple[str, Collection[object]]]:
    yield "hash", set(document.fingerprint.hashes)
    yield "exact", {document.fingerprint.exact} - {""}
    yield "story", {document.story}
    yield "link", linked(document.article)
    yield "dispatch", set(document.dispatches)
    yield "address", {document.article.url, document.fetched_from} - {""}


def rank(one: Candidate, probe: Probe) -> tuple[int, timedelta, timedelta, str]:
    """Most shared, nearest to the middle, newest, id."""
    from_middle = abs((one.at - probe.since) - (probe.until - one.at))
    return -one.shared, from_middle, probe.until - one.at, one.id
