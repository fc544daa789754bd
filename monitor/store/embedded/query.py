"""What is asked -> tantivy's query. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import tantivy
from tantivy import Occur, Query

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
)
from monitor.store.embedded.index import fields, story_key
from monitor.store.embedded.packing import micros
from monitor.store.matching import STEMMED, stem_of
from monitor.store.stemming import STEMMERS, stem
from monitor.store.values import keyword

_TITLE_WEIGHT = 3.0  # a word of the title counts as three of the text, as in the in-memory store
_NEVER, _FOREVER = -(2**63), 2**63 - 1


def translate(asked: Asked, languages: Collection[str], roles: Collection[str]) -> Query:
    """The whole query: what is asked, of articles in these roles. `languages`: those of the articles stored."""
    spoken = [language for language in languages if language in STEMMERS]
    found = _query(asked, spoken)
    return Query.boolean_query(
        [(Occur.Must, found), (Occur.Must, Query.const_score_query(_any_of("role", roles), 0.0))]
    )


def _query(asked: Asked, languages: Sequence[str]) -> Query:
    match asked:
        case Everything():
            return Query.all_query()
        case Nothing():
            return Query.boolean_query([])
        case Word():
            return _either(list(_word(asked, languages)))
        case Run():
            return _either([_weighted(name, _run(name, asked)) for name in asked.fields])
        case Value(field, value, open):
            return _begins(field, keyword(value)) if open else _term(field, keyword(value), "basic")
        case Between():
            return _between(asked)
        case Amount(field):
            raise LookupError(f"{field} is the story's: to be asked as OfStories")
        case OfStories():
            return _of_stories(asked)
        case Clauses():
            return _clauses(asked, languages)


def _clauses(asked: Clauses, languages: Sequence[str]) -> Query:
    must = [(Occur.Must, _query(clause, languages)) for clause in asked.must]
    should = [(Occur.Should, _query(clause, languages)) for clause in asked.should]
    excluded = [(Occur.MustNot, _query(clause, languages)) for clause in asked.must_not]
    if not must and should:
        must, should = [(Occur.Must, Query.boolean_query(should))], []
    if not must:
        must = [(Occur.Must, Query.all_query())]
    return Query.boolean_query([*must, *should, *excluded])


def _word(word: Word, languages: Sequence[str]) -> Iterator[Query]:
    for name in word.fields:
        yield _weighted(name, _term(name, word.folded, "position"))
        for language in languages if name in STEMMED else ():
            stemmed = stem_of(word, language, stem)
            if stemmed:
                yield _weighted(name, _term(f"{name}_{language}", stemmed, "freq"))


def _run(name: str, run: Run) -> Query:
    if len(run.words) == 1:
        return _begins(name, run.words[0]) if run.open else _term(name, run.words[0], "position")
    if run.open:
        patterns = [*map(_escaped, run.words[:-1]), f"{_escaped(run.words[-1])}.*"]
        return Query.regex_phrase_query(fields(), name, list(enumerate(patterns)))
    spreads = _spreads(len(run.words) - 1, run.slop)
    return _either([Query.phrase_query(fields(), name, _placed(run.words, spread)) for spread in spreads])


def _spreads(gaps: int, slop: int) -> list[tuple[int, ...]]:
    """All ways to put at most `slop` other words into the gaps.

    tantivy's own slop lets words change places and takes one word for two, so each way is asked for itself.
    """
    made: list[tuple[int, ...]] = [()]
    for _ in range(gaps):
        made = [(*spread, more) for spread in made for more in range(slop - sum(spread) + 1)]
    return made


def _placed(words: Sequence[str], spread: Sequence[int]) -> list[str | tuple[int, str]]:
    placed: list[str | tuple[int, str]] = [(0, words[0])]
    at = 0
    for word, more in zip(words[1:], spread, strict=True):
        at += 1 + more
        placed.append((at, word))
    return placed


def _between(asked: Between) -> Query:
    return Query.range_query(
        fields(),
        asked.field,
        tantivy.FieldType.Integer,
        _NEVER if asked.low is None else micros(asked.low),
        _FOREVER if asked.high is None else micros(asked.high),
        include_lower=asked.include_low,
        include_upper=asked.include_high,
    )


def _of_stories(asked: OfStories) -> Query:
    theirs = Query.term_set_query(fields(), "story_key", [story_key(story) for story in asked.stories])
    if asked.others:
        return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, theirs)])
    return theirs


def _any_of(name: str, values: Collection[str]) -> Query:
    return _either([_term(name, keyword(value), "basic") for value in values])


def _term(name: str, value: str, index_option: str) -> Query:
    return Query.term_query(fields(), name, value, index_option)


def _begins(name: str, beginning: str) -> Query:
    return Query.regex_query(fields(), name, f"{_escaped(beginning)}.*")


def _escaped(text: str) -> str:
    """As a pattern that matches this text alone. The characters are those that Rust's regex-syntax gives a meaning."""
    return re.sub(r"([\\.+*?()|\[\]{}^$#&~-])", r"\\\1", text)


def _weighted(name: str, query: Query) -> Query:
    return Query.boost_query(query, _TITLE_WEIGHT) if name == "title" else query


def _either(queries: Sequence[Query]) -> Query:
    if not queries:
        return Query.boolean_query([])
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])
