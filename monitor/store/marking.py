"""Where in a text the asked words stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from monitor.store.asked import LONGEST_WORD, Asked, Clauses, Run, Word, folded_words, spoken_words
from monitor.store.matching import Stem, fits, no_stem, run_at, stem_of
from monitor.text import fold, words

Span = tuple[int, int]

# Scripts with combining marks or without spaces, where a word is more than a run of letters. For the others this is
# 5 times as fast as `monitor.text.words` and finds the same.
_UNUSUAL = re.compile("[\u0300-\u036f\u0483-\u0489\u0531-\u1dff\u2c00-\u2dff\u2e80-\U0010ffff]")
_LETTERS = re.compile(r"[^\W_]+")
# Their stemmers also take away beginnings; all others leave a word's first letter.
_ANY_BEGINNING = frozenset({"ar", "ta"})


class Marker:
    """Finds what a query matches in texts; remembers words that it has judged, so keep it for one result's hits."""

    def __init__(self, asked: Asked, stem: Stem = no_stem) -> None:
        self._clauses = tuple(_positive(asked))
        self._stem = stem
        self._wanted: dict[tuple[str, str], _Wanted] = {}

    def marks(self, text: str, field: str, language: str) -> list[Span]:
        """Spans of the text that the asked words of the field match, in order, merged where they touch."""
        wanted = self._wanted.get((field, language))
        if wanted is None:
            clauses = [clause for clause in self._clauses if field in clause.fields]
            wanted = self._wanted[field, language] = _Wanted(clauses, language, self._stem)
        return _merged([*wanted.word_spans(text), *wanted.run_spans(text)])


class _Wanted:
    """What is looked for in one field of texts in one language."""

    def __init__(self, clauses: Sequence[Word | Run], language: str, stem: Stem) -> None:
        self._language = language
        self._stem = stem
        runs = [clause for clause in clauses if isinstance(clause, Run)]
        single = [run for run in runs if len(run.words) == 1]
        self._runs = [run for run in runs if len(run.words) > 1]
        self._folded = {clause.folded for clause in clauses if isinstance(clause, Word)}
        self._folded |= {run.words[0] for run in single if not run.open}
        self._beginnings = tuple(run.words[0] for run in single if run.open)
        stems = [stem_of(clause, language, stem) for clause in clauses if isinstance(clause, Word)]
        self._stems = {stemmed for stemmed in stems if stemmed}
        every = [
            *self._folded,
            *self._beginnings,
            *map(fold, self._stems),
            *(w for run in self._runs for w in run.words),
        ]
        self._initials = {word[:1] for word in every}
        self._judged: dict[str, bool] = {}
        self._parts: dict[str, list[str]] = {}
        self._first_letters: dict[str, bool] = {}

    def word_spans(self, text: str) -> Iterator[Span]:
        if not (self._folded or self._beginnings or self._stems):
            return
        judged = self._judged
        for word, start, end in _words(text):
            wanted = judged.get(word)
            if wanted is None:
                wanted = judged[word] = self._may_be(word) and self._is_wanted(word)
            if wanted:
                yield start, end

    def run_spans(self, text: str) -> Iterator[Span]:
        if not self._runs:
            return
        folded: list[str] = []
        places: list[Span] = []
        for word, start, end in _words(text):
            parts = self._parts.get(word)
            if parts is None:  # a word that is in no run keeps its place alone
                parts = self._parts[word] = folded_words(word) if self._may_be(word) else [""]
            for part in parts:
                folded.append(part)
                places.append((start, end))
        for run in self._runs:
            for start in range(len(folded)):
                behind = run_at(run, folded, start) if fits(run, 0, folded[start]) else -1
                if behind > 0:
                    yield places[start][0], places[behind - 1][1]

    def _may_be(self, word: str) -> bool:
        """By its first letter: judging a word costs 15 us, and few begin as an asked one."""
        known = self._first_letters.get(word[0])
        if known is None:
            letter = fold(word[0])[:1]
            any_beginning = bool(self._stems) and self._language in _ANY_BEGINNING
            known = self._first_letters[word[0]] = not letter or any_beginning or letter in self._initials
        return known

    def _is_wanted(self, word: str) -> bool:
        plain = fold(word)[:LONGEST_WORD]
        if plain in self._folded or (self._beginnings and plain.startswith(self._beginnings)):
            return True
        if not plain.isalnum() and any(part in self._folded for part in folded_words(word)):
            return True
        return bool(self._stems) and any(
            self._stem(self._language, part) in self._stems for part in spoken_words(word, self._language)
        )


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    if _UNUSUAL.search(text):
        yield from words(text)
    else:
        for match in _LETTERS.finditer(text):
            yield match[0], match.start(), match.end()


def _positive(asked: Asked) -> Iterator[Word | Run]:
    """All clauses but the excluding ones."""
    if isinstance(asked, Word | Run):
        yield asked
    elif isinstance(asked, Clauses):
        for clause in (*asked.must, *asked.should):
            yield from _positive(clause)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
