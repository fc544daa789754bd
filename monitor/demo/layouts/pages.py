"""A view of a site -> its pages. Same view, same bytes."""

from __future__ import annotations

from html import escape

from monitor.demo.layouts import bodies, head, parts
from monitor.demo.layouts.templates import template
from monitor.demo.records import Article, View

# Where the interface has one language, whatever the article's: html lang then misleads, as it does on real sites.
_ONE_LANGUAGE = frozenset({"newspaper", "republisher", "blog"})
_BYLINE = {
    "agency": '<p class="byline">{}</p>',
    "newspaper": '<div class="article__author">{}</div>',
    "republisher": '<div class="td-post-author-name">{}</div>',
    "blog": '<span class="byline">{}</span> ',
    "portal": '<span class="byline" itemprop="author">{}</span> ',
}
_TEASER = {
    "agency": '<article><h2>{link}</h2><p class="meta">{time}</p></article>',
    "newspaper": '<article class="teaser"><h3>{link}</h3><p>{summary}</p></article>',
    "republisher": '<div class="td_module_10"><h3 class="entry-title">{link}</h3><p>{summary}</p></div>',
    "blog": '<article class="post"><h2 class="entry-title">{link}</h2><p>{summary}</p></article>',
    "portal": "<section><h2>{link}</h2><p>{summary}</p></section>",
}
_WORDS = {
    "de": ("Weitere Meldungen", "Teilen", "Themen:", "Melden Sie sich für unseren Abendbrief an."),
    "en": ("Related stories", "Share", "Tags:", "Sign up for the evening letter."),
    "tr": ("İlgili haberler", "Paylaş", "Etiketler:", "Akşam bültenine abone olun."),
}


def article_page(view: View, article: Article) -> str:
    """The article's page in the layout of its site."""
    layout = view.site.layout
    related, share, tags, newsletter = _WORDS[article.language]
    main = template(f"{layout}.article.html").substitute(
        title=escape(article.title),
        section=escape(article.section),
        section_slug=article.section_slug,
        number=article.number,
        shares=article.number % 40,
        byline=_BYLINE[layout].format(escape(article.byline)) if article.byline else "",
        time=parts.time_element(view, article, language=_language(view, article)),
        microdata=parts.microdata(view, article),
        pictures=bodies.pictures(view, article),
        body=bodies.body(view, article),
        source=parts.source_line(view, article),
        related=parts.link_list(parts.others(view, article, 4)),
        word_related=related,
        word_share=share,
        word_tags=tags,
        word_newsletter=newsletter,
    )
    return _page(view, main, head.of_article(view, article), _language(view, article))


def home_page(view: View) -> str:
    """The front page: names the feed (rel=alternate) and the API, links every article."""
    teaser = _TEASER[view.site.layout]
    items = [
        teaser.format(
            link=parts.link(one), summary=escape(parts.summary(one)), time=parts.shown(view, one.published_at)
        )
        for one in view.articles
    ]
    return _page(view, "\n".join(items), head.of_home(view), view.site.language)


def _page(view: View, main: str, head_lines: str, language: str) -> str:
    return template(f"{view.site.layout}.page.html").substitute(
        language=language,
        head=head_lines,
        name=escape(view.site.name),
        motto=escape(view.site.motto),
        forbidden=parts.FORBIDDEN,
        main=main,
        recent=parts.link_list(view.articles[:5]),
        **{f"invented_{code}": text for code, text in parts.INVENTED.items()},
    )


def _language(view: View, article: Article) -> str:
    return view.site.language if view.site.layout in _ONE_LANGUAGE else article.language
