"""A whole HTML page -> Article. The tree is parsed once and read in one walk; trafilatura works on a copy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from monitor.errors import ExtractionError
from monitor.extract.blocks import UNSEEN, Block, Lines, read_lines
from monitor.extract.captions import captions_in_text, find_captions, made_caption
from monitor.extract.credits import split_credit
from monitor.extract.css import select
from monitor.extract.dates import zone_of
from monitor.extract.hydration import state_paragraphs
from monitor.extract.identity import identity
from monitor.extract.jsonld import JsonLd
from monitor.extract.lines import find_lines
from monitor.extract.links import find_source_links, sources_heading
from monitor.extract.paragraphs import Paragraph, densest_paragraphs, is_dump, main_paragraphs, paragraphs_within, prune
from monitor.extract.parse import parse
from monitor.extract.place import Place, locate, narrowed
from monitor.extract.published import find_dates
from monitor.extract.said import (
    Said,
    authors_of,
    is_listing,
    read_said,
    stated_captions,
    stated_links,
    structured_of,
    title_of,
)
from monitor.extract.tidy import Told, standfirst, tidy
from monitor.records import Article, Caption, ExtractionRules, Page
from monitor.text import clean, clean_paragraphs, count_words
from monitor.urls import article_id

_RESCUE = 250  # characters; a shorter text is replaced by a longer one found in another way
_BEFORE = 6  # lines before the title in which a lead picture's caption may stand
_TAG = re.compile(r"<[^>]{1,500}>")

Chosen = Mapping[str, Sequence[HtmlElement]]


class Reading(NamedTuple):
    """The article and the page's lines, for rules that judge by place."""

    article: Article
    blocks: Sequence[Block]
    place: Place


class _Text(NamedTuple):
    """`taken` are the numbers of the lines that captions take up."""

    text: str
    place: Place
    captions: Sequence[Caption]
    taken: set[int]
    authors: tuple[str, ...]


def read(page: Page, tree: HtmlElement, rules: ExtractionRules, min_words: int) -> Reading:
    """Raises ExtractionError (no-text, too-short, not-article). The tree is changed: debris is taken out."""
    said = read_said(page, tree)
    etree.strip_elements(tree, *UNSEEN, "head", with_tail=False)
    chosen = _choose(tree, rules)
    lines = read_lines(tree)
    title = title_of(page, lines, said, rules, chosen["title"])
    language = said.head.lang or rules.language
    found = _text(page, tree, lines, said, chosen, title, language)
    words = count_words(found.text)
    if not words:
        raise ExtractionError("no text was found on the page", reason="no-text")
    if is_listing(said, lines, found.place):
        raise ExtractionError("a list of articles, not one", reason="not-article")
    if words < min_words:
        raise ExtractionError(f"only {words} words of text", reason="too-short")
    when = find_dates(page, tree, lines, found.place, said.head, said.data, zone_of(rules.time_zone), language)
    own = identity(said.url, said.canonical)
    labelled = find_source_links(lines.blocks, found.place, found.taken, said.base, said.url)
    article = Article(
        id=page.article_id or article_id(own),
        url=own,
        site=page.site,
        title=title,
        text=found.text,
        fetched_at=page.fetched_at,
        canonical_url=said.canonical,
        authors=found.authors,
        published_at=when.published,
        modified_at=when.modified,
        published_how=when.how,
        time_zone=rules.time_zone,
        description=said.description,
        html_lang=said.head.lang or said.data.language,
        image=said.image,
        captions=tuple(found.captions),
        lines=tuple(find_lines(lines.blocks, found.place, found.text, found.taken)),
        structured=structured_of(said),
        source_links=(*labelled, *stated_links(page, said)),
        words=words,
        kind=page.kind,
        role=page.role,
        warc=page.warc,
    )
    return Reading(article, lines.blocks, found.place)


def _choose(tree: HtmlElement, rules: ExtractionRules) -> Chosen:
    """Elements that the site's selectors name; those to remove are taken out of the tree."""
    chosen = {name: select(tree, getattr(rules, name)) for name in ("title", "body", "byline", "caption", "remove")}
    for element in chosen["remove"]:
        if element.tag not in ("html", "body") and element.getparent() is not None:
            element.drop_tree()
    for element in chosen["byline"]:
        element.set("data-component", "byline")  # so that the walk marks its lines
    return chosen


def _text(page: Page, tree: HtmlElement, lines: Lines, said: Said, chosen: Chosen, title: str, language: str) -> _Text:
    place, paragraphs = locate(lines.blocks, _paragraphs(page, tree, lines, chosen["body"], said.data), title)
    captions, taken = find_captions(lines, max(0, place.title - _BEFORE), place.end)
    captions = [*_chosen_captions(chosen["caption"]), *captions]
    captions.extend(stated_captions(said.data, captions))
    spoken = [part for c in captions for part in (c.text, f"{c.text} {c.credit}".strip()) if c.where != "json-ld"]
    authors = authors_of(page, lines, place, said, chosen["byline"])
    told = Told(title, authors, spoken, language, sources_heading(lines.blocks, place))
    paragraphs = [p for p in paragraphs if p.heading or p.block is None or p.block.number not in taken]
    tidied = tidy(paragraphs, told)
    kept, printed = captions_in_text(tidied)
    taken |= _numbers(tidied) - _numbers(kept)
    opening = standfirst(lines.blocks, place, said.description, kept)
    text = clean_paragraphs([*opening, *(paragraph.text for paragraph in kept)]).replace("\u00ad", "")
    return _Text(text, narrowed(place, kept), [*captions, *printed], taken, authors)


def _numbers(paragraphs: Sequence[Paragraph]) -> set[int]:
    return {paragraph.block.number for paragraph in paragraphs if paragraph.block is not None}


def _paragraphs(
    page: Page, tree: HtmlElement, lines: Lines, chosen: Sequence[HtmlElement], data: JsonLd
) -> list[Paragraph]:
    """By the site's selector, else trafilatura's, else the densest element's, else what JSON-LD or scripts hold."""
    if chosen and (picked := paragraphs_within(lines, chosen)):
        return picked
    prune(tree, lines)
    found = main_paragraphs(tree)
    if is_dump(found, lines):
        found = densest_paragraphs(lines) or found
    elif _length(found) < _RESCUE:
        found = max(found, densest_paragraphs(lines), key=_length)
    if _length(found) < _RESCUE:
        found = max(found, _stated_paragraphs(data), state_paragraphs(parse(page)), key=_length)
    return found


def _length(paragraphs: Sequence[Paragraph]) -> int:
    return sum(len(paragraph.text) for paragraph in paragraphs)


def _stated_paragraphs(data: JsonLd) -> list[Paragraph]:
    parts = re.split(r"\n+|<br\s*/?>|</p>", data.body)
    return [Paragraph(text) for part in parts if (text := clean(_TAG.sub(" ", part)))]


def _chosen_captions(elements: Sequence[HtmlElement]) -> list[Caption]:
    made = []
    for element in elements[:60]:
        if text := clean(element.text_content()):
            caption, credit = split_credit(text)
            made.append(made_caption(caption, credit, "site-rule"))
    return made
