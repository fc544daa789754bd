"""What people want to be told of. An engine with a percolator holds the questions against articles itself. For one
without, they are held against them in this process, as on the embedded store; and so are those that are too large for
the percolator, which would answer for none of the rules.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import orjson

from monitor.errors import AccessRefused
from monitor.query import Node, read_kept
from monitor.records import Document, Rule, Story
from monitor.store.asked import Asked, ask
from monitor.store.elastic.documents import asked_document, key
from monitor.store.elastic.encoding import Made, Source
from monitor.store.elastic.journal import rule, rule_document
from monitor.store.elastic.parts import Part
from monitor.store.elastic.query import stored
from monitor.store.elastic.reading import EVERYTHING, Query, all_of, column
from monitor.store.elastic.refusals import RequestTooLarge
from monitor.store.elastic.sizing import MOST_CLAUSES, begins_in_a_row, clauses
from monitor.store.port import RuleHit
from monitor.store.rule_keeping import KeptRules
from monitor.store.stemming import STEMMERS
from monitor.store.values import micros
from monitor.text import digest

log = logging.getLogger(__name__)

AT_ONCE = 100  # articles of one request; 10,000 rules: 129 articles/s in twenties, 361 in hundreds
_MOST_BYTES = 4_000_000  # of one request, until a proxy lets no more than a part of it through
_LEAST_BYTES = 100_000
_PAGE = 5000  # rules of one answer
_WRITTEN = digest("rules written")  # note: another one after each writing
_LOOK_AGAIN = 1.0  # seconds
NOT_PERCOLATED: Query = {"bool": {"must_not": [{"term": {"percolated": True}}]}}


class Rules(Part):
    _most_bytes = _MOST_BYTES

    def put_rules(self, rules: Sequence[tuple[Rule, Node]]) -> None:
        actions = [self._writer.put("rules", key(one.id), self._rule_document(one, node)) for one, node in rules]
        self._writer.write(actions, refresh=True)
        self._note_writing()

    def remove_rules(self, ids: Collection[str]) -> None:
        self._writer.write([self._writer.delete("rules", key(id)) for id in ids], refresh=True)
        self._note_writing()

    def rules(self) -> list[Rule]:
        return [rule(source) for source in self._rule_sources()]

    def match_rules(self, documents: Sequence[Document], stories: Mapping[str, Story]) -> list[RuleHit]:
        if not documents:
            return []
        here = self._held_here().matching(documents, stories)
        if not self.percolating:
            return here
        percolated = [hit for batch in self._asked(documents, stories) for hit in self._percolated(*batch)]
        return list(dict.fromkeys([*here, *percolated]))  # a rule that another process changes may be in both

    # --- by the engine -----------------------------------------------------------------------------------------------

    def _rule_document(self, one: Rule, node: Node) -> Made:
        made = rule_document(one, node)
        if self.percolating and (query := self._percolator_query(ask(node))):
            made |= {"query": query, "percolated": True}
        return made

    def _percolator_query(self, asked: Asked) -> Query | None:
        """None: it is too large."""
        if begins_in_a_row(asked):
            return None
        spoken = STEMMERS if self.stemming else ()  # every language: one may come up after the rule
        query = stored(asked, spoken)
        if clauses(query) > MOST_CLAUSES:
            try:
                query = stored(asked, spoken, together=self._engine_stems)
            except AccessRefused:  # to ask for its stems: then it is held here
                return None
        return query if clauses(query) <= MOST_CLAUSES else None

    def _asked(
        self, documents: Sequence[Document], stories: Mapping[str, Story]
    ) -> Iterator[tuple[list[Document], list[orjson.Fragment]]]:
        batch: list[Document] = []
        made: list[orjson.Fragment] = []
        size = 0
        for document in documents:
            one = orjson.dumps(self._asked_document(document, stories.get(document.story)))
            if batch and (len(batch) == AT_ONCE or size + len(one) > self._most_bytes):
                yield batch, made
                batch, made, size = [], [], 0
            batch.append(document)
            made.append(orjson.Fragment(one))
            size += len(one)
        if batch:
            yield batch, made

    def _asked_document(self, document: Document, story: Story | None) -> Made:
        names = (document.story, *((story.id, *story.aliases) if story is not None else ()))
        copies = story.copies if story is not None else 1
        return asked_document(document, tuple(dict.fromkeys(names)), copies, stemming=self.stemming)

    def _percolated(self, batch: Sequence[Document], made: Sequence[orjson.Fragment]) -> list[RuleHit]:
        """In halves, where that is more than a proxy lets through. An article that is too much by itself answers
        nothing: it can't be written either.
        """
        try:
            return list(self._hits_of(batch, made))
        except RequestTooLarge as error:
            half, self._most_bytes = len(batch) // 2, max(_LEAST_BYTES, self._most_bytes // 2)
            if not half:
                log.warning("not held against rules article=%s reason=%s", batch[0].id, error.message)
                return []
            return [*self._percolated(batch[:half], made[:half]), *self._percolated(batch[half:], made[half:])]

    def _hits_of(self, batch: Sequence[Document], made: Sequence[orjson.Fragment]) -> Iterator[RuleHit]:
        now = micros(datetime.now(UTC))
        on: list[Query] = [{"term": {"on": True}}, {"range": {"silenced": {"lte": now}}}]
        query = all_of({"percolate": {"field": "query", "documents": list(made)}}, *on)
        hits = self._reader.hits("rules", query, ["id"], fields=["id"], page=_PAGE)
        for hit in hits:
            id = column(hit, "id")
            for slot in hit["fields"]["_percolator_document_slot"]:
                yield RuleHit(id, batch[int(slot)].id)

    # --- here --------------------------------------------------------------------------------------------------------

    def _held_here(self) -> KeptRules:
        """As they are now, within a second."""
        if time.monotonic() - self._rules_looked_at > _LOOK_AGAIN:
            found = self._reader.get("notes", _WRITTEN)
            written = str(found.source["value"]) if found else ""
            if written != self._rules_written:
                sources = list(self._rule_sources(NOT_PERCOLATED if self.percolating else EVERYTHING))
                self._kept_rules.replace([(rule(one), read_kept(one["question"]["tree"])) for one in sources])
                self._rules_written = written
            self._rules_looked_at = time.monotonic()
        return self._kept_rules

    def _rule_sources(self, query: Query = EVERYTHING) -> Iterator[Source]:
        self._reader.refresh("rules")
        hits = self._reader.hits("rules", query, ["id"], parts=["record", "question"])
        return (hit["_source"] for hit in hits)

    def _note_writing(self) -> None:
        source = {"kind": "written", "name": "rules", "value": os.urandom(8).hex()}
        self._writer.write([self._writer.put("notes", _WRITTEN, source)])
        self._rules_looked_at = float("-inf")
