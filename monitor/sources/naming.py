"""Finding the names of agencies in a text: by the first word of each name, so that a text costs one pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz, process

from monitor.text import fold

if TYPE_CHECKING:
    from monitor.sources.agencies import Agency

_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[A-Za-z]+")
_PART = re.compile(r"[^\W\d_][^,;|/()\[\]·•–—:]*[^\W\d_]")
_LONG = 12  # letters of a name from which a misspelt one is looked for
_ALIKE = 92  # of 100 (rapidfuzz.fuzz.ratio): one letter of twelve, two of twenty-five
_SMALL = 5  # letters of a first word from which the name is looked for in lower case too
_GAP = re.compile(r"[\s\-\u2010\u2011]+")
_GAP_PATTERN = r"[\s\-\u2010-\u2013]{1,3}"
# Scripts that put no space between words: a name may stand anywhere in them.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S*$|[@#]$|\w@\S*$")
_DOMAIN = re.compile(
    r"\.(?:com|org|net|de|eu|at|ch|fr|es|it|pt|tr|ru|ua|cz|co|info|tv|news|media)\b|@\w", re.IGNORECASE
)

STRONG, WEAK, PICTURE, UNNAMED = "strong", "weak", "picture", "unnamed"


class Named(NamedTuple):
    """An agency's name in a text."""

    agency: str
    start: int
    end: int
    how: str  # strong | weak (has other meanings) | picture (its picture service) | unnamed ("news agencies")
    full: bool  # the full name, not a short form


class _Form(NamedTuple):
    agency: str
    how: str
    full: bool


class Names:
    """All forms of all agencies. The first name given wins where two agencies share one."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        self._printed: dict[str, _Form] = {}
        self._folded: dict[str, _Form] = {}
        self._heads: dict[str, _Head] = {}
        unspaced: list[str] = []
        for agency in agencies:
            how = UNNAMED if agency.unnamed else PICTURE if agency.pictures_only else STRONG
            weak = WEAK if how == STRONG else how
            for name, form in (
                *((name, _Form(agency.id, how, True)) for name in (agency.name, *agency.names)),
                *((name, _Form(agency.id, PICTURE, True)) for name in agency.pictures),
                *((name, _Form(agency.id, how, False)) for name in agency.tokens),
                *((name, _Form(agency.id, weak, False)) for name in agency.weak),
            ):
                if form.full:
                    self._folded.setdefault(fold(_key(name)), form)
                else:
                    self._printed.setdefault(_key(name), form)
                if _UNSPACED.search(name):
                    unspaced.append(name)
                elif first := _WORD.match(name):
                    for spelling in _spellings(first[0]) if form.full else (first[0],):
                        self._heads.setdefault(spelling, _Head([], [])).add(name, loose=form.full)
        self._long = [name for name in self._folded if " " in name and len(name) >= _LONG]
        self._long_words = frozenset(word for name in self._long for word in name.split() if len(word) >= _SMALL)
        self._unspaced = re.compile("|".join(sorted(map(_pattern, unspaced), key=len, reverse=True)) or "(?!)")

    def find(self, text: str) -> list[Named]:
        """In order, not overlapping."""
        found: list[Named] = []
        words = set(text.split())
        # Words in punctuation are taken apart; splitting all of a text so costs twice as much.
        words.update(_WORD.findall(" ".join(word for word in words if not word.isalnum())))
        unspaced = not text.isascii() and _UNSPACED.search(text) is not None
        if unspaced:
            words.update(_LATIN.findall(text))  # "ワシントンAFP時事"
        if heads := self._heads.keys() & words:
            self._find_spaced(text, heads, found)
        if unspaced:
            found.extend(filter(None, (self._named(text, match) for match in self._unspaced.finditer(text))))
            found = _apart(found)
        return found

    def find_misspelt(self, text: str) -> list[Named]:
        """Full names of several words with a letter or two wrong ("Asociated Press"), for lines of names alone."""
        found = []
        for part in _PART.finditer(text):
            key = fold(_key(part[0]))
            if len(key) < _LONG or self._long_words.isdisjoint(key.split()):
                continue
            close = process.extractOne(key, self._long, scorer=fuzz.ratio, score_cutoff=_ALIKE)
            if close is not None:
                form = self._folded[close[0]]
                found.append(Named(form.agency, part.start(), part.end(), form.how, True))
        return found

    def _find_spaced(self, text: str, heads: Iterable[str], found: list[Named]) -> None:
        places = sorted((at, head) for head in heads for at in _occurrences(text, head))
        end = 0
        for at, head in places:
            if at >= end and (match := self._heads[head].match(text, at)) and (named := self._named(text, match)):
                found.append(named)
                end = named.end

    def _named(self, text: str, match: re.Match[str]) -> Named | None:
        key = _key(match[0])
        form = self._printed.get(key) or self._folded.get(fold(key))
        if form is None or _is_address(text, match.start(), match.end()):
            return None
        return Named(form.agency, match.start(), match.end(), form.how, form.full)


class _Head:
    """All names that begin with one word; their pattern is compiled when the word is first met."""

    __slots__ = ("_compiled", "exact", "loose")

    def __init__(self, exact: list[str], loose: list[str]) -> None:
        self.exact, self.loose = exact, loose
        self._compiled: re.Pattern[str] | None = None

    def add(self, name: str, *, loose: bool) -> None:
        (self.loose if loose else self.exact).append(name)

    def match(self, text: str, at: int) -> re.Match[str] | None:
        if self._compiled is None:
            loose, exact = _alternatives(self.loose), _alternatives(self.exact)
            self._compiled = re.compile(rf"(?:(?i:{loose})|{exact})(?:(?!\w)|(?={_UNSPACED.pattern}))")
        return self._compiled.match(text, at)


def _apart(found: Iterable[Named]) -> list[Named]:
    """In order, without those that begin within another."""
    kept: list[Named] = []
    for one in sorted(found, key=lambda named: (named.start, -named.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _occurrences(text: str, word: str) -> Iterator[int]:
    """Where it begins a word."""
    at = text.find(word)
    while at >= 0:
        if not at or not text[at - 1].isalnum() or _UNSPACED.match(text[at - 1]):
            yield at
        at = text.find(word, at + 1)


def _spellings(word: str) -> set[str]:
    """How a page may print the first word of a name."""
    turkish = word.replace("i", "\u0130").upper()
    small = {word.lower(), fold(word)} if len(word) >= _SMALL else set()
    return {word, word.upper(), word.capitalize(), turkish, fold(word).upper(), *small}


def _key(name: str) -> str:
    return _GAP.sub(" ", name.replace("\u2013", "-")).strip()


def _is_address(text: str, start: int, end: int) -> bool:
    """Part of a web or mail address, or of an account's name?"""
    return bool(_ADDRESS.search(text[max(0, start - 80) : start])) or bool(_DOMAIN.match(text, end))


def _alternatives(names: Iterable[str]) -> str:
    """Longest first; the empty set matches nothing."""
    return "|".join(sorted(map(_pattern, names), key=len, reverse=True)) or "(?!)"


def _pattern(name: str) -> str:
    return _GAP_PATTERN.join(re.escape(part) for part in _GAP.split(name))
