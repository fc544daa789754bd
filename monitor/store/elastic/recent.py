"""What this process filed since the last refresh: searches of the engine do not see it yet.

Laid over the engine's answers: an article that is in here is as it is here, whatever a search says of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from monitor.records import Candidate, Document, Edge, Probe
from monitor.store.catalogue import Catalogue, rank
from monitor.store.values import micros

Aged = tuple[int, str]  # story time in microseconds, id
EdgeKey = tuple[str, str]

MOST = 4000  # articles; then the store refreshes by itself. A filer refreshes every 2,000


class Recent:
    def __init__(self) -> None:
        self.clear()

    def __len__(self) -> int:
        return len(self._catalogue.documents)

    def clear(self) -> None:
        """The engine has been refreshed since all of it was written."""
        self._catalogue = Catalogue()
        self._edges: dict[EdgeKey, Edge | None] = {}  # None: taken away

    # --- articles ----------------------------------------------------------------------------------------------------

    def put(self, document: Document) -> None:
        self._catalogue.put(document)

    def has(self, id: str) -> bool:
        return id in self._catalogue.documents

    def in_story(self, story: str) -> bool:
        return bool(self._catalogue.having("story", [story]))

    def sharing(self, probe: Probe) -> list[Candidate]:
        """What is in here that shares with it, in no order. Every hash counts: which do not, the whole archive says."""
        return self._catalogue.sharing(probe)

    def laid(self, mine: Iterable[Candidate], found: Iterable[Candidate], probe: Probe) -> list[Candidate]:
        """What is `sharing` in here over what the engine found, in the order of the contract."""
        theirs = [one for one in found if not self.has(one.id)]
        return sorted([*theirs, *mine], key=lambda one: rank(one, probe))

    def having(self, name: str, keys: Collection[str], found: Mapping[str, list[Aged]]) -> dict[str, list[str]]:
        """By key the ids that have it, oldest story time first: the engine's with those in here."""
        return self._over(self._catalogue.having(name, keys), keys, found)

    def of_stories(self, names: Mapping[str, Collection[str]], found: Mapping[str, list[Aged]]) -> dict[str, list[str]]:
        """Asked id -> members, of the ids by which its story may be called."""
        return self._over(self._catalogue.of_stories(names), names, found)

    def _over(
        self, mine: Mapping[str, list[str]], keys: Collection[str], found: Mapping[str, list[Aged]]
    ) -> dict[str, list[str]]:
        laid = {key: self._ordered(found.get(key, ()), mine.get(key, ())) for key in keys}
        return {key: ids for key, ids in laid.items() if ids}

    def _ordered(self, theirs: Iterable[Aged], mine: Iterable[str]) -> list[str]:
        aged = {id: at for at, id in theirs if not self.has(id)}
        aged |= {id: micros(self._catalogue.documents[id].story_time) for id in mine}
        return sorted(aged, key=lambda id: (aged[id], id))

    # --- edges -------------------------------------------------------------------------------------------------------

    def put_edge(self, edge: Edge) -> None:
        self._edges[edge.article, edge.other] = edge

    def drop_edge(self, key: EdgeKey) -> None:
        self._edges[key] = None

    def edges(self, found: Iterable[Edge], wanted: Callable[[Edge], bool]) -> list[Edge]:
        """The engine's with those in here, in order of both ids."""
        laid = {(edge.article, edge.other): edge for edge in found if (edge.article, edge.other) not in self._edges}
        laid |= {key: edge for key, edge in self._edges.items() if edge is not None and wanted(edge)}
        return [laid[key] for key in sorted(laid)]
