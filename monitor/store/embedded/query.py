"""What is asked -> tantivy's query. Pure."""

from __future__ import annotations

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
from monitor.store.phrases import begins, either, run_query
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
            return either(list(_word(asked, languages)))
        case Run():
            return either([_weighted(name, run_query(fields(), name, asked)) for name in asked.fields])
        case Value(field, value, open):
            return begins(fields(), field, keyword(value)) if open else _term(field, keyword(value), "basic")
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
    return either([_term(name, keyword(value), "basic") for value in values])


def _term(name: str, value: str, index_option: str) -> Query:
    return Query.term_query(fields(), name, value, index_option)


def _weighted(name: str, query: Query) -> Query:
    return Query.boost_query(query, _TITLE_WEIGHT) if name == "title" else query
