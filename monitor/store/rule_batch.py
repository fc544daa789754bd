"""A batch of articles turned over: which of them answer a question, for thousands of questions.

What every question asks of an article's words, keywords and times is looked up in tables of the batch; a set of
articles is an integer with one bit for each. Words in a row are found by a throw-away index in memory, with the query
that the embedded store's own search asks. So a rule and a search with the same words find the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import tantivy

from monitor.records import Document, Story
from monitor.store.asked import (
    Amount,
    Asked,
    Between,
    Clauses,
    Everything,
    Nothing,
    OfStories,
    Run,
    Value,
    Word,
    both_words,
    folded_words,
)
from monitor.store.matching import KEYWORDS, STEMMED, holds, stem_of, values
from monitor.store.phrases import run_query
from monitor.store.stemming import STEMMERS, stem
from monitor.store.values import keyword

Mask = int  # bit n: the batch's article n

_TEXTS = ("title", "text", "author")
_INDEX_MEMORY = 15_000_000  # bytes: the least that tantivy takes


class RuleBatch:
    """Articles to be held against rules. `stories`: their stories as they are now, by id, as far as there are any."""

    def __init__(self, documents: Sequence[Document], stories: Mapping[str, Story]) -> None:
        self.documents = documents
        self._all: Mask = (1 << len(documents)) - 1
        self._copies = [stories[one.story].copies if one.story in stories else 1 for one in documents]
        self._words: dict[str, dict[str, Mask]] = {name: {} for name in _TEXTS}
        self._stems: dict[str, dict[str, dict[str, Mask]]] = {}  # by language, field, stem
        self._values: dict[str, dict[str, Mask]] = {name: {} for name in KEYWORDS}
        self._sorted: dict[tuple[str, str], list[str]] = {}
        self._wordings: list[dict[str, str]] = []  # of each article its fields, as words with blanks between
        self._answers: dict[Asked, Mask] = {}
        self._index: tantivy.Index | None = None
        for number, document in enumerate(documents):
            self._take_in(document, 1 << number, stories.get(document.story))

    def answering(self, asked: Asked) -> Mask:
        """Which articles answer."""
        match asked:
            case Everything():
                return self._all
            case Nothing():
                return 0
            case Clauses(must, should, must_not):
                found = self._all
                for clause in must:
                    if not (found := found & self.answering(clause)):
                        return 0
                if should and not must:
                    found = self._any(should)
                for clause in must_not:
                    if not found:
                        break
                    found &= ~self.answering(clause)
                return found
        known = self._answers.get(asked)
        if known is None:
            known = self._answers[asked] = self._leaf(asked)
        return known

    def of(self, mask: Mask) -> Iterator[Document]:
        """The articles of the set, in their order."""
        while mask:
            lowest = mask & -mask
            yield self.documents[lowest.bit_length() - 1]
            mask ^= lowest

    @property
    def languages(self) -> Collection[str]:
        """Those with stems."""
        return self._stems.keys()

    def words(self) -> Iterator[str]:
        """Distinct folded words, field by field."""
        for name in _TEXTS:
            yield from self._words[name]

    def stems(self, language: str) -> Iterator[str]:
        """Distinct stems, field by field."""
        for table in self._stems[language].values():
            yield from table

    def keywords(self) -> Iterator[tuple[str, str]]:
        """Distinct values with their fields."""
        for name, table in self._values.items():
            for value in table:
                yield name, value

    def has_beginning(self, field: str, beginning: str) -> bool:
        """Is there a word, or a value, with it?"""
        ordered = self._in_order(field)
        at = bisect_left(ordered, beginning)
        return at < len(ordered) and ordered[at].startswith(beginning)

    def _any(self, clauses: Sequence[Asked]) -> Mask:
        found = 0
        for clause in clauses:
            found |= self.answering(clause)
        return found

    # --- what is in it -----------------------------------------------------------------------------------------------

    def _take_in(self, document: Document, bit: Mask, story: Story | None) -> None:
        language = document.language.code
        wording: dict[str, str] = {}
        for name, text in (("title", document.article.title), ("text", document.article.text)):
            spoken, folded = both_words(text, language)
            wording[name] = " ".join(folded)
            _mark(self._words[name], folded, bit)
            if (stems := stem(language, spoken) if language in STEMMERS else None) is not None:
                _mark(self._stems.setdefault(language, {one: {} for one in STEMMED})[name], stems, bit)
        authors = folded_words(" ; ".join(document.article.authors))
        wording["author"] = " ".join(authors)
        _mark(self._words["author"], authors, bit)
        self._wordings.append(wording)
        for name in KEYWORDS:
            _mark(self._values[name], map(keyword, values(document, name)), bit)
        if story is not None:  # by each id that it had
            _mark(self._values["story"], map(keyword, (story.id, *story.aliases)), bit)

    def _in_order(self, field: str) -> list[str]:
        kind = "words" if field in self._words else "values"
        ordered = self._sorted.get((kind, field))
        if ordered is None:
            table = self._words[field] if kind == "words" else self._values[field]
            ordered = self._sorted[kind, field] = sorted(table)
        return ordered

    # --- what answers ------------------------------------------------------------------------------------------------

    def _leaf(self, asked: Asked) -> Mask:
        match asked:
            case Word():
                return self._with_word(asked)
            case Run():
                return self._with_run(asked)
            case Value(field, value, open):
                wanted = keyword(value)
                return self._beginning(field, wanted) if open else self._values[field].get(wanted, 0)
            case Amount():
                return self._where(asked.holds(copies) for copies in self._copies)
            case Between() | OfStories():
                return self._where(holds(asked, document) for document in self.documents)
        raise LookupError(f"{type(asked).__name__} is no single question")

    def _where(self, answers: Iterator[bool]) -> Mask:
        return sum(1 << number for number, answer in enumerate(answers) if answer)

    def _beginning(self, field: str, beginning: str) -> Mask:
        table = self._words[field] if field in self._words else self._values[field]
        ordered, found = self._in_order(field), 0
        for at in range(bisect_left(ordered, beginning), len(ordered)):
            if not ordered[at].startswith(beginning):
                break
            found |= table[ordered[at]]
        return found

    def _with_word(self, word: Word) -> Mask:
        found = 0
        for name in word.fields:
            found |= self._words[name].get(word.folded, 0)
        names = [name for name in word.fields if name in STEMMED]
        for language, tables in self._stems.items() if names else ():
            if wanted := _stem_of(word, language):
                for name in names:
                    found |= tables[name].get(wanted, 0)
        return found

    def _with_run(self, run: Run) -> Mask:
        found = 0
        for name in run.fields:
            if (likely := self._with_all_words(name, run)) and len(run.words) > 1:
                likely &= self._in_a_row(name, run)
            found |= likely
        return found

    def _with_all_words(self, name: str, run: Run) -> Mask:
        """Articles that have all its words in the field, in whatever order."""
        *first, last = run.words
        table, found = self._words[name], self._all
        for word in first:
            if not (found := found & table.get(word, 0)):
                return 0
        return found & (self._beginning(name, last) if run.open else table.get(last, 0))

    def _in_a_row(self, name: str, run: Run) -> Mask:
        if self._index is None:
            self._index = _indexed(self._wordings)
        searcher = self._index.searcher()
        hits = searcher.search(run_query(_fields(), name, run), len(self.documents), count=False).hits
        numbers: list[Any] = searcher.fast_field_values("number", [place for _, place in hits]) if hits else []
        return sum(1 << int(number) for number in numbers)


def _mark(table: dict[str, Mask], found: Iterable[str], bit: Mask) -> None:
    for one in set(found):
        table[one] = table.get(one, 0) | bit


@cache
def _fields() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", fast=True)
    for name in _TEXTS:
        builder.add_text_field(name, tokenizer_name="words", index_option="position")
    return builder.build()


def _indexed(wordings: Sequence[Mapping[str, str]]) -> tantivy.Index:
    """In memory, in one piece."""
    index = tantivy.Index(_fields())
    index.register_tokenizer("words", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    writer = index.writer(_INDEX_MEMORY, 1)
    for number, wording in enumerate(wordings):
        made = tantivy.Document()
        made.add_unsigned("number", number)
        for name, words in wording.items():
            made.add_text(name, words)
        writer.add_document(made)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


@cache
def _stems_of() -> dict[tuple[str, str], str | None]:
    return {}


def _stem_of(word: Word, language: str) -> str | None:
    """Remembered: rules ask for the same words batch after batch."""
    known = _stems_of()
    key = (language, word.typed)
    if key not in known:
        if len(known) > 500_000:
            known.clear()
        known[key] = stem_of(word, language, stem)
    return known[key]
