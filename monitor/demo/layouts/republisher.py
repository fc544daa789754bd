"""The republisher with a Turkish interface: breadcrumbs, share counts, caption below the text, "Kaynak", comment form.

Its pictures stand without <figure>, and its interface is half English, as themes come out of the box.
"""

from __future__ import annotations

from html import escape

from monitor.demo.layouts import parts
from monitor.demo.records import Article, View

_STYLE = (
    "body{font:15px/1.6 Verdana,sans-serif;margin:0}.td-container{max-width:64rem;margin:0 auto;padding:0 1rem}"
    "img{max-width:100%;height:auto}.entry-crumbs{font-size:.75rem;color:#888}.td-post-sharing span{margin-right:.5em}"
    ".caption-text{font-style:italic;font-size:.8rem}"
)
_HOME_WORD = "Home"


def article_page(view: View, article: Article) -> str:
    shares = article.number % 40
    body = f"""<body class="td-standard-pack single-post">
{_header(view)}
<div class="td-container">
<div class="td-crumb-container"><div class="entry-crumbs"><span><a class="entry-crumb" href="/">{_HOME_WORD}</a></span>
<span><a class="entry-crumb" href="/kategori/{escape(article.section.lower())}/">{escape(article.section)}</a></span>
<span class="td-bred-no-url-last">{escape(article.title)}</span></div></div>
<article class="post type-post status-publish">
<header class="td-post-title"><h1 class="entry-title">{escape(article.title)}</h1>{_meta(view, article)}</header>
<div class="td-post-sharing"><div class="td-post-share-count">{shares}</div><div class="td-post-views">0</div></div>
<div class="td-post-content">
{_text(view, article)}
</div>
<footer><div class="td-post-sharing-bottom"><span>Paylaş</span><a href="#f">Facebook</a><a href="#t">Twitter</a><a href="#w">WhatsApp</a></div></footer>
</article>
{_related(view, article)}
{_reply_form()}
</div>
{_footer(view)}
</body>"""
    head = parts.article_head(view, article, suffix=f" – {view.site.name}")
    return parts.document(view, language=view.site.language, head=head, body=body, style=_STYLE)


def _meta(view: View, article: Article) -> str:
    byline = f'<div class="td-post-author-name">{escape(article.byline)}</div>' if article.byline else ""
    return f'<div class="td-module-meta-info">{byline}<span class="td-post-date">{parts.time_element(view, article)}</span></div>'


def _text(view: View, article: Article) -> str:
    lines = parts.paragraphs(article.paragraphs)
    if article.trailer:
        lines += parts.paragraphs([article.trailer])
    for photo in article.photos:
        caption = escape(f"{photo.caption} {photo.credit}")
        lines.append(
            f'<p><img src="{parts.image_url(view, article)}" width="696" height="392"></p>\n<p class="caption-text">{caption}</p>'
        )
    lines.append(parts.source_line(view, article, name="haber-kaynak"))
    return "\n".join(filter(None, lines))


def _related(view: View, article: Article) -> str:
    items = "".join(
        f'<div class="td_module_related_posts"><h3 class="entry-title">{parts.link(view, one)}</h3></div>'
        for one in parts.others(view, article, 3)
    )
    return f'<div class="td-related-row related-posts"><h4>İlgili haberler</h4>{items}</div>'


def _reply_form() -> str:
    return (
        '<div class="comments" id="comments"><div id="respond" class="comment-respond"><h3 id="reply-title">LEAVE A REPLY</h3>'
        '<form action="/yorum" method="post"><textarea name="comment" placeholder="Yorum:"></textarea>'
        '<div class="td-warning-comment">Please enter your comment!</div><input name="author" placeholder="İsim:*">'
        '<div class="td-warning-author">Please enter your name here</div><input type="submit" value="Yorum gönder"></form></div></div>'
    )


def home_page(view: View) -> str:
    items = "".join(
        f'<div class="td_module_10"><h3 class="entry-title td-module-title">{parts.link(view, one)}</h3>'
        f'<div class="td-excerpt">{escape(parts.summary(one))}</div></div>\n'
        for one in view.articles
    )
    body = f'<body class="home">\n{_header(view)}\n<div class="td-container">\n{items}</div>\n{_footer(view)}\n</body>'
    return parts.document(view, language=view.site.language, head=parts.home_head(view), body=body, style=_STYLE)


def _header(view: View) -> str:
    return (
        f'<div class="td-header-wrap"><a class="td-main-logo" href="/">{escape(view.site.name)}</a><ul class="sf-menu menu">'
        f'<li><a href="/">Ana sayfa</a></li><li><a href="/kategori/haber/">Haber</a></li><li><a href="/kategori/nachricht/">Nachricht'
        f'</a></li><li><a href="/kunye">Künye</a></li><li><a href="{parts.FORBIDDEN}panel">Giriş</a></li></ul></div>'
    )


def _footer(view: View) -> str:
    return (
        f'<div class="td-footer-wrapper footer"><p>{escape(view.site.name)}: {escape(view.site.motto)}</p><p>{parts.invented("tr")}</p>'
        "<p>Çerezleri kullanıyoruz. Siteyi kullanmaya devam ederek bunu kabul etmiş olursunuz.</p></div>"
    )
