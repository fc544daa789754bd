"""Many rules held against a batch of articles: only those are looked at of which the batch has what they need.

Of each question a few alternatives are taken of which an article must have one to answer: the longest word of those
that all must be there, each word where any will do. Rules are kept by these. What needs nothing that a batch could
lack (a date, a word that must not be there) is looked at with every batch.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

from monitor.errors import QueryError
from monitor.query import Node
from monitor.records import Document, Story
from monitor.store.asked import Asked, Clauses, Nothing, Run, Value, Word, ask
from monitor.store.matching import STEMMED, stem_of
from monitor.store.port import RuleHit
from monitor.store.rule_batch import RuleBatch
from monitor.store.stemming import stem
from monitor.store.values import keyword

log = logging.getLogger(__name__)

Need = Word | Run | Value
_SPARE = 0.5  # what one more alternative weighs against a letter of the shortest


class RuleIndex:
    """The rules by id; to be made again when one of them changes."""

    def __init__(self, rules: Mapping[str, Node]) -> None:
        """A rule that cannot be asked finds nothing, and is told: none is written, but an older program may have."""
        self._asked: dict[str, Asked] = {}
        for id, node in rules.items():
            try:
                self._asked[id] = ask(node)
            except QueryError as error:
                log.error("a rule can't be asked rule=%s reason=%s", id, error.message)
        self._always: list[str] = []
        self._words: dict[str, list[str]] = {}
        self._values: dict[tuple[str, str], list[str]] = {}
        self._beginnings: dict[tuple[str, str], list[str]] = {}
        self._stemmed: dict[Word, list[str]] = {}  # to be entered under its stem when a batch brings the language
        self._stems: dict[str, dict[str, list[str]]] = {}
        for id, asked in self._asked.items():
            self._enter(id, asked)

    def __len__(self) -> int:
        return len(self._asked)

    def matching(self, documents: Sequence[Document], stories: Mapping[str, Story]) -> list[RuleHit]:
        """Pairs in the order of the rules, then of the documents."""
        if not documents or not self._asked:
            return []
        batch = RuleBatch(documents, stories)
        likely = self.likely(batch)
        return [
            RuleHit(id, document.id)
            for id, asked in self._asked.items()
            if id in likely
            for document in batch.of(batch.answering(asked))
        ]

    def likely(self, batch: RuleBatch) -> set[str]:
        """Ids of the rules that an article of the batch may answer; all others have no answer in it."""
        found = set(self._always)
        for word in batch.words():
            if word in self._words:
                found.update(self._words[word])
        for pair in batch.keywords():
            if pair in self._values:
                found.update(self._values[pair])
        for language in batch.languages:
            rules = self._of_stems(language)
            for one in batch.stems(language):
                if one in rules:
                    found.update(rules[one])
        for (field, beginning), ids in self._beginnings.items():
            if batch.has_beginning(field, beginning):
                found.update(ids)
        return found

    def _enter(self, id: str, asked: Asked) -> None:
        needs = needed(asked)
        if needs is None:
            self._always.append(id)
            return
        for need in needs:
            match need:
                case Word(fields, folded, _):
                    self._words.setdefault(folded, []).append(id)
                    if any(name in STEMMED for name in fields):
                        self._stemmed.setdefault(need, []).append(id)
                case Run(fields, words, _, open):
                    closed = words[:-1] if open else words
                    if closed:
                        self._words.setdefault(max(closed, key=len), []).append(id)
                    else:
                        for name in fields:
                            self._beginnings.setdefault((name, words[-1]), []).append(id)
                case Value(field, value, open):
                    table = self._beginnings if open else self._values
                    table.setdefault((field, keyword(value)), []).append(id)

    def _of_stems(self, language: str) -> dict[str, list[str]]:
        """Made when the language comes up for the first time."""
        rules = self._stems.get(language)
        if rules is None:
            rules = self._stems[language] = {}
            for word, ids in self._stemmed.items():
                if wanted := stem_of(word, language, stem):
                    rules.setdefault(wanted, []).extend(ids)
        return rules


def needed(asked: Asked) -> tuple[Need, ...] | None:
    """Alternatives of which an article that answers has at least one; None: it need not have any. Empty: none answers.

    Of what must all be there, the part is taken that the fewest articles are likely to have.
    """
    match asked:
        case Word() | Run() | Value():
            return (asked,)
        case Nothing():
            return ()
        case Clauses(must, should, _) if must:
            return min((one for one in map(needed, must) if one is not None), key=_frequency, default=None)
        case Clauses(_, should, _) if should:
            return _all_of(map(needed, should))
    return None


def _all_of(parts: Iterable[tuple[Need, ...] | None]) -> tuple[Need, ...] | None:
    found: list[Need] = []
    for part in parts:
        if part is None:
            return None
        found += part
    return tuple(dict.fromkeys(found))


def _frequency(needs: Sequence[Need]) -> float:
    """The lower, the fewer articles have one of them: long words are rare, in every language."""
    return max(map(_commonness, needs), default=-1000.0) + _SPARE * len(needs)


def _commonness(need: Need) -> float:
    match need:
        case Word(_, folded, _):
            return -float(len(folded))
        case Run(_, words, _, open):
            return -float(max(map(len, _closed(words, open)), default=len(words[-1]) / 2)) - len(words)
        case Value(field, value, open):  # of a site or an agency there are many articles, of an address one
            return 0.0 if field not in ("id", "url", "story", "origin") else -float(len(value) / (2 if open else 1))


def _closed(words: Sequence[str], open: bool) -> Iterator[str]:
    return iter(words[:-1] if open else words)
