"""Does a document answer the query? Evaluated word by word, without an index, for the in-memory store.

A stemmer is handed in, so that a
store without one can say so: then a word matches by its folded form alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from monitor.records import Document, SourceTrace
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
    folded_words,
    spoken_words,
)

# (language, its lower-case words) -> their stems in the same order; None: there is no stemmer for the language
Stem = Callable[[str, Sequence[str]], list[str] | None]

CREDITED_FROM = 0.5  # confidence from which an agency counts as the text's: the bound that `kind` follows too
STEMMED = ("title", "text")  # fields


# Fields with whole values that a query can name; `values` gives them.
KEYWORDS = ("site", "lang", "url", "id", "role", "story", "agency", "photo_agency", "kind", "credited", "origin")


def no_stem(language: str, words: Sequence[str]) -> list[str] | None:
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
            stored = (one.lower() for one in values(document, field))
            return any(one.startswith(value) if open else one == value for one in stored)
        case Between():
            return _between(asked, document)
        case Amount(field):
            raise LookupError(f"{field} is the story's: to be asked as OfStories")
        case OfStories(stories, others):
            return (document.story in stories) is not others
        case Clauses(must, should, must_not):
            if any(holds(clause, document, stem) for clause in must_not):
                return False
            if not all(holds(clause, document, stem) for clause in must):
                return False
            return bool(must) or not should or any(holds(clause, document, stem) for clause in should)


def run_at(run: Run, folded: Sequence[str], start: int) -> int:
    """Index behind the last word of the shortest such run that begins at `start`; -1: none does."""
    if not _fits(run, 0, folded[start]):
        return -1
    reached = {start}
    for number in range(1, len(run.words)):
        behind = min(start + number + run.slop + 1, len(folded))
        reached = {after for here in reached for after in range(here + 1, behind) if _fits(run, number, folded[after])}
        if not reached:
            return -1
    return min(reached) + 1


def _fits(run: Run, number: int, word: str) -> bool:
    wanted = run.words[number]
    return word.startswith(wanted) if run.open and number == len(run.words) - 1 else word == wanted


def _has_run(run: Run, folded: Sequence[str]) -> bool:
    return any(run_at(run, folded, start) > 0 for start in range(len(folded)))


def _has_word(word: Word, document: Document, name: str, stem: Stem) -> bool:
    text, language = _field(document, name), document.language.code
    if word.folded in folded_words(text):
        return True
    if name not in STEMMED:
        return False
    wanted = stem_of(word, language, stem)
    return wanted is not None and wanted in (stem(language, spoken_words(text, language)) or ())


def stem_of(word: Word, language: str, stem: Stem) -> str | None:
    """Of the word as it was typed; None where it has none."""
    typed = spoken_words(word.typed, language)
    stems = stem(language, typed) if len(typed) == 1 else None
    return stems[0] if stems else None


def _field(document: Document, name: str) -> str:
    if name == "author":
        return " ; ".join(document.article.authors)
    return document.article.title if name == "title" else document.article.text


def values(document: Document, field: str) -> tuple[str, ...]:
    """What a document has of a keyword or a yes-or-no; several where any of them answers."""
    source = document.source
    match field:
        case "site":
            return (document.article.site,)
        case "lang":
            return (document.language.code,)
        case "url":
            return (document.article.url,)
        case "id":
            return (document.id,)
        case "role":
            return (document.article.role,)
        case "story":
            return (document.story,)
        case "agency":
            return credited_agencies(source)
        case "photo_agency":
            return source.photo_agencies
        case "kind":
            return (source.kind,)
        case "credited":
            return ("true" if source.credited else "false",)
        case "origin":
            origin = source.origin
            return tuple(filter(None, (origin.site, origin.url, origin.article_id)))
    raise LookupError(f"no keyword is called {field}")


def credited_agencies(source: SourceTrace) -> tuple[str, ...]:
    """Ids of the agencies that count as the text's, in their order."""
    return tuple(dict.fromkeys(one.id for one in source.agencies if one.confidence >= CREDITED_FROM))


def _between(asked: Between, document: Document) -> bool:
    at = document.story_time if asked.field == "published" else document.first_seen
    if asked.low is not None and (at < asked.low or (at == asked.low and not asked.include_low)):
        return False
    return asked.high is None or at < asked.high or (at == asked.high and asked.include_high)
