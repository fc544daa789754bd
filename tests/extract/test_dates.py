"""Dates of pages in many forms and languages become moments in UTC; impossible ones are dropped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.extract import extract
from monitor.extract.dates import parse_date, plausible, zone_of
from monitor.records import ExtractionRules, Hint
from tests.extract.making import FETCHED, PROSE, html, page, story

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("2025-06-05T14:46:12+02:00", "", "2025-06-05T12:46:12"),
        ("2025-06-05T14:46:12Z", "", "2025-06-05T14:46:12"),
        ("2024-08-07T20:16+00:00", "", "2024-08-07T20:16:00"),
        ("2026-06-05T20:43:49+0000", "", "2026-06-05T20:43:49"),
        ("2025-06-05 14:46:12", "", "2025-06-05T12:46:12"),  # without zone: the site's
        ("2025-01-05", "", "2025-01-04T23:00:00"),
        ("20250605T144612", "", "2025-06-05T12:46:12"),
        ("1749127572", "", "2025-06-05T12:46:12"),
        ("1749127572000", "", "2025-06-05T12:46:12"),
        ("Thu, 05 Jun 2025 14:46:12 +0200", "", "2025-06-05T12:46:12"),
        ("05.06.2025, 14:46 Uhr", "de", "2025-06-05T12:46:00"),
        ("5.6.25 | 14:46", "de", "2025-06-05T12:46:00"),
        ("05/06/2025 14:46", "en-GB", "2025-06-05T12:46:00"),
        ("05/06/2025 14:46", "fr", "2025-06-05T12:46:00"),
        ("06/05/2025 2:46 PM", "en-US", "2025-06-05T12:46:00"),
        ("06/05/2025", "en", "2025-06-04T22:00:00"),
        ("25/06/2025", "en-US", "2025-06-24T22:00:00"),
        ("June 5, 2025 at 2:46 p.m. EDT", "en", "2025-06-05T18:46:00"),
        ("Published 5 June 2025 14:46 GMT", "en", "2025-06-05T14:46:00"),
        ("5. Juni 2025 um 14:46 Uhr", "de", "2025-06-05T12:46:00"),
        ("Publié le 5 juin 2025 à 14h46", "fr", "2025-06-05T12:46:00"),
        ("5 de junio de 2025, 14:46 h", "es", "2025-06-05T12:46:00"),
        ("5 giugno 2025 alle 14:46", "it", "2025-06-05T12:46:00"),
        ("5 Haziran 2025 14:46", "tr", "2025-06-05T12:46:00"),
        ("5 czerwca 2025, 14:46", "pl", "2025-06-05T12:46:00"),
        ("3 listopada 2025", "pl", "2025-11-02T23:00:00"),
        ("3. listopada 2025.", "hr", "2025-10-02T22:00:00"),
        ("5 июня 2025, 14:46", "ru", "2025-06-05T12:46:00"),
        ("5. kesäkuuta 2025 klo 14.46", "fi", "2025-06-05T12:46:00"),
        ("2025年6月5日 14:46", "ja", "2025-06-05T12:46:00"),
        ("2025. 6. 5. 14:46", "ko", "2025-06-05T12:46:00"),
        ("Stand: 05.06.2025 14:46 MESZ", "de", "2025-06-05T12:46:00"),
    ],
)
def test_dates_are_read_in_the_pages_zone_and_language(text: str, language: str, expected: str) -> None:
    assert parse_date(text, BERLIN, language) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "today", "99.99.2025", "31.02.2025", "2025-13-01", "0000-00-00", "12:30", "v 1.2.3"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text, BERLIN, "de") is None


@settings(deadline=None)
@given(st.text(max_size=80), st.sampled_from(["", "de", "en-US", "ja", "ar"]))
def test_any_text_is_read_without_an_error(text: str, language: str) -> None:
    found = parse_date(text, BERLIN, language)
    assert found is None or found.utcoffset() == timedelta(0)


def test_a_wrong_zone_counts_as_utc() -> None:
    assert zone_of("Mars/Olympus") is UTC
    assert zone_of("../etc") is UTC


def test_implausible_dates_are_dropped_and_small_clock_skew_is_not() -> None:
    assert plausible(datetime(1970, 1, 1, tzinfo=UTC), FETCHED) is None
    assert plausible(FETCHED + timedelta(hours=1), FETCHED) is None
    assert plausible(FETCHED + timedelta(minutes=5), FETCHED) == FETCHED


def meta(name: str, value: str) -> str:
    return f'<meta property="{name}" content="{value}">'


@pytest.mark.parametrize(
    ("before", "head", "how"),
    [
        (
            "",
            '<script type="application/ld+json">{"@type":"Article","datePublished":"2025-03-01T09:00Z"}</script>',
            "json-ld",
        ),
        ("", meta("article:published_time", "2025-03-01T09:00Z"), "meta"),
        ("<time datetime='2025-03-01T09:00Z'>yesterday</time>", "", "time"),
        ("<p class='when'>1 March 2025, 09:00</p>", "", "text"),
    ],
)
def test_the_date_is_taken_from_the_best_place_that_has_one(before: str, head: str, how: str) -> None:
    article = extract(page(story(before, head=head)))
    assert (article.published_at, article.published_how) == (datetime(2025, 3, 1, 9, tzinfo=UTC), how)


def test_a_date_in_the_future_gives_way_to_the_next_best() -> None:
    head = meta("article:published_time", "2027-01-01T00:00Z") + meta("article:modified_time", "2027-01-02T00:00Z")
    article = extract(page(story("<time datetime='2025-03-01T09:00Z'>1 March</time>", head=head)))
    assert (article.published_at, article.published_how) == (datetime(2025, 3, 1, 9, tzinfo=UTC), "time")
    assert article.modified_at is None


def test_the_address_dates_a_page_that_shows_none() -> None:
    article = extract(page(story(), url="https://news.example/2025/03/01/keeper.html"))
    assert (article.published_at, article.published_how) == (datetime(2025, 3, 1, tzinfo=UTC), "url")


def test_the_feeds_date_helps_where_the_page_is_silent() -> None:
    hint = Hint(published_at=datetime(2025, 3, 1, 9, tzinfo=UTC))
    assert extract(page(story(), hint=hint)).published_how == "feed"


def test_a_date_without_zone_is_in_the_sites_zone() -> None:
    rules = ExtractionRules(time_zone="Europe/Istanbul")
    article = extract(page(story(head=meta("article:published_time", "2025-03-01 12:00:00"))), rules)
    assert article.published_at == datetime(2025, 3, 1, 9, tzinfo=UTC)
    assert article.time_zone == "Europe/Istanbul"


def test_a_time_of_a_related_story_is_not_the_articles() -> None:
    aside = "<aside><time datetime='2020-01-01T00:00Z'>old</time></aside>"
    body = f"<nav><time datetime='2019-01-01T00:00Z'>x</time></nav><h1>Keeper leaves</h1>{aside}"
    article = extract(page(html(body + "".join(f"<p>{p}</p>" for p in PROSE))))
    assert article.published_at is None


def test_an_updated_time_is_a_modification() -> None:
    before = (
        "<p>Published <time datetime='2025-03-01T09:00Z'>1 March</time></p>"
        "<p class='updated'>Updated <time datetime='2025-03-02T09:00Z'>2 March</time></p>"
    )
    article = extract(page(story(before)))
    assert article.published_at == datetime(2025, 3, 1, 9, tzinfo=UTC)
    assert article.modified_at == datetime(2025, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("empty", ["0001-01-01", "1601-01-01", "1753-01-01", "1899-12-30", "1900-01-01", "1970-01-01"])
def test_what_programs_write_for_no_date_is_none_even_in_an_import(empty: str) -> None:
    moment = datetime.fromisoformat(empty).replace(tzinfo=UTC)
    assert plausible(moment, datetime(2024, 5, 16, tzinfo=UTC), archived=True) is None
