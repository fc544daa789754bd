"""The query tree with its words cut: what every store has to look for.

Here alone it is decided what a typed word becomes: one word, a run of words ("dpa-infocom", "北京日报") or
nothing ("---"). A store translates this tree and cuts no words itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from math import comb
from typing import Any, NoReturn, cast

from monitor.errors import QueryError
from monitor.query import FIELDS, All, Bool, FieldKind, Node, Phrase, Prefix, Range, Term
from monitor.text import both_tokens, folded_tokens, tokens

# Characters; a longer word is cut when it is stored and when it is asked. The longest word of 10,432 wire texts has 24;
# what is longer than this is an address or data, and Lucene refuses terms over 32,766 bytes.
LONGEST_WORD = 100

# Ways to spread a phrase's moves over its gaps: "a b c d"~10 has 286. An engine whose own slop lets words change
# places has to ask for each of them; 300 take 150 ms for frequent words in 200,000 articles.
MOST_SPREADS = 300


@dataclass(frozen=True, slots=True)
class Everything:
    pass


@dataclass(frozen=True, slots=True)
class Nothing:
    """Asked for punctuation alone, or for no clause at all."""


@dataclass(frozen=True, slots=True)
class Word:
    """The folded word, or in `title` and `text` a word of the same stem. `typed` is as it was written."""

    fields: tuple[str, ...]
    folded: str
    typed: str


@dataclass(frozen=True, slots=True)
class Run:
    """Folded words in this order, with at most `slop` other words among them; `open`: the last is a beginning."""

    fields: tuple[str, ...]
    words: tuple[str, ...]
    slop: int = 0
    open: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A keyword's lower-cased value; `open`: its beginning."""

    field: str
    value: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    field: str
    low: datetime | None
    high: datetime | None
    include_low: bool
    include_high: bool


@dataclass(frozen=True, slots=True)
class Amount:
    """A number between the bounds; None is open."""

    field: str
    low: float | None
    high: float | None
    include_low: bool
    include_high: bool

    def holds(self, number: float) -> bool:
        if self.low is not None and (number < self.low or (number == self.low and not self.include_low)):
            return False
        return self.high is None or number < self.high or (number == self.high and self.include_high)


@dataclass(frozen=True, slots=True)
class OfStories:
    """Articles of these stories; with `others`, all articles but theirs. Put by a store in the place of an Amount."""

    stories: frozenset[str]
    others: bool = False


@dataclass(frozen=True, slots=True)
class Clauses:
    """As `monitor.query.Bool`, and at least one clause is there."""

    must: tuple[Asked, ...]
    should: tuple[Asked, ...]
    must_not: tuple[Asked, ...]


Asked = Everything | Nothing | Word | Run | Value | Between | Amount | OfStories | Clauses


def ask(node: Node) -> Asked:
    """Cut the tree's words. Raises QueryError for a field that is unknown or cannot be asked so."""
    match node:
        case All():
            return Everything()
        case Term(field, text):
            return _words(field, text) if _is_text(field, text) else Value(field or "", _low(text))
        case Phrase(field, text, slop):
            return _run(field, text, max(0, slop)) if _is_text(field, text) else Value(field or "", _low(text))
        case Prefix(field, text):
            return _run(field, text, open=True) if _is_text(field, text) else Value(field or "", _low(text), open=True)
        case Range(field, low, high, include_low, include_high):
            return _between(field, low, high, include_low, include_high)
        case Bool(must, should, must_not):
            if not (must or should or must_not):
                return Nothing()
            return Clauses(*(tuple(ask(clause) for clause in part) for part in (must, should, must_not)))


def folded_words(text: str) -> list[str]:
    """Words of the neutral fields: folded, in order."""
    return _cut(folded_tokens(text))


def spoken_words(text: str, language: str) -> list[str]:
    """Words of the language's own fields before stemming: lower-case, in order."""
    return _cut(tokens(text, language))


def both_words(text: str, language: str) -> tuple[list[str], list[str]]:
    """`spoken_words` and `folded_words` of a text."""
    spoken, folded = both_tokens(text, language)
    cut = _cut(spoken)
    return cut, cut if folded is spoken else _cut(folded)


def _cut(words: list[str]) -> list[str]:
    if max(map(len, words), default=0) <= LONGEST_WORD:
        return words
    return [word[:LONGEST_WORD] for word in words]


def _words(field: str | None, text: str) -> Asked:
    words = folded_words(text)
    return Word(_fields(field), words[0], text) if len(words) == 1 else _run(field, text)


def _run(field: str | None, text: str, slop: int = 0, *, open: bool = False) -> Asked:
    words = tuple(folded_words(text))
    if slop and len(words) > 1 and comb(slop + len(words) - 1, slop) > MOST_SPREADS:
        most = next(s for s in count() if comb(s + len(words), s + 1) > MOST_SPREADS)
        message = f"a phrase of {len(words)} words can have at most {most} moves, not {slop}"
        raise QueryError(message, text=text, column=0, hint=f'"{text}"~{most}')
    return Run(_fields(field), words, slop, open) if words else Nothing()


def _fields(field: str | None) -> tuple[str, ...]:
    return ("title", "text") if field is None else (field,)


def _low(value: str) -> str:
    return value.strip().lower()


def _is_text(field: str | None, text: str) -> bool:
    if field is None:
        return True
    kind = FIELDS[field].kind if field in FIELDS else _refuse(field, text, f"no field is called {field!r}")
    if kind in (FieldKind.DATE, FieldKind.NUMBER):
        _refuse(field, text, f"{field} is a {kind.value}: ask for a range, {field}:[A TO B]")
    return kind is FieldKind.TEXT


def _between(
    field: str, low: datetime | float | None, high: datetime | float | None, include_low: bool, include_high: bool
) -> Between | Amount:
    if field not in FIELDS:
        _refuse(field, "", f"no field is called {field!r}")
    bounds = [bound for bound in (low, high) if bound is not None]
    match FIELDS[field].kind:
        case FieldKind.DATE:
            if not all(isinstance(bound, datetime) for bound in bounds):
                _refuse(field, "", f"{field} takes dates")
            return Between(field, cast(Any, low), cast(Any, high), include_low, include_high)
        case FieldKind.NUMBER:
            if any(isinstance(bound, datetime) for bound in bounds):
                _refuse(field, "", f"{field} takes numbers")
            return Amount(field, cast(Any, low), cast(Any, high), include_low, include_high)
    _refuse(field, "", f"{field} has no range")


def _refuse(field: str, text: str, message: str) -> NoReturn:
    raise QueryError(message, text=f"{field}:{text}", column=0)
