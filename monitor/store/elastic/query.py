"""What is asked -> query DSL. Pure.

Nothing here is cut short by an engine: phrases with gaps and phrases that end in a beginning are spans, which count
the words between as `monitor.store.asked.Run` does (`match_phrase` with slop lets words change places,
`match_phrase_prefix` looks at 50 words with the beginning).

An engine takes 1,024 clauses. A word costs two for each language, so that a question of thirty names can be too large:
such a one is asked with the alternatives `together`, all words of an OR by one clause for each field. They have no
scores of their own then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

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
    spoken_words,
)
from monitor.store.elastic.reading import portions
from monitor.store.matching import STEMMED, Stem
from monitor.store.stemming import STEMMERS
from monitor.store.values import keyword, micros

Query = dict[str, Any]

_TITLE_WEIGHT = 3.0  # a word of the title counts as three of the text, as in the other stores
_TERMS_AT_ONCE = 60_000  # of one clause; an engine takes 65,536
_NOTHING: Query = {"match_none": {}}
_EVERYTHING: Query = {"match_all": {}}


@dataclass(frozen=True, slots=True)
class _How:
    """`together`: the engine's stemmer, where the alternatives of an OR go together."""

    languages: Sequence[str]
    copies: bool = False
    together: Stem | None = None


def translate(
    asked: Asked, languages: Collection[str], roles: Collection[str], *, together: Stem | None = None
) -> Query:
    """The whole query: what is asked, of articles in these roles.

    `languages`: those of the articles stored; none where the index has no stems.
    """
    kept = [{"terms": {"keys.role": sorted(map(keyword, roles))}}]
    return {"bool": {"must": [_query(asked, _How(_stemmed(languages), together=together))], "filter": kept}}


def stored(asked: Asked, languages: Collection[str], *, together: Stem | None = None) -> Query:
    """The question of a rule, kept to be held against articles that have the number of copies of their story beside
    them. Raises LookupError for what is of stories alone.
    """
    return _query(asked, _How(_stemmed(languages), copies=True, together=together))


def _stemmed(languages: Collection[str]) -> list[str]:
    return [language for language in languages if language in STEMMERS]


def _query(asked: Asked, how: _How) -> Query:
    match asked:
        case Everything():
            return _EVERYTHING
        case Nothing():
            return _NOTHING
        case Word():
            return _either(list(_word(asked, how.languages)))
        case Run():
            return _either([_run(name, asked) for name in asked.fields])
        case Value(field, value, open):
            return {"prefix" if open else "term": {f"keys.{field}": {"value": keyword(value)}}}
        case Between():
            return _between(asked)
        case Amount() if how.copies:
            return _amount(asked)
        case Amount(field):
            raise LookupError(f"{field} is the story's: to be asked as OfStories")
        case OfStories():
            return _of_stories(asked)
        case Clauses():
            return _clauses(asked, how)


def _clauses(asked: Clauses, how: _How) -> Query:
    must = [_query(clause, how) for clause in asked.must]
    should = list(_alternatives(asked.should, how))
    excluded = list(_alternatives(asked.must_not, how))
    return {
        "bool": {
            "must": must or ([] if should else [_EVERYTHING]),
            "should": should,
            "must_not": excluded,
            "minimum_should_match": 1 if should and not must else 0,
        }
    }


def _alternatives(clauses: Sequence[Asked], how: _How) -> Iterator[Query]:
    """Of which any will do."""
    if how.together is None:
        yield from (_query(clause, how) for clause in clauses)
        return
    words: dict[tuple[str, ...], list[Word]] = {}
    values: dict[str, set[str]] = {}
    for clause in clauses:
        match clause:
            case Word(fields):
                words.setdefault(fields, []).append(clause)
            case Value(field, value, False):
                values.setdefault(field, set()).add(keyword(value))
            case _:
                yield _query(clause, how)
    for fields, theirs in words.items():
        yield from _any_word(fields, theirs, how.languages, how.together)
    for field, wanted in values.items():
        yield from _terms(f"keys.{field}", wanted)


