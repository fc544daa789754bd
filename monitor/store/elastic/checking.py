"""Looking for damage: everything that can be told by reading it all. Changes nothing.

Others may go on writing meanwhile, so what looks wrong is looked at a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from monitor.errors import StoreCorrupt
from monitor.store.elastic.documents import article, article_document, key, revision_key, story
from monitor.store.elastic.inbox import analysis_of
from monitor.store.elastic.mapping import KINDS
from monitor.store.elastic.notes import Notes
from monitor.store.elastic.reading import EVERYTHING, Query, Sort, portions
from monitor.store.elastic.runs import Runs
from monitor.store.elastic.search import Search
from monitor.store.elastic.urls import Urls
from monitor.store.port import Finding

_SHOWN = 20  # findings of one kind; more of them are counted
_READ_AT_ONCE = 200
_RESTORE = "a snapshot of the engine has it, or a copy made with `monitor store copy`"
_REINDEX = "`monitor store reindex` makes it again"
_REANALYSE = "`monitor store reanalyse` makes the stories again"
_RECRAWL = "it is fetched again when its turn comes"
_FOUND_BY = ("story", "exact", "links", "addresses", "dispatches", "role", "lang", "micros")

Source = Mapping[str, Any]


class Checking(Urls, Search, Runs, Notes):
    def check(self) -> list[Finding]:
        findings = list(self._shards())
        if (wrong := self._writer.conflict()) is not None:
            return [*findings, Finding(wrong.message, wrong.hint)]  # what follows asks for these fields
        self._reader.refresh(*KINDS)
        looks: list[tuple[str, Query, Sort, Callable[[Mapping[str, Source]], Iterator[tuple[str, Finding]]]]] = [
            ("articles", EVERYTHING, ["id"], self._articles),
            ("stories", EVERYTHING, ["id"], self._stories_whole),
            ("urls", {"term": {"status": "stored"}}, ["site", "url"], self._stored),
            ("inbox", {"term": {"waiting": True}}, ["number"], self._items),
        ]
        for kind, query, order, look in looks:
            findings += _first(self._twice(kind, query, order, look))
        return findings

    def _twice(
        self,
        kind: str,
        query: Query,
        order: Sort,
        look: Callable[[Mapping[str, Source]], Iterator[tuple[str, Finding]]],
    ) -> Iterator[Finding]:
        hits = self._reader.hits(kind, query, order, page=_READ_AT_ONCE)
        for portion in portions((hit["_id"] for hit in hits), _READ_AT_ONCE):
            suspect = {one for one, _ in look(self._sources(kind, portion))}
            for _, finding in look(self._sources(kind, suspect)) if suspect else ():
                yield finding

    def _sources(self, kind: str, keys: Iterable[str]) -> dict[str, Source]:
        return {one: found.source for one, found in self._reader.many(kind, keys).items()}

    def _shards(self) -> Iterator[Finding]:
        names = ",".join(self._names.read(kind) for kind in KINDS)
        health = self._connection.call(lambda client: client.cluster.health(index=names).body)
        if health["status"] == "red":
            hint = "whoever runs the engine looks why; its log names the shards"
            yield Finding(f"{health['unassigned_shards']} shards are not there: what is in them can't be found", hint)

    def _articles(self, sources: Mapping[str, Source]) -> Iterator[tuple[str, Finding]]:
        """Each can be read, is found by what it says, and its revisions and its story are there."""
        revisions: dict[str, tuple[str, int]] = {}
        of_stories: dict[str, str] = {}
        for one, source in sources.items():
            try:
                document = article(source)
            except StoreCorrupt as error:
                yield one, Finding(f"article {source.get('id', one)} can't be read: {error.message}", _RESTORE)
                continue
            made = article_document(document, stemming=False)
            if any(made.get(name) != source.get(name) for name in _FOUND_BY):
                yield one, Finding(f"article {document.id} is found by other things than it says", _REINDEX)
            numbers = range(1, document.revision + 1)
            revisions |= {revision_key(document.id, number): (one, number) for number in numbers}
            of_stories[one] = document.story
        missing = revisions.keys() - self._reader.many("revisions", revisions, []).keys()
        for lost in sorted(missing):
            one, number = revisions[lost]
            yield one, Finding(f"revision {number} of article {sources[one]['id']} is not there", _RESTORE)
        there = self._resolved(set(of_stories.values()), ["id"])
        for one, named in of_stories.items():
            if named not in there:
                yield one, Finding(f"article {sources[one]['id']} is of story {named}, which is not there", _RESTORE)

    def _stories_whole(self, sources: Mapping[str, Source]) -> Iterator[tuple[str, Finding]]:
        """Each can be read, and has articles."""
        for one, source in sources.items():
            try:
                story(source)
            except StoreCorrupt as error:
                yield one, Finding(f"story {source.get('id', one)} can't be read: {error.message}", _RESTORE)
        named = {source["id"]: one for one, source in sources.items()}
        for id in sorted(named.keys() - self.members(named).keys()):
            yield named[id], Finding(f"story {id} has no articles", _REANALYSE)

    def _stored(self, sources: Mapping[str, Source]) -> Iterator[tuple[str, Finding]]:
        """What counts as stored is there, or waits in the inbox."""
        named = {one: key(source["article_id"]) for one, source in sources.items() if source.get("article_id")}
        there = self._reader.many("articles", named.values(), [])
        put_in = {id for one in named for id in sources[one].get("put_in", ()) if named[one] not in there}
        items = self._reader.many("inbox", put_in, ["waiting"])
        waiting = {id for id, found in items.items() if found.source["waiting"]}
        for one, id in named.items():
            if id not in there and waiting.isdisjoint(sources[one].get("put_in", ())):
                url, article_id = sources[one]["url"], sources[one]["article_id"]
                yield one, Finding(f"{url} counts as stored, but article {article_id} is not there", _RECRAWL)

    def _items(self, sources: Mapping[str, Source]) -> Iterator[tuple[str, Finding]]:
        for one, source in sources.items():
            try:
                if source["waiting"]:
                    analysis_of(source["payload"])
            except StoreCorrupt as error:
                yield one, Finding(f"item {source['number']} of the inbox can't be read: {error.message}", _RESTORE)


def _first(findings: Iterator[Finding]) -> Sequence[Finding]:
    found = list(findings)
    if len(found) > _SHOWN:
        found[_SHOWN:] = [Finding(f"... and {len(found) - _SHOWN} more of this kind", found[0].hint)]
    return found
