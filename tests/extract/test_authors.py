"""Authors are names: without "By", roles, addresses and repetitions. Agencies stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.making import page, story
from monitor.extract import extract
from monitor.extract.authors import clean_authors
from monitor.records import ExtractionRules


@pytest.mark.parametrize(
    ("given_names", "expected"),
    [
        (["By Ann Lee"], ("Ann Lee",)),
        (["By: Ann Lee and Bob Ray"], ("Ann Lee", "Bob Ray")),
        (["Von Jörg Maß, dpa"], ("Jörg Maß", "dpa")),
        (["Par Solène Vidal"], ("Solène Vidal",)),
        (["Ann Lee", "ANN LEE", "ann lee"], ("Ann Lee",)),
        (["https://www.facebook.com/annlee", "Ann Lee"], ("Ann Lee",)),
        (["Ann Lee ann@news.example"], ("Ann Lee",)),
        (["Ann Lee, Political Editor"], ("Ann Lee",)),
        (["Chefreporter Max Muster", "Korrespondent Max Muster"], ("Chefreporter Max Muster", "Max Muster")),
        (["Staff Reporter"], ()),
        (["admin"], ()),
        (["Rachael Link, MS, RD"], ("Rachael Link",)),
        (["Reuters"], ("Reuters",)),
        (["Deutsche Presse-Agentur"], ("Deutsche Presse-Agentur",)),
        (["김철수 기자"], ("김철수",)),
        (["Автор: Андрей Колесников"], ("Андрей Колесников",)),
        (["12.05.2025, 14:30"], ()),
        (["", "  ", "-"], ()),
    ],
)
def test_names_are_cleaned(given_names: list[str], expected: tuple[str, ...]) -> None:
    assert clean_authors(given_names) == expected


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_names_are_cleaned_once_for_all(names: list[str]) -> None:
    once = clean_authors(names)
    assert len(once) == len({name.casefold() for name in once})
    assert all(name == name.strip() and name for name in once)


def test_json_ld_goes_before_meta_and_byline() -> None:
    data = '<script type="application/ld+json">{"@type":"Article","author":"Ann Lee"}</script>'
    head = data + '<meta name="author" content="Shop">'
    article = extract(page(story("<p class='byline'>By Bob Ray</p>", head=head)))
    assert article.authors == ("Ann Lee",)
    assert article.structured.jsonld_authors == ("Ann Lee",)
    assert article.structured.meta_authors == ("Shop",)
    assert any("Bob Ray" in line.text and line.where == "byline" for line in article.lines)


def test_a_visible_byline_is_the_last_resort_and_not_in_the_text() -> None:
    article = extract(page(story("<p class='byline'>By Bob Ray</p>")))
    assert article.authors == ("Bob Ray",)
    assert "Bob Ray" not in article.text


def test_the_sites_own_selector_wins() -> None:
    article = extract(
        page(story("<p class='x7'>Bob Ray</p><p class='byline'>By Ann Lee</p>")), ExtractionRules(byline=(".x7",))
    )
    assert article.authors == ("Bob Ray",)
    assert any(line.text == "Bob Ray" and line.where == "byline" for line in article.lines)