def _any_word(fields: Sequence[str], words: Sequence[Word], languages: Sequence[str], stemmed: Stem) -> Iterator[Query]:
    for name in fields:
        yield from _terms(f"folded.{name}", {word.folded for word in words}, _weight(name))
    names = [name for name in fields if name in STEMMED]
    for language in languages if names else ():
        spoken = (spoken_words(word.typed, language) for word in words)
        stems = stemmed(language, sorted({one[0] for one in spoken if len(one) == 1}))
        for name in names:
            yield from _terms(f"stems.{language}.{name}", set(stems or ()), _weight(name))


def _terms(field: str, values: Collection[str], boost: float = 1.0) -> Iterator[Query]:
    for part in portions(sorted(values), _TERMS_AT_ONCE):
        yield {"terms": {field: part, "boost": boost}}


def _word(word: Word, languages: Sequence[str]) -> Iterator[Query]:
    for name in word.fields:
        yield {"term": {f"folded.{name}": {"value": word.folded, "boost": _weight(name)}}}
    names = [name for name in word.fields if name in STEMMED]
    for spoken, of in _spoken(word.typed, languages).items():
        fields = [f"stems.{language}.{name}^{_weight(name):g}" for language in of for name in names]
        if fields:
            yield {"multi_match": {"query": spoken, "fields": fields, "type": "most_fields"}}


def _spoken(typed: str, languages: Sequence[str]) -> dict[str, list[str]]:
    """The word in lower case -> the languages that write it so. The engine stems it as it stemmed the text."""
    found: dict[str, list[str]] = {}
    for language in languages:
        words = spoken_words(typed, language)
        if len(words) == 1:
            found.setdefault(words[0], []).append(language)
    return found


def _run(name: str, run: Run) -> Query:
    field, boost = f"folded.{name}", _weight(name)
    *first, last = run.words
    if not first:
        return {"prefix" if run.open else "term": {field: {"value": last, "boost": boost}}}
    if not run.open and not run.slop:
        return {"match_phrase": {field: {"query": " ".join(run.words), "boost": boost}}}
    spans: list[Query] = [{"span_term": {field: {"value": word}}} for word in first]
    if run.open:
        spans.append({"span_multi": {"match": {"prefix": {field: {"value": last}}}}})
    else:
        spans.append({"span_term": {field: {"value": last}}})
    return {"span_near": {"clauses": spans, "slop": run.slop, "in_order": True, "boost": boost}}


def _between(asked: Between) -> Query:
    bounds = {}
    if asked.low is not None:
        bounds["gte" if asked.include_low else "gt"] = micros(asked.low)
    if asked.high is not None:
        bounds["lte" if asked.include_high else "lt"] = micros(asked.high)
    return {"range": {f"micros.{asked.field}": bounds}} if bounds else _EVERYTHING


def _amount(asked: Amount) -> Query:
    bounds = {}
    if asked.low is not None:
        bounds["gte" if asked.include_low else "gt"] = asked.low
    if asked.high is not None:
        bounds["lte" if asked.include_high else "lt"] = asked.high
    return {"range": {"copies": bounds}} if bounds else _EVERYTHING


def _of_stories(asked: OfStories) -> Query:
    named = sorted(asked.stories)
    parts = [named[at : at + _TERMS_AT_ONCE] for at in range(0, len(named), _TERMS_AT_ONCE)]
    theirs = [{"terms": {"story": part}} for part in parts]
    if asked.others:
        return {"bool": {"must": [_EVERYTHING], "must_not": theirs}}
    return _either([{"constant_score": {"filter": one}} for one in theirs])


def _either(queries: Sequence[Query]) -> Query:
    if not queries:
        return _NOTHING
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _weight(name: str) -> float:
    return _TITLE_WEIGHT if name == "title" else 1.0
