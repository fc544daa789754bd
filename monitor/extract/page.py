"""A whole HTML page -> Article. The tree is parsed once and read in one walk; trafilatura works on a copy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from monitor.errors import ExtractionError
from monitor.extract import marks
from monitor.extract.authors import clean_authors
from monitor.extract.blocks import UNSEEN, Block, Lines, read_lines
from monitor.extract.captions import captions_in_text, find_captions
from monitor.extract.credits import split_credit
from monitor.extract.css import select
from monitor.extract.dates import zone_of
from monitor.extract.hydration import state_paragraphs
from monitor.extract.identity import identity, normalised
from monitor.extract.jsonld import JsonLd, read_jsonld
from monitor.extract.lines import find_lines
from monitor.extract.links import find_source_links, sources_heading, web_address
from monitor.extract.meta import Head, read_head
from monitor.extract.paragraphs import Paragraph, densest_paragraphs, is_dump, main_paragraphs, paragraphs_within, prune
from monitor.extract.parse import parse
from monitor.extract.place import Place, locate
from monitor.extract.published import find_dates
from monitor.extract.tidy import Told, standfirst, tidy
from monitor.extract.title import choose_title, title_of_lines
from monitor.records import Article, Caption, ExtractionRules, Page, SourceLink, Structured
from monitor.text import clean, clean_paragraphs, count_words
from monitor.urls import article_id, host_of, same_host

_AUTHOR_META = (
    "author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl",
    "cxenseparse:author", "citation_author", "og:article:author", "news_author", "twitter:creator_name",
)  # fmt: skip
_SOURCE_META = (("syndication-source", "syndication-source"), ("original-source", "original-source"),
                ("isbasedon", "isBasedOn"))  # fmt: skip
_RESCUE = 250  # characters; a shorter text is replaced by the one in the JSON-LD where that is twice as long
_LISTED_HEADINGS = 8  # headlines that are links, on a page without date, author or article node: a section page
_TAG = re.compile(r"<[^>]{1,500}>")


class Reading(NamedTuple):
    """The article and the page's lines, for rules that judge by place."""

    article: Article
    blocks: Sequence[Block]
    place: Place


class _Said(NamedTuple):
    """What the page says beside its visible text."""

    head: Head
    data: JsonLd
    url: str
    canonical: str
    base: str


