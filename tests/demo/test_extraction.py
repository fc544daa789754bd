"""Every page of the world through extraction, compared with the truth: the text whole, the furniture gone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from monitor.demo.layouts import article_page
from monitor.demo.layouts.bodies import feed_content, post_content
from monitor.demo.records import Article, View
from monitor.extract import extract
from monitor.records import Article as Extracted
from monitor.records import ExtractionRules, Hint, Page
from tests.demo.conftest import NOW

FURNITURE = {
    "kranich-draht": ("Weitere Meldungen", "Redaktion", "Nachdruck", "erfunden"),
    "oderfelder-bote": ("Startseite", "WhatsApp", "Anzeige", "Newsletter", "Meistgelesen", "Cookies", "werlataler"),
    "yelken-postasi": ("Home", "İlgili haberler", "LEAVE A REPLY", "Please enter your", "Paylaş", "Çerezleri"),
    "larkmere-notebook": ("Skip to content", "Share this", "Leave a comment", "Recent posts", "Posted in"),
    "isthmus-daily": ("Türkçe", "Facebook", "invented"),
}
# A name alone after the caption's full stop: nothing tells that it is a credit.
UNMARKED_CREDITS = {"Anadolu Ajansı"}


def read(view: View, article: Article, html: str, *, kind: str = "page") -> Extracted:
    rules = ExtractionRules(time_zone=view.site.time_zone, language=view.site.language, site_name=view.site.name)
    hint = Hint(title=article.title, published_at=article.published_at) if kind == "fragment" else Hint()
    page = Page(
        url=view.url(article), site=view.site.id, body=html.encode(), fetched_at=NOW, kind=kind,
        content_type="text/html; charset=utf-8", hint=hint,
    )  # fmt: skip
    return extract(page, rules)


def all_pages(views: dict[str, View]) -> list[tuple[View, Article, str, Extracted]]:
    found = []
    for view in views.values():
        for article in view.articles:
            html = article_page(view, article)
            found.append((view, article, html, read(view, article, html)))
    return found


@pytest.fixture(scope="module")
def extracted(views: dict[str, View]) -> list[tuple[View, Article, str, Extracted]]:
    return all_pages(views)


def assert_text(article: Article, found: Extracted) -> None:
    """Every paragraph in order, and beside them the credit line at most."""
    kept = [paragraph for paragraph in found.text.split("\n\n") if paragraph != article.trailer]
    assert kept == list(article.paragraphs), article.key


def test_the_text_is_whole_and_nothing_else(extracted: list[tuple[View, Article, str, Extracted]]) -> None:
    for _, article, _, found in extracted:
        assert_text(article, found)
        assert found.title == article.title


def test_furniture_of_the_page_is_not_in_the_text(extracted: list[tuple[View, Article, str, Extracted]]) -> None:
    for view, article, html, found in extracted:
        seen = [words for words in FURNITURE[view.site.id] if words in html]
        assert len(seen) >= len(FURNITURE[view.site.id]) - 2
        assert not [words for words in seen if words in found.text], article.key


def test_dates_are_read_wherever_the_page_says_them(extracted: list[tuple[View, Article, str, Extracted]]) -> None:
    for view, article, _, found in extracted:
        if article.dates:
            assert found.published_at == article.published_at, article.key
        else:
            local = article.published_at.astimezone(ZoneInfo(view.site.time_zone))
            midnight = datetime(local.year, local.month, local.day, tzinfo=local.tzinfo)
            assert (found.published_at, found.published_how) == (midnight, "url")


def test_captions_and_credits_stand_apart(extracted: list[tuple[View, Article, str, Extracted]]) -> None:
    for _, article, _, found in extracted:
        marked = [photo for photo in article.photos if photo.credit not in UNMARKED_CREDITS]
        if len(marked) == len(article.photos):
            captions = [(caption.text, caption.credit) for caption in found.captions]
            assert captions == [(photo.caption, photo.credit) for photo in article.photos], article.key
        for photo in article.photos:
            assert photo.caption not in found.text


def test_source_links_are_found_by_their_label(extracted: list[tuple[View, Article, str, Extracted]]) -> None:
    for view, article, _, found in extracted:
        labelled = [link.url for link in found.source_links if link.how == "label"]
        assert labelled == ([view.original_url(article)] if article.source_label else []), article.key
        canonical = [link.url for link in found.source_links if link.how == "canonical"]
        assert canonical == ([view.original_url(article)] if article.canonical_is_original else []), article.key
        assert found.url == view.url(article)


def test_credit_lines_and_bylines_are_kept(extracted: list[tuple[View, Article, str, Extracted]]) -> None:
    for _, article, _, found in extracted:
        shown = [found.text, *(line.text for line in found.lines)]
        for wanted in filter(None, (article.trailer, article.byline)):
            assert any(wanted in text for text in shown), (article.key, wanted)


def test_content_that_comes_with_the_source_reads_like_the_page(views: dict[str, View]) -> None:
    for site, content_of in (("larkmere-notebook", post_content), ("isthmus-daily", feed_content)):
        view = views[site]
        for article in view.articles:
            found = read(view, article, content_of(view, article), kind="fragment")
            assert_text(article, found)
            assert [(caption.text, caption.credit) for caption in found.captions] == [
                (photo.caption, photo.credit) for photo in article.photos
            ]
            links = [link.url for link in found.source_links]
            assert links == ([view.original_url(article)] if article.source_label else [])
