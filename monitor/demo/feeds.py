"""RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1 of a site, newest first."""

from __future__ import annotations

import json
from datetime import datetime
from email.utils import format_datetime
from html import escape
from xml.sax.saxutils import escape as xml

from monitor.demo.layouts.bodies import feed_content
from monitor.demo.layouts.parts import FEED_PATHS, FEED_TYPES, summary
from monitor.demo.records import Article, View

MOST_ENTRIES = 50
_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"


def feed(view: View) -> tuple[str, str]:
    """(body, media type) of the site's own kind of feed."""
    make = {"rss": _rss, "atom": _atom, "json": _json}[view.site.feed]
    return make(view, view.articles[:MOST_ENTRIES]), FEED_TYPES[view.site.feed]


def _rss(view: View, articles: tuple[Article, ...]) -> str:
    site = view.site
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<rss version="2.0" xmlns:atom="{_ATOM}" xmlns:dc="{_DC}"><channel>',
            f"<title>{xml(site.name)}</title><link>{view.base}/</link><description>{xml(site.motto)}</description>",
            f"<language>{site.language}</language>",
            f'<atom:link href="{view.base}{FEED_PATHS["rss"]}" rel="self" type="{FEED_TYPES["rss"]}"/>',
            *(_rss_item(view, article) for article in articles),
            "</channel></rss>\n",
        ]
    )


def _rss_item(view: View, article: Article) -> str:
    url = xml(view.url(article))
    parts = [
        f"<title>{xml(article.title)}</title><link>{url}</link>",
        f'<guid isPermaLink="true">{url}</guid>',
        f"<pubDate>{_rfc822(article.published_at)}</pubDate>" if article.feed_date else "",
        *(f"<dc:creator>{xml(name)}</dc:creator>" for name in article.authors),
        f"<description>{xml(f'<p>{escape(summary(article))}</p>')}</description>",
    ]
    return f"<item>{''.join(parts)}</item>"


def _atom(view: View, articles: tuple[Article, ...]) -> str:
    newest = f"<updated>{max(map(_changed, articles)).isoformat()}</updated>" if articles else ""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<feed xmlns="{_ATOM}" xml:lang="{view.site.language}"><title>{xml(view.site.name)}</title>',
            f'<id>{view.base}/</id><link href="{view.base}/"/>',
            f'<link rel="self" href="{view.base}{FEED_PATHS["atom"]}"/>{newest}',
            f"<author><name>{xml(view.site.name)}</name></author>",
            *(_atom_entry(view, article) for article in articles),
            "</feed>\n",
        ]
    )


def _atom_entry(view: View, article: Article) -> str:
    url = xml(view.url(article))
    return (
        f'<entry><title>{xml(article.title)}</title><link href="{url}"/><id>{url}</id>'
        f"<published>{article.published_at.isoformat()}</published><updated>{_changed(article).isoformat()}</updated>"
        f"<summary>{xml(summary(article))}</summary></entry>"
    )


def _json(view: View, articles: tuple[Article, ...]) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": view.site.name,
            "home_page_url": f"{view.base}/",
            "feed_url": f"{view.base}{FEED_PATHS['json']}",
            "language": view.site.language,
            "items": [_json_item(view, article) for article in articles],
        },
        ensure_ascii=False,
        indent=1,
    )


def _json_item(view: View, article: Article) -> dict[str, object]:
    item: dict[str, object] = {
        "id": view.url(article),
        "url": view.url(article),
        "title": article.title,
        "language": article.language,
        "date_published": article.published_at.isoformat(),
    }
    if view.site.full_content:
        item["content_html"] = feed_content(view, article)
    else:
        item["summary"] = summary(article)
    if article.modified_at:
        item["date_modified"] = article.modified_at.isoformat()
    if article.authors:
        item["authors"] = [{"name": name} for name in article.authors]
    return item


def _changed(article: Article) -> datetime:
    return article.modified_at or article.published_at


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)
