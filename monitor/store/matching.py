"""Does a document answer the query, and where? Evaluated word by word, without an index.

The in-memory store searches with it, and every store marks its hits with it. A stemmer is handed in, so that a
store without one can say so: then a word matches by its folded form alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from monitor.records import Document
from monitor.store.asked import (
    LONGEST_WORD,
    Asked,
    Between,
    Clauses,
    Everything,
    Nothing,
    Run,
    Value,
    Word,
    folded_words,
    spoken_words,
)
from monitor.text import fold, words

Stem = Callable[[str, str], str | None]  # (language, lower-case word) -> stem; None: no stemmer for that language


def no_stem(language: str, word: str) -> str | None:
    """For a store without stemmers."""
    return None


def holds(asked: Asked, document: Document, stem: Stem = no_stem) -> bool:
    """Does the document answer?"""
    match asked:
        case Everything():
            return True
        case Nothing():
            return False
        case Word():
            return any(_has_word(asked, document, name, stem) for name in asked.fields)
        case Run():
            return any(_has_run(asked, folded_words(_field(document, name))) for name in asked.fields)
        case Value(field, value, open):
            stored = _keyword(document, field).lower()
            return stored.startswith(value) if open else stored == value
        case Between():
            return _between(asked, document)
        case Clauses(must, should, must_not):
            if any(holds(clause, document, stem) for clause in must_not):
                return False
            if not all(holds(clause, document, stem) for clause in must):
                return False
            return bool(must) or not should or any(holds(clause, document, stem) for clause in should)


def frequency(marker: Marker, document: Document) -> float:
    """How often the asked words occur, title words three times as heavy: a plain order by relevance."""
    return sum(
        weight * len(marker.marks(_field(document, name), name, document.language.code))
        for name, weight in (("title", 3.0), ("text", 1.0))
    )


def run_at(run: Run, folded: Sequence[str], start: int) -> int:
    """Index behind the last word of the shortest such run that begins at `start`; -1: none does."""
    if not _fits(run, 0, folded[start]):
        return -1
    reached = {start}
    for number in range(1, len(run.words)):
        behind = min(start + number + run.slop + 1, len(folded))
        reached = {
            after for here in reached for after in range(here + 1, behind) if _fits(run, number, folded[after])
        }
        if not reached:
            return -1
    return min(reached) + 1


class Marker:
    """Finds what a query matches in texts; remembers words that it has judged, so keep it for one result's hits."""

    def __init__(self, asked: Asked, stem: Stem = no_stem) -> None:
        self._asked = asked
        self._stem = stem
        self._wanted: dict[tuple[str, str], _Wanted] = {}

    def marks(self, text: str, field: str, language: str) -> list[tuple[int, int]]:
        """Spans of the text that the asked words of the field match, in order, merged where they touch."""
        wanted = self._wanted.get((field, language))
        if wanted is None:
            wanted = self._wanted[field, language] = _wanted(self._asked, field, language, self._stem)
        spans = list(_word_spans(wanted, text)) if wanted.folded or wanted.stems or wanted.beginnings else []
        if wanted.runs:
            spans += _run_spans(wanted.runs, text)
        merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for in one field of a text in one language. `seen` remembers the answer by word as it stands."""

    folded: frozenset[str]
    stems: frozenset[str]
    beginnings: tuple[str, ...]
    runs: tuple[Run, ...]
    language: str
    stem: Stem
    seen: dict[str, bool]

    def has(self, word: str) -> bool:
        known = self.seen.get(word)
        if known is None:
            known = self.seen[word] = self._look(word)
        return known

    def _look(self, word: str) -> bool:
        plain = fold(word)[:LONGEST_WORD]
        if plain in self.folded or (self.beginnings and plain.startswith(self.beginnings)):
            return True
        if not plain.isalnum() and any(part in self.folded for part in folded_words(word)):
            return True
        return bool(self.stems) and any(
            self.stem(self.language, part) in self.stems for part in spoken_words(word, self.language)
        )


def _wanted(asked: Asked, field: str, language: str, stem: Stem) -> _Wanted:
    """Of all clauses but the excluding ones."""
    folded: set[str] = set()
    stems: set[str] = set()
    runs: list[Run] = []
    for clause in _positive(asked):
        if field not in clause.fields:
            continue
        if isinstance(clause, Run):
            runs.append(clause)
            continue
        folded.add(clause.folded)
        if wanted := _stem_of(clause, language, stem):
            stems.add(wanted)
    beginnings = tuple(run.words[0] for run in runs if len(run.words) == 1 and run.open)
    folded.update(run.words[0] for run in runs if len(run.words) == 1 and not run.open)
    longer = tuple(run for run in runs if len(run.words) > 1)
    return _Wanted(frozenset(folded), frozenset(stems), beginnings, longer, language, stem, {})


def _positive(asked: Asked) -> Iterator[Word | Run]:
    if isinstance(asked, Word | Run):
        yield asked
    elif isinstance(asked, Clauses):
        for clause in (*asked.must, *asked.should):
            yield from _positive(clause)


def _word_spans(wanted: _Wanted, text: str) -> Iterator[tuple[int, int]]:
    for word in words(text):
        if wanted.has(word.text):
            yield word.start, word.end


def _run_spans(runs: Sequence[Run], text: str) -> list[tuple[int, int]]:
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    for word in words(text):
        for part in folded_words(word.text):
            folded.append(part)
            places.append((word.start, word.end))
    found = []
    for run in runs:
        for start in range(len(folded)):
            end = run_at(run, folded, start) if _fits(run, 0, folded[start]) else -1
            if end > 0:
                found.append((places[start][0], places[end - 1][1]))
    return found


def _fits(run: Run, number: int, word: str) -> bool:
    wanted = run.words[number]
    return word.startswith(wanted) if run.open and number == len(run.words) - 1 else word == wanted


def _has_run(run: Run, folded: Sequence[str]) -> bool:
    return any(run_at(run, folded, start) > 0 for start in range(len(folded)))


def _has_word(word: Word, document: Document, name: str, stem: Stem) -> bool:
    text, language = _field(document, name), document.language.code
    if word.folded in folded_words(text):
        return True
    wanted = _stem_of(word, language, stem) if name in ("title", "text") else None
    return wanted is not None and any(stem(language, other) == wanted for other in spoken_words(text, language))


def _stem_of(word: Word, language: str, stem: Stem) -> str | None:
    typed = spoken_words(word.typed, language)
    return stem(language, typed[0]) if len(typed) == 1 else None


def _field(document: Document, name: str) -> str:
    if name == "author":
        return " ; ".join(document.article.authors)
    return document.article.title if name == "title" else document.article.text


def _keyword(document: Document, field: str) -> str:
    match field:
        case "site":
            return document.article.site
        case "lang":
            return document.language.code
        case "url":
            return document.article.url
        case "id":
            return document.id
    raise LookupError(f"no keyword is called {field}")


def _between(asked: Between, document: Document) -> bool:
    at = document.story_time if asked.field == "published" else document.first_seen
    if asked.low is not None and (at < asked.low or (at == asked.low and not asked.include_low)):
        return False
    return asked.high is None or at < asked.high or (at == asked.high and asked.include_high)
