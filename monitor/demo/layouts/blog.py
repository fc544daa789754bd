"""The WordPress blog: block theme, sharing plug-in inside the content, and the content as its REST API renders it."""

from __future__ import annotations

from html import escape

from monitor.demo.layouts import parts
from monitor.demo.records import Article, View

_STYLE = (
    "body{font:18px/1.6 system-ui,sans-serif;margin:0 auto;max-width:42rem;padding:1rem}img{max-width:100%;height:auto}"
    ".entry-meta,.wp-element-caption,.site-footer{font-size:.8rem;color:#666}"
)


def rendered_content(view: View, article: Article) -> str:
    """`content.rendered` of the API: the text with pictures, source line and what plug-ins append."""
    lines = [
        f'<figure class="wp-block-image size-large">{parts.image(view, article, photo)}'
        f'<figcaption class="wp-element-caption">{escape(photo.caption)} {escape(photo.credit)}</figcaption></figure>'
        for photo in article.photos
    ]
    lines += parts.paragraphs(article.paragraphs)
    if article.trailer:
        lines += parts.paragraphs([article.trailer], "agency")
    if article.source_label:
        address = escape(view.original_url(article))
        lines.append(
            f'<p class="wp-block-paragraph">{escape(article.source_label)}: <a href="{address}">the original report</a></p>'
        )
    lines.append(
        '<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Share this:</h3><ul><li><a href="#x">Click to share on X'
        '</a></li><li><a href="#f">Click to share on Facebook</a></li></ul></div>'
    )
    return "\n".join(lines)


def article_page(view: View, article: Article) -> str:
    byline = f'<span class="byline">{escape(article.byline)}</span> ' if article.byline else ""
    body = f"""<body class="post-template-default single single-post postid-{article.number}">
{_header(view)}
<main id="content">
<article id="post-{article.number}" class="post-{article.number} post type-post category-{escape(article.section.lower())}">
<header class="entry-header"><h1 class="entry-title">{escape(article.title)}</h1>
<div class="entry-meta">{byline}{parts.time_element(view, article, attributes=' class="entry-date published"')}</div></header>
<div class="entry-content">
{rendered_content(view, article)}
</div>
<footer class="entry-footer"><span class="cat-links">Posted in <a href="/category/{escape(article.section.lower())}/">{escape(article.section)}</a></span></footer>
</article>
<nav class="post-navigation"><h2>Post navigation</h2>{parts.link_list(view, parts.others(view, article, 2), item="div")}</nav>
<div id="comments" class="comments-area"><div id="respond" class="comment-respond"><h3>Leave a comment</h3><form action="/wp-comments-post.php">
<p class="comment-notes">Your email address will not be published. Required fields are marked *</p><textarea name="comment"></textarea>
<input type="submit" value="Post Comment"></form></div></div>
</main>
{_widgets(view)}
{_footer(view)}
</body>"""
    head = parts.article_head(view, article, suffix=f" – {view.site.name}")
    return parts.document(view, language=view.site.language, head=head, body=body, style=_STYLE)


def home_page(view: View) -> str:
    items = "".join(
        f'<article class="post"><h2 class="entry-title">{parts.link(view, one)}</h2><div class="entry-summary"><p>'
        f"{escape(parts.summary(one))}</p></div></article>\n"
        for one in view.articles
    )
    body = f'<body class="home blog">\n{_header(view)}\n<main id="content">\n{items}</main>\n{_widgets(view)}\n{_footer(view)}\n</body>'
    return parts.document(view, language=view.site.language, head=parts.home_head(view), body=body, style=_STYLE)


def _header(view: View) -> str:
    return (
        '<a class="skip-link screen-reader-text" href="#content">Skip to content</a><header class="site-header"><p class="site-title">'
        f'<a href="/" rel="home">{escape(view.site.name)}</a></p><p class="site-description">{escape(view.site.motto)}</p>'
        f'<nav class="main-navigation"><a href="/about/">About</a> <a href="{parts.FORBIDDEN}wp-admin">Log in</a></nav></header>'
    )


def _widgets(view: View) -> str:
    return (
        f'<aside class="widget-area"><section class="widget widget_recent_entries"><h2>Recent posts</h2><ul>'
        f'{parts.link_list(view, view.articles[:4])}</ul></section><section class="widget"><h2>Subscribe</h2>'
        "<p>Enter your address and get every new post by mail.</p></section></aside>"
    )


def _footer(view: View) -> str:
    return f'<footer class="site-footer"><p>Proudly powered by a tide table.</p><p>{parts.invented("en")}</p></footer>'
