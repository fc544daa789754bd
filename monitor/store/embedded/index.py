"""The search index: its fields, and what of an article goes into them.

tantivy cuts and lower-cases nothing here. It gets the words of `monitor.store.asked` joined by spaces, splits them
at the spaces, and stems those of the languages it has a stemmer for (Snowball).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import cast

import tantivy

from monitor.records import Document
from monitor.store.asked import both_words, folded_words
from monitor.store.embedded.packing import micros
from monitor.store.matching import KEYWORDS, values
from monitor.store.stemming import STEMMERS, stemmer
from monitor.store.values import keyword

# Goes up with every change to the fields or to `monitor.text`: an index of another format is built again.
FORMAT = 2

TIMES = ("published", "fetched")
_FACETS = ("site", "lang", "agency")

_YEAR_1 = datetime(1, 1, 1, tzinfo=UTC)
_DAY = 86_400_000_000  # microseconds
ORDER_BITS = 15  # of the article's number below the milliseconds since year 1: both fit into 63 bits


@cache
def fields() -> tantivy.Schema:
    """The index's schema."""
    builder = tantivy.SchemaBuilder()
    # The article's number, twice: to be read of what is found, and as text, for tantivy 0.27 and before delete by
    # a term of text alone; told to delete by a number's term, they do nothing and say so to nobody.
    builder.add_unsigned_field("number", fast=True)
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    for name in ("title", "text", "author"):
        builder.add_text_field(name, tokenizer_name="words", index_option="position")
    for language in STEMMERS:
        for name in ("title", "text"):
            builder.add_text_field(f"{name}_{language}", tokenizer_name=f"stems_{language}", index_option="freq")
    for name in KEYWORDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name in _FACETS)
    for name in (*TIMES, "day"):
        builder.add_integer_field(name, fast=True)
    builder.add_unsigned_field("order", fast=True)
    # Of the story: asked for by the ten thousand (37 ms; by the id itself 88), and read of every hit.
    builder.add_unsigned_field("story_key", fast=True, indexed=True)
    return builder.build()


def register_words(index: tantivy.Index) -> None:
    """tantivy keeps no tokenizers with an index: each opened one is told again."""
    index.register_tokenizer("words", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    for language in STEMMERS:
        index.register_tokenizer(f"stems_{language}", stemmer(language))


def entry(number: int, document: Document) -> tantivy.Document:
    """What the index keeps of an article."""
    article, language = document.article, document.language.code
    made = tantivy.Document()
    made.add_unsigned("number", number)
    made.add_text("key", str(number))
    for name, text in (("title", article.title), ("text", article.text)):
        spoken, folded = both_words(text, language)
        made.add_text(name, " ".join(folded))
        if language in STEMMERS:
            made.add_text(f"{name}_{language}", " ".join(spoken))
    made.add_text("author", " ".join(folded_words(" ; ".join(article.authors))))
    for name in KEYWORDS:
        for value in dict.fromkeys(map(keyword, values(document, name))):
            made.add_text(name, value)
    made.add_unsigned("story_key", story_key(document.story))
    published = micros(document.story_time)
    made.add_integer("published", published)
    made.add_integer("fetched", micros(document.first_seen))
    made.add_integer("day", published // _DAY)
    made.add_unsigned("order", _order(document.story_time, number))
    return made


def story_key(story: str) -> int:
    """63 bits of the id."""
    return int.from_bytes(hashlib.blake2b(story.encode("utf-8", "replace"), digest_size=8).digest()) >> 1


def forget(writer: tantivy.IndexWriter, number: int) -> None:
    """Take the article out, with the next commit."""
    writer.delete_documents_by_term("key", str(number))


def indexed(searcher: tantivy.Searcher, numbers: Collection[int]) -> set[int]:
    """Which of the articles are in the index."""
    query = tantivy.Query.term_set_query(fields(), "key", [str(number) for number in numbers])
    return set(article_numbers(searcher, [place for _, place in searcher.search(query, len(numbers)).hits]))


def article_numbers(searcher: tantivy.Searcher, places: Sequence[tantivy.DocAddress]) -> list[int]:
    """Of articles that were found."""
    return cast(list[int], searcher.fast_field_values("number", list(places)))


def _order(at: datetime, number: int) -> int:
    """Sorts by time; articles of one millisecond by the order in which they were first filed."""
    milliseconds = (micros(at) - micros(_YEAR_1)) // 1000
    return milliseconds << ORDER_BITS | number & (1 << ORDER_BITS) - 1


def day(number: int) -> str:
    """ISO date of a value of the field `day`."""
    return datetime.fromtimestamp(number * 86_400, UTC).date().isoformat()
