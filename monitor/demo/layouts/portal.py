"""The portal in English and Turkish: microdata, language switch, tag list; its feed carries whole articles."""

from __future__ import annotations

from html import escape

from monitor.demo.layouts import parts
from monitor.demo.records import Article, View

_STYLE = (
    "body{font:16px/1.55 Helvetica,Arial,sans-serif;margin:0 auto;max-width:60rem;padding:1rem}img{max-width:100%;height:auto}"
    ".byline,.published,.photo-credit{font-size:.8rem;color:#555}.tags a{margin-right:.6em}"
)
_WORDS = {
    "en": {
        "share": "Share",
        "related": "Related stories",
        "tags": "Tags:",
        "newsletter": "Sign up for the Isthmus evening letter.",
    },
    "tr": {
        "share": "Paylaş",
        "related": "İlgili haberler",
        "tags": "Etiketler:",
        "newsletter": "Isthmus akşam bültenine abone olun.",
    },
}


def feed_content(view: View, article: Article) -> str:
    """The whole article as its feed carries it: picture, text, credit and source link."""
    lines = [
        f"<figure>{parts.image(view, article, photo)}<figcaption>{escape(photo.caption)} {escape(photo.credit)}</figcaption></figure>"
        for photo in article.photos
    ]
    lines += parts.paragraphs(article.paragraphs)
    if article.trailer:
        lines += parts.paragraphs([article.trailer])
    lines.append(parts.source_line(view, article))
    return "\n".join(filter(None, lines))


def article_page(view: View, article: Article) -> str:
    words = _WORDS[article.language]
    byline = f'<span class="byline" itemprop="author">{escape(article.byline)}</span>' if article.byline else ""
    trailer = f'<p class="agency">{escape(article.trailer)}</p>' if article.trailer else ""
    body = f"""<body>
{_header(view)}
<main itemscope itemtype="https://schema.org/NewsArticle">
<h1 itemprop="headline">{escape(article.title)}</h1>
<div class="published">{byline}{_microdata(view, article)}</div>
<div class="social-share"><span>{words["share"]}</span><a href="#f">Facebook</a><a href="#m">Mail</a></div>
{_pictures(view, article)}
<div itemprop="articleBody" class="content">
{chr(10).join(parts.paragraphs(article.paragraphs))}
{trailer}
</div>
{parts.source_line(view, article)}
<div class="tags">{words["tags"]} <a href="/tag/{escape(article.section.lower())}">{escape(article.section)}</a></div>
<div class="newsletter">{words["newsletter"]}</div>
<section class="related"><h3>{words["related"]}</h3><ul>{parts.link_list(view, parts.others(view, article, 3))}</ul></section>
</main>
{_footer(view)}
</body>"""
    head = parts.article_head(view, article, suffix=f" :: {view.site.name}")
    return parts.document(view, language=article.language, head=head, body=body, style=_STYLE)


def _microdata(view: View, article: Article) -> str:
    if "microdata" not in article.dates:
        return parts.time_element(view, article, language=article.language)
    found = f'<meta itemprop="datePublished" content="{parts.iso(view, article.published_at)}">'
    if article.modified_at:
        found += f'<meta itemprop="dateModified" content="{parts.iso(view, article.modified_at)}">'
    return f"{found}<span>{parts.shown(view, article.published_at, article.language)}</span>"


def _pictures(view: View, article: Article) -> str:
    return "\n".join(
        f'<div class="lead-image">{parts.image(view, article, photo)}<div class="caption">{escape(photo.caption)} '
        f'<span class="photo-credit">{escape(photo.credit)}</span></div></div>'
        for photo in article.photos
    )


def home_page(view: View) -> str:
    items = "".join(
        f'<li lang="{one.language}"><h2>{parts.link(view, one)}</h2><p>{escape(parts.summary(one))}</p></li>\n'
        for one in view.articles
    )
    body = f"<body>\n{_header(view)}\n<main><ul>\n{items}</ul></main>\n{_footer(view)}\n</body>"
    return parts.document(view, language=view.site.language, head=parts.home_head(view), body=body, style=_STYLE)


def _header(view: View) -> str:
    return (
        f'<header><a href="/">{escape(view.site.name)}</a> <nav><a href="/en/" hreflang="en">English</a> <a href="/tr/" hreflang="tr">'
        f'Türkçe</a> <a href="/about">About</a> <a href="{parts.FORBIDDEN}login">Log in</a></nav></header>'
    )


def _footer(view: View) -> str:
    return (
        f'<footer><p>© {escape(view.site.name)} – {escape(view.site.motto)}</p><p lang="en">{parts.invented("en")}</p>'
        f'<p lang="tr">{parts.invented("tr")}</p></footer>'
    )
