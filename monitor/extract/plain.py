"""Plain text, and the HTML of an article alone (a feed item, a WordPress post) -> Article, without trafilatura."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree
from lxml.html import HtmlElement

from monitor.errors import ExtractionError
from monitor.extract import marks
from monitor.extract.authors import clean_authors
from monitor.extract.blocks import UNSEEN, Lines, read_lines
from monitor.extract.captions import captions_in_text, find_captions
from monitor.extract.css import select
from monitor.extract.dates import plausible
from monitor.extract.identity import normalised
from monitor.extract.interface import is_interface
from monitor.extract.labels import is_source_label, starts_with_source_label
from monitor.extract.lines import find_lines
from monitor.extract.links import find_source_links, web_address
from monitor.extract.page import Reading
from monitor.extract.paragraphs import Paragraph
from monitor.extract.place import Place, narrowed
from monitor.extract.published import hint_how
from monitor.extract.tidy import Told, tidy
from monitor.extract.title import title_of_lines
from monitor.records import Article, Caption, ExtractionRules, Line, Page, SourceLink
from monitor.text import clean, clean_paragraphs, count_words, fold
from monitor.urls import article_id

_OUT = marks.MENU | marks.FORM | marks.HIDDEN | marks.FIGURE | marks.CREDIT | marks.DEBRIS
_SOURCE_LINE = 160  # characters of a line such as "Quelle: ORF"
_MOST_DEBRIS = 0.5  # share of a fragment's text that may be called debris by class names before they are not believed


def read_fragment(page: Page, tree: HtmlElement, rules: ExtractionRules, min_words: int) -> Reading:
    """HTML of an article alone: title, date and authors come from the hint. Raises ExtractionError."""
    etree.strip_elements(tree, *UNSEEN, "head", with_tail=False)
    for element in select(tree, rules.remove):
        if element.getparent() is not None and element.tag != "body":
            element.drop_tree()
    lines = read_lines(tree)
    title = clean(page.hint.title)
    captions, taken = find_captions(lines, 0, len(lines.blocks))
    paragraphs = _kept(lines, taken)
    inside = frozenset(p.block.number for p in paragraphs if p.block)
    place = Place(-1, min(inside, default=0), max(inside, default=len(lines.blocks)), inside)
    spoken = [part for c in captions for part in (c.text, f"{c.text} {c.credit}".strip()) if c.where != "alt"]
    kept = tidy(paragraphs, Told(title, clean_authors(page.hint.authors), spoken, page.hint.language or rules.language))
    kept, stated = captions_in_text(kept)
    captions.extend(stated)
    place = narrowed(place, kept)
    base = normalised(page.final_url or page.url)
    links = find_source_links(lines.blocks, place, taken, base, base)
    text = clean_paragraphs(paragraph.text for paragraph in kept)
    outside = find_lines(lines.blocks, place, text, taken)
    return Reading(_article(page, rules, title, text, captions, outside, links, min_words), lines.blocks, place)


def _kept(lines: Lines, taken: set[int]) -> list[Paragraph]:
    total = sum(len(block.text) for block in lines.blocks) or 1
    debris = sum(len(b.text) for b in lines.blocks if b.flags & marks.DEBRIS)
    out = _OUT if debris <= total * _MOST_DEBRIS else _OUT & ~marks.DEBRIS
    return [
        Paragraph(block.text, bool(block.flags & marks.HEADING), block)
        for block in lines.blocks
        if block.text and block.number not in taken and not block.flags & out
    ]


def read_text(page: Page, content: str, rules: ExtractionRules, min_words: int) -> Reading:
    """Plain text: paragraphs are divided by empty lines, or are lines where there are none. Raises ExtractionError."""
    paragraphs = _divided(content)
    title = clean(page.hint.title)
    if not title:
        title = title_of_lines(paragraphs)
    kept, lines = _set_apart(paragraphs)
    told = Told(title, clean_authors(page.hint.authors), (), page.hint.language or rules.language)
    tidied = tidy([Paragraph(text) for text in kept], told)
    remaining, captions = captions_in_text(tidied)
    text = clean_paragraphs(paragraph.text for paragraph in remaining)
    lines.extend(_outside(kept, [paragraph.text for paragraph in tidied], title))
    return Reading(_article(page, rules, title, text, captions, lines, [], min_words), (), Place(0, 0, 0, frozenset()))


def _divided(content: str) -> list[str]:
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    parts = re.split(r"\n[ \t\u00a0]*\n+", content)
    if len(parts) < 3 and content.count("\n") > 3:
        parts = content.split("\n")
    divided: list[str] = []
    for part in parts:
        lines = [clean(line) for line in part.split("\n")]
        # Short lines above or below each other are an interface's ("11", "0"), not a wrapped paragraph.
        if len(lines) > 1 and all(len(line) < 40 or is_interface(line) for line in lines):
            divided.extend(lines)
        else:
            divided.append(" ".join(lines))
    return [line for line in divided if line]


def _set_apart(paragraphs: Sequence[str]) -> tuple[list[str], list[Line]]:
    """Text, and lines that a source label begins."""
    kept: list[str] = []
    lines: list[Line] = []
    for number, text in enumerate(paragraphs):
        if is_source_label(text) or (number and len(text) <= _SOURCE_LINE and starts_with_source_label(text)):
            lines.append(Line(text[:300], "source"))
        else:
            kept.append(text)
    return kept, lines


def _outside(before: Sequence[str], after: Sequence[str], title: str) -> list[Line]:
    """What was taken off above and below the text and may say who wrote it."""
    if not after:
        return []
    first, last = before.index(after[0]), len(before) - 1 - before[::-1].index(after[-1])
    left = [(text, "byline") for text in before[:first]] + [(text, "trailer") for text in before[last + 1 :]]
    return [
        Line(text[:300], where)
        for text, where in left
        if not is_interface(text) and not fold(text).endswith(fold(title) or "\0")
    ]


def _article(
    page: Page, rules: ExtractionRules, title: str, text: str, captions: Sequence[Caption],
    lines: Sequence[Line], links: Sequence[SourceLink], min_words: int,
) -> Article:  # fmt: skip
    text = text.replace("\u00ad", "")
    if not text:
        raise ExtractionError("no text was found", reason="no-text")
    words = count_words(text)
    if words < min_words:
        raise ExtractionError(f"only {words} words of text", reason="too-short")
    own = normalised(page.final_url or page.url)
    hint = page.hint
    published = plausible(hint.published_at, page.fetched_at, archived=page.via == "import")
    modified = plausible(hint.modified_at, page.fetched_at, archived=page.via == "import")
    if hint.source_url and (url := web_address(hint.source_url, own)):
        links = [*links, SourceLink(url, hint.source_name, "feed")]
    return Article(
        id=page.article_id or article_id(own),
        url=own,
        site=page.site,
        title=title.replace("\u00ad", ""),
        text=text,
        fetched_at=page.fetched_at,
        authors=clean_authors(hint.authors),
        published_at=published,
        modified_at=modified if modified and (published is None or modified >= published) else None,
        published_how=hint_how(page) if published else "",
        time_zone=rules.time_zone,
        html_lang=hint.language,
        captions=tuple(captions),
        lines=tuple(lines),
        source_links=tuple(links),
        words=words,
        kind=page.kind,
        role=page.role,
        warc=page.warc,
    )
