"""Words in a row -> tantivy's query, over any schema whose fields hold words split at blanks. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import tantivy
from tantivy import Occur, Query

from monitor.store.asked import Run


def run_query(schema: tantivy.Schema, name: str, run: Run) -> Query:
    """The run in the field of that name, which is indexed with positions."""
    if len(run.words) == 1:
        word = run.words[0]
        return begins(schema, name, word) if run.open else Query.term_query(schema, name, word, "position")
    if run.open:
        patterns = [*map(_escaped, run.words[:-1]), f"{_escaped(run.words[-1])}.*"]
        return Query.regex_phrase_query(schema, name, list(enumerate(patterns)))
    spreads = _spreads(len(run.words) - 1, run.slop)
    return either([Query.phrase_query(schema, name, _placed(run.words, spread)) for spread in spreads])


def begins(schema: tantivy.Schema, name: str, beginning: str) -> Query:
    """Words, or whole values, with this beginning."""
    return Query.regex_query(schema, name, f"{_escaped(beginning)}.*")


def either(queries: Sequence[Query]) -> Query:
    """What any of them finds; nothing where there are none."""
    if not queries:
        return Query.boolean_query([])
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


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


def _escaped(text: str) -> str:
    """As a pattern that matches this text alone. The characters are those that Rust's regex-syntax gives a meaning."""
    return re.sub(r"([\\.+*?()|\[\]{}^$#&~-])", r"\\\1", text)
