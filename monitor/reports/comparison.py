"""Two texts beside each other: what is the same, changed, added or left out, by characters; for people and programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml.builder import E

from monitor.duplicates import compare, passages
from monitor.duplicates.passages import ADDED, CHANGED, MISSING, SAME, Passage, Span
from monitor.records import Comparison, Document
from monitor.reports.page import page, plain


@dataclass(frozen=True, slots=True)
class Compared:
    """An article against where it came from."""

    mine: Document
    other: Document
    numbers: Comparison
    passages: tuple[Passage, ...]


def compared(mine: Document, other: Document) -> Compared:
    a, b = mine.article.text, other.article.text
    return Compared(mine, other, compare(a, b), tuple(passages(a, b)))


def comparison_record(found: Compared) -> dict[str, Any]:
    """As a JSON object; offsets count characters of the texts as they are exported."""
    a, b = found.mine.article.text, found.other.article.text
    return {
        "article": found.mine.id,
        "other": found.other.id,
        "share_kept": found.numbers.kept,
        "share_added": found.numbers.added,
        "words_changed": found.numbers.changed,
        "longest_run": found.numbers.longest_run,
        "passages": [
            {
                "kind": one.kind,
                "article": {"start": one.mine[0], "end": one.mine[1], "text": a[slice(*one.mine)]},
                "other": {"start": one.other[0], "end": one.other[1], "text": b[slice(*one.other)]},
            }
            for one in found.passages
        ],
    }


def sides(found: Compared) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Both texts in their own order as (kind, text)."""
    return (
        list(_side(found.mine.article.text, ((one.kind, one.mine) for one in found.passages))),
        list(_side(found.other.article.text, ((one.kind, one.other) for one in found.passages))),
    )


def _side(text: str, spans: Iterable[tuple[str, Span]]) -> Iterator[tuple[str, str]]:
    """What no passage covers (blanks between them) is shown as it is."""
    at = 0
    for kind, (start, end) in sorted(spans, key=lambda one: one[1]):
        if end <= start or start < at:
            continue
        if start > at:
            yield SAME, text[at:start]
        yield kind, text[start:end]
        at = end
    if at < len(text):
        yield SAME, text[at:]


_MARKS = {SAME: "span", CHANGED: "mark", ADDED: "ins", MISSING: "del"}


def comparison_page(found: Compared, title: str) -> bytes:
    """Both texts in two columns, alone on a page."""
    mine, other = sides(found)
    numbers = found.numbers
    facts = (
        f"{numbers.kept:.0%} of the other text's words are kept, {numbers.added:.0%} of this text's words are its own, "
        f"{numbers.changed} words were changed; the longest run of equal words has {numbers.longest_run}."
    )
    legend = E.p(E.mark("changed"), " ", E.ins("added"), " ", E("del", "left out"), {"class": "note"})
    columns = E.div(_column(found.mine, mine), _column(found.other, other), {"class": "columns"})
    return page(title, [E.h1(plain(title)), E.p(facts), legend, columns])


def _column(document: Document, pieces: Iterable[tuple[str, str]]) -> etree._Element:
    article = document.article
    when = (article.published_at or document.first_seen).strftime("%Y-%m-%d %H:%M UTC")
    text = E.p(*(E(_MARKS[kind], plain(piece)) for kind, piece in pieces))
    return E.section(
        E.h2(plain(article.title or "(no title)")),
        E.p(plain(f"{article.site}, {when}"), E.br(), plain(article.url)),
        text,
    )
