"""What all layouts share: the head, JSON-LD, dates, pictures, links. All text is escaped here."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from monitor.demo import dates
from monitor.demo.records import Article, Photo, View

FEED_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
FEED_PATHS = {"rss": "/feed.xml", "atom": "/atom.xml", "json": "/feed.json"}
# Addresses that robots.txt forbids; each front page has a link to one.
FORBIDDEN = "/intern/"
_OG_LOCALE = {"de": "de_DE", "en": "en_GB", "tr": "tr_TR"}


def document(view: View, *, language: str, head: str, body: str, style: str) -> str:
    """The whole page."""
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n{head}\n'
        f'<link rel="alternate" type="{FEED_TYPES[view.site.feed]}" title="{escape(view.site.name)}" '
        f'href="{view.base}{FEED_PATHS[view.site.feed]}">\n{_api_link(view)}<style>{style}</style>\n</head>\n{body}\n</html>\n'
    )


def _api_link(view: View) -> str:
    return f'<link rel="https://api.w.org/" href="{view.base}/wp-json/">\n' if view.site.wordpress else ""


def article_head(view: View, article: Article, *, suffix: str) -> str:
    """Title, canonical, Open Graph, and what the article says of itself by its `dates` and `author_in`."""
    url = view.url(article)
    lines = [
        f"<title>{escape(article.title)}{escape(suffix)}</title>",
        meta("name", "description", summary(article)),
        f'<link rel="canonical" href="{escape(view.canonical_url(article))}">',
        meta("property", "og:type", "article"),
        meta("property", "og:site_name", view.site.name),
        meta("property", "og:title", article.title),
        meta("property", "og:url", url),
        meta("property", "og:locale", _OG_LOCALE[article.language]),
    ]
    if article.photos:
        lines.append(meta("property", "og:image", image_url(view, article)))
    if "meta" in article.dates:
        lines.append(meta("property", "article:published_time", iso(view, article.published_at)))
        if article.modified_at:
            lines.append(meta("property", "article:modified_time", iso(view, article.modified_at)))
    if "meta" in article.author_in:
        lines.extend(meta("name", "author", name) for name in article.authors)
    if "json-ld" in (*article.dates, *article.author_in):
        lines.append(json_ld(view, article))
    return "\n".join(lines)


def home_head(view: View) -> str:
    """Head of the front page."""
    return "\n".join(
        [
            f"<title>{escape(view.site.name)} - {escape(view.site.motto)}</title>",
            meta("name", "description", view.site.motto),
            f'<link rel="canonical" href="{view.base}/">',
            meta("property", "og:type", "website"),
        ]
    )


def meta(attribute: str, name: str, content: str) -> str:
    return f'<meta {attribute}="{name}" content="{escape(content)}">'


def json_ld(view: View, article: Article) -> str:
    """NewsArticle of schema.org."""
    values: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "mainEntityOfPage": {"@type": "WebPage", "@id": view.url(article)},
        "inLanguage": article.language,
        "articleSection": article.section,
        "publisher": {"@type": "Organization", "name": view.site.name, "url": f"{view.base}/"},
    }
    if "json-ld" in article.dates:
        values["datePublished"] = iso(view, article.published_at)
        values["dateModified"] = iso(view, article.modified_at or article.published_at)
    if "json-ld" in article.author_in:
        kind = {name: "Organization" if len(name.split()) == 1 else "Person" for name in article.authors}
        values["author"] = [{"@type": kind[name], "name": name} for name in article.authors]
    text = json.dumps(values, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'


def summary(article: Article) -> str:
    """The first sentence or so, as pages put into their description."""
    text = article.paragraphs[0]
    return text if len(text) <= 160 else text[:157].rsplit(" ", 1)[0] + "..."


def iso(view: View, moment: datetime) -> str:
    """In the site's zone, with its offset."""
    return moment.astimezone(ZoneInfo(view.site.time_zone)).isoformat()


def shown(view: View, moment: datetime, language: str = "") -> str:
    """As readers see it: "22. November 2025, 14:05"."""
    zone = ZoneInfo(view.site.time_zone)
    return f"{dates.day(moment, zone, language or view.site.language)}, {moment.astimezone(zone):%H:%M}"


def time_element(view: View, article: Article, *, language: str = "", attributes: str = "") -> str:
    """<time>, and a second one for the change; empty where the article has none."""
    if "time" not in article.dates:
        return ""
    found = f'<time{attributes} datetime="{iso(view, article.published_at)}">{shown(view, article.published_at, language)}</time>'
    if article.modified_at:
        moment = article.modified_at
        found += f' <time class="updated" datetime="{iso(view, moment)}">{shown(view, moment, language)}</time>'
    return found


def image_url(view: View, article: Article) -> str:
    return f"{view.base}/media/{article.slug}.svg"


def image(view: View, article: Article, photo: Photo) -> str:
    return f'<img src="{image_url(view, article)}" width="1200" height="675" alt="{escape(photo.caption[:40])}">'


def figures(view: View, article: Article, *, name: str = "picture") -> str:
    """Pictures as <figure>, the credit in an element of its own."""
    return "\n".join(
        f'<figure class="{name}">{image(view, article, photo)}<figcaption>{escape(photo.caption)} '
        f'<span class="credit">{escape(photo.credit)}</span></figcaption></figure>'
        for photo in article.photos
    )


def paragraphs(texts: Iterable[str], name: str = "") -> list[str]:
    mark = f' class="{name}"' if name else ""
    return [f"<p{mark}>{escape(text)}</p>" for text in texts]


def source_line(view: View, article: Article, name: str = "source") -> str:
    """The labelled link to the page that the article was copied from; empty where the site hides it."""
    if not article.source_label:
        return ""
    return f'<p class="{name}"><a href="{escape(view.original_url(article))}">{escape(article.source_label)}</a></p>'


def others(view: View, article: Article, count: int) -> list[Article]:
    """The articles that a page offers to read next."""
    return [one for one in view.articles if one.slug != article.slug][:count]


def link(view: View, article: Article) -> str:
    return f'<a href="{escape(article.path)}">{escape(article.title)}</a>'


def link_list(view: View, articles: Iterable[Article], *, item: str = "li") -> str:
    return "".join(f"<{item}>{link(view, one)}</{item}>" for one in articles)


def invented(language: str) -> str:
    """Each page says that nothing on it is true."""
    return {
        "de": "Alle Meldungen, Orte und Personen auf dieser Seite sind erfunden: eine Vorführung auf diesem Rechner.",
        "en": "All reports, places and people on this site are invented: a demonstration on this machine.",
        "tr": "Bu sitedeki bütün haberler, yerler ve kişiler kurgudur: bu bilgisayarda çalışan bir tanıtım.",
    }[language]
