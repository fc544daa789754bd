"""Authors are names: without "By", roles, addresses and repetitions. Agencies stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.extract import extract
from monitor.extract.authors import clean_authors, is_byline
from monitor.records import ExtractionRules
from tests.extract.making import PROSE, fragment, html, page, story


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
        (["Von unserer Redaktion, mit Material von dpa"], ()),
        (["Jörg Maß mit dpa-Material"], ("Jörg Maß",)),
        (["Jörg Maß unter Verwendung von Agenturmaterial"], ("Jörg Maß",)),
        (["By Ann Lee with files from The Canadian Press"], ("Ann Lee",)),
        (["Solène Vidal avec agences"], ("Solène Vidal",)),
        (["Ana Ruiz, con información de EFE"], ("Ana Ruiz",)),
        (["Von unserem Reporter Max Muster"], ("Max Muster",)),
        (["our political correspondent Ann Lee"], ("Ann Lee",)),
        (["Ann Lee with AFP"], ("Ann Lee", "AFP")),
        (["12.05.2025, 14:30"], ()),
        (["", "  ", "-"], ()),
    ],
)
def test_names_are_cleaned(given_names: list[str], expected: tuple[str, ...]) -> None:
    assert clean_authors(given_names) == expected


@settings(deadline=None)
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


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Von unserer Redaktion, mit Material von dpa", True),
        ("By Ann Lee and Bob Ray", True),
        ("Von Jörg Maß, Berlin", True),
        ("Von Jörg Maß, dpa", True),
        ("Von Berlin nach Paris, ohne Umstieg", False),
        ("Von Berlin", False),
        ("By 2030, the harbour board wants a new lamp", False),
        ("The keeper spoke with files from her desk", False),
        ("", False),
    ],
)
def test_a_line_of_names_is_told_from_a_sentence(line: str, expected: bool) -> None:
    assert is_byline(line) is expected


@settings(deadline=None)
@given(st.text(max_size=140))
def test_any_line_is_judged_without_an_error(line: str) -> None:
    is_byline(line)
    is_byline(f"By {line}")


DESK = "Von unserer Redaktion, mit Material von dpa"


@pytest.mark.parametrize("names", ["", " class='byline'"])
def test_a_byline_of_a_desk_names_nobody_and_is_kept_whole(names: str) -> None:
    byline, prose = f"<p{names}>{DESK}</p>", "".join(f"<p>{paragraph}</p>" for paragraph in PROSE)
    inside = html(f"<article><h1>Keeper leaves</h1><div class='article-body'>{byline}{prose}</div></article>")
    below = html(f"<article><h1>Keeper leaves</h1><div class='article-body'>{prose}{byline}</div></article>")
    for given_page in (
        page(story(byline)), page(inside), page(below), fragment(byline + prose, title="Keeper leaves"),
    ):  # fmt: skip
        article = extract(given_page)
        assert article.authors == ()
        assert article.text == "\n\n".join(PROSE)
        assert [(line.text, line.where) for line in article.lines] == [(DESK, "byline")]


def test_the_sites_own_selector_wins() -> None:
    article = extract(
        page(story("<p class='x7'>Bob Ray</p><p class='byline'>By Ann Lee</p>")), ExtractionRules(byline=(".x7",))
    )
    assert article.authors == ("Bob Ray",)
    assert any(line.text == "Bob Ray" and line.where == "byline" for line in article.lines)
