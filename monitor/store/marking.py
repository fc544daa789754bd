"""Where in a text the asked words stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache

from monitor.store.asked import LONGEST_WORD, Asked, Clauses, Run, Word, folded_words, spoken_words
from monitor.store.matching import Stem, no_stem, run_at, stem_of
from monitor.text import fold, lower, words

Span = tuple[int, int]

# Scripts with combining marks or without spaces, where a word is more than a run of letters. The others are looked
# through 10 times as fast as by `monitor.text.words`, with the same result.
_UNUSUAL = re.compile("[\u0300-\u036f\u0483-\u0489\u0531-\u1dff\u2c00-\u2dff\u2e80-\U0010ffff]")
_USUAL_LETTERS = (range(0x30, 0x300), range(0x370, 0x530), range(0x1E00, 0x2000))
_LETTERS = re.compile(r"[^\W_]+")
# The first letters of a word, folded, that its stem has, too: as many, of those before the stem's last. Found with
# 650,000 words of all languages. Not named: their stemmers take beginnings away ("gemacht", "macht" in Dutch).
_BEGIN_ALIKE = {
    **dict.fromkeys(("da", "en", "es", "fr", "hu", "it", "no", "pt", "ro", "ru", "sv", "tr"), 3),
    "de": 2, "fi": 2, "el": 1,
}  # fmt: skip
_MOST_ALIKE = 3
_NONE = re.compile(r"(?!)")


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
        beginnings = {word[:_MOST_ALIKE] for word in (*self._folded, *self._beginnings)}
        for stemmed in self._stems:
            beginnings |= _beginnings_of(fold(stemmed), language)
        self._likely_beginnings = tuple(beginnings)
        self._likely = _beginning_with(frozenset(beginning[:1] for beginning in beginnings))
        self._judged: set[str] = set()
        self._wanted: set[str] = set()
        self._parts: dict[str, list[str]] = {}

    def word_spans(self, text: str) -> Iterator[Span]:
        if not (self._folded or self._beginnings or self._stems):
            return
        if not _is_usual(text):
            found = list(words(text))
            self._judge({word.text for word in found}, _one_by_one)
            yield from ((word.start, word.end) for word in found if word.text in self._wanted)
            return
        matches = [(match[0], match.span()) for match in self._likely.finditer(text)]
        self._judge({word for word, _ in matches}, _together)
        yield from (span for word, span in matches if word in self._wanted)

    def run_spans(self, text: str) -> Iterator[Span]:
        if not self._runs:
            return
        usual = _is_usual(text)
        for run in self._runs:
            yield from self._usual_runs(run, text) if usual else self._all_runs(run, text)

    def _usual_runs(self, run: Run, text: str) -> Iterator[Span]:
        """Looks at what follows the words that may begin the run, and at nothing else."""
        most = len(run.words) + run.slop
        for first in _beginning_with(frozenset(run.words[0][:1])).finditer(text):
            if self._folded_parts(first[0])[:1] != [run.words[0]]:
                continue
            folded: list[str] = []
            ends: list[int] = []
            for match in _LETTERS.finditer(text, first.start()):
                for part in self._folded_parts(match[0]):
                    folded.append(part)
                    ends.append(match.end())
                if len(folded) >= most:
                    break
            behind = run_at(run, folded, 0)
            if behind > 0:
                yield first.start(), ends[behind - 1]

    def _all_runs(self, run: Run, text: str) -> Iterator[Span]:
        folded: list[str] = []
        places: list[Span] = []
        for word in words(text):
            for part in self._folded_parts(word.text):
                folded.append(part)
                places.append((word.start, word.end))
        for start in range(len(folded)):
            behind = run_at(run, folded, start)
            if behind > 0:
                yield places[start][0], places[behind - 1][1]

    def _folded_parts(self, word: str) -> list[str]:
        parts = self._parts.get(word)
        if parts is None:
            parts = self._parts[word] = folded_words(word)
        return parts

    def _is_likely(self, beginning: str) -> bool:
        """Not to be folded and stemmed in vain."""
        return not beginning.isascii() or beginning.lower().startswith(self._likely_beginnings)

    def _judge(self, there: set[str], cut: Cut) -> None:
        """Which of the words are wanted, for those that are new."""
        fresh = there - self._judged
        self._judged |= fresh
        distinct = [word for word in fresh if self._is_likely(word[:_MOST_ALIKE])]
        if not distinct:
            return
        folded, spoken, owners = cut(distinct, self._language)
        for plain, word in zip(folded, distinct, strict=True):
            if plain in self._folded or (self._beginnings and plain.startswith(self._beginnings)):
                self._wanted.add(word)
        stems = self._stem(self._language, spoken) if self._stems else None
        if stems is not None:
            self._wanted.update(word for stemmed, word in zip(stems, owners, strict=True) if stemmed in self._stems)


def _is_usual(text: str) -> bool:
    """Only usual scripts. Most texts of western Europe are told by their being encoded, in a tenth of the time."""
    if text.isascii():
        return True
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return not _UNUSUAL.search(text)
    return True


def _beginnings_of(stemmed: str, language: str) -> set[str]:
    """With one of these begin all words of the stem; "" for all words."""
    length = min(_BEGIN_ALIKE.get(language, 0), len(stemmed) - 1)
    found = {stemmed[:length]}
    if language == "de" and length == 2 and stemmed[0] in "aou":
        found.add(stemmed[0] + "e")  # "Aerzte" has the stem of "Ärzte"
    return found


@cache
def _letters_by_folded() -> dict[str, str]:
    """Letters of the usual scripts by what they fold to: "a" -> "AaÀà..."."""
    found: dict[str, str] = {}
    for letter in (chr(number) for numbers in _USUAL_LETTERS for number in numbers):
        if letter.isalnum():
            folded = fold(letter)[:1]
            found[folded] = found.get(folded, "") + letter
    return found


@lru_cache(maxsize=512)
def _beginning_with(folded: frozenset[str]) -> re.Pattern[str]:
    """Words whose first letter folds to one of these ("" for all words): few do, and only those are looked at.

    First a letter, then whether it begins a word: so a text is gone through twice as fast as by word borders.
    """
    if "" in folded:
        return _LETTERS
    letters = "".join(_letters_by_folded().get(letter, "") for letter in sorted(folded))
    return re.compile(rf"[{letters}](?<![^\W_].)[^\W_]*") if letters else _NONE


# Distinct words -> each folded; all of them as the language's own words; whose each of those is.
Cut = Callable[[list[str], str], tuple[list[str], list[str], list[str]]]


def _together(distinct: list[str], language: str) -> tuple[list[str], list[str], list[str]]:
    """In one go, which is 10 times as fast; a word that falls to pieces is looked at alone."""
    folded = fold("\n".join(distinct)).split("\n")
    spoken = lower("\n".join(distinct), language).split("\n")
    if len(folded) != len(distinct) or len(spoken) != len(distinct):
        return _one_by_one(distinct, language)
    return [word[:LONGEST_WORD] for word in folded], [word[:LONGEST_WORD] for word in spoken], distinct


def _one_by_one(distinct: list[str], language: str) -> tuple[list[str], list[str], list[str]]:
    spoken = [(part, word) for word in distinct for part in spoken_words(word, language)]
    return [fold(word)[:LONGEST_WORD] for word in distinct], [part for part, _ in spoken], [word for _, word in spoken]


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
