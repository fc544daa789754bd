"""When the article was published and changed, and what said so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from monitor.extract import marks
from monitor.extract.blocks import Lines
from monitor.extract.dates import EARLIEST, parse_date, plausible
from monitor.extract.jsonld import JsonLd
from monitor.extract.meta import Head
from monitor.extract.place import Place
from monitor.records import Page

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published",
    "datepublished", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "publish_date", "publish-date", "publication_date", "pubdate", "date.created", "dcterms.created",
    "dcterms.issued", "dc.date.issued", "dc.date.created", "dcterms.date", "dc.date", "dc.terms.date",
    "article_date_original", "originalpublicationdate", "published_at", "last-published", "prism.publicationdate",
    "citation_publication_date", "bt:pubdate", "iptc.created", "article.published", "created", "date",
    "datecreated", "og:pubdate", "rbpubdate", "shareaholic:article_published_time", "ptime", "publishdate",
    "firstpublished",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:modified", "datemodified",
    "dcterms.modified", "dc.date.modified", "last-modified", "lastmod", "modified", "revised", "article.updated",
    "shareaholic:article_modified_time",
)  # fmt: skip
_CHANGED = re.compile(
    r"updat|modif|aktualisier|zuletzt|stand:|bearbeitet|mis à jour|actualizad|actualizz|aggiorn|atualiz|güncelle|"
    r"bijgewerkt|uppdater|oppdater|opdater|päivitetty|aktualiz|обновл|оновл|ενημ|frissít|更新|수정",
    re.IGNORECASE,
)
_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_NEAR = 12  # lines before the title and after the beginning of the text in which a date is the article's
_BELOW = 16  # lines below the text in which one stands at times, among teasers
_ALONE = 40  # characters of a line below the text that shows nothing but a date ("Datum 28.04.2023")
_LINE = 120  # characters of a line that shows a date; longer ones tell of events


class When(NamedTuple):
    published: datetime | None
    modified: datetime | None
    how: str


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one page's dates: its zone, its language, and when it was fetched."""

    zone: tzinfo
    language: str
    fetched_at: datetime

    def first(self, texts: Iterable[str]) -> datetime | None:
        for text in texts:
            if text and (found := plausible(parse_date(text, self.zone, self.language), self.fetched_at)):
                return found
        return None


def find_dates(
    page: Page, tree: HtmlElement, lines: Lines, place: Place, head: Head, data: JsonLd, zone: tzinfo, language: str
) -> When:
    """Published: JSON-LD, meta, <time>, the feed's word, visible text, address; htmldate where nothing else helps."""
    reader = _Reader(zone, language, page.fetched_at)
    times = [*_times(lines, place)]
    modified = reader.first(
        [data.modified, *head.all(*_MODIFIED), *head.items.get("datemodified", ()), *(t for t, c in times if c)]
    )
    told = (
        ("json-ld", [data.published]),
        ("meta", [*head.all(*_PUBLISHED), *head.items.get("datepublished", ()), *head.items.get("datecreated", ())]),
        ("time", [text for text, changed in times if not changed]),
    )
    published, how = None, ""
    for name, texts in told:
        if published := reader.first(texts):
            how = name
            break
    if published is None and (
        hinted := plausible(page.hint.published_at, page.fetched_at, archived=page.via == "import")
    ):
        published, how = hinted, hint_how(page)
    if published is None:
        published, how = _elsewhere(page, tree, lines, place, reader)
    if modified is not None and published is not None and modified < published:
        modified = None
    return When(published, modified, how if published else "")


def hint_how(page: Page) -> str:
    """What to call a date that came beside the page."""
    return page.via if page.via in ("feed", "wordpress", "import") else "feed"


def _times(lines: Lines, place: Place) -> Iterator[tuple[str, bool]]:
    """(date, is it of a change) of the <time> elements around title and text, nearest to the title first."""
    found = []
    for moment in lines.moments:
        if not place.title - _NEAR <= moment.before <= place.end + _NEAR:
            continue
        if moment.box.flags & (marks.MENU | marks.DEBRIS | marks.ASIDE | marks.FORM):
            continue
        before = moment.element.getprevious()
        said = (
            moment.element.get("class"),
            moment.element.get("itemprop"),
            moment.box.names,
            moment.element.text,
            None if before is None else before.text,
        )
        changed = bool(_CHANGED.search(" ".join(filter(None, said))))
        value = moment.element.get("datetime") or moment.element.get("content") or moment.element.text_content()
        far = 0 if place.title - 3 <= moment.before <= place.start + 2 else 1
        found.append((far, moment.before, value, changed))
    for _, _, value, changed in sorted(found, key=lambda t: t[:2]):
        yield value, changed


def _elsewhere(
    page: Page, tree: HtmlElement, lines: Lines, place: Place, reader: _Reader
) -> tuple[datetime | None, str]:
    address = page.final_url or page.url
    match = _IN_URL.search(address)
    day = reader.first(["-".join(match.groups())]) if match else None
    shown = reader.first(_shown(lines, place))
    if shown is not None and (day is None or abs((shown - day).total_seconds()) < 3 * 86400):
        return shown, "text"
    if day is not None:
        return day, "url"
    if shown is not None:
        return shown, "text"
    return _searched(tree, reader), "text"


def _shown(lines: Lines, place: Place) -> Iterator[str]:
    near = lines.blocks[max(0, place.title - 4) : place.start + 3]
    for block in near:
        if block.flags & (marks.MENU | marks.DEBRIS) or not any(c.isdigit() for c in block.text):
            continue
        if len(block.text) <= _LINE or block.flags & marks.DATE:
            yield block.text
    for block in lines.blocks[place.end + 1 : place.end + 1 + _BELOW]:
        if len(block.text) <= (_LINE if block.flags & marks.DATE else _ALONE) and not block.flags & (
            marks.MENU | marks.DEBRIS
        ):
            yield block.text


def _searched(tree: HtmlElement, reader: _Reader) -> datetime | None:
    """htmldate on the tree. It reads days only, and is the dearest way: 5-10 ms."""
    try:
        found = find_date(
            tree, extensive_search=False, original_date=True, outputformat="%Y-%m-%d",
            min_date=EARLIEST.strftime("%Y-%m-%d"), max_date=reader.fetched_at.astimezone(UTC).strftime("%Y-%m-%d"),
        )  # fmt: skip
    except (ValueError, TypeError, AttributeError, OverflowError, etree.LxmlError, RecursionError):
        return None  # it has no error class of its own; a page whose date it can't read has none
    return reader.first([found]) if found else None
