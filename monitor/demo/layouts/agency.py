"""The agency-like site: plain pages, dateline, credit line at the end, JSON-LD."""

from __future__ import annotations

from html import escape

from monitor.demo.layouts import parts
from monitor.demo.records import Article, View

_STYLE = (
    "body{font:17px/1.5 Georgia,serif;max-width:46rem;margin:0 auto;padding:1rem}nav a{margin-right:1em}"
    "figure{margin:1em 0}img{max-width:100%;height:auto}figcaption,.meta,.story-credit,footer{font-size:.8rem;color:#555}"
)
_MORE = {"de": "Weitere Meldungen", "en": "More dispatches", "tr": "Diğer haberler"}


def article_page(view: View, article: Article) -> str:
    byline = f'<p class="byline">{escape(article.byline)}</p>\n' if article.byline else ""
    trailer = f'\n<p class="story-credit">{escape(article.trailer)}</p>' if article.trailer else ""
    text = "\n".join(parts.paragraphs(article.paragraphs))
    body = f"""<body>
{_header(view)}
<main>
<article class="story">
<p class="meta"><span class="section">{escape(article.section)}</span> {parts.time_element(view, article, language=article.language)}</p>
<h1>{escape(article.title)}</h1>
{byline}{parts.figures(view, article)}
<div class="story-text">
{text}{trailer}
</div>
</article>
<section class="related"><h2>{_MORE[article.language]}</h2><ul>{parts.link_list(view, parts.others(view, article, 4))}</ul></section>
</main>
{_footer(view)}
</body>"""
    head = parts.article_head(view, article, suffix=f" - {view.site.name}")
    return parts.document(view, language=article.language, head=head, body=body, style=_STYLE)


def home_page(view: View) -> str:
    items = "".join(
        f'<article><h2>{parts.link(view, one)}</h2><p class="meta">{parts.shown(view, one.published_at)}</p></article>\n'
        for one in view.articles
    )
    body = f"<body>\n{_header(view)}\n<main>\n{items}</main>\n{_footer(view)}\n</body>"
    return parts.document(view, language=view.site.language, head=parts.home_head(view), body=body, style=_STYLE)


def _header(view: View) -> str:
    return (
        f'<header><a class="logo" href="/">{escape(view.site.name)}</a><nav><a href="/">Übersicht</a>'
        f'<a href="/dienste">Dienste</a><a href="/kontakt">Kontakt</a><a href="{parts.FORBIDDEN}redaktion">Redaktion</a></nav></header>'
    )


def _footer(view: View) -> str:
    return (
        f"<footer><p>© {escape(view.site.name)}. Nachdruck nur mit Genehmigung.</p><p>{parts.invented('de')}</p>"
        '<nav><a href="/impressum">Impressum</a><a href="/datenschutz">Datenschutz</a></nav></footer>'
    )