def read(page: Page, tree: HtmlElement, rules: ExtractionRules, min_words: int) -> Reading:
    """Raises ExtractionError (no-text, too-short, not-article). The tree is changed: debris is taken out."""
    said = _said(page, tree)
    etree.strip_elements(tree, *UNSEEN, "head", with_tail=False)
    chosen = {name: select(tree, getattr(rules, name)) for name in ("title", "body", "byline", "caption", "remove")}
    removed = [element for element in chosen["remove"] if element.getparent() is not None and element.tag != "body"]
    for element in removed:
        if element.getparent() is not None:
            element.drop_tree()
    lines = read_lines(tree)
    title = _title(page, lines, said, rules, chosen["title"])
    paragraphs = _paragraphs(page, tree, lines, chosen["body"], said.data)
    title = title or title_of_lines(
        [block.text for block in lines.blocks if block.text and not block.flags & marks.MENU]
    )
    place, paragraphs = locate(lines.blocks, paragraphs, title)
    captions, taken = find_captions(lines, max(0, place.title - 6), place.end)
    captions = [*_chosen_captions(chosen["caption"]), *captions]
    captions.extend(_stated_captions(said.data, captions))
    language = said.head.lang or rules.language
    meta_authors = tuple(a for a in said.head.all(*_AUTHOR_META) if not a.startswith("http"))
    authors = _authors(page, lines, place, said, meta_authors, chosen["byline"])
    spoken = [part for c in captions for part in (c.text, f"{c.text} {c.credit}".strip()) if c.where != "json-ld"]
    heading = sources_heading(lines.blocks, place)
    kept = tidy(paragraphs, Told(title, authors, spoken, language, heading))
    whole = {p.block.number for p in kept if p.block is not None}
    kept, printed = captions_in_text(kept)
    taken |= whole - {p.block.number for p in kept if p.block is not None}
    captions.extend(printed)
    description = said.head.first("og:description", "description", "twitter:description") or said.data.description
    opening = standfirst(lines.blocks, place, description, kept)
    text = clean_paragraphs([*opening, *(p.text for p in kept)]).replace("\u00ad", "")
    if not text:
        raise ExtractionError("no text was found on the page", reason="no-text")
    words = count_words(text)
    if _is_listing(said, lines, place):
        raise ExtractionError("a list of articles, not one", reason="not-article")
    if words < min_words:
        raise ExtractionError(f"only {words} words of text", reason="too-short")
    when = find_dates(page, tree, lines, place, said.head, said.data, zone_of(rules.time_zone), language)
    own = identity(said.url, said.canonical)
    article = Article(
        id=page.article_id or article_id(own),
        url=own,
        site=page.site,
        title=title,
        text=text,
        fetched_at=page.fetched_at,
        canonical_url=said.canonical,
        authors=authors,
        published_at=when.published,
        modified_at=when.modified,
        published_how=when.how,
        time_zone=rules.time_zone,
        description=description,
        html_lang=said.head.lang or said.data.language,
        image=web_address(said.head.first("og:image", "og:image:url", "twitter:image") or said.data.image, said.base),
        captions=tuple(captions),
        lines=tuple(find_lines(lines.blocks, place, text, taken)),
        structured=_structured(said, meta_authors),
        source_links=tuple(_source_links(page, lines, place, taken, said)),
        words=words,
        kind=page.kind,
        role=page.role,
        warc=page.warc,
    )
    return Reading(article, lines.blocks, place)


def _said(page: Page, tree: HtmlElement) -> _Said:
    head = read_head(tree)
    url = normalised(page.final_url or page.url)
    base = web_address(head.base, url) if head.base else url
    # A base on another host would turn every relative link into evidence of a foreign source.
    base = base if base and same_host(base, url) else url
    data = read_jsonld(tree, head.first("og:title") or head.title, url)
    canonical = ""
    for found in (*head.links.get("canonical", ()), head.first("og:url"), data.url):
        if found and (canonical := web_address(found, base)):
            break
    return _Said(head, data, url, canonical, base)


def _title(page: Page, lines: Lines, said: _Said, rules: ExtractionRules, chosen: Sequence[HtmlElement]) -> str:
    for element in chosen:
        if text := clean(element.text_content()):
            return text.replace("\u00ad", "")
    head = said.head
    found = choose_title(
        lines.blocks,
        headline=said.data.headline or head.item("headline"),
        og=head.first("og:title", "twitter:title", "parsely-title", "dc.title", "title"),
        element=head.title,
        site_names=(
            rules.site_name,
            head.first("og:site_name", "application-name"),
            said.data.publisher,
            said.data.site_name,
        ),
        host=host_of(said.canonical or said.url),
    )
    return (found or clean(page.hint.title)).replace("\u00ad", "")


def _paragraphs(
    page: Page, tree: HtmlElement, lines: Lines, chosen: Sequence[HtmlElement], data: JsonLd
) -> list[Paragraph]:
    if chosen and (picked := paragraphs_within(lines, chosen)):
        return picked
    prune(tree, lines)
    found = main_paragraphs(tree)
    if is_dump(found, lines) or _length(found) < _RESCUE:
        found = max((found if not is_dump(found, lines) else [], densest_paragraphs(lines)), key=_length) or found
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
            made.append(Caption(caption[:1000], credit[:300], "site-rule"))
    return made


