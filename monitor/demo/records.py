"""What the news world is made of: frozen records, times aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.text import folded_tokens


def address_part(name: str) -> str:
    """A section's name as it stands in addresses: "Kültür" -> "kultur"."""
    return "-".join(folded_tokens(name))


@dataclass(frozen=True, slots=True)
class NewsSite:
    """One site of the world. `path` is the pattern of its articles' addresses."""

    id: str
    name: str
    motto: str
    language: str
    time_zone: str
    layout: str  # agency | newspaper | republisher | blog | portal
    feed: str  # rss | atom | json
    path: str
    dates: tuple[str, ...]  # where its pages say when: json-ld | meta | time | microdata
    canonical: str = "own"  # own | original: copies name the page they were copied from
    full_content: bool = False  # the feed carries whole articles
    wordpress: bool = False
    writes_originals: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    caption: str
    credit: str  # as printed: "Foto: Jana Vogtmann/dpa"
    agency: str = ""  # id of the agency that the credit names
    bare: bool = False  # below the text, in a paragraph that nothing marks as a caption


@dataclass(frozen=True, slots=True)
class Article:
    """One article as its site publishes it. `paragraphs` hold the dateline; trailer and byline stand outside."""

    site: str
    slug: str
    path: str
    number: int  # of a WordPress post, and in some addresses
    language: str
    title: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    modified_at: datetime | None = None
    section: str = ""
    trailer: str = ""  # the credit line below the text
    byline: str = ""  # as printed above the text
    authors: tuple[str, ...] = ()
    author_in: tuple[str, ...] = ()  # json-ld | meta | byline
    photos: tuple[Photo, ...] = ()
    dates: tuple[str, ...] = ()
    feed_date: bool = True
    original: tuple[str, str] | None = None  # site and path of the page it was copied from
    source_label: str = ""  # "Kaynak": the original is linked under this label
    canonical_is_original: bool = False

    @property
    def key(self) -> str:
        return f"{self.site}/{self.slug}"

    @property
    def section_slug(self) -> str:
        return address_part(self.section)

    @property
    def text(self) -> str:
        """Paragraphs separated by one empty line."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of an article because it was made: the measure for duplicates and source trace."""

    key: str  # "site/slug"
    kind: str  # original | full | retitled | cut | merged | bulletin | own
    originals: tuple[str, ...] = ()  # keys, the one with the most words first
    kept: tuple[float, ...] = ()  # share of each original's words that stands here unchanged
    changed_words: int = 0
    intro_words: int = 0  # of the site's own, before the copied text
    retitled: bool = False
    agencies: tuple[str, ...] = ()  # ids of those credited for the text
    written_by: tuple[str, ...] = ()  # ids of those who wrote it, credited here or not
    photo_credits: tuple[str, ...] = ()
    photo_agencies: tuple[str, ...] = ()
    source_link: str = ""  # key of the article that a labelled link leads to
    series: str = ""  # bulletins made from one template

    @property
    def credited(self) -> bool:
        return bool(self.agencies)

    @property
    def is_copy(self) -> bool:
        return bool(self.originals)


@dataclass(frozen=True, slots=True)
class View:
    """What one site shows at a moment; base addresses of all sites are without a slash at the end."""

    site: NewsSite
    addresses: Mapping[str, str]
    articles: tuple[Article, ...]  # newest first

    @property
    def base(self) -> str:
        return self.addresses[self.site.id]

    def url(self, article: Article) -> str:
        return self.base + article.path

    def original_url(self, article: Article) -> str:
        """Address of the page that the article was copied from; empty for what was not copied."""
        if article.original is None:
            return ""
        site, path = article.original
        return self.addresses[site] + path

    def canonical_url(self, article: Article) -> str:
        return self.original_url(article) if article.canonical_is_original else self.url(article)
