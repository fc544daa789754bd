"""The typed tree that every store translates, and the fields that can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FieldKind(StrEnum):
    TEXT = "text"  # analysed words
    KEYWORD = "keyword"  # exact value, lower case
    DATE = "date"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that can be asked. `description` is shown by `monitor search --help`.

    `values`: all that a keyword can have, where others would only be slips of the pen; empty: any.
    """

    name: str
    kind: FieldKind
    description: str
    values: tuple[str, ...] = ()


KINDS = ("agency", "mixed", "own", "unknown")  # of a source trace

FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("title", FieldKind.TEXT, "words of the title"),
        Field("text", FieldKind.TEXT, "words of the text"),
        Field("author", FieldKind.TEXT, "names of the authors"),
        Field("site", FieldKind.KEYWORD, "id of the site"),
        Field("lang", FieldKind.KEYWORD, "language code, e.g. de"),
        Field("url", FieldKind.KEYWORD, "address, also as a prefix: url:https\\://example.org/sport*"),
        Field("id", FieldKind.KEYWORD, "id of the article"),
        Field("published", FieldKind.DATE, "when the article says it was published (else first seen)"),
        Field("fetched", FieldKind.DATE, "when it was first fetched"),
        Field("agency", FieldKind.KEYWORD, "id of an agency that the text is credited to, e.g. dpa"),
        Field("photo_agency", FieldKind.KEYWORD, "id of an agency that a picture is credited to"),
        Field("kind", FieldKind.KEYWORD, "who wrote the text: agency, mixed, own or unknown", KINDS),
        Field("credited", FieldKind.BOOLEAN, "does the article name the agency it has its text from? true or false"),
        Field("origin", FieldKind.KEYWORD, "where the text came from: site, address (or its beginning) or article id"),
        Field("story", FieldKind.KEYWORD, "id of the story"),
        Field("copies", FieldKind.NUMBER, "articles that run the story, e.g. copies:>=3"),
    )
}


@dataclass(frozen=True, slots=True)
class All:
    """Every article."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word (`field` None: title or text) or a keyword's whole value. `text` is as typed, unescaped."""

    field: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order with at most `slop` moves between them."""

    field: str | None
    text: str
    slop: int = 0


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words (or keyword values) that begin so; `text` without the star."""

    field: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Range:
    """Dates or numbers between the bounds; None is open. Dates are aware, in UTC."""

    field: str
    low: datetime | float | None
    high: datetime | float | None
    include_low: bool = True
    include_high: bool = True


@dataclass(frozen=True, slots=True)
class Bool:
    """All of `must`, none of `must_not`; with an empty `must`, at least one of `should` (which else only ranks)."""

    must: tuple[Node, ...] = ()
    should: tuple[Node, ...] = ()
    must_not: tuple[Node, ...] = ()


Node = All | Term | Phrase | Prefix | Range | Bool
