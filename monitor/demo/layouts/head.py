"""What stands in <head>: title with the site's suffix, canonical, Open Graph, authors, dates, JSON-LD, feed and API."""

from __future__ import annotations

import json
from html import escape

from monitor.demo.layouts import parts
from monitor.demo.records import Article, View

_SUFFIX = {"agency": " - ", "newspaper": " | ", "republisher": " – ", "blog": " – ", "portal": " :: "}
_LOCALE = {"de": "de_DE", "en": "en_GB", "tr": "tr_TR"}


def of_article(view: View, article: Article) -> str:
    """Says of the article what its `dates` and `author_in` name."""
    lines = [
        *_start(f"{article.title}{_SUFFIX[view.site.layout]}{view.site.name}", parts.summary(article)),
        f'<link rel="canonical" href="{escape(view.canonical_url(article))}">',
        _meta("property", "og:type", "article"),
        _meta("property", "og:site_name", view.site.name),
        _meta("property", "og:title", article.title),
        _meta("property", "og:url", view.url(article)),
        _meta("property", "og:locale", _LOCALE[article.language]),
    ]
    if article.photos:
        lines.append(_meta("property", "og:image", parts.image_url(view, article)))
    if "meta" in article.dates:
        lines.append(_meta("property", "article:published_time", parts.iso(view, article.published_at)))
        if article.modified_at:
            lines.append(_meta("property", "article:modified_time", parts.iso(view, article.modified_at)))
    if "meta" in article.author_in:
        lines.extend(_meta("name", "author", name) for name in article.authors)
    if "json-ld" in (*article.dates, *article.author_in):
        lines.append(_json_ld(view, article))
    return "\n".join([*lines, *_links(view)])


def of_home(view: View) -> str:
    """The front page's."""
    lines = [
        *_start(f"{view.site.name} - {view.site.motto}", view.site.motto),
        f'<link rel="canonical" href="{view.base}/">',
        _meta("property", "og:type", "website"),
    ]
    return "\n".join([*lines, *_links(view)])


def _start(title: str, description: str) -> list[str]:
    return [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        _meta("name", "description", description),
    ]


def _links(view: View) -> list[str]:
    kind = view.site.feed
    address = view.base + parts.FEED_PATHS[kind]
    title = escape(view.site.name)
    links = [f'<link rel="alternate" type="{parts.FEED_TYPES[kind]}" title="{title}" href="{address}">']
    if view.site.wordpress:
        links.append(f'<link rel="https://api.w.org/" href="{view.base}/wp-json/">')
    return links


def _meta(attribute: str, name: str, content: str) -> str:
    return f'<meta {attribute}="{name}" content="{escape(content)}">'


def _json_ld(view: View, article: Article) -> str:
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
        values["datePublished"] = parts.iso(view, article.published_at)
        values["dateModified"] = parts.iso(view, article.modified_at or article.published_at)
    if "json-ld" in article.author_in:
        # One word is an agency's token, more are a person's name.
        kinds = ("Person" if " " in name else "Organization" for name in article.authors)
        values["author"] = [{"@type": kind, "name": name} for kind, name in zip(kinds, article.authors, strict=True)]
    text = json.dumps(values, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'
