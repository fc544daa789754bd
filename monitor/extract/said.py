"""What a page says of its article beside the visible text: head, JSON-LD and microdata, joined into fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from monitor.extract import marks
from monitor.extract.authors import clean_authors
from monitor.extract.blocks import Lines
from monitor.extract.captions import made_caption
from monitor.extract.credits import split_credit
from monitor.extract.identity import normalised
from monitor.extract.jsonld import JsonLd, read_jsonld
from monitor.extract.links import web_address
from monitor.extract.meta import Head, read_head
from monitor.extract.place import Place
from monitor.extract.title import choose_title, title_of_lines
from monitor.records import Caption, ExtractionRules, Page, SourceLink, Structured
from monitor.text import clean
from monitor.urls import host_of, same_host

_AUTHOR_META = (
    "author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl",
    "cxenseparse:author", "citation_author", "og:article:author", "news_author", "twitter:creator_name",
)  # fmt: skip
_SOURCE_META = (
    ("syndication-source", "syndication-source"),
    ("original-source", "original-source"),
    ("isbasedon", "isBasedOn"),
)
_BYLINE = 100  # characters of a visible byline
_LISTED_HEADINGS = 8  # headlines that are links, on a page without date, author or article node: a section page
_ROOT_HEADINGS = 4  # the same on the site's root


_NO_NAMES = marks.DATE | marks.FIGURE | marks.MENU | marks.DEBRIS


class Said(NamedTuple):
    """Addresses are normalised; `base` is what relative links are resolved against."""

    head: Head
    data: JsonLd
    url: str
    canonical: str
    base: str

    @property
    def description(self) -> str:
        return self.head.first("og:description", "description", "twitter:description") or self.data.description

    @property
    def image(self) -> str:
        return web_address(self.head.first("og:image", "og:image:url", "twitter:image") or self.data.image, self.base)

    @property
    def meta_authors(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(a for a in self.head.all(*_AUTHOR_META) if not a.startswith("http")))


def read_said(page: Page, tree: HtmlElement) -> Said:
    head = read_head(tree)
    url = normalised(page.final_url or page.url)
    base = web_address(head.base, url) if head.base else url
    # A base on another host would turn every relative link into evidence of a foreign source.
    base = base if base and same_host(base, url) else url
    data = read_jsonld(tree, head.first("og:title") or head.title, url)
    canonical = ""
    for found in (*head.links.get("canonical", ()), head.first("og:url")):
        if found and (canonical := web_address(found, base)):
            break
    if not canonical and same_host(stated := web_address(data.url, base), url):
        canonical = stated
    return Said(head, data, url, canonical, base)


def title_of(page: Page, lines: Lines, said: Said, rules: ExtractionRules, chosen: Sequence[HtmlElement]) -> str:
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
    found = (
        found
        or clean(page.hint.title)
        or title_of_lines([block.text for block in lines.blocks if block.text and not block.flags & marks.MENU])
    )
    return found.replace("\u00ad", "")


def authors_of(page: Page, lines: Lines, place: Place, said: Said, chosen: Sequence[HtmlElement]) -> tuple[str, ...]:
    """By the site's selector, then JSON-LD, meta, microdata, the feed, and what stands between title and text."""
    bylines = [
        block.text
        for block in lines.blocks[max(0, place.title - 3) : place.start + 2]
        if block.flags & marks.BYLINE and not block.flags & _NO_NAMES and len(block.text) <= _BYLINE
    ]
    stated = (said.data.authors, said.meta_authors, said.head.items.get("author", []), page.hint.authors)
    for names in ([element.text_content() for element in chosen], *stated, bylines):
        if found := clean_authors(names):
            return found
    return ()


def structured_of(said: Said) -> Structured:
    head, data = said.head, said.data
    keywords = data.keywords or tuple(
        word
        for text in head.all("news_keywords", "keywords", "article:tag")
        for word in map(clean, text.split(","))
        if word
    )
    return Structured(
        jsonld_authors=data.authors,
        meta_authors=said.meta_authors,
        publisher=data.publisher or head.first("article:publisher_name", "publisher", "dc.publisher", "og:site_name"),
        copyright=data.copyright or head.first("copyright", "dc.rights", "dcterms.rightsholder", "rights"),
        section=data.section or head.first("article:section", "og:article:section"),
        keywords=tuple(dict.fromkeys(keywords))[:60],
    )


def stated_captions(data: JsonLd, seen: Sequence[Caption]) -> list[Caption]:
    """What JSON-LD says of the article's pictures: all of it where the page shows no caption, else credits not seen."""
    shown = " ".join(f"{c.text} {c.credit}" for c in seen).casefold()
    made = []
    for text, credit in data.image_captions:
        caption, found = (text, credit) if credit else split_credit(text)
        if not seen or (found and found.casefold() not in shown):
            made.append(made_caption(caption, found, "json-ld"))
    return made


def stated_links(page: Page, said: Said) -> list[SourceLink]:
    """What metadata and feed call the source: canonical and isBasedOn addresses on other hosts."""
    stated: list[SourceLink] = []
    if said.canonical and not same_host(said.canonical, said.url):
        stated.append(SourceLink(said.canonical, "", "canonical"))
    for name, how in _SOURCE_META:
        stated.extend(SourceLink(url, "", how) for v in said.head.all(name) if (url := web_address(v, said.base)))
    based = (*said.data.based_on, *said.head.items.get("isbasedon", ()))
    stated.extend(SourceLink(url, "", "isBasedOn") for value in based if (url := web_address(value, said.base)))
    if page.hint.source_url and (url := web_address(page.hint.source_url, said.base)):
        stated.append(SourceLink(url, page.hint.source_name, "feed"))
    return list(dict.fromkeys(link for link in stated if not same_host(link.url, said.url)))


def is_listing(said: Said, lines: Lines, place: Place) -> bool:
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
    return (root and linked >= _ROOT_HEADINGS) or (linked >= _LISTED_HEADINGS and (dense or said.data.listing))
