"""What all layouts share: dates, pictures, links. All text is escaped here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from monitor.demo import dates
from monitor.demo.records import Article, Photo, View

FEED_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
FEED_PATHS = {"rss": "/feed.xml", "atom": "/atom.xml", "json": "/feed.json"}
# What robots.txt forbids; every page links to an address below it.
FORBIDDEN = "/intern/"
# Each page says that nothing on it is true.
INVENTED = {
    "de": "Alle Meldungen, Orte und Personen auf dieser Seite sind erfunden: eine Vorführung auf diesem Rechner.",
    "en": "All reports, places and people on this site are invented: a demonstration on this machine.",
    "tr": "Bu sitedeki bütün haberler, yerler ve kişiler kurgudur: bu bilgisayarda çalışan bir tanıtım.",
}
_SUMMARY = 160  # characters


def summary(article: Article) -> str:
    """The beginning of the text, as pages put it into their description."""
    text = article.paragraphs[0] if article.paragraphs else article.title
    return text if len(text) <= _SUMMARY else text[: _SUMMARY - 3].rsplit(" ", 1)[0] + "..."


def iso(view: View, moment: datetime) -> str:
    """In the site's zone, with its offset."""
    return moment.astimezone(ZoneInfo(view.site.time_zone)).isoformat()


def shown(view: View, moment: datetime, language: str = "") -> str:
    """As readers see it: "22. November 2025, 14:05"."""
    zone = ZoneInfo(view.site.time_zone)
    return f"{dates.day(moment, zone, language or view.site.language)}, {moment.astimezone(zone):%H:%M}"


def time_element(view: View, article: Article, *, language: str = "") -> str:
    """<time>, and a second one for the change; empty where the article shows none."""
    if "time" not in article.dates:
        return ""
    moment = article.published_at
    found = f'<time class="published" datetime="{iso(view, moment)}">{shown(view, moment, language)}</time>'
    if changed := article.modified_at:
        found += f' <time class="updated" datetime="{iso(view, changed)}">{shown(view, changed, language)}</time>'
    return found


def microdata(view: View, article: Article) -> str:
    """Dates as itemprop of schema.org; empty where the article has none there."""
    if "microdata" not in article.dates:
        return ""
    found = f'<meta itemprop="datePublished" content="{iso(view, article.published_at)}">'
    if article.modified_at:
        found += f'<meta itemprop="dateModified" content="{iso(view, article.modified_at)}">'
    return f"{found}<span>{shown(view, article.published_at, article.language)}</span>"


def image_url(view: View, article: Article) -> str:
    return f"{view.base}/media/{article.slug}.svg"


def image(view: View, article: Article, photo: Photo) -> str:
    return f'<img src="{image_url(view, article)}" width="1200" height="675" alt="{escape(photo.caption[:40])}">'


def source_line(view: View, article: Article, name: str = "source") -> str:
    """The labelled link to the page that the article was copied from; empty where the site hides it."""
    if not article.source_label:
        return ""
    return f'<p class="{name}"><a href="{escape(view.original_url(article))}">{escape(article.source_label)}</a></p>'


def others(view: View, article: Article, count: int) -> list[Article]:
    """The articles that a page offers to read next."""
    return [one for one in view.articles if one.slug != article.slug][:count]


def link(article: Article) -> str:
    return f'<a href="{escape(article.path)}">{escape(article.title)}</a>'


def link_list(articles: Iterable[Article]) -> str:
    return "".join(f"<li>{link(one)}</li>" for one in articles)
