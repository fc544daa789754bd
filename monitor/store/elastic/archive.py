"""Articles by id and in order, and their revisions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from math import ceil
from queue import SimpleQueue

from monitor.records import Document, Furniture, Revision
from monitor.store.elastic.bulk import Action, Refused
from monitor.store.elastic.documents import (
    ARTICLE_PARTS,
    article,
    article_document,
    key,
    revision,
    revision_document,
    revision_key,
)
from monitor.store.elastic.edges import Edges
from monitor.store.elastic.inbox import Inbox
from monitor.store.elastic.leases import Leases
from monitor.store.elastic.reading import Query, portions
from monitor.store.elastic.stories import Stories
from monitor.store.values import plain
from monitor.text import digest

Ready = SimpleQueue[Action | bool]  # the end is True: these were all; or False: nothing more is to be sent

IN_ORDER = ("micros.published", "id")
_SENT_AT_ONCE = 100  # in one request, at most
_SENDERS = 2  # an engine writes each request with one of its threads
_LOADED_AT_ONCE = 100  # documents in memory while reading all
_IDS_AT_ONCE = 5000


class Archive(Leases, Inbox, Stories, Edges):
    def documents(self, ids: Collection[str]) -> dict[str, Document]:
        known, changes = self._known.among(ids)
        missing = {key(id) for id in ids if id not in known}
        if missing:
            found = self._reader.many("articles", missing, ARTICLE_PARTS)
            made = [article(one.source) for one in found.values()]
            self._known.put(made, changes)
            known |= {document.id: document for document in made}
        return known

    def revisions(self, article_id: str) -> list[Revision]:
        self._reader.refresh("revisions")
        query: Query = {"term": {"article": plain(article_id)}}
        return [revision(hit["_source"]) for hit in self._reader.hits("revisions", query, ["number"], parts=["record"])]

    def furniture(self, sites: Collection[str]) -> dict[str, Furniture]:
        keys = {_furniture_key(site): site for site in sites}
        found = self._reader.many("notes", keys, ["value"])
        return {keys[one]: Furniture(keys[one], hit.source["value"]) for one, hit in found.items()}

    def _file_documents(
        self,
        revisions: Sequence[Revision],
        documents: Sequence[Document],
        version: int,
        first: Callable[[], None],
    ) -> list[Refused]:
        """Revisions, then documents. While the engine takes some of them, the next are made: both cost about as much.
        What is to be written `first` is sent while the first are made; where that fails, none of them is written. Where
        one of them can't be made, that is raised, and those after it are not written.
        """
        at_once = _portion(len(revisions) + len(documents))
        ready: Ready = SimpleQueue()
        ids = [one.id for one in documents]
        self._known.written(ids)
        with self._filing, ThreadPoolExecutor(_SENDERS) as senders:
            begun = senders.submit(first)
            sent = [senders.submit(self._send, begun, ready, at_once) for _ in range(_SENDERS)]
            whole = False
            try:
                for revision in revisions:
                    ready.put(self._revision(revision, version))
                for document in documents:
                    ready.put(self._article(document, version))
                    self._recent.put(document)  # if it comes to nothing the batch is in doubt, and this is forgotten
                whole = True
            finally:
                for _ in sent:
                    ready.put(whole)
                wait(sent)
                self._known.written(ids)  # again: they may have been read meanwhile
            refused = [one for each in sent for one in each.result()]
        self._languages.update(document.language.code for document in documents)
        return refused

    def _send(self, begun: Future[None], ready: Ready, at_once: int) -> list[Refused]:
        begun.result()
        refused: list[Refused] = []
        ended = False
        while not ended:
            made: list[Action] = []
            while not ended and len(made) < at_once:
                one = ready.get()
                if one is False:
                    return refused
                if one is True:
                    ended = True
                else:
                    made.append(one)
            refused += self._writer.write(made)
        return refused

    def _revision(self, one: Revision, version: int) -> Action:
        return self._writer.put("revisions", revision_key(one.article_id, one.number), revision_document(one), version)

    def _article(self, document: Document, version: int) -> Action:
        source = article_document(document, stemming=self.stemming)
        return self._writer.put("articles", key(document.id), source, version)

    def _file_furniture(self, furniture: Sequence[Furniture], version: int) -> list[Refused]:
        return self._writer.write(
            [self._writer.put("notes", _furniture_key(one.site), _furniture_note(one), version) for one in furniture]
        )

    def _forget_furniture(self, version: int) -> None:
        self._reader.refresh("notes")
        hits = self._reader.hits("notes", _FURNITURE, ["name"])
        for portion in portions(hits, 1000):
            self._writer.write([self._writer.delete("notes", hit["_id"], version) for hit in portion])

    # --- in order ----------------------------------------------------------------------------------------------------

    def _in_order(self, query: Query) -> Iterator[Document]:
        """All articles that the query finds, by story time and id, as they are when they are read.

        Which ones is found before the first is given, so that none that moves meanwhile comes twice.
        """
        hits = self._reader.hits("articles", query, IN_ORDER, page=_IDS_AT_ONCE)
        keys = [hit["_id"] for hit in hits]
        for portion in portions(keys, _LOADED_AT_ONCE):
            found = self._reader.many("articles", portion, ARTICLE_PARTS)
            yield from (article(found[one].source) for one in portion if one in found)


def _portion(actions: int) -> int:
    """Of one request: as many for each sender, and as large as may be."""
    rounds = ceil(actions / (_SENDERS * _SENT_AT_ONCE))
    return max(1, ceil(actions / (_SENDERS * max(1, rounds))))


_FURNITURE: Query = {"term": {"kind": "furniture"}}


def _furniture_key(site: str) -> str:
    return digest("furniture", site)


def _furniture_note(furniture: Furniture) -> dict[str, str]:
    return {"kind": "furniture", "name": plain(furniture.site), "value": plain(furniture.state)}
