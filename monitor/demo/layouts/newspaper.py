"""The regional paper: cookie note, share bar, a teaser and a newsletter box in the middle of the text, most-read list."""

from __future__ import annotations

from html import escape

from monitor.demo.layouts import parts
from monitor.demo.records import Article, View

_STYLE = (
    "body{font:16px/1.5 'Source Sans Pro',Arial,sans-serif;margin:0}.page{max-width:70rem;margin:0 auto;display:flex;gap:2rem}"
    "main{flex:2}aside{flex:1}img{max-width:100%;height:auto}.kicker{color:#a00;text-transform:uppercase}"
    ".cookie-banner{position:fixed;bottom:0;background:#eee;padding:1rem}figcaption,.article__meta{font-size:.8rem}"
)
_SHARE = (
    '<div class="share-bar"><a href="#whatsapp">WhatsApp</a><a href="#facebook">Facebook</a><a href="#mail">E-Mail</a>'
    '<button type="button">Drucken</button></div>'
)
_NEWSLETTER = (
    '<div class="newsletter-box"><h3>Der Bote am Morgen</h3><p>Melden Sie sich für unseren kostenlosen Newsletter an und '
    'erfahren Sie jeden Morgen um sechs, was in Oderfeld wichtig wird.</p><form action="/newsletter"><input name="mail" '
    'placeholder="Ihre E-Mail-Adresse"><button>Jetzt anmelden</button></form></div>'
)
_COOKIES = (
    '<div class="cookie-banner" role="dialog"><p>Wir verwenden Cookies, um unsere Seiten zu verbessern und Ihnen passende '
    "Anzeigen zu zeigen. Mit Ihrer Zustimmung helfen Sie uns, das Angebot zu finanzieren.</p><button>Alle akzeptieren</button>"
    "<button>Einstellungen</button></div>"
)
_COMMENTS = (
    '<section class="comments" id="kommentare"><h2>Kommentare</h2><div class="comment"><b>werlataler</b><p>Das wurde aber '
    "auch wirklich Zeit, danke für den ausführlichen Bericht.</p></div><p>Bitte melden Sie sich an, um zu kommentieren.</p></section>"
)


def article_page(view: View, article: Article) -> str:
    byline = f'<div class="article__author">{escape(article.byline)}</div>' if article.byline else ""
    body = f"""<body class="page-article">
{_header(view)}
<div class="breadcrumbs"><a href="/">Startseite</a> <a href="/{escape(article.section.lower())}/">{escape(article.section)}</a></div>
<div class="page">
<main>
<article>
<header><span class="kicker">{escape(article.section)}</span><h1 class="article__headline">{escape(article.title)}</h1>
<div class="article__meta">{byline}{parts.time_element(view, article)}</div></header>
{_SHARE}
{parts.figures(view, article, name="article__image")}
<div class="article__body">
{_text(view, article)}
</div>
{_SHARE}
</article>
{_COMMENTS}
</main>
{_aside(view)}
</div>
{_footer(view)}
{_COOKIES}
</body>"""
    head = parts.article_head(view, article, suffix=f" | {view.site.name}")
    return parts.document(view, language=view.site.language, head=head, body=body, style=_STYLE)


def _text(view: View, article: Article) -> str:
    """The paragraphs; after the second a teaser and an advertisement, after the fourth the newsletter box."""
    written = parts.paragraphs(article.paragraphs, "article__paragraph")
    if len(written) > 2:
        teasers = parts.link_list(view, parts.others(view, article, 2))
        written[1] += (
            f'\n<div class="teaser-box"><h4>Lesen Sie auch</h4><ul>{teasers}</ul></div>\n<div class="ad">Anzeige</div>'
        )
    if len(written) > 4:
        written[3] += f"\n{_NEWSLETTER}"
    if article.trailer:
        written.append(f'<p class="article__source">{escape(article.trailer)}</p>')
    written.append(parts.source_line(view, article))
    return "\n".join(filter(None, written))


def home_page(view: View) -> str:
    items = "".join(
        f'<article class="teaser"><span class="kicker">{escape(one.section)}</span><h3>{parts.link(view, one)}</h3>'
        f"<p>{escape(parts.summary(one))}</p></article>\n"
        for one in view.articles
    )
    body = f'<body>\n{_header(view)}\n<div class="page"><main>\n{items}</main>\n{_aside(view)}</div>\n{_footer(view)}\n{_COOKIES}\n</body>'
    return parts.document(view, language=view.site.language, head=parts.home_head(view), body=body, style=_STYLE)


def _aside(view: View) -> str:
    return (
        f'<aside class="sidebar"><h2>Meistgelesen</h2><ol class="most-read">{parts.link_list(view, view.articles[:5])}</ol>'
        '<div class="ad">Anzeige</div><h2>Wetter</h2><p>Oderfeld heute: 9 bis 14 Grad, wechselhaft.</p></aside>'
    )


def _header(view: View) -> str:
    sections = "".join(
        f'<li><a href="/{name.lower()}/">{name}</a></li>' for name in ("Lokales", "Wirtschaft", "Kultur", "Service")
    )
    return (
        f'<header class="page-header"><a href="/" class="logo">{escape(view.site.name)}</a><p>{escape(view.site.motto)}</p>'
        f'<nav><ul>{sections}<li><a href="/abo">Abo</a></li><li><a href="{parts.FORBIDDEN}mein-konto">Mein Konto</a></li></ul></nav></header>'
    )


def _footer(view: View) -> str:
    return (
        f'<footer><ul><li><a href="/impressum">Impressum</a></li><li><a href="/agb">AGB</a></li></ul><p>© {escape(view.site.name)}, '
        f"alle Rechte vorbehalten.</p><p>{parts.invented('de')}</p></footer>"
    )