def _stated_captions(data: JsonLd, seen: Sequence[Caption]) -> list[Caption]:
    """What JSON-LD says of the article's pictures: all of it where the page shows no caption, else credits not seen."""
    shown = " ".join(f"{c.text} {c.credit}" for c in seen).casefold()
    made = []
    for text, credit in data.image_captions:
        caption, found = (text, credit) if credit else split_credit(text)
        if not seen or (found and found.casefold() not in shown):
            made.append(Caption(caption[:1000], found[:300], "json-ld"))
    return made


def _authors(
    page: Page, lines: Lines, place: Place, said: _Said, meta: tuple[str, ...], chosen: Sequence[HtmlElement]
) -> tuple[str, ...]:
    if chosen and (found := clean_authors(element.text_content() for element in chosen)):
        return found
    sources: list[Sequence[str]] = [said.data.authors, meta, said.head.items.get("author", []), page.hint.authors]
    bylines = [
        block.text
        for block in lines.blocks[max(0, place.title - 3) : place.start + 2]
        if block.flags & marks.BYLINE
        and not block.flags & (marks.DATE | marks.FIGURE | marks.MENU | marks.DEBRIS)
        and len(block.text) <= 100
    ]
    for names in (*sources, bylines):
        if found := clean_authors(names):
            return found
    return ()


def _structured(said: _Said, meta_authors: tuple[str, ...]) -> Structured:
    head, data = said.head, said.data
    keywords = data.keywords or tuple(
        word
        for text in head.all("news_keywords", "keywords", "article:tag")
        for word in map(clean, text.split(","))
        if word
    )
    return Structured(
        jsonld_authors=data.authors,
        meta_authors=tuple(dict.fromkeys(meta_authors)),
        publisher=data.publisher or head.first("article:publisher_name", "publisher", "dc.publisher", "og:site_name"),
        copyright=data.copyright or head.first("copyright", "dc.rights", "dcterms.rightsholder", "rights"),
        section=data.section or head.first("article:section", "og:article:section"),
        keywords=tuple(dict.fromkeys(keywords))[:60],
    )


def _source_links(page: Page, lines: Lines, place: Place, taken: set[int], said: _Said) -> list[SourceLink]:
    stated: list[SourceLink] = []
    if said.canonical and not same_host(said.canonical, said.url):
        stated.append(SourceLink(said.canonical, "", "canonical"))
    for name, how in _SOURCE_META:
        stated.extend(SourceLink(url, "", how) for v in said.head.all(name) if (url := web_address(v, said.base)))
    based = (*said.data.based_on, *said.head.items.get("isbasedon", ()))
    stated.extend(SourceLink(url, "", "isBasedOn") for value in based if (url := web_address(value, said.base)))
    if page.hint.source_url and (url := web_address(page.hint.source_url, said.base)):
        stated.append(SourceLink(url, page.hint.source_name, "feed"))
    labelled = find_source_links(lines.blocks, place, taken, said.base, said.url)
    kept: dict[tuple[str, str], SourceLink] = {}
    for link in (*labelled, *stated):
        if link.how == "label" or not same_host(link.url, said.url):
            kept.setdefault((link.url, link.how), link)
    return list(kept.values())


def _is_listing(said: _Said, lines: Lines, place: Place) -> bool:
    """Clearly a home or section page: nothing calls it an article or dates it, and many headlines are links."""
    head = said.head
    if (
        said.data.is_article
        or "article" in head.first("og:type")
        or said.data.published
        or head.items.get("datepublished")
    ):
        return False
    if head.first("article:published_time", "author"):
        return False
    linked = sum(
        1 for b in lines.blocks if b.flags & marks.HEADING and b.anchors and b.link_chars >= 0.9 * len(b.text) > 12
    )
    root = urlsplit(said.url).path in ("", "/") and not urlsplit(said.url).query
    inside = [b for b in lines.blocks if b.number in place.inside]
    dense = sum(b.link_chars for b in inside) > 0.5 * sum(len(b.text) for b in inside)
    return (root and linked >= 4) or (linked >= _LISTED_HEADINGS and (dense or said.data.listing))
