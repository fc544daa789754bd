"""How each layout sets an article's text: where pictures stand, what comes between paragraphs, how the text ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from monitor.demo.layouts import parts
from monitor.demo.layouts.templates import template
from monitor.demo.records import Article, View


def body(view: View, article: Article) -> str:
    """HTML of the text as it stands on the site's page."""
    return _BODIES[view.site.layout](view, article)


def pictures(view: View, article: Article) -> str:
    """HTML of the pictures where the layout shows them above the text; elsewhere they are part of the body."""
    return _PICTURES[view.site.layout](view, article) if view.site.layout in _PICTURES else ""


def post_content(view: View, article: Article) -> str:
    """`content.rendered` of the blog's API: pictures, text, credit, source and what a sharing plug-in appends."""
    lines = [
        f'<figure class="wp-block-image size-large">{parts.image(view, article, photo)}'
        f'<figcaption class="wp-element-caption">{escape(photo.caption)} {escape(photo.credit)}</figcaption></figure>'
        for photo in article.photos
    ]
    lines += _paragraphs(article.paragraphs)
    lines += _paragraphs([article.trailer], "agency")
    if article.source_label:
        address = escape(view.original_url(article))
        lines.append(f'<p>{escape(article.source_label)}: <a href="{address}">the original report</a></p>')
    lines.append(
        '<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Share this:</h3><ul>'
        '<li><a href="#x">Click to share on X</a></li><li><a href="#f">Click to share on Facebook</a></li></ul></div>'
    )
    return "\n".join(lines)


def feed_content(view: View, article: Article) -> str:
    """The whole article as a full-content feed carries it: pictures, text, credit and source."""
    lines = [
        f"<figure>{parts.image(view, article, photo)}"
        f"<figcaption>{escape(photo.caption)} {escape(photo.credit)}</figcaption></figure>"
        for photo in article.photos
    ]
    lines += _paragraphs([*article.paragraphs, article.trailer])
    return _joined([*lines, parts.source_line(view, article)])


def _agency(view: View, article: Article) -> str:
    return "\n".join(_paragraphs(article.paragraphs) + _paragraphs([article.trailer], "story-source"))


def _newspaper(view: View, article: Article) -> str:
    """After the second paragraph a teaser and an advertisement, after the fourth the newsletter box."""
    lines = _paragraphs(article.paragraphs, "article__paragraph")
    if len(lines) > 2:
        teasers = parts.link_list(parts.others(view, article, 2))
        lines[1] += (
            f'\n<div class="teaser-box"><h4>Lesen Sie auch</h4><ul>{teasers}</ul></div>\n<div class="ad">Anzeige</div>'
        )
    if len(lines) > 4:
        lines[3] += "\n" + template("newspaper.newsletter.html").substitute()
    return _joined([*lines, *_paragraphs([article.trailer], "article__source"), parts.source_line(view, article)])


def _republisher(view: View, article: Article) -> str:
    """Captions as WordPress wrote them before <figure>, or without any mark below the text."""
    lines = [
        f'<div class="wp-caption aligncenter"><img src="{parts.image_url(view, article)}" width="696" height="392">'
        f'<p class="wp-caption-text">{escape(photo.caption)} {escape(photo.credit)}</p></div>'
        for photo in article.photos
        if not photo.bare
    ]
    lines += _paragraphs([*article.paragraphs, article.trailer])
    for photo in article.photos:
        if photo.bare:
            lines.append(f'<p><img src="{parts.image_url(view, article)}" width="696" height="392"></p>')
            lines += _paragraphs([f"{photo.caption} {photo.credit}"])
    return _joined([*lines, parts.source_line(view, article, name="haber-kaynak")])


def _portal(view: View, article: Article) -> str:
    return "\n".join(_paragraphs(article.paragraphs) + _paragraphs([article.trailer], "agency"))


def _figures(view: View, article: Article, name: str) -> str:
    return "\n".join(
        f'<figure class="{name}">{parts.image(view, article, photo)}'
        f'<figcaption>{escape(photo.caption)} <span class="credit">{escape(photo.credit)}</span></figcaption></figure>'
        for photo in article.photos
    )


def _lead_images(view: View, article: Article) -> str:
    return "\n".join(
        f'<div class="lead-image">{parts.image(view, article, photo)}'
        f'<div class="caption">{escape(photo.caption)} '
        f'<span class="photo-credit">{escape(photo.credit)}</span></div></div>'
        for photo in article.photos
    )


def _paragraphs(texts: Iterable[str], name: str = "") -> list[str]:
    mark = f' class="{name}"' if name else ""
    return [f"<p{mark}>{escape(text)}</p>" for text in texts if text]


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if line)


_BODIES: dict[str, Callable[[View, Article], str]] = {
    "agency": _agency,
    "newspaper": _newspaper,
    "republisher": _republisher,
    "blog": post_content,
    "portal": _portal,
}
_PICTURES: dict[str, Callable[[View, Article], str]] = {
    "agency": lambda view, article: _figures(view, article, "picture"),
    "newspaper": lambda view, article: _figures(view, article, "article__image"),
    "portal": _lead_images,
}
