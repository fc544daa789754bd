"""The content, and whether the truth told of it is true."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.demo.world import Content, load_content, new_article
from monitor.text import count_words

TOKENS = {
    "dpa": r"\bdpa\b",
    "ap": r"\bAP\b|\bAssociated Press\b",
    "aa": r"\bAA\b|\bAnadolu Ajansı\b",
    "reuters": r"\bReuters\b|\bREUTERS\b",
}


def named(*texts: str) -> set[str]:
    return {agency for agency, pattern in TOKENS.items() if any(re.search(pattern, text) for text in texts)}


def test_five_sites_hold_about_forty_articles_in_three_languages(content: Content) -> None:
    assert len(content.sites) == 5
    assert 38 <= len(content.articles) <= 48
    assert Counter(article.language for article in content.articles).keys() == {"de", "en", "tr"}
    assert sum(site.wordpress for site in content.sites.values()) == 1
    assert {site.feed for site in content.sites.values()} == {"rss", "atom", "json"}


def test_every_kind_of_copy_is_there(content: Content) -> None:
    kinds = Counter(truth.kind for truth in content.truth.values())
    assert kinds["original"] == 13
    assert kinds["bulletin"] == 9
    assert kinds["merged"] == 1
    assert min(kinds["full"], kinds["retitled"], kinds["cut"], kinds["own"]) >= 4
    assert sum(truth.changed_words > 0 for truth in content.truth.values()) == 2
    assert sum(truth.is_copy and truth.intro_words > 0 for truth in content.truth.values()) >= 2
    assert any(truth.is_copy and truth.written_by and not truth.credited for truth in content.truth.values())


def test_originals_are_stories_and_no_notes(content: Content) -> None:
    for article in content.articles:
        if content.truth[article.key].kind == "original":
            assert 120 <= count_words(article.text) <= 350, article.key


def test_addresses_and_post_numbers_are_unique(content: Content) -> None:
    for site in content.sites:
        articles = content.of_site(site)
        assert len({article.path for article in articles}) == len(articles)
        assert len({article.number for article in articles}) == len(articles)


def test_no_placeholder_is_left_open(content: Content) -> None:
    for article in content.articles:
        for text in (article.path, article.title, article.text, article.trailer, article.byline):
            assert not re.search(r"[{}]", text), article.key


def test_whole_copies_hold_their_original_word_for_word(content: Content) -> None:
    by_key = {article.key: article for article in content.articles}
    for truth in content.truth.values():
        if truth.kind in ("full", "retitled") and not truth.changed_words:
            copy, original = by_key[truth.key], by_key[truth.originals[0]]
            assert truth.kept == (1.0,)
            assert original.paragraphs[1:] == copy.paragraphs[-len(original.paragraphs) + 1 :]
            assert (truth.kind == "full") == (copy.title == original.title) == (not truth.retitled)


def test_the_share_that_a_copy_keeps_is_the_share_of_words_found_in_it(content: Content) -> None:
    by_key = {article.key: article for article in content.articles}
    for truth in content.truth.values():
        for key, kept in zip(truth.originals, truth.kept, strict=True):
            copied = Counter(by_key[truth.key].text.split())
            original = Counter(by_key[key].text.split())
            found = sum((copied & original).values()) / original.total()
            # Words of the rest of the copy are found by chance too: that may add, never take away.
            assert kept - 0.05 <= found <= kept + 0.35, truth.key


def test_copies_are_younger_than_their_originals(content: Content) -> None:
    published = {article.key: article.published_at for article in content.articles}
    for truth in content.truth.values():
        assert all(published[key] < published[truth.key] for key in truth.originals)


def test_an_agency_is_credited_exactly_when_the_article_names_it(content: Content) -> None:
    for article in content.articles:
        truth = content.truth[article.key]
        assert named(article.text, article.trailer, article.byline, *article.authors) == set(truth.agencies), (
            article.key
        )
        assert named(*truth.photo_credits) == set(truth.photo_agencies), article.key


def test_source_links_lead_to_the_original(content: Content) -> None:
    paths = {(article.site, article.path): article.key for article in content.articles}
    for article in content.articles:
        truth = content.truth[article.key]
        assert bool(truth.source_link) == bool(article.source_label)
        if article.original:
            assert paths[article.original] == truth.originals[0]
        assert bool(article.original) == truth.is_copy


def test_bulletins_of_a_series_differ_in_their_figures_only(content: Content) -> None:
    series: dict[str, list[str]] = {}
    for article in content.articles:
        truth = content.truth[article.key]
        if truth.series:
            assert truth.kind == "bulletin"
            assert not truth.originals
            series.setdefault(truth.series, []).append(article.text)
    assert sorted(series) == ["lottery", "stocks", "weather"]
    for texts in series.values():
        assert len(set(texts)) == 3
        common = set.intersection(*(set(text.split()) for text in texts))
        assert len(common) >= 20


@settings(max_examples=20)
@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))
def test_at_any_moment_the_world_is_fresh_and_never_from_the_future(now: datetime) -> None:
    content = load_content(now)
    assert all(now - timedelta(days=4) <= article.published_at < now for article in content.articles)
    assert list(content.articles) == sorted(
        content.articles, key=lambda article: (article.published_at, article.key), reverse=True
    )


def test_the_same_moment_gives_the_same_world(content: Content) -> None:
    again = load_content(content.now)
    assert again.articles == content.articles
    assert again.truth == content.truth


def test_weekdays_and_dates_are_written_in_the_articles_language() -> None:
    content = load_content(datetime(2025, 3, 12, 9, 41, tzinfo=UTC))
    by_key = {article.key: article for article in content.articles}
    assert "am Dienstag nach einer Sitzung" in by_key["kranich-draht/molkerei-silberwiesen"].text
    assert by_key["yelken-postasi/yedikuyu-hava-durumu-1"].title.endswith("12 Mart 2025 Çarşamba")
    assert by_key["oderfelder-bote/werla-lotto-2"].title.endswith("11. März 2025")
    # 34 hours before it was still Monday in UTC, and Tuesday in the site's zone.
    assert "salı günü" in by_key["kranich-draht/hoyuk-kazisi-firin"].text


def test_new_articles_get_an_address_of_their_sites_pattern(content: Content) -> None:
    site = content.sites["larkmere-notebook"]
    article = new_article(site, "late-news", "Late news", "One.\n\nTwo\nlines.", published_at=content.now)
    assert article.path == "/2025/03/late-news/"
    assert article.paragraphs == ("One.", "Two lines.")
    assert article.key == "larkmere-notebook/late-news"
    with pytest.raises(TypeError):
        new_article(site, "x", "X", "Text.", published_at=content.now, colour="red")
